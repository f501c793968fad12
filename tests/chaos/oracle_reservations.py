"""The oracle's part for reservations, from their making to whatever ends them."""

from collections.abc import Callable

from tests.chaos import oracle_queues, oracle_supplies
from tests.chaos.oracle_books import (
    Books,
    Change,
    Decision,
    Granted,
    Move,
    Refused,
    lacking,
    refused,
    too_little,
)
from tests.chaos.records import Reservation, ReservedLine
from tests.chaos.routing import rfc3339
from tests.chaos.rules import LEVEL_MAX, Command

_BEGIN = ("ReserveStock", "SupersedeReservation", "BackorderStock", "PreorderStock")
Handler = Callable[[Books, Command, Reservation], Decision]


def decide(books: Books, command: Command, seq: int) -> Decision:
    """All commands that name a reservation."""
    warehouse, name = command.warehouse, command.fields["reservation"]
    if command.type in _BEGIN:
        if (warehouse, name) in books.reservations:
            return refused("RESERVATION_EXISTS")
        if command.type == "ReserveStock":
            return _reserved(books, command, {}, "StockReserved", command.fields.get("channel"))
        if command.type in ("BackorderStock", "PreorderStock"):
            return oracle_supplies.wait(books, command, seq)
        name = command.fields["replaces"]
    found = books.reservations.get((warehouse, name))
    if found is None:
        return refused("RESERVATION_NOT_FOUND")
    code = _unfit(command.type, found)
    return refused(code) if code else _HANDLERS[command.type](books, command, found)


def expire(books: Books, key: tuple[str, str], found: Reservation) -> Granted:
    """Its time is over."""
    books.close("reservation", key, found, "expired")
    told = Granted(
        "ReservationExpired", {"reservation": key[1]} | _through(found.channel), _withdrawn(found)
    )
    told.may["expires_at"] = rfc3339(found.expires_at_ms)
    return told


def _through(channel: str | None) -> dict[str, object]:
    return {} if channel is None else {"channel": channel}


def _unfit(kind: str, found: Reservation) -> str:
    """Why such a command cannot be done to it, by its state alone."""
    if found.state == "waiting":
        return "" if kind == "ReleaseReservation" else "RESERVATION_WAITING"
    timed = kind in ("ExtendReservation", "SupersedeReservation", "ConfirmReservation")
    if found.state == "confirmed":
        if timed:
            return "RESERVATION_CONFIRMED"
        whole = kind in ("ReleaseReservation", "ShipReservation")
        staged = any(line.picked for line in found.lines.values())
        return "RESERVATION_PICKED" if whole and staged else ""
    if found.state == "open":
        is_for_confirmed = kind in ("PickStock", "UnpickStock", "PackStock", "ShipPacked")
        return "RESERVATION_NOT_CONFIRMED" if is_for_confirmed else ""
    again = found.state == "expired" and kind == "ConfirmReservation"
    return "" if again else "RESERVATION_CLOSED"


def _reserved(
    books: Books,
    command: Command,
    before: dict[str, ReservedLine],
    event: str,
    channel: str | None,
) -> Decision:
    """A new one; `before` is what it takes the place of."""
    changes, held = {}, {sku: line.quantity for sku, line in before.items()}
    short = lacking(books, command.warehouse, command.lines, channel, held)
    if short is not None:
        return refused("INSUFFICIENT_STOCK", **short)
    for sku, quantity in command.lines.items():
        had = held.get(sku, 0)
        changes[sku] = Change({"quantity": quantity}, reserved=quantity - had, channel=channel)
    for sku, line in before.items():
        if sku not in changes:
            changes[sku] = Change({"quantity": 0}, reserved=-line.quantity, channel=channel)
    name = command.fields["reservation"]
    expires_ms = books.now_ms + command.fields["ttl_seconds"] * 1000
    lines = {sku: ReservedLine(quantity) for sku, quantity in command.lines.items()}
    books.ends((command.warehouse, name), Reservation(lines, expires_ms, channel=channel))
    told = {"reservation": name, "expires_at": rfc3339(expires_ms)} | _through(channel)
    return Granted(event, told, changes)


def _superseded(books: Books, command: Command, found: Reservation) -> Decision:
    channel = command.fields.get("channel") or found.channel
    told = _reserved(books, command, found.lines, "ReservationSuperseded", channel)
    if isinstance(told, Granted):
        told.fields["replaces"] = command.fields["replaces"]
        books.close(
            "reservation", (command.warehouse, command.fields["replaces"]), found, "superseded"
        )
    return told


def _extended(books: Books, command: Command, found: Reservation) -> Decision:
    name = command.fields["reservation"]
    found.expires_at_ms = books.now_ms + command.fields["ttl_seconds"] * 1000
    books.ends((command.warehouse, name), found)
    told = {"reservation": name, "expires_at": rfc3339(found.expires_at_ms)}
    return Granted("ReservationExtended", told, may={"lines": []})


def _confirmed(books: Books, command: Command, found: Reservation) -> Decision:
    anew = found.state == "expired"
    changes = {}
    wanted = {sku: line.quantity for sku, line in found.lines.items()} if anew else {}
    short = lacking(books, command.warehouse, wanted, found.channel)
    if short is not None:
        return refused("INSUFFICIENT_STOCK", **short)
    for sku, line in found.lines.items():
        changes[sku] = Change(
            {"quantity": line.quantity},
            reserved=line.quantity if anew else 0,
            allocated=line.quantity,
            channel=found.channel,
        )
    found.state, found.confirmed_at_ms = "confirmed", books.now_ms
    told = _named(command) | _through(found.channel)
    return Granted("ReservationConfirmed", told, changes)


def _withdrawn(found: Reservation, shipped: bool = False) -> dict[str, Change]:
    """What it holds on the shelf is let go, or leaves."""
    allocated = found.confirmed_at_ms > 0
    return {
        sku: Change(
            {"quantity": line.shelved},
            (Move("sellable", "customer", line.shelved),) if shipped else (),
            reserved=-line.shelved,
            allocated=-line.shelved if allocated else 0,
            channel=found.channel,
        )
        for sku, line in found.lines.items()
        if line.shelved or found.state == "waiting"
    }


def _ended(books: Books, command: Command, found: Reservation) -> Decision:
    """Released, or shipped from the shelf."""
    ships = command.type == "ShipReservation"
    told = Granted("StockShipped" if ships else "ReservationReleased", _named(command))
    told.fields |= _through(found.channel)
    told.changes = _withdrawn(found, ships)
    if found.state == "waiting":
        oracle_queues.leave(books, command.warehouse, command.fields["reservation"])
        for line in found.lines.values():
            line.missing = 0
    if found.state in ("confirmed", "waiting"):
        told.fields["confirmed"] = True
    else:
        told.may["confirmed"] = False
    if ships:
        for line in found.lines.values():
            line.shipped = line.quantity
    key = (command.warehouse, command.fields["reservation"])
    books.close("reservation", key, found, "shipped" if ships else "released")
    return told


def _left(kind: str, line: ReservedLine) -> int:
    if kind == "PickStock":
        return line.shelved
    return line.packed if kind == "ShipPacked" else line.picked - line.packed


_TOO_MUCH = {"PickStock": "OVER_PICK", "ShipPacked": "NOT_PACKED"}
_FULFILLED = {
    "PickStock": "StockPicked",
    "UnpickStock": "StockUnpicked",
    "PackStock": "StockPacked",
    "ShipPacked": "PackedShipped",
}


def _fulfilled(books: Books, command: Command, found: Reservation) -> Decision:
    """Picked, put back, packed, or shipped from where it is staged."""
    kind = command.type
    owed = [
        {"sku": sku, "requested": quantity, "available": 0}
        for sku, quantity in command.lines.items()
        if books.row(command.warehouse, sku).owed
    ]
    for sku, quantity in command.lines.items():
        left = _left(kind, found.lines.get(sku) or ReservedLine(0))
        if quantity > left:
            code = _TOO_MUCH.get(kind, "NOT_PICKED")
            return refused(code, sku=sku, requested=quantity, left=left)
        if kind == "UnpickStock" and not owed:
            on_hand = books.row(command.warehouse, sku).on_hand + quantity
            if on_hand > LEVEL_MAX:
                return Refused(("QUANTITY_LIMIT",), among={"sku": sku})
    if kind == "UnpickStock" and owed:  # they would be promised, and be somebody else's
        return refused("INSUFFICIENT_STOCK", **too_little(owed))
    changes = {sku: _step(kind, quantity) for sku, quantity in command.lines.items()}
    for sku, quantity in command.lines.items():
        _advance(kind, found.lines[sku], quantity)
    if all(line.shipped == line.quantity for line in found.lines.values()):
        books.close(
            "reservation", (command.warehouse, command.fields["reservation"]), found, "shipped"
        )
    return Granted(_FULFILLED[kind], _named(command), changes)


def _step(kind: str, quantity: int) -> Change:
    said = {"quantity": quantity}
    if kind == "PackStock":
        return Change(said, is_one=False)
    if kind == "PickStock":
        move = Move("sellable", "staged", quantity)
        return Change(said, (move,), reserved=-quantity, allocated=-quantity)
    if kind == "UnpickStock":
        move = Move("staged", "sellable", quantity)
        return Change(said, (move,), reserved=quantity, allocated=quantity)
    return Change(said, (Move("staged", "customer", quantity),))


def _advance(kind: str, line: ReservedLine, quantity: int) -> None:
    if kind == "PickStock":
        line.picked += quantity
    elif kind == "UnpickStock":
        line.picked -= quantity
    elif kind == "PackStock":
        line.packed += quantity
    else:
        line.picked -= quantity
        line.packed -= quantity
        line.shipped += quantity


def _named(command: Command) -> dict[str, object]:
    return {"reservation": command.fields["reservation"]}


_HANDLERS: dict[str, Handler] = {
    "ExtendReservation": _extended,
    "SupersedeReservation": _superseded,
    "ConfirmReservation": _confirmed,
    "ReleaseReservation": _ended,
    "ShipReservation": _ended,
    **dict.fromkeys(_FULFILLED, _fulfilled),
}
