"""Decides finance commands: pure, from the books as they are to an event or a rejection.

A command is refused for the first of these that holds: it is invalid (before it comes here); its
period is closed, or is not over; its receipt is not known; then line by line what its SKU forbids.
"""

from collections.abc import Callable
from typing import Any, Final

from agents.finance import costs, movements
from agents.finance.journal import Journal
from agents.finance.periods import booked_in, is_over
from agents.finance.rejections import (
    above_limit,
    costing_in_use,
    currency_mismatch,
    period_closed,
    period_not_over,
    standard_forbidden,
    standard_required,
)
from agents.finance.state import NOTHING, Books
from schemas.fields import AMOUNT_MAX
from schemas.finance_rows import Valuation
from schemas.finance_structs import (
    ClosePeriod,
    Command,
    CostingLine,
    CostingMoved,
    CostingSet,
    Outcome,
    PeriodClosed,
    PostCost,
    PostLandedCost,
    ReceiveTransferCost,
    RecordMovement,
    SetCosting,
)
from schemas.instants import rfc3339
from streams.actor import Moment
from streams.answers import Rejection, outcome


def decide(books: Books, command: Command, moment: Moment) -> Outcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    return _DECISIONS[type(command)](books, command, moment)


def _set_costing(books: Books, command: SetCosting, moment: Moment) -> CostingSet | Rejection:
    lines, journal, total = [], Journal(), 0
    for line in command.lines:
        row = books.holdings.get(line.sku, NOTHING).row
        refused = _forbidden(row, line)
        if refused is not None:
            return refused
        moved = _costing(row, line)
        total += abs(moved.amount)
        beyond = max(abs(moved.value), total)
        if beyond > AMOUNT_MAX:
            return above_limit(line.sku, beyond)
        lines.append(moved)
        journal.post("inventory", line.currency, moved.amount)
        journal.post("inventory_revaluation", line.currency, -moved.amount)
    return outcome(
        CostingSet,
        command,
        moment,
        lines=lines,
        period=booked_in(books.periods, command.time or rfc3339(moment.log_time_ms)),
        journal=journal.lines(),
    )


def _forbidden(row: Valuation, line: CostingLine) -> Rejection | None:
    if row.currency and row.currency != line.currency:
        return currency_mismatch(line.sku, line.currency, row.currency)
    if row.quantity and row.method != line.method:
        return costing_in_use(line.sku, row.quantity)
    if line.method == "standard":
        return standard_required(line.sku) if line.standard_amount is None else None
    has_standard = line.standard_amount is not None or line.standard_per is not None
    return standard_forbidden(line.sku) if has_standard else None


def _costing(row: Valuation, line: CostingLine) -> CostingMoved:
    per, value = line.standard_per or 1, row.value
    if line.method == "standard":
        value = (line.standard_amount or 0) * row.quantity // per
    return CostingMoved(
        sku=line.sku,
        method=line.method,
        currency=line.currency,
        standard_amount=line.standard_amount,
        standard_per=per if line.method == "standard" else None,
        amount=value - row.value,
        balance=row.quantity,
        value=value,
    )


def _close_period(books: Books, command: ClosePeriod, moment: Moment) -> PeriodClosed | Rejection:
    if command.period <= books.periods.closed_to:
        return period_closed(command.period)
    if not is_over(command.period, moment.log_time_ms):
        return period_not_over(command.period)
    return outcome(PeriodClosed, command, moment, period=command.period)


_DECISIONS: Final[dict[Any, Callable[[Books, Any, Moment], Outcome | Rejection]]] = {
    RecordMovement: movements.record,
    SetCosting: _set_costing,
    PostCost: costs.post_cost,
    PostLandedCost: costs.post_landed_cost,
    ClosePeriod: _close_period,
    ReceiveTransferCost: costs.receive_transfer_cost,
}
