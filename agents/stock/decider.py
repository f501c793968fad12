"""Decides stock commands: pure, from the rows as they are to an event or a rejection.

A command is refused for the first of these that holds: it is invalid (before it comes here); its
reservation is not as it must be; then, SKU by SKU in the order in which its lines first name them,
with each SKU's lines summed: too little is available, or the limit of a row would be passed.
"""

from collections.abc import Callable
from typing import Any, Final

from agents.stock.levels import corrected, moved, set_points
from agents.stock.rejections import Rejection, closed, exists, not_found
from schemas.instants import rfc3339
from schemas.rows import Reservation, ReservationState, ReservedLine, Row
from schemas.stock_structs import (
    AdjustStock,
    Command,
    CommandRejected,
    Invalid,
    Outcome,
    QuantityMoved,
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

_ReorderPointMoved: Final = ReorderPointMoved
_StockReserved: Final = StockReserved


class Stock:
    """What a decision needs of a warehouse: the rows it touches, and the reservation it names."""

    def __init__(self, rows: dict[str, Row], reservation: Reservation | None = None) -> None:
        self.rows = rows  # by SKU; none: never seen
        self.reservation = reservation  # none: the id is unused


def initial() -> Stock:
    """A warehouse in which nothing ever happened."""
    return Stock({})


def decide(stock: Stock, command: Command, moment: Moment) -> Outcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    return _DECISIONS[type(command)](stock, command, moment)


def expire(stock: Stock, warehouse: str, reservation: str, moment: Moment) -> ReservationExpired:
    """What becomes of an open reservation whose time has come."""
    held = stock.reservation
    assert held is not None and held.state == "open", "only an open reservation expires"
    lines = moved(stock.rows, held.lines, 0, -1)
    assert not isinstance(lines, Rejection), "what is reserved can be given back"
    now = rfc3339(moment.log_time_ms)
    return ReservationExpired(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        warehouse=warehouse,
        lines=lines,
        reservation=reservation,
        expires_at=held.expires_at,
        time=now,
        recorded_at=now,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def rejected(command: Command | Invalid, rejection: Rejection, moment: Moment) -> CommandRejected:
    """The event that tells of a rejection."""
    recorded_at = rfc3339(moment.log_time_ms)
    return CommandRejected(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        code=rejection.code,
        message=rejection.message,
        details=rejection.details,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def evolve(row: Row | None, line: Any) -> Row:
    """A row after a line of an event. Cannot fail: history is not refused."""
    if type(line) is _ReorderPointMoved:
        reorder_point: int = line.reorder_point
    else:
        reorder_point = 0 if row is None else row.reorder_point
    return Row(line.on_hand, line.reserved, reorder_point, line.version)


def evolve_reservation(held: Reservation | None, event: Any) -> Reservation | None:
    """The reservation after an event. Cannot fail."""
    kind = type(event)
    if kind is _StockReserved:
        lines = [ReservedLine(line.sku, line.quantity) for line in event.lines]
        return Reservation("open", event.expires_at, lines)
    if held is None or kind not in _CLOSES:
        return held
    return Reservation(_CLOSES[kind], held.expires_at, held.lines)


def _receive(stock: Stock, command: ReceiveStock, moment: Moment) -> StockReceived | Rejection:
    lines = moved(stock.rows, command.lines, 1, 0)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return StockReceived(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _ship(stock: Stock, command: ShipStock, moment: Moment) -> StockShipped | Rejection:
    lines = moved(stock.rows, command.lines, -1, 0)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return StockShipped(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _adjust(stock: Stock, command: AdjustStock, moment: Moment) -> StockAdjusted | Rejection:
    lines = corrected(stock.rows, command.lines)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return StockAdjusted(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        reason=command.reason,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _reserve(stock: Stock, command: ReserveStock, moment: Moment) -> StockReserved | Rejection:
    if stock.reservation is not None:
        return exists(command.reservation, stock.reservation)
    lines = moved(stock.rows, command.lines, 0, 1)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return StockReserved(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        reservation=command.reservation,
        expires_at=rfc3339(moment.log_time_ms + command.ttl_seconds * 1_000),
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _release(
    stock: Stock, command: ReleaseReservation, moment: Moment
) -> ReservationReleased | Rejection:
    lines = _given_back(stock, command.reservation, 0)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return ReservationReleased(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        reservation=command.reservation,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _ship_reservation(
    stock: Stock, command: ShipReservation, moment: Moment
) -> StockShipped | Rejection:
    lines = _given_back(stock, command.reservation, -1)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return StockShipped(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        reservation=command.reservation,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _set_reorder_point(
    stock: Stock, command: SetReorderPoint, moment: Moment
) -> ReorderPointSet | Rejection:
    lines = set_points(stock.rows, command.lines)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    return ReorderPointSet(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _given_back(
    stock: Stock, reservation: str, on_hand_sign: int
) -> list[QuantityMoved] | Rejection:
    held = stock.reservation
    if held is None:
        return not_found(reservation)
    if held.state != "open":
        return closed(reservation, held)
    return moved(stock.rows, held.lines, on_hand_sign, -1)


_DECISIONS: Final[dict[Any, Callable[[Stock, Any, Moment], Outcome | Rejection]]] = {
    ReceiveStock: _receive,
    ShipStock: _ship,
    AdjustStock: _adjust,
    ReserveStock: _reserve,
    ReleaseReservation: _release,
    ShipReservation: _ship_reservation,
    SetReorderPoint: _set_reorder_point,
}
_CLOSES: Final[dict[Any, ReservationState]] = {
    ReservationReleased: "released",
    ReservationExpired: "expired",
    StockShipped: "shipped",
}
