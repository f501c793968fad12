"""Decides what moves of stock mean in money."""

from agents.finance.costing import filled, paid_in, worth_in
from agents.finance.holdings import Taken, brought, taken
from agents.finance.journal import Journal, contra_in, contra_out
from agents.finance.periods import booked_in
from agents.finance.rejections import quantity_mismatch
from agents.finance.state import NOTHING, Books, Holding
from schemas.finance_accounts import OWNED
from schemas.finance_structs import MovementLine, RecordMovement, ValueMoved, WorthMoved
from schemas.instants import rfc3339
from streams.actor import Moment
from streams.answers import Rejection, outcome


def record(books: Books, command: RecordMovement, moment: Moment) -> ValueMoved | Rejection:
    """Line after line, each on what the ones before it have left."""
    holdings, journal, lines = dict(books.holdings), Journal(), []
    told = {} if books.told is None else {line.sku: line.amount for line in books.told.lines}
    for line in command.lines:
        before = holdings.get(line.sku, NOTHING)
        if line.to_account in OWNED:
            cost = told.get(line.sku) if line.from_account == "transfers" else None
            after, moved = _comes(before, line, cost, command)
            contra = contra_in(line.from_account, command.gl_account)
            journal.post("inventory", moved.currency, moved.amount)
            journal.post("purchase_price_variance", moved.currency, moved.variance)
            journal.post("cost_of_goods_sold", moved.currency, moved.true_up)
            journal.post(contra, moved.currency, -moved.amount - moved.variance - moved.true_up)
        elif before.row.quantity - line.quantity < -line.owed:
            return quantity_mismatch(line.sku, line.quantity, before.row.quantity)
        else:
            after, moved = _leaves(before, line, command.reference)
            contra = contra_out(line.to_account, command.gl_account)
            journal.post(contra, moved.currency, moved.amount)
            journal.post("inventory", moved.currency, -moved.amount)
        holdings[line.sku] = after
        lines.append(moved)
    return outcome(
        ValueMoved,
        command,
        moment,
        cause=command.cause,
        movement=command.movement,
        lines=lines,
        gl_account=command.gl_account,
        reference=command.reference,
        counterpart=command.counterpart,
        receipt=command.receipt,
        period=booked_in(books.periods, command.time or rfc3339(moment.log_time_ms)),
        journal=journal.lines(),
    )


def _comes(
    holding: Holding, line: MovementLine, cost: int | None, command: RecordMovement
) -> tuple[Holding, WorthMoved]:
    if cost is None:
        worth = worth_in(holding.row, line.quantity, line.from_account == "customer")
        variance = 0
    else:
        worth = paid_in(holding.row, line.quantity, cost)
        variance = cost - worth
    owed, provisional, true_up = filled(holding.row, line.quantity, worth)
    amount = worth - true_up
    after = brought(holding, line.quantity, amount, command.cause, command.reference)
    return after, _moved(after, line, Taken(amount, owed, provisional), variance, true_up)


def _leaves(
    holding: Holding, line: MovementLine, reference: str | None
) -> tuple[Holding, WorthMoved]:
    after, left = taken(holding, line.quantity, reference)
    return after, _moved(after, line, left)


def _moved(
    after: Holding, line: MovementLine, by: Taken, variance: int = 0, true_up: int = 0
) -> WorthMoved:
    return WorthMoved(
        sku=line.sku,
        quantity=line.quantity,
        from_account=line.from_account,
        to_account=line.to_account,
        amount=by.amount,
        variance=variance,
        owed=by.owed,
        provisional=by.provisional,
        true_up=true_up,
        currency=after.row.currency or None,
        balance=after.row.quantity,
        value=after.row.value,
    )
