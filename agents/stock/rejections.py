"""The rejections of stock commands, in words and details."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.accounts import Account, ReasonCode
from schemas.fields import LATE_MAX, QUEUE_MAX, STOCK_MAX, SUPPLIES_MAX
from schemas.rows import Reservation
from schemas.stock_events import RejectionCode

NOTHING_KEPT: Final[Mapping[str, int | str]] = {}
Shortage = tuple[str, int, int]
"""A SKU of which too little is there: it, how much was requested, how much is available."""


class Rejection:
    """Why nothing happens."""

    def __init__(self, code: RejectionCode, message: str, details: dict[str, Any]) -> None:
        self.code = code
        self.message = message
        self.details = details


def insufficient(
    short: Sequence[Shortage],
    account: Account = "sellable",
    kept: Mapping[str, int | str] = NOTHING_KEPT,
) -> Rejection:
    """More was asked of SKUs than is available; of an account that is not sold, by its name.

    It is told of the first, and of all where there are several. `kept` says why what is there of
    the first is not available to everybody.
    """
    sku, requested, available = short[0]
    details: dict[str, Any] = {"sku": sku, "requested": requested, "available": available}
    where = ""
    if account != "sellable":
        where, details = f" in {account}", details | {"account": account}
    details |= kept
    if len(short) > 1:
        details["short"] = [
            {"sku": name, "requested": wanted, "available": free} for name, wanted, free in short
        ]
    why = "".join(f", {name} {units}" for name, units in kept.items())
    text = f"{sku}: {requested} requested, {available} available{where}{why}"
    return Rejection("INSUFFICIENT_STOCK", text, details)


def above_limit(sku: str, field: str, value: int) -> Rejection:
    """A row's value would pass the most that a row holds."""
    return Rejection(
        "QUANTITY_LIMIT",
        f"{sku}: {field} would be {value}, above {STOCK_MAX}",
        {"sku": sku, "field": field, "value": value, "limit": STOCK_MAX},
    )


def conflict(sku: str, reorder_point: int, recover_point: int) -> Rejection:
    """What is low could be recovered at once."""
    return Rejection(
        "POLICY_CONFLICT",
        f"{sku}: recover point {recover_point} is below reorder point {reorder_point}",
        {"sku": sku, "reorder_point": reorder_point, "recover_point": recover_point},
    )


def owed(sku: str, units: int, negative_limit: int) -> Rejection:
    """More was sold than was there, and than is to be allowed: it has to come in first."""
    text = f"{sku}: {units} are owed, above the negative limit {negative_limit}"
    details = {"sku": sku, "owed": units, "negative_limit": negative_limit}
    return Rejection("STOCK_OWED", text, details)


def outdated(sku: str, expected: int, version: int) -> Rejection:
    """What is known of a SKU is no longer so."""
    text = f"{sku}: version {expected} expected, it is {version}"
    details = {"sku": sku, "expected_version": expected, "version": version}
    return Rejection("VERSION_CONFLICT", text, details)


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


def confirmed(reservation: str) -> Rejection:
    """The reservation is promised for good, and has no end to wait for."""
    text = f"reservation {reservation} is confirmed: release it, or ship it"
    return Rejection("RESERVATION_CONFIRMED", text, {"reservation": reservation})


def not_confirmed(reservation: str) -> Rejection:
    """Only what is promised for good leaves the shelf."""
    text = f"reservation {reservation} is not confirmed"
    return Rejection("RESERVATION_NOT_CONFIRMED", text, {"reservation": reservation})


def picked(reservation: str) -> Rejection:
    """Units of it are staged: they are shipped by ShipPacked, or put back by UnpickStock."""
    text = f"reservation {reservation} has picked units: ship them packed, or unpick them"
    return Rejection("RESERVATION_PICKED", text, {"reservation": reservation})


def waiting(reservation: str) -> Rejection:
    """Something of it is missing yet: it is waited for, or the reservation released."""
    text = f"reservation {reservation} waits for stock: release it, or wait until it is whole"
    return Rejection("RESERVATION_WAITING", text, {"reservation": reservation})


def queue_full(sku: str) -> Rejection:
    """So many wait for a SKU that nobody else may."""
    return Rejection(
        "QUEUE_FULL", f"{sku}: {QUEUE_MAX} wait for it", {"sku": sku, "limit": QUEUE_MAX}
    )


def not_promisable(sku: str, quantity: int, by: str, earliest: str | None) -> Rejection:
    """So many of a SKU cannot be promised by the day that is wanted."""
    details = {"sku": sku, "requested": quantity, "by": by}
    when = "no day is known for them"
    if earliest is not None:
        when, details = f"they can be promised by {earliest}", details | {"earliest": earliest}
    return Rejection("NOT_PROMISABLE", f"{sku}: {quantity} requested by {by}, {when}", details)


def too_many_late() -> Rejection:
    """More promises could no longer be kept than an event can tell."""
    text = f"more than {LATE_MAX} promises could not be kept: name fewer SKUs at once"
    return Rejection("TOO_MANY_LATE", text, {"limit": LATE_MAX})


def supply_conflict(supply: str, sku: str, expected: int, to_come: int) -> Rejection:
    """What is known of a supply is no longer so."""
    text = f"{sku}: {expected} of supply {supply} expected, {to_come} are to come"
    details = {"supply": supply, "sku": sku, "expected": expected, "to_come": to_come}
    return Rejection("SUPPLY_CONFLICT", text, details)


def supply_not_found(supply: str, sku: str) -> Rejection:
    """Nothing of the SKU is to come of this supply."""
    text = f"{sku}: nothing is to come of supply {supply}"
    return Rejection("SUPPLY_NOT_FOUND", text, {"supply": supply, "sku": sku})


def supplies_full(sku: str) -> Rejection:
    """So many supplies are to come of a SKU that no other may."""
    text = f"{sku}: {SUPPLIES_MAX} supplies are to come"
    return Rejection("SUPPLIES_FULL", text, {"sku": sku, "limit": SUPPLIES_MAX})


def over_receipt(supply: str, sku: str, requested: int, to_come: int) -> Rejection:
    """More has arrived than was to come: what is beyond it was not ordered."""
    text = f"{sku}: {requested} of supply {supply} received, {to_come} are to come"
    details = {"supply": supply, "sku": sku, "requested": requested, "to_come": to_come}
    return Rejection("OVER_RECEIPT", text, details)


def short(code: RejectionCode, sku: str, requested: int, left: int) -> Rejection:
    """A step asks for more of a reservation's SKU than the step before has left."""
    details = {"sku": sku, "requested": requested, "left": left}
    return Rejection(code, f"{sku}: {requested} requested, {left} left for this step", details)


def forbidden(source: Account, target: Account, reason: ReasonCode) -> Rejection:
    """Units do not move so, or not for this reason."""
    details = {"from_account": source, "to_account": target, "reason": reason}
    return Rejection(
        "MOVE_FORBIDDEN", f"nothing moves from {source} to {target} as {reason}", details
    )


def of_count(code: RejectionCode, count: str, why: str, **details: Any) -> Rejection:
    """A count is not as the command needs it."""
    return Rejection(code, f"count {count} {why}", {"count": count} | details)


def of_transfer(code: RejectionCode, transfer: str, why: str) -> Rejection:
    """A transfer is not as the command needs it."""
    return Rejection(code, f"transfer {transfer} {why}", {"transfer": transfer})


def invalid(path: str, problem: str) -> Rejection:
    """A field of the command breaks its rule."""
    return Rejection(
        "INVALID_COMMAND",
        f"{path or 'the command'} {problem}",
        {"path": path, "problem": problem},
    )
