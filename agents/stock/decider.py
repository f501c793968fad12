"""Decides stock commands: pure, from the rows as they are to an event or a rejection.

A command is refused for the first of these that holds: it is invalid (before it comes here); its
reservation is not as it must be; then, SKU by SKU in the order in which its lines first name them,
with each SKU's lines summed: too little is available, or the limit of a row would be passed.
"""

from collections.abc import Callable
from typing import Any, Final

from agents.stock import (
    accounts,
    backorders,
    channels,
    counting,
    policies,
    reservations,
    setting,
    supplies,
    transfers,
)
from agents.stock.beside import filled
from agents.stock.levels import corrected, moved, set_points
from agents.stock.promising import with_late
from agents.stock.rejections import Rejection, closed, exists, not_found, picked, waiting
from agents.stock.state import NOTHING_BESIDE, Stock, channel_of
from schemas.instants import rfc3339
from schemas.rows import Reservation, ReservedLine
from schemas.stock_structs import (
    AdjustStock,
    ApproveCount,
    BackorderStock,
    CancelCount,
    CloseTransfer,
    Command,
    ConfirmReservation,
    DispatchTransfer,
    ExpectSupply,
    ExpectTransfer,
    ExtendReservation,
    MoveStock,
    OpenCount,
    Outcome,
    PackStock,
    PickStock,
    PreorderStock,
    ReceiveStock,
    ReceiveSupply,
    ReceiveTransfer,
    RecordCount,
    ReleaseReservation,
    ReorderPointSet,
    ReservationExpired,
    ReservationReleased,
    ReserveStock,
    SetChannelPools,
    SetReorderPoint,
    SetStock,
    SetStockPolicy,
    SettleTransfer,
    ShipPacked,
    ShipReservation,
    ShipStock,
    Source,
    StockAdjusted,
    StockReceived,
    StockReserved,
    StockShipped,
    SupersedeReservation,
    UnpickStock,
)
from streams.actor import Moment


def decide(stock: Stock, command: Command, moment: Moment) -> Outcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    told = _DECISIONS[type(command)](stock, command, moment)
    if stock.beside is NOTHING_BESIDE or isinstance(told, Rejection):
        return told
    event: Outcome = filled(stock.rows, stock.beside, told)
    return event


def expire(stock: Stock, warehouse: str, reservation: str, moment: Moment) -> ReservationExpired:
    """What becomes of an open reservation whose time has come."""
    held = stock.reservation
    assert held is not None and held.state == "open", "only an open reservation expires"
    lines = moved(stock.rows, held.lines, 0, -1)
    assert not isinstance(lines, Rejection), "what is reserved can be given back"
    now = rfc3339(moment.log_time_ms)
    event = ReservationExpired(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        warehouse=warehouse,
        lines=lines,
        reservation=reservation,
        expires_at=held.expires_at,
        channel=channel_of(held),
        time=now,
        recorded_at=now,
        source=Source(partition=moment.partition, offset=moment.offset),
    )
    if stock.beside is NOTHING_BESIDE:
        return event
    given: ReservationExpired = filled(stock.rows, stock.beside, event)
    return given


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
    lines = moved(stock.rows, command.lines, -1, 0, stock.beside)
    if isinstance(lines, Rejection):
        return lines
    recorded_at = rfc3339(moment.log_time_ms)
    event = StockShipped(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        lines=lines,
        channel=command.channel,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )
    told: StockShipped | Rejection = with_late(stock, event, moment) if stock.supplies else event
    return told


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
    lines = moved(stock.rows, command.lines, 0, 1, stock.beside)
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
        channel=command.channel,
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
    held = _closable(stock, command.reservation)
    lines = held if isinstance(held, Rejection) else moved(stock.rows, _left(held), 0, -1)
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
        confirmed=_is_confirmed(stock),
        channel=channel_of(stock.reservation),
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _ship_reservation(
    stock: Stock, command: ShipReservation, moment: Moment
) -> StockShipped | Rejection:
    held = _closable(stock, command.reservation)
    if not isinstance(held, Rejection) and held.state == "waiting":
        return waiting(command.reservation)
    lines = held if isinstance(held, Rejection) else moved(stock.rows, _left(held), -1, -1)
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
        confirmed=_is_confirmed(stock),
        channel=channel_of(stock.reservation),
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
    )


def _set_reorder_point(
    stock: Stock, command: SetReorderPoint, moment: Moment
) -> ReorderPointSet | Rejection:
    lines = set_points(stock.rows, command.lines, stock.beside)
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


def _closable(stock: Stock, reservation: str) -> Reservation | Rejection:
    """A reservation that can come to its end at once: nothing of it is on its way out."""
    held = stock.reservation
    if held is None:
        return not_found(reservation)
    if held.state in ("open", "waiting"):
        return held
    if held.state != "confirmed":
        return closed(reservation, held)
    return picked(reservation) if any(line.picked for line in held.lines) else held


def _is_confirmed(stock: Stock) -> bool:
    return stock.reservation is not None and stock.reservation.state in (
        "confirmed",
        "waiting",
    )


def _left(held: Reservation) -> list[ReservedLine]:
    """What a reservation still holds; of one that waits also what it holds nothing of yet."""
    if held.state == "open":
        return held.lines
    if held.state == "waiting":
        return [ReservedLine(line.sku, line.shelved) for line in held.lines]
    return [ReservedLine(line.sku, line.shelved) for line in held.lines if line.shelved]


_DECISIONS: Final[dict[Any, Callable[[Stock, Any, Moment], Outcome | Rejection]]] = {
    ReceiveStock: _receive,
    ShipStock: _ship,
    AdjustStock: _adjust,
    ReserveStock: _reserve,
    ReleaseReservation: _release,
    ShipReservation: _ship_reservation,
    SetReorderPoint: _set_reorder_point,
    SetStock: setting.set_stock,
    SetStockPolicy: policies.set_policy,
    SetChannelPools: channels.set_pools,
    ExtendReservation: reservations.extend,
    SupersedeReservation: reservations.supersede,
    ConfirmReservation: reservations.confirm,
    BackorderStock: backorders.backorder,
    PreorderStock: backorders.preorder,
    PickStock: reservations.pick,
    UnpickStock: reservations.unpick,
    PackStock: reservations.pack,
    ShipPacked: reservations.ship_packed,
    MoveStock: accounts.move,
    ExpectSupply: supplies.expect,
    ReceiveSupply: supplies.receive,
    OpenCount: counting.open_count,
    RecordCount: counting.record,
    ApproveCount: counting.approve,
    CancelCount: counting.cancel,
    DispatchTransfer: transfers.dispatch,
    ExpectTransfer: transfers.expect,
    ReceiveTransfer: transfers.receive,
    CloseTransfer: transfers.close,
    SettleTransfer: transfers.settle,
}
