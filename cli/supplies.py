"""Follows what is to come of SKUs by which supply, event by event: all of it is on order."""

from cli.event_view import Event, Key, Line
from cli.findings import Check
from schemas.instants import sortable
from schemas.rows import Supply


class Supplies:
    """One partition's supplies by (warehouse, SKU), by day."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.coming: dict[Key, list[Supply]] = {}

    def take(self, event: Event, line: Line, on_order: int) -> None:
        """Take the next line of a row; `on_order` is what its account has after it."""
        if event.supply is None:
            return
        key = (event.warehouse, line.sku)
        known = {one.supply: one for one in self.coming.pop(key, ())}
        before = known.pop(event.supply, Supply(event.supply, "", 0))
        if event.type == "SupplyExpected":
            after = Supply(event.supply, line.due or "", line.expected)
        else:
            after = Supply(event.supply, before.due, before.quantity - line.quantity)
        delta = line.delta - line.quantity
        if after.quantity - before.quantity != delta or after.quantity < 0:
            self._differ(event, key, f"{after.quantity} are to come, after {before.quantity}")
        if after.quantity:
            known[event.supply] = after
        dated = sum(one.quantity for one in known.values())
        if dated > on_order:
            self._differ(event, key, f"{dated} are to come, and {on_order} on order")
        if known:
            self.coming[key] = sorted(
                known.values(), key=lambda one: (sortable(one.due), one.supply)
            )

    def _differ(self, event: Event, key: Key, why: str) -> None:
        self._check.differ(f"event {event.id}, supply {event.supply} of {key[0]}/{key[1]}: {why}")
