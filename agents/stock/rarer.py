"""The commands that are no part of every sale: what they need of the tables, and change in them."""

from typing import Any, Final

from agents.stock.changes import changed
from agents.stock.counting import evolve_count
from agents.stock.evolve import evolve_balances, evolve_replaced, evolve_reservation
from agents.stock.incoming import evolve_supplies
from agents.stock.marked import load as load_beside
from agents.stock.marked import supplies_of
from agents.stock.state import REVIEW_MS, Stock, channel_of
from agents.stock.transfers import evolve_transfer
from schemas.rows import Balances, Reservation, Supply
from schemas.stock_structs import (
    ApproveCount,
    BackorderStock,
    ChannelPoolsSet,
    CloseTransfer,
    ConfirmReservation,
    CountApproved,
    DispatchTransfer,
    ExpectSupply,
    ExpectTransfer,
    MoveStock,
    OpenCount,
    PackedShipped,
    PackStock,
    PickStock,
    PreorderStock,
    ReceiveSupply,
    ReceiveTransfer,
    ReservationConfirmed,
    ReservationSuperseded,
    SetChannelPools,
    SetStock,
    SetStockPolicy,
    SettleTransfer,
    ShipPacked,
    StockAdjusted,
    StockBackordered,
    StockMoved,
    StockPicked,
    StockPolicySet,
    StockUnpicked,
    SupersedeReservation,
    SupplyExpected,
    TransferDispatched,
    TransferReceived,
    TransferSettled,
    UnpickStock,
)
from streams.actor import Moment, Rows
from tables.stock import (
    balances_key,
    count_key,
    decode_balances,
    decode_count,
    decode_reservation,
    decode_row,
    decode_transfer,
    encode_balances,
    encode_count,
    encode_reservation,
    encode_supplies,
    encode_transfer,
    incoming_key,
    outgoing_key,
    reservation_key,
    stock_key,
    supplies_key,
)

_POSTS_ELSEWHERE: Final = frozenset(
    (
        PickStock,
        UnpickStock,
        ShipPacked,
        MoveStock,
        ExpectSupply,
        ReceiveSupply,
        DispatchTransfer,
        ReceiveTransfer,
        SettleTransfer,
    )
)
_NAMES_ROWS: Final = _POSTS_ELSEWHERE | {
    PackStock,
    OpenCount,
    SetStock,
    SetStockPolicy,
    SetChannelPools,
    BackorderStock,
    PreorderStock,
}
_ASKS_FOR_SUPPLIES: Final = frozenset((ExpectSupply, ReceiveSupply, PreorderStock))
_ARRIVES: Final = frozenset((ExpectTransfer, ReceiveTransfer, CloseTransfer))
_CHANGES_ROWS: Final = frozenset(
    (
        StockAdjusted,
        ReservationConfirmed,
        ReservationSuperseded,
        StockPolicySet,
        ChannelPoolsSet,
        StockBackordered,
        StockPicked,
        StockUnpicked,
        PackedShipped,
        StockMoved,
        SupplyExpected,
        CountApproved,
        TransferDispatched,
        TransferReceived,
        TransferSettled,
    )
)


def load(command: Any, rows: Rows) -> Stock:
    """All that the decider may ask for."""
    warehouse, kind = command.warehouse, type(command)
    stock = Stock({})
    if hasattr(command, "reservation"):
        stock.reservation = _reservation(warehouse, command.reservation, rows)
    if kind is SupersedeReservation:
        stock.replaced = _reservation(warehouse, command.replaces, rows)
    if hasattr(command, "count"):
        value = rows(count_key(warehouse, command.count))
        stock.count = None if value is None else decode_count(value)
    if hasattr(command, "transfer"):
        value = rows(_transfer_key(command))
        stock.transfer = None if value is None else decode_transfer(value)
    for sku in _skus(command, stock):
        value = rows(stock_key(warehouse, sku))
        if value is not None:
            stock.rows[sku] = decode_row(value)
        value = rows(balances_key(warehouse, sku)) if kind in _POSTS_ELSEWHERE else None
        if value is not None:
            stock.balances[sku] = decode_balances(value)
    stock.beside = load_beside(kind, warehouse, stock.rows, rows, _channel(command, stock))
    stock.supplies = _supplies(command, stock, rows)
    return stock


def _supplies(command: Any, stock: Stock, rows: Rows) -> dict[str, list[Supply]]:
    """What is to come of the SKUs, where that matters: to a backorder where it may delay others."""
    kind, skus = type(command), list[str]()
    if kind in _ASKS_FOR_SUPPLIES or (kind is MoveStock and command.from_account == "on_order"):
        skus = list(stock.rows)
    elif kind is BackorderStock:
        skus = list(stock.beside.queues)
    return supplies_of(command.warehouse, skus, rows)


def _channel(command: Any, stock: Stock) -> str | None:
    """Through which channel units are wanted, if any."""
    named: str | None = getattr(command, "channel", None)
    if type(command) is ConfirmReservation:
        return channel_of(stock.reservation)
    return named or channel_of(stock.replaced)


def _reservation(warehouse: str, name: str, rows: Rows) -> Reservation | None:
    value = rows(reservation_key(warehouse, name))
    return None if value is None else decode_reservation(value)


def _transfer_key(command: Any) -> bytes:
    """Of the end that decides this command."""
    if type(command) in _ARRIVES:
        return incoming_key(command.warehouse, command.from_warehouse, command.transfer)
    return outgoing_key(command.warehouse, command.transfer)


def _skus(command: Any, stock: Stock) -> list[str]:
    kind = type(command)
    lines: list[Any] = list(command.lines) if kind in _NAMES_ROWS else []
    if kind is SupersedeReservation:
        lines = command.lines + (stock.replaced.lines if stock.replaced else [])
    elif kind is ConfirmReservation and stock.reservation is not None:
        lines = list(stock.reservation.lines)
    elif kind is ApproveCount and stock.count is not None:
        lines = list(stock.count.lines)
    elif kind is SettleTransfer and stock.transfer is not None:
        lines += stock.transfer.lines
    return list(dict.fromkeys(line.sku for line in lines))


def changes(
    stock: Stock, command: Any, event: Any, moment: Moment, window_ms: int
) -> tuple[dict[bytes, bytes | None], list[tuple[bytes, bytes]]]:
    """What the event makes of the tables, and the alerts it is worth."""
    changes: dict[bytes, bytes | None] = {}
    alerts: list[tuple[bytes, bytes]] = []
    if type(event) in _CHANGES_ROWS:
        keys = {line.sku: stock_key(command.warehouse, line.sku) for line in event.lines}
        elsewhere: dict[str, int] = {}
        changes, alerts = changed(stock, event, keys, moment.log_time_ms, elsewhere)
        if type(command) in _POSTS_ELSEWHERE:
            changes |= _balances(stock, command.warehouse, event, elsewhere)
        changes |= _to_come(stock, event)
    changes |= _promises(stock, command, event, moment.log_time_ms, window_ms)
    changes |= _papers(stock, command, event, moment.log_time_ms, window_ms)
    return changes, alerts


def _balances(
    stock: Stock, warehouse: str, event: Any, elsewhere: dict[str, int]
) -> dict[bytes, bytes | None]:
    changes: dict[bytes, bytes | None] = {}
    for line in event.lines:
        before = stock.balances.get(line.sku)
        after = evolve_balances(before, event, line)
        total = 0 if after is None else after.total()
        assert total == elsewhere[line.sku], "the row has the sum of these"
        if after is not None and after is not before:
            changes[balances_key(warehouse, line.sku)] = encode_balances(after)
    return changes


def _to_come(stock: Stock, event: Any) -> dict[bytes, bytes | None]:
    changes: dict[bytes, bytes | None] = {}
    for line in event.lines:
        before = stock.supplies.get(line.sku, [])
        after = evolve_supplies(before, event, line)
        if after != before:
            balances = evolve_balances(stock.balances.get(line.sku), event, line) or Balances()
            dated = sum(one.quantity for one in after)
            assert dated <= balances.on_order, "what is to come is on order"
            key = supplies_key(event.warehouse, line.sku)
            changes[key] = encode_supplies(after) if after else None
    return changes


def _promises(
    stock: Stock, command: Any, event: Any, now_ms: int, window_ms: int
) -> dict[bytes, bytes | None]:
    changes: dict[bytes, bytes | None] = {}
    held = evolve_reservation(stock.reservation, event)
    if held is not None and held is not stock.reservation:
        due_ms = now_ms + window_ms
        if held.state == "open":
            due_ms = now_ms + command.ttl_seconds * 1_000
        elif held.state in ("confirmed", "waiting"):
            due_ms = now_ms + REVIEW_MS
        changes[reservation_key(command.warehouse, command.reservation)] = encode_reservation(
            held, due_ms
        )
    replaced = evolve_replaced(stock.replaced, event)
    if replaced is not None and replaced is not stock.replaced:
        key = reservation_key(command.warehouse, command.replaces)
        changes[key] = encode_reservation(replaced, now_ms + window_ms)
    return changes


def _papers(
    stock: Stock, command: Any, event: Any, now_ms: int, window_ms: int
) -> dict[bytes, bytes | None]:
    """Counts and transfers: looked at again while they are open, then forgotten."""
    changes: dict[bytes, bytes | None] = {}
    count = evolve_count(stock.count, event)
    if count is not None and count is not stock.count:
        due_ms = now_ms + (REVIEW_MS if count.state == "open" else window_ms)
        changes[count_key(command.warehouse, command.count)] = encode_count(count, due_ms)
    transfer = evolve_transfer(stock.transfer, event)
    if transfer is not None and transfer is not stock.transfer:
        due_ms = now_ms + (REVIEW_MS if transfer.state == "open" else window_ms)
        changes[_transfer_key(command)] = encode_transfer(transfer, due_ms)
    return changes
