"""What orders' events ask of stock and of lots, and what stock's events tell orders. All pure.

A leg's reservation, and the ids of the commands that it is asked for, name the order: by these it
is known whom to tell. Both ways a command is named so that whoever carries it twice does no harm.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from schemas import lots_structs, orders_structs, stock_structs
from schemas.lots_structs import RequireShelfLife
from schemas.orders_lines import reservation_of
from schemas.orders_structs import (
    Ask,
    LegLine,
    OrderChanged,
    OrdersRejected,
    QuantityLine,
    RecordLeg,
    RecordLegRefusal,
    Requirement,
    ShortLine,
)
from schemas.stock_structs import (
    BackorderStock,
    CommandRejected,
    ConfirmReservation,
    PackedShipped,
    ReleaseReservation,
    ReservationConfirmed,
    ReservationExpired,
    ReservationReleased,
    ReservationSuperseded,
    ReserveStock,
    StockBackordered,
    StockReserved,
    StockShipped,
    StockUnpicked,
)

Wishes = Sequence[tuple[str, str, bytes]]

_OURS: Final = b'"order/'  # what names a leg; most of stock's events name none
_RESERVATION: Final = re.compile(r"order/([A-Za-z0-9._-]{1,64})/([1-9][0-9]{0,5})")
_COMMAND: Final = re.compile(
    r"(order/[A-Za-z0-9._-]{1,64}/[1-9][0-9]{0,5})/(reserve|confirm|backorder|release)(?:/.*)?"
)
_TOLD: Final[dict[Any, str]] = {
    ReservationConfirmed: "confirmed",
    ReservationExpired: "expired",
    ReservationReleased: "released",
    StockShipped: "shipped",
    PackedShipped: "shipped",
    StockUnpicked: "unpicked",
}


def asked(value: bytes) -> Wishes:
    """What an event of an order asks of stock: (warehouse, event's id, command) of each.

    Raises msgspec.DecodeError where the event is of a type that this version does not know.
    """
    event = orders_structs.decode_event(value)
    if isinstance(event, OrdersRejected):
        return ()
    return [
        (ask.warehouse, event.id, stock_structs.encode(_step(event, ask))) for ask in event.asks
    ]


def _step(event: OrderChanged, ask: Ask) -> Any:
    by = _head(event, ask)
    reservation = by["reservation"]
    by["id"] = f"{reservation}/{ask.step}"
    if ask.step == "confirm":
        return ConfirmReservation(**by)
    if ask.step == "release":  # once more for each event that asks for it
        return ReleaseReservation(**by | {"id": f"{reservation}/release/{event.id}"})
    by["channel"] = ask.channel
    by["lines"] = [
        stock_structs.QuantityLine(sku=line.sku, quantity=line.quantity)
        for line in _lines(event, ask)
    ]
    if ask.step == "backorder":
        return BackorderStock(**by, priority=ask.priority, promised=ask.promised)
    assert ask.hold_s is not None, "what is reserved is so for a while"
    return ReserveStock(**by, ttl_seconds=ask.hold_s)


def required(value: bytes) -> Wishes:
    """What an event of an order asks of lots: (SKU, event's id, command) for each SKU of a leg.

    Raises msgspec.DecodeError where the event is of a type that this version does not know.
    """
    event = orders_structs.decode_event(value)
    if isinstance(event, OrdersRejected):
        return ()
    return [
        (line.sku, event.id, lots_structs.encode(_requirement(event, one, line.sku)))
        for one in event.requires
        for line in _lines(event, one)
    ]


def _requirement(event: OrderChanged, one: Requirement, sku: str) -> RequireShelfLife:
    by = _head(event, one) | {"id": f"{event.id}/{one.attempt}/{one.warehouse}", "sku": sku}
    return RequireShelfLife(**by, days=one.shelf_life_days)


def _head(event: OrderChanged, of: Ask | Requirement) -> dict[str, Any]:
    """Of which leg something is asked, and when it happened, by whom and why."""
    return {
        "warehouse": of.warehouse,
        "reservation": reservation_of(event.order, of.attempt),
        "time": event.time,
        "actor": event.actor,
        "correlation_id": event.correlation_id,
    }


def _lines(event: OrderChanged, of: Ask | Requirement) -> Iterator[LegLine]:
    """The lines of the leg that something is asked for."""
    for leg in event.legs:
        if (leg.attempt, leg.warehouse) == (of.attempt, of.warehouse):
            yield from leg.lines


def told(value: bytes) -> Wishes:
    """What an event of stock tells orders: (order, event's id, command) of each leg it is of.

    Raises msgspec.DecodeError where an event that names a leg is of a type that this version does
    not know.
    """
    if _OURS not in value:
        return ()
    event = stock_structs.decode_event(value)
    found = [*_refusals(event), *_steps(event), *_fills(event)]
    return [(one.order, event.id, orders_structs.encode(one)) for one in found]


def _refusals(event: Any) -> list[RecordLegRefusal]:
    """A step that an order asked for was refused."""
    named = _COMMAND.fullmatch(event.command_id) if type(event) is CommandRejected else None
    leg = None if named is None else _RESERVATION.fullmatch(named[1])
    if named is None or leg is None:
        return []
    step: Any = named[2]
    details = event.details if event.code == "INSUFFICIENT_STOCK" else {}
    return [
        RecordLegRefusal(
            **_envelope(event, leg),
            step=step,
            code=event.code,
            sku=details.get("sku"),
            available=details.get("available"),
            short=[
                ShortLine(sku=one["sku"], available=one["available"])
                for one in details.get("short", ())
            ],
        )
    ]


def _steps(event: Any) -> list[RecordLeg]:
    """Something became of a leg's reservation; it begins only where its order asked for it."""
    kind = type(event)
    if kind is StockReserved and event.command_id == f"{event.reservation}/reserve":
        return _of(event, event.reservation, "reserved", event.lines)
    if kind is StockBackordered and event.command_id == f"{event.reservation}/backorder":
        missing = [(line.sku, line.missing) for line in event.lines if line.missing]
        lines = [QuantityLine(sku=sku, quantity=units) for sku, units in missing]
        return _of(event, event.reservation, "waiting", lines)
    if kind is ReservationSuperseded:
        return _of(event, event.replaces, "released", ())
    if kind not in _TOLD:
        return []
    moved = event.lines if _TOLD[kind] == "shipped" else ()
    return _of(event, event.reservation or "", _TOLD[kind], moved)


def _fills(event: Any) -> list[RecordLeg]:
    """What legs that waited have got by an event, each of them told once."""
    given: dict[str, list[Any]] = {}
    for one in getattr(event, "filled", ()):
        given.setdefault(one.reservation, []).append(one)
    return [
        record
        for reservation, lines in given.items()
        for record in _of(event, reservation, "filled", lines)
    ]


def _of(event: Any, reservation: str, told: Any, lines: Sequence[Any]) -> list[RecordLeg]:
    leg = _RESERVATION.fullmatch(reservation)
    if leg is None:
        return []
    found = [QuantityLine(sku=line.sku, quantity=line.quantity) for line in lines]
    return [RecordLeg(**_envelope(event, leg), told=told, lines=found)]


def _envelope(event: Any, leg: re.Match[str]) -> dict[str, Any]:
    """An event may be of two legs of one order: the command's id says of which."""
    return {
        "id": f"{event.id}/{leg[2]}",
        "order": leg[1],
        "cause": event.id,
        "warehouse": event.warehouse,
        "attempt": int(leg[2]),
        "time": event.time,
        "actor": getattr(event, "actor", None),
        "correlation_id": getattr(event, "correlation_id", None),
    }
