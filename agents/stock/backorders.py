"""Decides backorders: what there is is promised for good, and the rest is waited for, in order."""

from typing import Any

from agents.stock.levels import NEVER_SEEN, distinct
from agents.stock.outcomes import outcome
from agents.stock.queues import place, share
from agents.stock.rejections import Rejection, exists, queue_full
from agents.stock.state import Stock
from schemas.fields import QUEUE_MAX
from schemas.rows import Waiter
from schemas.stock_structs import BackorderStock, QuantityAwaited, StockBackordered
from streams.actor import Moment


def backorder(
    stock: Stock, command: BackorderStock, moment: Moment
) -> StockBackordered | Rejection:
    """Of each SKU the reservation takes what it may, and waits for what is missing."""
    if stock.reservation is not None:
        return exists(command.reservation, stock.reservation)
    lines = []
    for line in distinct(command.lines, "quantity"):
        told = _awaited(stock, command, line, moment)
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
        promised=command.promised,
        partial=command.partial,
        channel=command.channel,
    )


def _awaited(
    stock: Stock, command: BackorderStock, line: Any, moment: Moment
) -> QuantityAwaited | Rejection:
    sku, row = line.sku, stock.rows.get(line.sku, NEVER_SEEN)
    beside, queue = stock.beside, stock.beside.queues.get(sku, [])
    waiter = Waiter(
        command.reservation,
        line.quantity,
        command.priority,
        command.promised,
        moment.seq,
        command.partial,
        command.channel,
    )
    taken, rivals = 0, beside.rivals(sku, command.channel)
    if not rivals or place(waiter) < place(rivals[0]):  # nobody is overtaken
        taken = share(waiter, row.available - beside.kept(sku, command.channel, row.available))
    if taken < line.quantity and len(queue) >= QUEUE_MAX:
        return queue_full(sku)
    return QuantityAwaited(
        sku=sku,
        quantity=line.quantity,
        missing=line.quantity - taken,
        on_hand=row.on_hand,
        reserved=row.reserved + taken,
        available=row.available - taken,
        version=row.version + 1,
    )
