"""Plans an order: what is believed of its sources, and by its strategy how much comes from where.

What is believed is what the order's hints say; without hints, enough. What a warehouse has said
itself, by refusing, counts instead. Nothing here is true until a warehouse confirms it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from agents.orders.strategies import RANKINGS, STRATEGIES, Offer, Offers, Plan
from schemas.fields import STOCK_MAX
from schemas.orders_rows import Wish
from schemas.orders_structs import Learned, OrderSource

Batch = tuple[int, str | None]
"""(units, the day on which they expire)."""
ENOUGH: Final = STOCK_MAX  # of a SKU of which nothing is known; no row has more


def planned(
    wish: Wish, wanted: Mapping[str, int], learned: Sequence[Learned]
) -> tuple[Plan, dict[str, int]]:
    """How much of what is wanted comes from where, and what nobody is believed to have.

    An order that does not wait asks a source for that too whose hint nobody has contradicted:
    hints are old, and it is refused only by what warehouses say.
    """
    offers = _offers(wish, learned)
    plan = STRATEGIES[wish.strategy](wanted, offers)
    rest = _rest(wanted, plan)
    if rest and not wish.backorder:
        unsure = _unsure(wish, learned)
        for sku in list(rest):
            for offer in RANKINGS[wish.strategy](offers):
                if (offer.warehouse, sku) in unsure:
                    lines = plan.setdefault(offer.warehouse, {})
                    lines[sku] = lines.get(sku, 0) + rest.pop(sku)
                    break
    return plan, rest


def best(wish: Wish, learned: Sequence[Learned]) -> str | None:
    """The warehouse in which the rest is waited for; None where each has said that it cannot."""
    offers = RANKINGS[wish.strategy](_offers(wish, learned))
    return offers[0].warehouse if offers else None


def _offers(wish: Wish, learned: Sequence[Learned]) -> Offers:
    said = {(one.warehouse, one.sku): one.available for one in learned}
    skus = wish.wanted()
    offers = []
    for source in wish.sources:
        name, hints = source.warehouse, _hints(source)
        if (name, None) not in said:
            found = {
                sku: _batches(None if hints is None else hints.get(sku, []), said.get((name, sku)))
                for sku in skus
            }
            offers.append(Offer(name, found, source.priority, source.distance, source.cost))
    return offers


def _hints(source: OrderSource) -> dict[str, list[Batch]] | None:
    """What is believed of a warehouse, by SKU; None: it has enough of everything."""
    if source.stock is None:
        return None
    hints: dict[str, list[Batch]] = {}
    for one in source.stock:
        hints.setdefault(one.sku, []).append((one.available, one.expires_on))
    return hints


def _batches(hinted: list[Batch] | None, said: int | None) -> list[Batch]:
    """What is believed of a SKU in a warehouse; what it has said of it counts, however many."""
    if hinted is None:
        return [(ENOUGH if said is None else said, None)]
    if said is None:
        return hinted
    batches, left = list[Batch](), said
    for units, day in sorted(hinted, key=lambda batch: (batch[1] is None, batch[1] or "")):
        batches.append((min(units, left), day))
        left -= min(units, left)
    return [*batches, (left, None)]


def _unsure(wish: Wish, learned: Sequence[Learned]) -> set[tuple[str, str]]:
    """Warehouses and SKUs of which there is a hint, and no word of the warehouse itself."""
    said = {(one.warehouse, one.sku) for one in learned}
    return {
        (source.warehouse, sku)
        for source in wish.sources
        for sku in wish.wanted()
        if source.stock is not None
        and (source.warehouse, sku) not in said
        and (source.warehouse, None) not in said
    }


def _rest(wanted: Mapping[str, int], plan: Plan) -> dict[str, int]:
    rest = dict(wanted)
    for lines in plan.values():
        for sku, units in lines.items():
            rest[sku] -= units
    return {sku: units for sku, units in rest.items() if units}
