"""What may be promised of a SKU by when, and which promises an event makes impossible."""

from typing import Any

import msgspec

from agents.stock.incoming import evolve_supplies
from agents.stock.levels import NEVER_SEEN
from agents.stock.queues import evolve_queues
from agents.stock.rejections import Rejection, too_many_late
from agents.stock.state import Stock
from schemas.fields import LATE_MAX
from schemas.instants import rfc3339
from schemas.promising import Outlook
from schemas.rows import Waiter
from schemas.stock_structs import Late
from streams.actor import Moment


def outlook(stock: Stock, sku: str, moment: Moment) -> Outlook:
    """How a SKU stands before a command."""
    available = stock.rows.get(sku, NEVER_SEEN).available
    queue, supplies = stock.beside.queues.get(sku, []), stock.supplies.get(sku, [])
    safety_stock = stock.beside.policy(sku).safety_stock
    return Outlook(available - safety_stock, queue, supplies, rfc3339(moment.log_time_ms))


def with_late(stock: Stock, event: Any, moment: Moment) -> Any | Rejection:
    """The event with all who wait for its SKUs and whose day could be kept, and can no longer."""
    late: list[Late] = []
    queues = evolve_queues(stock.beside.queues, event)
    for line in event.lines:
        late += _late(stock, event, line, queues.get(line.sku, []), moment)
    if len(late) > LATE_MAX:
        return too_many_late()
    return msgspec.structs.replace(event, late=late) if late else event


def _late(stock: Stock, event: Any, line: Any, queue: list[Waiter], moment: Moment) -> list[Late]:
    """Of one line; `queue` is who waits for its SKU then."""
    sku, beside = line.sku, stock.beside
    supplies = stock.supplies.get(sku)
    if not supplies or sku not in beside.queues or sku in beside.channels:
        return []
    kept = outlook(stock, sku, moment).kept()
    if not kept:
        return []
    after = Outlook(
        line.available - beside.policy(sku).safety_stock,
        queue,
        evolve_supplies(supplies, event, line),
        rfc3339(moment.log_time_ms),
    )
    lost = kept - after.kept()
    return [
        Late(
            reservation=one.reservation,
            sku=sku,
            missing=one.missing,
            promised=one.promised or "",
            expected=day,
        )
        for one, day in after.expected()
        if one.reservation in lost
    ]
