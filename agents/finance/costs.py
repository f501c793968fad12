"""Decides costs that are told after the units came: invoices, freight, what a sender's were worth.

The part of a difference that is of units still there goes to inventory, that of units gone to the
cost of goods sold, and under `standard` all of it is a variance. What it is booked against is what
the receipt was, for freight what is received and not invoiced.
"""

from typing import Any

from agents.finance.costing import bounded, share, spread, there
from agents.finance.journal import Journal
from agents.finance.periods import booked_in
from agents.finance.rejections import (
    above_limit,
    currency_mismatch,
    line_unknown,
    period_closed,
    receipt_not_found,
)
from agents.finance.state import NOTHING, Books
from schemas.fields import AMOUNT_MAX
from schemas.finance_accounts import ContraAccount
from schemas.finance_rows import ReceiptLine
from schemas.finance_structs import (
    CostAdjusted,
    CostBooked,
    PostCost,
    PostLandedCost,
    ReceiveTransferCost,
    TransferCostLine,
)
from schemas.instants import rfc3339
from streams.actor import Moment
from streams.answers import Rejection, outcome

ARRIVAL: ContraAccount = "transfer_clearing"
FREIGHT: ContraAccount = "goods_received_not_invoiced"


def post_cost(books: Books, command: PostCost, moment: Moment) -> CostAdjusted | Rejection:
    """What the named lines of a receipt cost, as wholes. What a transfer cost its sender tells."""
    if _is_closed(books, command.period):
        return period_closed(command.period or "")
    bought = {line.sku: line for line in _lines(books) if line.contra != ARRIVAL}
    if not bought:
        return receipt_not_found(command.receipt)
    costs: dict[str, int] = {}
    for told in command.lines:
        costs[told.sku] = costs.get(told.sku, 0) + told.amount
    lines, journal, total = [], Journal(), 0
    for sku, cost in costs.items():
        line = bought.get(sku)
        if line is None:
            return line_unknown(command.receipt, sku)
        difference = cost - line.cost
        total += abs(difference)
        refused = _refused(books, sku, command.currency) or _beyond(
            books, line, difference, max(total, cost)
        )
        if refused is not None:
            return refused
        lines.append(_booked(books, line, command.currency, difference, cost))
        _post(journal, books, lines[-1], line.contra)
    return _adjusted(books, command, moment, lines, journal)


def post_landed_cost(
    books: Books, command: PostLandedCost, moment: Moment
) -> CostAdjusted | Rejection:
    """Freight or duty, spread over all lines of a receipt."""
    if _is_closed(books, command.period):
        return period_closed(command.period or "")
    received = _lines(books)
    if not received:
        return receipt_not_found(command.receipt)
    weights = [line.quantity for line in received]
    if command.basis == "value" and any(line.cost for line in received):
        weights = [line.cost for line in received]
    parts = spread(command.amount, weights)
    lines, journal, total = [], Journal(), 0
    for line, part in zip(received, parts, strict=True):
        total += abs(part)
        refused = _refused(books, line.sku, command.currency) or _beyond(books, line, part, total)
        if refused is not None:
            return refused
        lines.append(_booked(books, line, command.currency, part, line.cost))
        _post(journal, books, lines[-1], FREIGHT)
    told = {"basis": command.basis, "note": command.note}
    return _adjusted(books, command, moment, lines, journal, **told)


def receive_transfer_cost(
    books: Books, command: ReceiveTransferCost, moment: Moment
) -> CostAdjusted | Rejection:
    """What a sender's units were worth; where they have not come, it waits for them."""
    arrived = {line.sku: line for line in _lines(books) if line.contra == ARRIVAL}
    lines, journal = [], Journal()
    for told in command.lines:
        line = arrived.get(told.sku)
        if line is None and books.receipt is not None:
            return line_unknown(command.receipt, told.sku)
        refused = _refused(books, told.sku, told.currency)
        if refused is not None:
            return refused
        if line is None:
            lines.append(_awaited(books, told))
        else:
            difference = told.amount - line.cost
            lines.append(_booked(books, line, told.currency, difference, told.amount))
            _post(journal, books, lines[-1], ARRIVAL)
    fields = {"transfer": command.transfer, "from_warehouse": command.from_warehouse}
    is_pending = books.receipt is None
    return _adjusted(books, command, moment, lines, journal, is_pending=is_pending, **fields)


def _lines(books: Books) -> list[ReceiptLine]:
    return [] if books.receipt is None else books.receipt.lines


def _is_closed(books: Books, period: str | None) -> bool:
    return period is not None and period <= books.periods.closed_to


def _refused(books: Books, sku: str, currency: str | None) -> Rejection | None:
    expected = books.holdings.get(sku, NOTHING).row.currency
    if currency and expected and currency != expected:
        return currency_mismatch(sku, currency, expected)
    return None


def _beyond(books: Books, line: ReceiptLine, difference: int, total: int) -> Rejection | None:
    """Neither what is told so far may pass the limit nor the value that it makes."""
    value = books.holdings[line.sku].row.value + _part(books, line, difference)
    beyond = max(total, value)
    return above_limit(line.sku, beyond) if beyond > AMOUNT_MAX else None


def _part(books: Books, line: ReceiptLine, difference: int) -> int:
    """What of a difference is of units that are there."""
    holding = books.holdings[line.sku]
    if holding.row.method == "standard":
        return 0
    layer = holding.layers.get(line.layer)
    return share(difference, line.quantity, there(holding.row, layer, line))


def _booked(
    books: Books, line: ReceiptLine, currency: str | None, difference: int, cost: int
) -> CostBooked:
    holding = books.holdings[line.sku]
    row, layer = holding.row, holding.layers.get(line.layer)
    held = max(row.value, 0) if not line.layer else layer.value if layer else 0
    part = bounded(_part(books, line, difference), row.value, held)
    return CostBooked(
        sku=line.sku,
        quantity=line.quantity,
        there=there(row, layer, line),
        amount=difference,
        to_inventory=part,
        cost=cost,
        currency=row.currency or currency,
        balance=row.quantity,
        value=row.value + part,
    )


def _awaited(books: Books, told: TransferCostLine) -> CostBooked:
    row = books.holdings.get(told.sku, NOTHING).row
    return CostBooked(
        sku=told.sku,
        quantity=told.quantity,
        there=0,
        amount=0,
        to_inventory=0,
        cost=told.amount,
        currency=row.currency or told.currency,
        balance=row.quantity,
        value=row.value,
    )


def _post(journal: Journal, books: Books, line: CostBooked, contra: ContraAccount) -> None:
    is_standard = books.holdings[line.sku].row.method == "standard"
    other: ContraAccount = "purchase_price_variance" if is_standard else "cost_of_goods_sold"
    journal.post("inventory", line.currency, line.to_inventory)
    journal.post(other, line.currency, line.amount - line.to_inventory)
    journal.post(contra, line.currency, -line.amount)


def _adjusted(
    books: Books,
    command: Any,
    moment: Moment,
    lines: list[CostBooked],
    journal: Journal,
    **fields: Any,
) -> CostAdjusted:
    wanted = getattr(command, "period", None)
    return outcome(
        CostAdjusted,
        command,
        moment,
        receipt=command.receipt,
        lines=lines,
        period=wanted or booked_in(books.periods, command.time or rfc3339(moment.log_time_ms)),
        journal=journal.lines(),
        **fields,
    )
