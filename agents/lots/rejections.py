"""The rejections of lots' commands, in words and details."""

from schemas.lots_rows import Lot
from streams.answers import Rejection


def lot_exists(lot: str) -> Rejection:
    """The name is in use."""
    return Rejection("LOT_EXISTS", f"lot {lot} of this SKU exists", {"lot": lot})


def no_lot(lot: str) -> Rejection:
    """No such lot."""
    return Rejection("LOT_NOT_FOUND", f"lot {lot} of this SKU is not known", {"lot": lot})


def dates_conflict(field: str, other: str) -> Rejection:
    """A lot's times contradict each other."""
    details = {"field": field, "other": other}
    return Rejection("LOT_DATES_CONFLICT", f"{field} is later than {other}", details)


def recalled(lot: str, reason: str) -> Rejection:
    """It is bad for good."""
    text = f"lot {lot} is recalled: {reason}"
    return Rejection("LOT_RECALLED", text, {"lot": lot, "reason": reason})


def expired(lot: str, expires_at: str | None) -> Rejection:
    """Its time is over."""
    text = f"lot {lot} has expired"
    return Rejection("LOT_EXPIRED", text, {"lot": lot, "expires_at": expires_at})


def held(lot: str, reason: str) -> Rejection:
    """It is on hold."""
    text = f"lot {lot} is on hold: {reason}"
    return Rejection("LOT_HELD", text, {"lot": lot, "reason": reason})


def not_good(name: str, lot: Lot) -> Rejection | None:
    """Why nothing of a lot may be sold; None: it may."""
    if lot.recalled is not None:
        return recalled(name, lot.recalled)
    if lot.is_expired:
        return expired(name, lot.expires_at)
    return None if lot.held is None else held(name, lot.held)


def not_held(lot: str) -> Rejection:
    """There is nothing to release."""
    return Rejection("LOT_NOT_HELD", f"lot {lot} is not on hold", {"lot": lot})


def to_itself(lot: str) -> Rejection:
    """Units are of that lot already."""
    return Rejection("LOT_TO_ITSELF", f"they are of lot {lot} already", {"lot": lot})


def no_reservation(warehouse: str, reservation: str) -> Rejection:
    """Nothing of the SKU is promised to it for good, as far as was told."""
    text = f"reservation {reservation} of {warehouse} is promised nothing of this SKU for good"
    details = {"warehouse": warehouse, "reservation": reservation}
    return Rejection("RESERVATION_NOT_FOUND", text, details)


def insufficient(requested: int, there: int, **where: str | None) -> Rejection:
    """More units are asked for than are there, and free."""
    place = " ".join(f"{kind} {name}" for kind, name in where.items() if name is not None)
    text = f"{requested} requested, {there} there: {place}"
    named = {kind: name for kind, name in where.items() if name is not None}
    details = named | {"requested": requested, "there": there}
    return Rejection("INSUFFICIENT_UNITS", text, details)


def too_short(lot: str, days: int) -> Rejection:
    """A lot is not good for as long as the reservation wants it."""
    text = f"lot {lot} is not good for {days} days more"
    return Rejection("SHELF_LIFE_SHORT", text, {"lot": lot, "days": days})


def above_limit(field: str, value: int, limit: int, **whose: str) -> Rejection:
    """Something would be more than is kept."""
    name = " ".join(f"{kind} {one}" for kind, one in whose.items())
    text = f"{name}: {field} would be {value}, above {limit}"
    details = whose | {"field": field, "value": value, "limit": limit}
    return Rejection("QUANTITY_LIMIT", text, details)
