"""What an event makes of the books. Cannot fail: history is not refused.

An event says what its lines are worth; which layers that came from is found here once more, and
each value is checked against what the event has.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from agents.finance import periods
from agents.finance.holdings import brought, corrected, taken
from agents.finance.journal import contra_in
from agents.finance.state import NOTHING, Books, Holding
from schemas.finance_accounts import OWNED
from schemas.finance_rows import Receipt, ReceiptLine, ToldCost, ToldLine
from schemas.finance_structs import (
    CostAdjusted,
    CostBooked,
    CostingSet,
    Event,
    PeriodClosed,
    ValueMoved,
    WorthMoved,
)


def evolve(books: Books, event: Event) -> Books:
    """The books after an event; what did not change is the same object."""
    apply = _CHANGES.get(type(event))
    return books if apply is None else apply(books, event)


def _moved(books: Books, event: ValueMoved) -> Books:
    holdings, received = dict(books.holdings), []
    for line in event.lines:
        before = holdings.get(line.sku, NOTHING)
        if line.to_account in OWNED:
            after = brought(before, line.quantity, line.amount, event.cause, event.reference)
            received.append(_received(before, after, event, line))
        else:
            after, _ = taken(before, line.quantity, event.reference)
        _check(after, line)
        holdings[line.sku] = after
    has_arrived = any(line.from_account == "transfers" for line in event.lines)
    return Books(
        holdings,
        Receipt(received) if received else None,
        None if has_arrived else books.told,
        _booked(books, event),
    )


def _received(before: Holding, after: Holding, event: ValueMoved, line: WorthMoved) -> ReceiptLine:
    has_layers = after.row.next_layer > before.row.next_layer
    return ReceiptLine(
        line.sku,
        line.quantity,
        line.amount + line.variance + line.true_up,
        contra_in(line.from_account, event.gl_account),
        after.row.brought,
        before.row.next_layer if has_layers else 0,
    )


def _adjusted(books: Books, event: CostAdjusted) -> Books:
    holdings = dict(books.holdings)
    lines = [] if books.receipt is None else list(books.receipt.lines)
    places = {line.sku: place for place, line in enumerate(lines)}
    for line in event.lines:
        before, place = holdings.get(line.sku, NOTHING), places.get(line.sku)
        number = 0 if place is None else lines[place].layer
        after = corrected(before, number, line.to_inventory)
        after = Holding(replace(after.row, currency=line.currency or ""), after.layers)
        _check(after, line)
        if after.row != before.row:
            holdings[line.sku] = after
        if place is not None:
            lines[place] = replace(lines[place], cost=line.cost)
    return Books(
        holdings,
        Receipt(lines) if lines else None,
        _told(books.told, event.lines) if event.is_pending else books.told,
        _booked(books, event),
    )


def _told(before: ToldCost | None, lines: list[CostBooked]) -> ToldCost:
    told = {} if before is None else {line.sku: line for line in before.lines}
    told |= {line.sku: ToldLine(line.sku, line.cost) for line in lines}
    return ToldCost(list(told.values()))


def _set(books: Books, event: CostingSet) -> Books:
    holdings = dict(books.holdings)
    for line in event.lines:
        before = holdings.get(line.sku, NOTHING)
        row = replace(
            before.row,
            method=line.method,
            currency=line.currency,
            value=line.value,
            standard_amount=line.standard_amount or 0,
            standard_per=line.standard_per or 1,
        )
        holdings[line.sku] = Holding(row, before.layers)
    return Books(holdings, books.receipt, books.told, _booked(books, event))


def _closed(books: Books, event: PeriodClosed) -> Books:
    after = periods.closed(books.periods, event.period)
    return Books(books.holdings, books.receipt, books.told, after)


def _booked(books: Books, event: Any) -> Any:
    return periods.with_sums(books.periods, event.period) if event.journal else books.periods


def _check(after: Holding, line: WorthMoved | CostBooked) -> None:
    row = after.row
    assert (row.quantity, row.value) == (line.balance, line.value), "as the event has it"
    assert row.value * row.quantity >= 0, "what is there has a value, and what is owed a cost"
    assert row.quantity or not row.value, "nothing is worth nothing"


_CHANGES: Final[dict[Any, Callable[[Books, Any], Books]]] = {
    ValueMoved: _moved,
    CostAdjusted: _adjusted,
    CostingSet: _set,
    PeriodClosed: _closed,
}
