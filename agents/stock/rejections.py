"""The rejections of stock commands, in words and details."""

from typing import Any

from schemas.fields import STOCK_MAX
from schemas.rows import Reservation
from schemas.stock import RejectionCode


class Rejection:
    """Why nothing happens."""

    def __init__(self, code: RejectionCode, message: str, details: dict[str, Any]) -> None:
        self.code = code
        self.message = message
        self.details = details


class Refused(Exception):
    """Ends a decision from within its arithmetic."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message)
        self.rejection = rejection


def insufficient(sku: str, requested: int, available: int) -> Refused:
    """More was asked of a SKU than is available."""
    return Refused(
        Rejection(
            "INSUFFICIENT_STOCK",
            f"{sku}: {requested} requested, {available} available",
            {"sku": sku, "requested": requested, "available": available},
        )
    )


def above_limit(sku: str, field: str, value: int) -> Refused:
    """A row's value would pass the most that a row holds."""
    return Refused(
        Rejection(
            "QUANTITY_LIMIT",
            f"{sku}: {field} would be {value}, above {STOCK_MAX}",
            {"sku": sku, "field": field, "value": value, "limit": STOCK_MAX},
        )
    )


def exists(reservation: str, found: Reservation) -> Refused:
    """The id is in use, or was so lately."""
    return Refused(
        Rejection(
            "RESERVATION_EXISTS",
            f"reservation {reservation} exists and is {found.state}",
            {"reservation": reservation, "state": found.state},
        )
    )


def not_found(reservation: str) -> Refused:
    """No such reservation, or it was closed long ago."""
    return Refused(
        Rejection(
            "RESERVATION_NOT_FOUND",
            f"reservation {reservation} is not known in this warehouse",
            {"reservation": reservation},
        )
    )


def closed(reservation: str, found: Reservation) -> Refused:
    """The reservation has already come to its end."""
    return Refused(
        Rejection(
            "RESERVATION_CLOSED",
            f"reservation {reservation} is {found.state}",
            {"reservation": reservation, "state": found.state},
        )
    )


def invalid(path: str, problem: str) -> Rejection:
    """A field of the command breaks its rule."""
    return Rejection(
        "INVALID_COMMAND",
        f"{path or 'the command'} {problem}",
        {"path": path, "problem": problem},
    )
