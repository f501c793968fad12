"""Decides what lies where: classes of SKUs, what is on site, and units that go between places."""

from collections.abc import Sequence
from typing import Final

from agents.locations.constraints import PLACES_MAX, refused_in
from agents.locations.places import holding_place
from agents.locations.rejections import above_limit, insufficient, no_location, to_itself
from agents.locations.state import Site
from agents.locations.units import UNPLACED, Leg, carry, classify, summed
from schemas.fields import STOCK_MAX
from schemas.locations_rows import Lying, item_class
from schemas.locations_structs import (
    Classified,
    ClassifyItem,
    ItemClassified,
    MoveUnits,
    Placed,
    PutAway,
    RecordSiteChange,
    SiteChangeRecorded,
    SiteMoved,
    TakeOut,
    UnitsCarried,
    UnitsMoved,
    UnitsPutAway,
    UnitsTakenOut,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome

UNPLACED_MAX: Final = 10 * STOCK_MAX  # either way: more than the six accounts on site can hold


def classify_item(site: Site, command: ClassifyItem, moment: Moment) -> ItemClassified | Rejection:
    """SKUs are of these classes, also where they lie already."""
    classes = {
        line.sku: item_class(line.item_type, line.temperature_class) for line in command.lines
    }
    others = [sku for sku, found in classes.items() if site.items.at(sku).item_class != found]
    places = sum(len(site.places.at(sku)) for sku in others)
    if places > PLACES_MAX:
        return above_limit("places", places, PLACES_MAX)
    after = site.fork()
    for sku, found in classes.items():
        classify(after, sku, found)
    lying = [(location, sku) for sku in others for location in after.places.at(sku)]
    refused = refused_in(after, lying)
    if refused is not None:
        return refused
    lines = [
        Classified(sku=line.sku, item_type=line.item_type, temperature_class=line.temperature_class)
        for line in command.lines
    ]
    return outcome(ItemClassified, command, moment, lines=lines)


def record_movement(
    site: Site, command: RecordSiteChange, moment: Moment
) -> SiteChangeRecorded | Rejection:
    """What is on site has changed; stock knows, and nobody has said where."""
    lines = []
    for line in command.lines:
        item = site.items.at(line.sku)
        unplaced = item.unplaced + line.delta
        if abs(unplaced) > UNPLACED_MAX:
            return above_limit("unplaced", unplaced, UNPLACED_MAX, sku=line.sku)
        told = SiteMoved(sku=line.sku, delta=line.delta, unplaced=unplaced, placed=item.placed)
        lines.append(told)
    return outcome(SiteChangeRecorded, command, moment, cause=command.cause, lines=lines)


def put_away(site: Site, command: PutAway, moment: Moment) -> UnitsPutAway | Rejection:
    """Units that lay nowhere lie in locations."""
    legs = summed(Leg(line.sku, UNPLACED, line.location, line.quantity) for line in command.lines)
    after = _carried(site, legs)
    if isinstance(after, Rejection):
        return after
    lines = [_placed(after, leg.sku, leg.target, leg.quantity) for leg in legs]
    return outcome(UnitsPutAway, command, moment, lines=lines)


def take_out(site: Site, command: TakeOut, moment: Moment) -> UnitsTakenOut | Rejection:
    """Units that lay in locations lie in none."""
    legs = summed(Leg(line.sku, line.location, UNPLACED, line.quantity) for line in command.lines)
    after = _carried(site, legs)
    if isinstance(after, Rejection):
        return after
    lines = [_placed(after, leg.sku, leg.source, leg.quantity) for leg in legs]
    return outcome(UnitsTakenOut, command, moment, lines=lines)


def move_units(site: Site, command: MoveUnits, moment: Moment) -> UnitsMoved | Rejection:
    """Units go from one location to another."""
    legs = summed(
        Leg(line.sku, line.from_location, line.to_location, line.quantity) for line in command.lines
    )
    after = _carried(site, legs)
    if isinstance(after, Rejection):
        return after
    lines = [
        UnitsCarried(
            sku=leg.sku,
            from_location=leg.source,
            to_location=leg.target,
            quantity=leg.quantity,
            from_there=there(after, leg.source, leg.sku),
            to_there=there(after, leg.target, leg.sku),
        )
        for leg in legs
    ]
    return outcome(UnitsMoved, command, moment, lines=lines)


def there(site: Site, location: str, sku: str) -> int:
    """Units of a SKU that can be taken from a location, or that are unplaced."""
    if location == UNPLACED:
        return site.items.at(sku).unplaced
    return site.holdings.at(location).get(sku, Lying()).loose


def _placed(after: Site, sku: str, location: str, quantity: int) -> Placed:
    return Placed(
        sku=sku,
        location=location,
        quantity=quantity,
        there=there(after, location, sku),
        unplaced=there(after, UNPLACED, sku),
    )


def _carried(site: Site, legs: Sequence[Leg]) -> Site | Rejection:
    """The warehouse after all of these, or why it stays as it is."""
    refused = _misplaced(site, legs) or _short(site, legs)
    if refused is not None:
        return refused
    after = site.fork()
    for leg in legs:
        carry(after, leg)
    arrived = [(leg.target, leg.sku) for leg in legs if leg.target != UNPLACED]
    return refused_in(after, arrived) or after


def _misplaced(site: Site, legs: Sequence[Leg]) -> Rejection | None:
    """What is not there of all lines comes before what holds nothing, as everywhere."""
    ends = [place for leg in legs for place in (leg.source, leg.target) if place != UNPLACED]
    for place in ends:
        if site.locations.get(place) is None:
            return no_location(place)
    for place in ends:
        found = holding_place(site, place)
        if isinstance(found, Rejection):
            return found
    return next(
        (to_itself(leg.source, "location") for leg in legs if leg.source == leg.target), None
    )


def _short(site: Site, legs: Sequence[Leg]) -> Rejection | None:
    wanted: dict[tuple[str, str], int] = {}
    for leg in legs:
        wanted[leg.sku, leg.source] = wanted.get((leg.sku, leg.source), 0) + leg.quantity
    for (sku, source), quantity in wanted.items():
        found = there(site, source, sku)
        if quantity > found:
            where = {} if source == UNPLACED else {"location": source}
            return insufficient(sku, quantity, found, **where)
    return None
