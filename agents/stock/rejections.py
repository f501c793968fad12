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


def insufficient(sku: str, requested: int, available: int) -> Rejection:
    """More was asked of a SKU than is available."""
    return Rejection(
        "INSUFFICIENT_STOCK",
        f"{sku}: {requested} requested, {available} available",
        {"sku": sku, "requested": requested, "available": available},
    )


def above_limit(sku: str, field: str, value: int) -> Rejection:
    """A row's value would pass the most that a row holds."""
    return Rejection(
        "QUANTITY_LIMIT",
        f"{sku}: {field} would be {value}, above {STOCK_MAX}",
        {"sku": sku, "field": field, "value": value, "limit": STOCK_MAX},
    )


def exists(reservation: str, found: Reservation) -> Rejection:
    """The id is in use, or was so lately."""
    return Rejection(
        "RESERVATION_EXISTS",
        f"reservation {reservation} exists and is {found.state}",
        {"reservation": reservation, "state": found.state},
    )


def not_found(reservation: str) -> Rejection:
    """No such reservation, or it was closed long ago."""
    return Rejection(
        "RESERVATION_NOT_FOUND",
        f"reservation {reservation} is not known in this warehouse",
        {"reservation": reservation},
    )


def closed(reservation: str, found: Reservation) -> Rejection:
    """The reservation has already come to its end."""
    return Rejection(
        "RESERVATION_CLOSED",
        f"reservation {reservation} is {found.state}",
        {"reservation": reservation, "state": found.state},
    )


def invalid(path: str, problem: str) -> Rejection:
    """A field of the command breaks its rule."""
    return Rejection(
        "INVALID_COMMAND",
        f"{path or 'the command'} {problem}",
        {"path": path, "problem": problem},
    )
