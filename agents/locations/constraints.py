"""What may lie where: whether constraints hold, and the limits of a place."""

from collections.abc import Iterable, Sequence
from typing import Final

from agents.locations.rejections import above_limit, forbidden
from agents.locations.state import Site
from schemas.fields import STOCK_MAX
from schemas.locations_lines import ConstraintName
from schemas.locations_rows import Location, class_parts
from schemas.locations_structs import Constraints
from streams.answers import Rejection

CLASSES_MAX: Final = 128  # within a location: in its row, and in the row of each above it
SKUS_MAX: Final = 500  # in a location: a row of them
PLACES_MAX: Final = 500  # of a SKU: the same; to classify it 500 * (DEPTH_MAX + 1) rows are read


def broken_by(
    constraints: Constraints, classes: Iterable[str], units: int, mixed: int
) -> ConstraintName | None:
    """The constraint that does not hold for units of these classes; None: all hold."""
    parts = [class_parts(item_class) for item_class in classes]
    item_types, temperature_class = constraints.item_types, constraints.temperature_class
    if item_types is not None and any(one not in item_types for one, _ in parts):
        return "item_types"
    if temperature_class is not None and any(one != temperature_class for _, one in parts):
        return "temperature_class"
    if constraints.units_max is not None and units > constraints.units_max:
        return "units_max"
    return "mixed_skus" if mixed and not constraints.mixed_skus else None


def broken_within(constraints: Constraints, found: Location) -> ConstraintName | None:
    """The constraint that does not hold for all that is within a location; None: all hold."""
    return broken_by(constraints, found.held, found.units, found.mixed)


def refused_in(site: Site, lying: Sequence[tuple[str, str]]) -> Rejection | None:
    """Why SKUs may not lie in locations as they do there: constraints of all, then limits.

    `lying` are (location, SKU); None: they may.
    """
    for check in (_forbidden_at, _beyond_limits):
        for location, sku in lying:
            refused = check(site, location, sku)
            if refused is not None:
                return refused
    return None


def _forbidden_at(site: Site, location: str, sku: str) -> Rejection | None:
    holding, item = site.holdings.at(location), site.items.at(sku)
    for name, found in site.path(location):
        is_mixed = len(holding) > 1
        constraint = broken_by(found.constraints, [item.item_class], found.units, is_mixed)
        if constraint is not None:
            return forbidden(name, constraint, sku=sku)
    return None


def _beyond_limits(site: Site, location: str, sku: str) -> Rejection | None:
    skus, places = len(site.holdings.at(location)), len(site.places.at(sku))
    if skus > SKUS_MAX:
        return above_limit("skus", skus, SKUS_MAX, location=location)
    if places > PLACES_MAX:
        return above_limit("places", places, PLACES_MAX, sku=sku)
    return too_much_within(site, location)


def too_much_within(site: Site, location: str | None) -> Rejection | None:
    """Which location, of this one and those above it, has more in it than is kept."""
    for name, found in site.path(location):
        if len(found.held) > CLASSES_MAX:
            return above_limit("classes", len(found.held), CLASSES_MAX, location=name)
        if found.units > STOCK_MAX:
            return above_limit("units", found.units, STOCK_MAX, location=name)
    return None
