"""Strategies: from what is wanted and what is offered to how much comes from where. Pure.

Each is one function. None takes more than is offered or wanted, and none leaves what could be had.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from operator import add
from typing import Final

from schemas.orders_lines import Strategy

Plan = dict[str, dict[str, int]]
"""By warehouse, and there by SKU, how many units."""
NEVER: Final = "9999-12-31~"  # behind every day: what has no end is taken last


class Offer:
    """What is believed of a warehouse: by SKU, batches of (units, the day on which they expire)."""

    def __init__(
        self,
        warehouse: str,
        batches: Mapping[str, Sequence[tuple[int, str | None]]],
        priority: int = 0,
        distance: int | None = None,
        cost: int | None = None,
    ) -> None:
        self.warehouse, self.batches = warehouse, batches
        self.priority, self.distance, self.cost = priority, distance, cost

    def units(self, sku: str) -> int:
        """All of a SKU, whenever it expires."""
        return sum(units for units, _ in self.batches.get(sku, ()))


Offers = Sequence[Offer]


def by_priority(offers: Offers) -> list[Offer]:
    """Higher priority first, then in the order given."""
    return sorted(offers, key=lambda offer: -offer.priority)


def by_distance(offers: Offers) -> list[Offer]:
    """The nearest first, unknown distances last, then by priority."""
    return sorted(
        by_priority(offers), key=lambda offer: (offer.distance is None, offer.distance or 0)
    )


def by_cost(offers: Offers) -> list[Offer]:
    """The least cost of a unit first, unknown costs last, then by priority."""
    return sorted(by_priority(offers), key=lambda offer: (offer.cost is None, offer.cost or 0))


def taken(wanted: Mapping[str, int], ranked: Offers) -> Plan:
    """From each in turn as much as it has of what is still wanted."""
    plan: Plan = {}
    left = dict(wanted)
    for offer in ranked:
        for sku, units in left.items():
            got = min(units, offer.units(sku))
            if got > 0:
                plan.setdefault(offer.warehouse, {})[sku] = got
                left[sku] -= got
    return plan


def priority(wanted: Mapping[str, int], offers: Offers) -> Plan:
    """As much as possible from the warehouse of the highest priority, then from the next."""
    return taken(wanted, by_priority(offers))


def nearest(wanted: Mapping[str, int], offers: Offers) -> Plan:
    """As much as possible from the nearest warehouse, then from the next."""
    return taken(wanted, by_distance(offers))


def cost(wanted: Mapping[str, int], offers: Offers) -> Plan:
    """At the least sum of what units cost: as each costs the same there, the cheapest first."""
    return taken(wanted, by_cost(offers))


def fewest_splits(wanted: Mapping[str, int], offers: Offers) -> Plan:
    """From as few warehouses as can serve what all of them together can."""
    ranked, limits = by_priority(offers), list(wanted.values())
    have = [[offer.units(sku) for sku in wanted] for offer in ranked]
    most = sum(map(min, limits, map(sum, zip(*have, strict=True))))
    smaller: dict[tuple[int, ...], list[int]] = {(): [0] * len(limits)}
    for count in range(1, len(ranked)):
        these = {}
        for some in combinations(range(len(ranked)), count):
            *others, last = some
            got = list(map(min, limits, map(add, smaller[tuple(others)], have[last])))
            if sum(got) == most:
                return taken(wanted, [ranked[number] for number in some])
            these[some] = got
        smaller = these
    return taken(wanted, ranked)


def fefo(wanted: Mapping[str, int], offers: Offers) -> Plan:
    """What expires first leaves first, wherever it lies; of equal days by priority."""
    plan: Plan = {}
    for sku, units in wanted.items():
        batches = [
            (day or NEVER, rank, there, offer.warehouse)
            for rank, offer in enumerate(by_priority(offers))
            for there, day in offer.batches.get(sku, ())
        ]
        left = units
        for _, _, there, warehouse in sorted(batches, key=lambda batch: batch[:2]):
            got = min(left, there)
            if got > 0:
                lines = plan.setdefault(warehouse, {})
                lines[sku] = lines.get(sku, 0) + got
                left -= got
    return plan


STRATEGIES: Final[dict[Strategy, Callable[[Mapping[str, int], Offers], Plan]]] = {
    "priority": priority,
    "nearest": nearest,
    "fewest_splits": fewest_splits,
    "fefo": fefo,
    "cost": cost,
}
RANKINGS: Final[dict[Strategy, Callable[[Offers], list[Offer]]]] = {
    "priority": by_priority,
    "nearest": by_distance,
    "fewest_splits": by_priority,
    "fefo": by_priority,
    "cost": by_cost,
}
"""Which warehouse comes first where all of them could serve."""
