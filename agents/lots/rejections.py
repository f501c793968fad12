"""The rejections of lots' commands, in words and details."""

from schemas.lots_rows import Lot, Serial
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


def serial_to_itself(serial: str) -> Rejection:
    """One unit was not taken for itself."""
    text = f"serial {serial} was taken for itself"
    return Rejection("SERIAL_TO_ITSELF", text, {"serial": serial})


def move_forbidden(source: str, target: str) -> Rejection:
    """No unit goes so."""
    details = {"from_account": source, "to_account": target}
    return Rejection("MOVE_FORBIDDEN", f"no serial goes from {source} to {target}", details)


def no_serial(serial: str) -> Rejection:
    """Nobody has registered it."""
    text = f"serial {serial} of this SKU is not known"
    return Rejection("SERIAL_NOT_FOUND", text, {"serial": serial})


def _placed(code: str, serial: str, found: Serial, verb: str) -> Rejection:
    """It is not where it would have to be; where it is."""
    details = {"serial": serial, "warehouse": found.warehouse, "account": found.account}
    if found.reservation is not None:
        details["reservation"] = found.reservation
    names = "".join(f", {kind} {name}" for kind, name in details.items() if kind != "serial")
    return Rejection(code, f"serial {serial} {verb}{names}", details)


def seen_twice(serial: str, found: Serial) -> Rejection:
    """It comes in, and is known already, or is here."""
    return _placed("SERIAL_SEEN_TWICE", serial, found, "was seen before")


def elsewhere(serial: str, found: Serial) -> Rejection:
    """It is somewhere else."""
    return _placed("SERIAL_ELSEWHERE", serial, found, "is elsewhere")


def in_transit(serial: str, found: Serial) -> Rejection:
    """It is under way between warehouses."""
    return _placed("SERIAL_IN_TRANSIT", serial, found, "is in transit")


def gone(serial: str, found: Serial) -> Rejection:
    """It has left."""
    return _placed("SERIAL_GONE", serial, found, "is gone")


def serial_bound(serial: str, found: Serial) -> Rejection:
    """It is somebody's."""
    return _placed("SERIAL_BOUND", serial, found, "is bound")


def not_bound(serial: str, found: Serial) -> Rejection:
    """It is nobody's."""
    return _placed("SERIAL_NOT_BOUND", serial, found, "is not bound")
