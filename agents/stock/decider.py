"""Decides stock commands: pure, from the rows as they are to an event or a rejection.

A command is refused for the first of these that holds: it is invalid (before it comes here); its
reservation is not as it must be; then, SKU by SKU in the order in which its lines first name them,
with each SKU's lines summed: too little is available, or the limit of a row would be passed.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from agents.stock.levels import NEVER_SEEN, after, moved, summed
from agents.stock.rejections import (
    Refused,
    Rejection,
    above_limit,
    closed,
    exists,
    not_found,
)
from schemas.fields import STOCK_MAX
from schemas.instants import rfc3339
from schemas.rows import Reservation, ReservationState, ReservedLine, Row
from schemas.stock_structs import (
    AdjustStock,
    Command,
    CommandRejected,
    DeltaMoved,
    Event,
    Invalid,
    Outcome,
    ReceiveStock,
    ReleaseReservation,
    ReorderPointMoved,
    ReorderPointSet,
    ReservationExpired,
    ReservationReleased,
    ReserveStock,
    SetReorderPoint,
    ShipReservation,
    ShipStock,
    Source,
    StockAdjusted,
    StockReceived,
    StockReserved,
    StockShipped,
)
from streams.actor import Moment

E = TypeVar("E", bound=Outcome)

_quantity = attrgetter("quantity")
_delta = attrgetter("delta")
_reorder_point = attrgetter("reorder_point")


class Stock(msgspec.Struct, gc=False):
    """What a decision needs of a warehouse: the rows it touches, and the reservation it names."""

    rows: dict[str, Row]  # by SKU; none: never seen
    reservation: Reservation | None = None  # none: the id is unused


def initial() -> Stock:
    """A warehouse in which nothing ever happened."""
    return Stock({})


def decide(stock: Stock, command: Command, moment: Moment) -> Outcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    try:
        return _DECISIONS[type(command)](stock, command, moment)
    except Refused as refused:
        return refused.rejection


def expire(stock: Stock, warehouse: str, reservation: str, moment: Moment) -> ReservationExpired:
    """What becomes of an open reservation whose time has come."""
    held = stock.reservation
    assert held is not None and held.state == "open", "only an open reservation expires"
    now = rfc3339(moment.log_time_ms)
    return ReservationExpired(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        warehouse=warehouse,
        lines=moved(stock.rows, summed(held.lines, _quantity), 0, -1),
        reservation=reservation,
        expires_at=held.expires_at,
        time=now,
        recorded_at=now,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def rejected(command: Command | Invalid, rejection: Rejection, moment: Moment) -> CommandRejected:
    """The event that tells of a rejection."""
    return _outcome(
        CommandRejected,
        command,
        moment,
        code=rejection.code,
        message=rejection.message,
        details=rejection.details,
    )


def evolve(stock: Stock, event: Event) -> Stock:
    """The stock after an event. Cannot fail: history is not refused."""
    kind = type(event)
    if kind is CommandRejected:
        return stock
    rows = stock.rows.copy()
    policy = kind is ReorderPointSet
    for line in event.lines:
        reorder_point = (
            line.reorder_point if policy else rows.get(line.sku, NEVER_SEEN).reorder_point
        )
        rows[line.sku] = Row(line.on_hand, line.reserved, reorder_point, line.version)
    return Stock(rows, _reservation_after(stock.reservation, event))


def _reservation_after(held: Reservation | None, event: Any) -> Reservation | None:
    kind = type(event)
    if kind is StockReserved:
        lines = [ReservedLine(line.sku, line.quantity) for line in event.lines]
        return Reservation("open", event.expires_at, lines)
    state = _CLOSES.get(kind)
    if state is None or held is None or event.reservation is None:
        return held
    return Reservation(state, held.expires_at, held.lines)


def _outcome(
    kind: Callable[..., E], command: Command | Invalid, moment: Moment, **body: Any
) -> E:
    recorded_at = rfc3339(moment.log_time_ms)
    partition = moment.partition
    return kind(
        id=f"{partition}-{moment.seq}",
        partition=partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=partition, offset=moment.offset),
        **body,
    )


def _receive(stock: Stock, command: ReceiveStock, moment: Moment) -> StockReceived:
    lines = moved(stock.rows, summed(command.lines, _quantity), 1, 0)
    return _outcome(StockReceived, command, moment, lines=lines)


def _ship(stock: Stock, command: ShipStock, moment: Moment) -> StockShipped:
    lines = moved(stock.rows, summed(command.lines, _quantity), -1, 0)
    return _outcome(StockShipped, command, moment, lines=lines)


def _adjust(stock: Stock, command: AdjustStock, moment: Moment) -> StockAdjusted:
    lines = []
    for sku, delta in summed(command.lines, _delta).items():
        row = stock.rows.get(sku, NEVER_SEEN)
        on_hand, reserved = after(row, sku, delta, 0)
        lines.append(
            DeltaMoved(
                sku=sku,
                delta=delta,
                on_hand=on_hand,
                reserved=reserved,
                available=on_hand - reserved,
                version=row.version + 1,
            )
        )
    return _outcome(StockAdjusted, command, moment, lines=lines, reason=command.reason)


def _reserve(stock: Stock, command: ReserveStock, moment: Moment) -> StockReserved:
    if stock.reservation is not None:
        raise exists(command.reservation, stock.reservation)
    return _outcome(
        StockReserved,
        command,
        moment,
        lines=moved(stock.rows, summed(command.lines, _quantity), 0, 1),
        reservation=command.reservation,
        expires_at=rfc3339(moment.log_time_ms + command.ttl_seconds * 1_000),
    )


def _release(stock: Stock, command: ReleaseReservation, moment: Moment) -> ReservationReleased:
    held = _open(stock, command.reservation)
    lines = moved(stock.rows, summed(held.lines, _quantity), 0, -1)
    return _outcome(
        ReservationReleased, command, moment, lines=lines, reservation=command.reservation
    )


def _ship_reservation(stock: Stock, command: ShipReservation, moment: Moment) -> StockShipped:
    held = _open(stock, command.reservation)
    lines = moved(stock.rows, summed(held.lines, _quantity), -1, -1)
    return _outcome(StockShipped, command, moment, lines=lines, reservation=command.reservation)


def _set_reorder_point(stock: Stock, command: SetReorderPoint, moment: Moment) -> ReorderPointSet:
    lines = []
    for sku, reorder_point in summed(command.lines, _reorder_point).items():
        row = stock.rows.get(sku, NEVER_SEEN)
        if reorder_point > STOCK_MAX:
            raise above_limit(sku, "reorder_point", reorder_point)
        lines.append(
            ReorderPointMoved(
                sku=sku,
                reorder_point=reorder_point,
                on_hand=row.on_hand,
                reserved=row.reserved,
                available=row.available,
                version=row.version + 1,
            )
        )
    return _outcome(ReorderPointSet, command, moment, lines=lines)


def _open(stock: Stock, reservation: str) -> Reservation:
    held = stock.reservation
    if held is None:
        raise not_found(reservation)
    if held.state != "open":
        raise closed(reservation, held)
    return held


_DECISIONS: dict[Any, Callable[[Stock, Any, Moment], Outcome]] = {
    ReceiveStock: _receive,
    ShipStock: _ship,
    AdjustStock: _adjust,
    ReserveStock: _reserve,
    ReleaseReservation: _release,
    ShipReservation: _ship_reservation,
    SetReorderPoint: _set_reorder_point,
}
_CLOSES: dict[Any, ReservationState] = {
    ReservationReleased: "released",
    ReservationExpired: "expired",
    StockShipped: "shipped",
}
