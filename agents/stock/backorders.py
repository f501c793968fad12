"""Decides backorders: what there is is promised for good, and the rest is waited for, in order."""

from agents.stock.levels import NEVER_SEEN, distinct
from agents.stock.outcomes import outcome
from agents.stock.promising import outlook, with_late
from agents.stock.queues import share
from agents.stock.rejections import Rejection, exists, not_promisable, queue_full
from agents.stock.state import Stock
from schemas.fields import QUEUE_MAX
from schemas.instants import sortable
from schemas.promising import place
from schemas.rows import Waiter
from schemas.stock_structs import (
    BackorderStock,
    PreorderStock,
    QuantityAwaited,
    QuantityLine,
    StockBackordered,
)
from streams.actor import Moment


def backorder(
    stock: Stock, command: BackorderStock, moment: Moment
) -> StockBackordered | Rejection:
    """Of each SKU the reservation takes what it may, and waits for what is missing."""
    if stock.reservation is not None:
        return exists(command.reservation, stock.reservation)
    lines = []
    for line in distinct(command.lines, "quantity"):
        waiter = Waiter(
            command.reservation,
            line.quantity,
            command.priority,
            command.promised,
            moment.seq,
            command.partial,
            command.channel,
        )
        told = _awaited(stock, waiter, line.sku)
        if isinstance(told, Rejection):
            return told
        lines.append(told)
    event = outcome(
        StockBackordered,
        command,
        moment,
        lines=lines,
        reservation=command.reservation,
        priority=command.priority,
        promised=command.promised,
        partial=command.partial,
        channel=command.channel,
    )
    return with_late(stock, event, moment)


def preorder(stock: Stock, command: PreorderStock, moment: Moment) -> StockBackordered | Rejection:
    """Of each SKU the reservation takes what it may, and is told by when it has the rest."""
    if stock.reservation is not None:
        return exists(command.reservation, stock.reservation)
    lines = []
    for line in distinct(command.lines, "quantity"):
        told = _promised(stock, command, line, moment)
        if isinstance(told, Rejection):
            return told
        lines.append(told)
    return outcome(
        StockBackordered,
        command,
        moment,
        lines=lines,
        reservation=command.reservation,
        priority=command.priority,
        partial=command.partial,
        by=command.by,
    )


def _promised(
    stock: Stock, command: PreorderStock, line: QuantityLine, moment: Moment
) -> QuantityAwaited | Rejection:
    day = None
    if line.sku not in stock.beside.channels:  # what comes in is in no pool, nor is it out of one
        day = outlook(stock, line.sku, moment).earliest(command.priority, line.quantity)
    if day is None or sortable(day) > sortable(command.by):
        return not_promisable(line.sku, line.quantity, command.by, day)
    waiter = Waiter(
        command.reservation, line.quantity, command.priority, day, moment.seq, command.partial
    )
    return _awaited(stock, waiter, line.sku, day)


def _awaited(
    stock: Stock, waiter: Waiter, sku: str, promised: str | None = None
) -> QuantityAwaited | Rejection:
    """`promised` is told of what is missing."""
    row, beside = stock.rows.get(sku, NEVER_SEEN), stock.beside
    taken, rivals = 0, beside.rivals(sku, waiter.channel)
    if not rivals or place(waiter) < place(rivals[0]):  # nobody is overtaken
        taken = share(waiter, row.available - beside.kept(sku, waiter.channel, row.available))
    if taken < waiter.missing and len(beside.queues.get(sku, ())) >= QUEUE_MAX:
        return queue_full(sku)
    return QuantityAwaited(
        sku=sku,
        quantity=waiter.missing,
        missing=waiter.missing - taken,
        promised=promised if taken < waiter.missing else None,
        on_hand=row.on_hand,
        reserved=row.reserved + taken,
        available=row.available - taken,
        version=row.version + 1,
    )
