"""Follows who waits for what, event by event: in what order, and that nobody is overtaken."""

from collections.abc import Mapping

from cli.event_view import Event, Fill, Key, Line
from cli.findings import Check
from cli.pools import Pools, is_promise
from schemas.instants import sortable
from schemas.rows import Policy, Row, Waiter

FILLS_MAX = 1_000  # of an event; the rest is for the next one of the SKU


def rank(waiter: Waiter) -> tuple[int, bool, str, int]:
    """Urgent first, then by the day that was promised, none last, then who came first."""
    day = sortable(waiter.promised) if waiter.promised is not None else ""
    return -waiter.priority, waiter.promised is None, day, waiter.seq


class Queues:
    """One partition's queues by (warehouse, SKU)."""

    def __init__(self, check: Check, pools: Pools) -> None:
        self._check = check
        self._pools = pools
        self.waiting: dict[Key, list[Waiter]] = {}

    def _differ(self, event: Event, key: Key, why: str) -> None:
        self._check.differ(f"event {event.id}, queue for {key[0]}/{key[1]}: {why}")

    def take(self, event: Event, policies: Mapping[Key, Policy]) -> None:
        """Take the next event; the policies are those of before it."""
        for line in event.lines:
            key = event.warehouse, line.sku
            asks = is_promise(event, policies.get(key, Policy()))
            if asks and self._rivals(key, event.channel):
                self._differ(event, key, "somebody overtook it")
        if event.type == "StockBackordered":
            self._join(event)
        if event.type == "ReservationReleased":
            self._leave(event)
        for one in event.filled:
            self._fill(event, one)

    def _rivals(self, key: Key, channel: str | None) -> list[Waiter]:
        """Who waits for what a channel would take, in order."""
        pool = self._pools.pool(key, channel)
        queue = self.waiting.get(key, [])
        return [one for one in queue if self._pools.pool(key, one.channel) is pool]

    def _join(self, event: Event) -> None:
        for line in event.lines:
            if line.missing:
                name, seq = event.reservation or "", event.seq
                day = line.promised or event.promised
                how = event.priority, day, seq, event.partial, event.channel
                queue = self.waiting.setdefault((event.warehouse, line.sku), [])
                queue.append(Waiter(name, line.missing, *how))
                queue.sort(key=rank)

    def _leave(self, event: Event) -> None:
        for line in event.lines:
            queue = self.waiting.pop((event.warehouse, line.sku), [])
            left = [one for one in queue if one.reservation != event.reservation]
            if left:
                self.waiting[event.warehouse, line.sku] = left

    def _fill(self, event: Event, one: Fill) -> None:
        key = (event.warehouse, one.sku)
        queue, rivals = self.waiting.get(key, []), self._rivals(key, one.channel)
        if not rivals or rivals[0].reservation != one.reservation:
            self._differ(event, key, f"{one.reservation} is given {one.quantity}, and is not next")
            return
        head = rivals[0]
        if head.channel != one.channel:
            self._differ(event, key, f"{one.reservation} is given out of the pool of another")
        if not 0 < one.quantity <= head.missing:
            self._differ(event, key, f"{one.quantity} of {head.missing} missing are given")
        if one.quantity < head.missing and not head.partial:
            self._differ(event, key, f"{one.reservation} is given a part, and takes none")
        head.missing -= one.quantity
        if not head.missing:
            queue.remove(head)
        if not queue:
            del self.waiting[key]

    def check_served(self, event: Event, line: Line, row: Row, policy: Policy) -> None:
        """After an event nothing lies idle that the head of a queue would take."""
        key = (event.warehouse, line.sku)
        heads: dict[str, Waiter] = {}
        for one in self.waiting.get(key, ()) if len(event.filled) < FILLS_MAX else ():
            pool = self._pools.pool(key, one.channel)
            heads.setdefault("" if pool is None else pool.channel, one)
        for head in heads.values():
            free = self._pools.free(key, head.channel, row.available, policy)
            if free > 0 and (head.partial or free >= head.missing):
                why = f"{head.reservation} waits for {head.missing} of {free} free"
                self._differ(event, key, why)
