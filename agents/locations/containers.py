"""Decides containers: what is in them, where they stand, and what goes along with them."""

from collections import Counter
from typing import Any, Final, TypeVar

from agents.locations.constraints import refused_in
from agents.locations.contents import there
from agents.locations.places import IN_WAY_MAX, holding_place
from agents.locations.rejections import (
    above_limit,
    container_cycle,
    container_exists,
    container_in_use,
    insufficient,
    no_container,
    to_itself,
)
from agents.locations.state import CONTAINER_DEPTH_MAX, Site
from agents.locations.tree import pack as packed_into
from agents.locations.tree import relocate
from schemas.locations_rows import Container
from schemas.locations_structs import (
    CloseContainer,
    Contained,
    ContainerClosed,
    ContainerMoved,
    ContainerNested,
    ContainerOpened,
    ContainerPacked,
    ContainerUnpacked,
    MoveContainer,
    NestContainer,
    OpenContainer,
    PackContainer,
    Packed,
    QuantityLine,
    UnpackContainer,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome

R = TypeVar("R", ContainerMoved, ContainerNested)
P = TypeVar("P", ContainerPacked, ContainerUnpacked)

STANDING_MAX: Final = 500  # in a location: a row of names
WITHIN_MAX: Final = 100  # containers in one that stands by itself, and it: what goes along is read
LINES_WITHIN_MAX: Final = 400  # SKUs in all of those, counted in each: 400 * 2 rows, and the places


def open_container(
    site: Site, command: OpenContainer, moment: Moment
) -> ContainerOpened | Rejection:
    """An empty container stands in a location."""
    if site.containers.get(command.container) is not None:
        return container_exists(command.container)
    place = holding_place(site, command.location)
    if isinstance(place, Rejection):
        return place
    standing = len(site.standing.at(command.location)) + 1
    if standing > STANDING_MAX:
        return above_limit("containers", standing, STANDING_MAX, location=command.location)
    return outcome(
        ContainerOpened, command, moment, container=command.container, location=command.location
    )


def pack(site: Site, command: PackContainer, moment: Moment) -> ContainerPacked | Rejection:
    """Loose units go into a container where it stands."""
    if site.containers.get(command.container) is None:
        return no_container(command.container)
    location, wanted = site.location_of(command.container), _wanted(command.lines)
    for sku, quantity in wanted.items():
        found = there(site, location, sku)
        if quantity > found:
            return insufficient(sku, quantity, found, location=location)
    return _packed(ContainerPacked, site, command, moment, wanted, 1)


def unpack(site: Site, command: UnpackContainer, moment: Moment) -> ContainerUnpacked | Rejection:
    """Units of a container are loose where it stands."""
    container = site.containers.get(command.container)
    if container is None:
        return no_container(command.container)
    wanted = _wanted(command.lines)
    for sku, quantity in wanted.items():
        found = container.contents.get(sku, 0)
        if quantity > found:
            return insufficient(sku, quantity, found, container=command.container)
    return _packed(ContainerUnpacked, site, command, moment, wanted, -1)


def _wanted(lines: list[QuantityLine]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def _packed(
    kind: type[P], site: Site, command: Any, moment: Moment, wanted: dict[str, int], sign: int
) -> P | Rejection:
    after, name = site.fork(), command.container
    for sku, quantity in wanted.items():
        packed_into(after, name, sku, sign * quantity)
    refused = _too_much_within(after, name)
    if refused is not None:
        return refused
    location, contents = after.location_of(name), after.containers.at(name).contents
    lines = [
        Packed(
            sku=sku,
            quantity=quantity,
            packed=contents.get(sku, 0),
            there=there(after, location, sku),
        )
        for sku, quantity in wanted.items()
    ]
    return outcome(kind, command, moment, container=name, location=location, lines=lines)


def move(site: Site, command: MoveContainer, moment: Moment) -> ContainerMoved | Rejection:
    """A container stands in a location by itself."""
    container = site.containers.get(command.container)
    if container is None:
        return no_container(command.container)
    place = holding_place(site, command.to_location)
    if isinstance(place, Rejection):
        return place
    if container.location == command.to_location:
        return to_itself(command.container, "container")
    return _relocated(ContainerMoved, site, command, moment, command.to_location, None)


def nest(site: Site, command: NestContainer, moment: Moment) -> ContainerNested | Rejection:
    """A container stands in another, or by itself again."""
    name, into = command.container, command.into
    for one in (name, into):
        if one is not None and site.containers.get(one) is None:
            return no_container(one)
    if site.containers.at(name).into == into:
        return to_itself(name, "container")
    if into is not None and name in (one for one, _ in site.chain(into)):
        return container_cycle(name, into)
    location = site.location_of(into or name)
    return _relocated(ContainerNested, site, command, moment, location, into)


def _relocated(
    kind: type[R], site: Site, command: Any, moment: Moment, location: str, into: str | None
) -> R | Rejection:
    name = command.container
    came_from, within = site.location_of(name), site.within(name)
    lines = _contained([container for _, container in within])
    after = site.fork()
    relocate(after, name, location, into, lines)
    arrived = [] if location == came_from else lines
    refused = refused_in(after, [(location, line.sku) for line in arrived])
    refused = refused or _no_room(after, name, location, into)
    if refused is not None:
        return refused
    return outcome(
        kind,
        command,
        moment,
        container=name,
        from_location=came_from,
        to_location=location,
        from_container=site.containers.at(name).into,
        to_container=into,
        lines=lines,
        containers=[one for one, _ in within[1:]],
    )


def _contained(containers: list[Container]) -> list[Contained]:
    sums: Counter[str] = Counter()
    for container in containers:
        sums.update(container.contents)
    return [Contained(sku=sku, quantity=quantity) for sku, quantity in sums.items()]


def _no_room(after: Site, container: str, location: str, into: str | None) -> Rejection | None:
    """Why a container that went there can not stay."""
    standing = len(after.standing.at(location))
    if standing > STANDING_MAX:
        return above_limit("containers", standing, STANDING_MAX, location=location)
    depth = len(after.chain(into)) + 1 + len(after.containers.at(container).levels)
    if depth > CONTAINER_DEPTH_MAX:
        return above_limit("depth", depth, CONTAINER_DEPTH_MAX, container=container)
    return _too_much_within(after, container)


def _too_much_within(after: Site, container: str) -> Rejection | None:
    """Why the outermost container has too much in it to go along."""
    name, outermost = after.chain(container)[-1]
    if outermost.lines > LINES_WITHIN_MAX:
        return above_limit("lines", outermost.lines, LINES_WITHIN_MAX, container=name)
    containers = 1 + sum(outermost.levels)
    if containers > WITHIN_MAX:
        return above_limit("containers", containers, WITHIN_MAX, container=name)
    return None


def close(site: Site, command: CloseContainer, moment: Moment) -> ContainerClosed | Rejection:
    """An empty container is used no more."""
    name = command.container
    container = site.containers.get(name)
    if container is None:
        return no_container(name)
    if container.contents or container.inside:
        lines = [{"sku": sku, "quantity": units} for sku, units in container.contents.items()]
        return container_in_use(name, lines[:IN_WAY_MAX], container.inside[:IN_WAY_MAX])
    return outcome(
        ContainerClosed,
        command,
        moment,
        container=name,
        location=site.location_of(name),
        from_container=container.into,
    )
