"""What an event makes of the rows. Cannot fail: history is not refused.

Every unit that appears in an account leaves another: the events say how many moved, and the rows
are checked against that, whatever the decider made of them.
"""

from typing import Any, Final

from msgspec.structs import replace

from agents.stock.levels import NEVER_SEEN
from agents.stock.queues import backordered, plain
from agents.stock.state import channel_of, promise
from schemas.accounts import CONTRA
from schemas.row import HAS_POLICY
from schemas.rows import Balances, Reservation, ReservationState, ReservedLine, Row
from schemas.stock_structs import (
    ChannelPoolsSet,
    CountApproved,
    PackedShipped,
    ReorderPointSet,
    ReservationConfirmed,
    ReservationExpired,
    ReservationExtended,
    ReservationReleased,
    ReservationSuperseded,
    StockAdjusted,
    StockBackordered,
    StockMoved,
    StockPacked,
    StockPicked,
    StockPolicySet,
    StockReceived,
    StockReserved,
    StockShipped,
    StockUnpicked,
    SupplyExpected,
    TransferDispatched,
    TransferReceived,
    TransferSettled,
)

_StockReserved: Final = StockReserved
_StockReceived: Final = StockReceived
_StockShipped: Final = StockShipped
_Released: Final = ReservationReleased
_ReorderPointSet: Final = ReorderPointSet
_CORRECTS: Final = frozenset((StockAdjusted, CountApproved))
_RESERVES: Final = frozenset((StockReserved, ReservationSuperseded))
_CLOSES: Final[dict[Any, ReservationState]] = {
    ReservationReleased: "released",
    ReservationExpired: "expired",
    StockShipped: "shipped",
}
_TELLS: Final = frozenset((StockPolicySet, ChannelPoolsSet))  # what stands beside rows
_NONE_ELSEWHERE: Final = Balances()
_IN_ROW: Final = frozenset(("sellable", "supplier", "customer", "gain_loss"))


def _between(source: str, target: str, allocated: int = 0) -> tuple[dict[str, int], int]:
    return {source: -1, target: 1}, allocated


# what a unit of a line does to the accounts, and to what is allocated
_POSTS: Final[dict[Any, tuple[dict[str, int], int]]] = {
    ReservationConfirmed: ({}, 1),
    StockPicked: _between("sellable", "staged", -1),
    StockUnpicked: _between("staged", "sellable", 1),
    PackedShipped: _between("staged", "customer"),
    TransferDispatched: _between("sellable", "in_transit"),
    TransferReceived: _between("transfers", "sellable"),
}


def evolve(row: Row | None, event: Any, line: Any) -> Row:
    """A row after a line of an event."""
    before = NEVER_SEEN if row is None else row
    after = Row(
        line.on_hand,
        line.reserved,
        before.reorder_point,
        line.version,
        before.allocated,
        before.supplier,
        before.customer,
        before.gain_loss,
        before.elsewhere,
        before.marks,
    )
    kind = type(event)
    if kind is not _StockReserved:
        _posted(after, kind, event, line)
    assert after.imbalance == 0, "a unit that appears in an account leaves another"
    assert 0 <= after.allocated <= after.reserved <= after.on_hand or _may_owe(after), (
        "what is promised is there"
    )
    return after


def _may_owe(row: Row) -> bool:
    """Whether a policy may let it be below zero, and nothing is promised of it."""
    return row.on_hand < 0 and row.reserved == row.allocated == 0 and row.marks & HAS_POLICY > 0


def _posted(row: Row, kind: Any, event: Any, line: Any) -> None:
    if kind is _StockReceived:
        row.supplier -= line.quantity
    elif kind is _StockShipped:
        row.customer += line.quantity
        row.allocated -= line.quantity if event.confirmed else 0
    elif kind is _Released:
        row.allocated -= line.quantity if event.confirmed else 0
    elif kind in _CORRECTS:
        row.gain_loss -= line.delta
    elif kind is _ReorderPointSet:
        row.reorder_point = line.reorder_point
    elif kind is StockBackordered:
        row.allocated += line.quantity - line.missing
    elif kind not in _TELLS:
        _posted_otherwise(row, kind, event, line)


def _posted_otherwise(row: Row, kind: Any, event: Any, line: Any) -> None:
    if kind in _POSTS:
        each, allocated = _POSTS[kind]
        row.allocated += allocated * line.quantity
        for account, by in each.items():
            _post(row, account, by * line.quantity)
    else:
        for account, by in postings(event, line).items():
            _post(row, account, by)


def _post(row: Row, account: str, quantity: int) -> None:
    """Except on hand, which the event has told: what it is checked against."""
    if account not in _IN_ROW:
        row.elsewhere += quantity
    elif account == "supplier":
        row.supplier += quantity
    elif account == "customer":
        row.customer += quantity
    elif account == "gain_loss":
        row.gain_loss += quantity


def postings(event: Any, line: Any) -> dict[str, int]:
    """What a line of one of the rarer events adds to each account; it sums to 0."""
    kind = type(event)
    if kind is SupplyExpected:
        return {"supplier": -line.delta, "on_order": line.delta}
    quantity = line.quantity
    if kind is StockMoved:
        return {event.from_account: -quantity, event.to_account: quantity}
    if kind is TransferSettled:
        found, lost = quantity - line.over, line.short
        return {
            "in_transit": -found - lost,
            "transfers": quantity,
            "gain_loss": lost - line.over,
        }
    each = _POSTS[kind][0] if kind in _POSTS else {}
    return {account: by * quantity for account, by in each.items()}


def evolve_balances(balances: Balances | None, event: Any, line: Any) -> Balances | None:
    """A SKU's other accounts after a line of a rarer event; the same where none of them moves."""
    before = _NONE_ELSEWHERE if balances is None else balances
    after = {}
    for account, by in postings(event, line).items():
        if by and account not in _IN_ROW:
            after[account] = value = getattr(before, account) + by
            assert value >= 0 or account in CONTRA, "nothing is taken that is not there"
    return replace(before, **after) if after else balances


def evolve_reservation(held: Reservation | None, event: Any) -> Reservation | None:
    """The reservation that an event names, after it."""
    kind = type(event)
    if kind in _RESERVES:
        lines = [ReservedLine(line.sku, line.quantity) for line in event.lines if line.quantity]
        return promise(event.channel, "open", event.expires_at, lines)
    if kind is StockBackordered:
        return backordered(event)
    if held is None:
        return None
    if kind in _CLOSES:
        lines = _shipped(held.lines) if kind is _StockShipped else held.lines
        lines = plain(lines) if held.state == "waiting" else lines
        return promise(channel_of(held), _CLOSES[kind], held.expires_at, lines)
    if kind is ReservationExtended:
        return promise(channel_of(held), held.state, event.expires_at, held.lines)
    if kind is ReservationConfirmed:
        return promise(channel_of(held), "confirmed", held.expires_at, held.lines)
    if kind not in _STEPS:
        return held
    lines = _stepped(held.lines, event.lines, _STEPS[kind])
    is_done = all(line.shipped == line.quantity for line in lines)
    return promise(channel_of(held), "shipped" if is_done else "confirmed", held.expires_at, lines)


def evolve_replaced(held: Reservation | None, event: Any) -> Reservation | None:
    """The reservation whose place another one takes, after it."""
    if held is None or type(event) is not ReservationSuperseded:
        return held
    return promise(channel_of(held), "superseded", held.expires_at, held.lines)


def _shipped(lines: list[ReservedLine]) -> list[ReservedLine]:
    return [ReservedLine(line.sku, line.quantity, 0, 0, line.quantity) for line in lines]


_STEPS: Final[dict[Any, tuple[int, int, int]]] = {  # (picked, packed, shipped)
    StockPicked: (1, 0, 0),
    StockUnpicked: (-1, 0, 0),
    StockPacked: (0, 1, 0),
    PackedShipped: (-1, -1, 1),
}


def _stepped(
    lines: list[ReservedLine], moved: list[Any], step: tuple[int, int, int]
) -> list[ReservedLine]:
    quantities = {line.sku: line.quantity for line in moved}
    picked, packed, shipped = step
    after = []
    for line in lines:
        by = quantities.get(line.sku, 0)
        after.append(
            ReservedLine(
                line.sku,
                line.quantity,
                line.picked + picked * by,
                line.packed + packed * by,
                line.shipped + shipped * by,
            )
        )
        assert 0 <= after[-1].packed <= after[-1].picked <= line.quantity, "in this order only"
        assert after[-1].shelved >= 0, "no more leaves than was promised"
    return after
