"""Follows what is left to the channels of SKUs, event by event, and that none takes another's."""

from cli.event_view import Event, Key, Line
from cli.findings import Check
from schemas.pools import Channel
from schemas.rows import Policy

TAKES = frozenset(("StockReserved", "TransferDispatched"))


def is_sale(event: Event) -> bool:
    """Whether units are sold that nobody had promised."""
    return event.type == "StockShipped" and event.reservation is None


def is_promise(event: Event, policy: Policy) -> bool:
    """Whether units are promised or sold to whoever may have them next.

    What may be sold before it is there asks for nothing: it is gone.
    """
    return event.type in TAKES or (is_sale(event) and not policy.negative_limit)


class Pools:
    """One partition's channels by (warehouse, SKU)."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.held: dict[Key, list[Channel]] = {}

    def set(self, event: Event) -> None:
        """Take over what an event says of all channels of its SKUs."""
        if event.type != "ChannelPoolsSet":
            return
        for line in event.lines:
            key = (event.warehouse, line.sku)
            low = {one.channel for one in self.held.pop(key, ()) if one.is_low}
            told = [
                Channel(
                    one.channel,
                    one.quantity,
                    one.safety_stock,
                    one.low_point,
                    one.recover_point,
                    one.channel in low,
                )
                for one in line.pools
            ]
            if told:
                self.held[key] = told

    def pool(self, key: Key, channel: str | None) -> Channel | None:
        """The pool of a channel, where it has one."""
        own = self._own(key, channel)
        return None if own is None or own.quantity is None else own

    def _own(self, key: Key, channel: str | None) -> Channel | None:
        return next((one for one in self.held.get(key, ()) if one.channel == channel), None)

    def free(self, key: Key, channel: str | None, available: int, policy: Policy) -> int:
        """What of all that is available is for a channel."""
        own, kept = self._own(key, channel), policy.safety_stock
        if own is None or own.quantity is None:
            kept += sum(one.quantity for one in self.held.get(key, ()) if one.quantity is not None)
        free = available - kept
        if own is not None:
            free = min(free, available - own.safety_stock)
            free = free if own.quantity is None else min(free, own.quantity)
        return free

    def take(self, event: Event, line: Line, was: int, now: int, policy: Policy) -> None:
        """Take the next line that changed a row, of which so much was available before it."""
        key = (event.warehouse, line.sku)
        if key not in self.held:
            return
        fills = [one for one in event.filled if one.sku == line.sku]
        moved = [(event.channel, now + sum(one.quantity for one in fills) - was)]
        for channel, by in moved + [(one.channel, -one.quantity) for one in fills]:
            own = self.pool(key, channel)
            if own is not None and own.quantity is not None:
                own.quantity = min(10**15, own.quantity + by)
                if is_sale(event) and policy.negative_limit:
                    own.quantity = max(0, own.quantity)
                if own.quantity < 0:
                    self._differ(event, key, f"{channel} took more than its pool had")
        if is_promise(event, policy) and self.free(key, event.channel, now, policy) < 0:
            self._differ(event, key, f"{event.channel or 'no channel'} took what is not for it")
        for one in self.held[key]:
            left = max(0, self.free(key, one.channel, now, policy))
            up = one.recover_point if one.is_low else None
            one.is_low = left <= (one.low_point if up is None else up)

    def _differ(self, event: Event, key: Key, why: str) -> None:
        self._check.differ(f"event {event.id}, channels of {key[0]}/{key[1]}: {why}")
