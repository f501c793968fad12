"""What a change does to the rows of the two trees: of locations, and of containers."""

from bisect import insort

from agents.locations.state import Site
from agents.locations.units import lay, weigh
from schemas.locations_rows import Container, Location
from schemas.locations_structs import Contained
from tables.locations import TOP


def count(levels: list[int], subtree: list[int], distance: int, sign: int) -> None:
    """Something with `subtree` below it stands `distance` levels below, or does no more."""
    for at, number in enumerate([1, *subtree], distance - 1):
        levels += [0] * (at + 1 - len(levels))
        levels[at] += sign * number
    while levels and levels[-1] == 0:
        levels.pop()


def hang(site: Site, location: str, found: Location, parent: str | None) -> None:
    """A location stands below another, with all that is within it; it stood below none."""
    found.parent = parent
    insort(site.children.at(parent or TOP), location)
    _weigh_above(site, found, 1)


def unhang(site: Site, location: str, found: Location) -> None:
    """A location stands below its parent no more."""
    site.children.at(found.parent or TOP).remove(location)
    _weigh_above(site, found, -1)


def _weigh_above(site: Site, found: Location, sign: int) -> None:
    held = {item_class: sign * units for item_class, units in found.held.items()}
    for distance, (_, above) in enumerate(site.path(found.parent), 1):
        weigh(above, held, sign * found.mixed)
        count(above.levels, found.levels, distance, sign)


def stand(site: Site, container: str, found: Container, location: str, into: str | None) -> None:
    """A container stands in a location, or within another there; it stood nowhere."""
    found.into, found.location = into, None if into else location
    insort(site.containers.at(into).inside if into else site.standing.at(location), container)
    _count_around(site, found, 1)


def lift(site: Site, container: str, found: Container) -> None:
    """A container stands where it stood no more."""
    if found.into is not None:
        site.containers.at(found.into).inside.remove(container)
    else:
        assert found.location is not None, "what is in no container stands somewhere"
        site.standing.at(found.location).remove(container)
    _count_around(site, found, -1)


def _count_around(site: Site, found: Container, sign: int) -> None:
    for distance, (_, around) in enumerate(site.chain(found.into), 1):
        around.lines += sign * found.lines
        count(around.levels, found.levels, distance, sign)


def relocate(
    site: Site, container: str, location: str, into: str | None, lines: list[Contained]
) -> None:
    """A container goes elsewhere, with all that is in it: these units."""
    came_from, found = site.location_of(container), site.containers.at(container)
    lift(site, container, found)
    stand(site, container, found, location, into)
    if location != came_from:
        for line in lines:
            lay(site, came_from, line.sku, packed=-line.quantity)
            lay(site, location, line.sku, packed=line.quantity)


def pack(site: Site, container: str, sku: str, quantity: int) -> None:
    """Loose units go into a container where it stands; out of it, where they are below zero."""
    chain = site.chain(container)
    lay(site, site.location_of(container), sku, loose=-quantity, packed=quantity)
    contents = chain[0][1].contents
    before = len(contents)
    left = contents.pop(sku, 0) + quantity
    assert left >= 0, "nothing is taken that is not in it"
    if left:
        contents[sku] = left
    for _, around in chain:
        around.lines += len(contents) - before
