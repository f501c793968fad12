"""What an event makes of the rows. Cannot fail: history is not refused."""

from collections.abc import Callable
from typing import Any, Final

from agents.locations.state import Site
from agents.locations.tree import hang, lift, pack, relocate, stand, unhang
from agents.locations.units import UNPLACED, Leg, carry, classify
from schemas.locations_rows import Container, Location, item_class
from schemas.locations_structs import (
    ConstraintsChanged,
    ContainerClosed,
    ContainerMoved,
    ContainerNested,
    ContainerOpened,
    ContainerPacked,
    ContainerUnpacked,
    Event,
    ItemClassified,
    LocationCreated,
    LocationDeleted,
    LocationMoved,
    SiteChangeRecorded,
    UnitsMoved,
    UnitsPutAway,
    UnitsTakenOut,
)


def evolve(site: Site, event: Event) -> None:
    """The warehouse is as it is after an event of its own."""
    _EFFECTS[type(event)](site, event)


def _created(site: Site, event: LocationCreated) -> None:
    found = Location(event.kind, event.parent, event.constraints)
    site.locations.put(event.location, found)
    hang(site, event.location, found, event.parent)


def _constrained(site: Site, event: ConstraintsChanged) -> None:
    site.locations.at(event.location).constraints = event.constraints


def _moved(site: Site, event: LocationMoved) -> None:
    found = site.locations.at(event.location)
    unhang(site, event.location, found)
    hang(site, event.location, found, event.to_parent)


def _deleted(site: Site, event: LocationDeleted) -> None:
    unhang(site, event.location, site.locations.at(event.location))
    site.locations.put(event.location, None)


def _classified(site: Site, event: ItemClassified) -> None:
    for line in event.lines:
        classify(site, line.sku, item_class(line.item_type, line.temperature_class))


def _recorded(site: Site, event: SiteChangeRecorded) -> None:
    for line in event.lines:
        site.items.at(line.sku).unplaced += line.delta


def _put_away(site: Site, event: UnitsPutAway) -> None:
    for line in event.lines:
        carry(site, Leg(line.sku, UNPLACED, line.location, line.quantity))


def _taken_out(site: Site, event: UnitsTakenOut) -> None:
    for line in event.lines:
        carry(site, Leg(line.sku, line.location, UNPLACED, line.quantity))


def _carried(site: Site, event: UnitsMoved) -> None:
    for line in event.lines:
        carry(site, Leg(line.sku, line.from_location, line.to_location, line.quantity))


def _opened(site: Site, event: ContainerOpened) -> None:
    found = Container(event.location, None)
    site.containers.put(event.container, found)
    stand(site, event.container, found, event.location, None)


def _packed(site: Site, event: ContainerPacked) -> None:
    for line in event.lines:
        pack(site, event.container, line.sku, line.quantity)


def _unpacked(site: Site, event: ContainerUnpacked) -> None:
    for line in event.lines:
        pack(site, event.container, line.sku, -line.quantity)


def _relocated(site: Site, event: ContainerMoved | ContainerNested) -> None:
    relocate(site, event.container, event.to_location, event.to_container, event.lines)


def _closed(site: Site, event: ContainerClosed) -> None:
    lift(site, event.container, site.containers.at(event.container))
    site.containers.put(event.container, None)


_EFFECTS: Final[dict[Any, Callable[[Site, Any], None]]] = {
    LocationCreated: _created,
    ConstraintsChanged: _constrained,
    LocationMoved: _moved,
    LocationDeleted: _deleted,
    ItemClassified: _classified,
    SiteChangeRecorded: _recorded,
    UnitsPutAway: _put_away,
    UnitsTakenOut: _taken_out,
    UnitsMoved: _carried,
    ContainerOpened: _opened,
    ContainerPacked: _packed,
    ContainerUnpacked: _unpacked,
    ContainerMoved: _relocated,
    ContainerNested: _relocated,
    ContainerClosed: _closed,
}
