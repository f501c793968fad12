"""What a change does to the rows of units: in a place, of a SKU, and in all locations above."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from agents.locations.state import Site
from schemas.locations_rows import Location, Lying

UNPLACED: Final = ""  # no location's name


class Leg(NamedTuple):
    """Units of a SKU that go from one location to another, or are unplaced at one end."""

    sku: str
    source: str
    target: str
    quantity: int


def summed(legs: Iterable[Leg]) -> list[Leg]:
    """Each SKU and its two ends once, in the order of their first."""
    sums: dict[tuple[str, str, str], int] = {}
    for sku, source, target, quantity in legs:
        sums[sku, source, target] = sums.get((sku, source, target), 0) + quantity
    return [Leg(*ends, quantity) for ends, quantity in sums.items()]


def carry(site: Site, leg: Leg) -> None:
    """Units go from one place to another."""
    for place, quantity in ((leg.source, -leg.quantity), (leg.target, leg.quantity)):
        if place == UNPLACED:
            site.items.at(leg.sku).unplaced += quantity
        else:
            lay(site, place, leg.sku, loose=quantity)


def lay(site: Site, location: str, sku: str, loose: int = 0, packed: int = 0) -> None:
    """So many more units of a SKU lie in a location, or fewer."""
    holding, places, item = site.holdings.at(location), site.places.at(sku), site.items.at(sku)
    was_mixed = len(holding) > 1
    before = holding.get(sku, Lying())
    after = Lying(before.loose + loose, before.packed + packed)
    assert after.loose >= 0 and after.packed >= 0, "nothing is taken that is not there"
    if after.units:
        holding[sku] = places[location] = after
    else:
        holding.pop(sku, None)
        places.pop(location, None)
    item.placed += loose + packed
    mixed = (len(holding) > 1) - was_mixed
    for _, found in site.path(location):
        weigh(found, {item.item_class: loose + packed}, mixed)


def weigh(found: Location, held: Mapping[str, int], mixed: int) -> None:
    """So many more units of each class, and places with more than one SKU, are within."""
    found.units += sum(held.values())
    found.mixed += mixed
    for item_class, units in held.items():
        left = found.held.pop(item_class, 0) + units
        assert left >= 0, "a location has no less than what lies below it"
        if left:
            found.held[item_class] = left


def classify(site: Site, sku: str, item_class: str) -> None:
    """A SKU is of another class, wherever it lies."""
    item = site.items.at(sku)
    before, item.item_class = item.item_class, item_class
    if before == item_class:
        return
    for location, lying in site.places.at(sku).items():
        for _, found in site.path(location):
            weigh(found, {before: -lying.units, item_class: lying.units}, 0)
