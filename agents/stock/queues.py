"""The queues for stock: who is next, and what of it each of them gets as it becomes available.

The order is total: by priority, then by the day that was promised, then by who came first. Nobody
overtakes: while the head cannot be served, all that is available waits with it.
"""

from bisect import insort
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from agents.stock.state import Beside, channel_of, drawn, promise
from schemas.pools import kept_from, pool_of
from schemas.promising import place
from schemas.rows import Reservation, ReservedLine, Waiter, WaitingLine
from schemas.stock_structs import (
    ChannelPoolsSet,
    CountApproved,
    Filled,
    QuantityAwaited,
    ReservationExpired,
    ReservationReleased,
    ReservationSuperseded,
    StockAdjusted,
    StockBackordered,
    StockMoved,
    StockPolicySet,
    StockReceived,
    TransferReceived,
)

FILLS_MAX: Final = 1_000  # of an event: at most 1.1 KB each, so that it stays below 2 MiB
GIVES: Final = frozenset(
    (
        ChannelPoolsSet,
        CountApproved,
        ReservationExpired,
        ReservationReleased,
        ReservationSuperseded,
        StockAdjusted,
        StockMoved,
        StockPolicySet,
        StockReceived,
        TransferReceived,
    )
)
"""The events by which something may become available."""


def share(waiter: Waiter, free: int) -> int:
    """How much of what is free goes to one who waits."""
    quantity = max(0, min(free, waiter.missing))
    return quantity if quantity == waiter.missing or waiter.partial else 0


def served(beside: Beside, sku: str, available: int, most: int) -> list[tuple[Waiter, int]]:
    """Who gets how much of a SKU; who cannot be served lets nobody pass to the same pool."""
    told: list[tuple[Waiter, int]] = []
    channels = beside.channels.get(sku, [])
    safety_stock, closed = beside.policy(sku).safety_stock, set[str | None]()
    for waiter in beside.queues.get(sku, ()):
        if len(told) == most or (closed and not channels):
            break
        pool = pool_of(channels, waiter.channel)
        if pool in closed:
            continue
        kept = kept_from(channels, safety_stock, waiter.channel, available)
        quantity = share(waiter, available - kept)
        if not quantity:
            closed.add(pool)
            continue
        told.append((waiter, quantity))
        available -= quantity
        channels = drawn(channels, {waiter.channel: -quantity})
    return told


def fill(event: Any, after: Beside) -> Any:
    """The event with all that it fills: nobody can come between; `after` is what it leaves beside.

    What is beyond the most that an event may fill is for the next event of its SKU.
    """
    if type(event) not in GIVES:
        return event
    filled: list[Filled] = []
    lines = []
    most = FILLS_MAX - len(getattr(event, "late", ()))  # who is late is told in as many bytes
    for line in event.lines:
        sku = line.sku
        got = served(after, sku, line.available, most - len(filled))
        filled += [
            Filled(reservation=one.reservation, sku=sku, quantity=by, channel=one.channel)
            for one, by in got
        ]
        total = sum(by for _, by in got)
        reserved, available = line.reserved + total, line.available - total
        lines.append(msgspec.structs.replace(line, reserved=reserved, available=available))
    return msgspec.structs.replace(event, lines=lines, filled=filled) if filled else event


def evolve_queues(queues: dict[str, list[Waiter]], event: Any) -> dict[str, list[Waiter]]:
    """The queues by SKU after an event; who waits for nothing any more is out."""
    kind = type(event)
    if kind is not StockBackordered and (not queues or kind not in GIVES):
        return queues
    after = dict(queues)
    if kind is StockBackordered:
        for line in event.lines:
            if line.missing:
                queue = list(after.get(line.sku, ()))
                insort(queue, _waiter(event, line), key=place)
                after[line.sku] = queue
    elif kind is ReservationReleased:
        for line in event.lines:
            queue = after.get(line.sku, [])
            after[line.sku] = [one for one in queue if one.reservation != event.reservation]
    for sku, given in given_by(event).items():
        queue = after.get(sku, [])
        left = [(one, one.missing - given.get(one.reservation, 0)) for one in queue]
        after[sku] = [msgspec.structs.replace(one, missing=by) for one, by in left if by]
    return {sku: queue for sku, queue in after.items() if queue}


def _waiter(event: StockBackordered, line: QuantityAwaited) -> Waiter:
    return Waiter(
        event.reservation,
        line.missing,
        event.priority,
        line.promised or event.promised,
        event.seq,
        event.partial,
        event.channel,
    )


def given_by(event: Any) -> dict[str, dict[str, int]]:
    """By SKU, what each reservation that waits gets by an event."""
    given: dict[str, dict[str, int]] = {}
    for one in event.filled if type(event) in GIVES else ():
        given.setdefault(one.sku, {})[one.reservation] = one.quantity
    return given


def given_to(event: Any) -> dict[str, dict[str, int]]:
    """By reservation, what it gets of each SKU by an event."""
    given: dict[str, dict[str, int]] = {}
    for one in event.filled if type(event) in GIVES else ():
        given.setdefault(one.reservation, {})[one.sku] = one.quantity
    return given


def backordered(event: StockBackordered) -> Reservation:
    """The reservation that an event begins: confirmed at once where nothing is missing."""
    if not any(line.missing for line in event.lines):
        lines = [ReservedLine(line.sku, line.quantity) for line in event.lines]
        return promise(event.channel, "confirmed", event.recorded_at, lines)
    return promise(
        event.channel,
        "waiting",
        event.recorded_at,
        [WaitingLine(line.sku, line.quantity, missing=line.missing) for line in event.lines],
    )


def evolve_waiting(held: Reservation, given: Mapping[str, int]) -> Reservation:
    """A reservation that waits after it was given so much of some SKUs."""
    missing = {
        line.sku: line.missing - given.get(line.sku, 0)
        for line in held.lines
        if isinstance(line, WaitingLine)
    }
    if not any(missing.values()):
        return promise(channel_of(held), "confirmed", held.expires_at, plain(held.lines))
    lines = [WaitingLine(line.sku, line.quantity, missing=missing[line.sku]) for line in held.lines]
    return promise(channel_of(held), "waiting", held.expires_at, [*lines])


def plain(lines: Sequence[ReservedLine]) -> list[ReservedLine]:
    """The lines of a reservation that waits no more."""
    return [ReservedLine(line.sku, line.quantity) for line in lines]
