"""Decides the tree of locations: what is made, changed, moved and deleted in it."""

from typing import Final

from agents.locations.constraints import broken_within, too_much_within
from agents.locations.rejections import (
    above_limit,
    broken,
    forbidden,
    holds_nothing,
    location_cycle,
    location_exists,
    location_in_use,
    no_location,
    to_itself,
)
from agents.locations.state import DEPTH_MAX, Site
from agents.locations.tree import hang, unhang
from schemas.locations_lines import HOLDING
from schemas.locations_rows import Location
from schemas.locations_structs import (
    ChangeConstraints,
    Constraints,
    ConstraintsChanged,
    CreateLocation,
    DeleteLocation,
    LocationCreated,
    LocationDeleted,
    LocationMoved,
    MoveLocation,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome
from tables.locations import TOP

CHILDREN_MAX: Final = 1_000  # right below a location: a row of names, 64 KB, mostly 10
IN_WAY_MAX: Final = 10  # of what stands in the way, so many are named


def create(site: Site, command: CreateLocation, moment: Moment) -> LocationCreated | Rejection:
    """A place below another, or below none; it is empty."""
    if site.locations.get(command.location) is not None:
        return location_exists(command.location)
    if command.parent is not None and site.locations.get(command.parent) is None:
        return no_location(command.parent)
    refused = _no_room(site, command.location, command.parent, 1)
    if refused is not None:
        return refused
    return outcome(
        LocationCreated,
        command,
        moment,
        location=command.location,
        parent=command.parent,
        kind=command.kind,
        constraints=command.constraints or Constraints(),
    )


def _no_room(site: Site, location: str, parent: str | None, height: int) -> Rejection | None:
    """Why so many levels have no place below a location."""
    depth = len(site.path(parent)) + height
    if depth > DEPTH_MAX:
        return above_limit("depth", depth, DEPTH_MAX, location=location)
    children = len(site.children.at(parent or TOP)) + 1
    if children > CHILDREN_MAX:
        whose = {} if parent is None else {"location": parent}
        return above_limit("children", children, CHILDREN_MAX, **whose)
    return None


def change_constraints(
    site: Site, command: ChangeConstraints, moment: Moment
) -> ConstraintsChanged | Rejection:
    """Other constraints, which hold for what lies there already."""
    found = site.locations.get(command.location)
    if found is None:
        return no_location(command.location)
    constraint = broken_within(command.constraints, found)
    if constraint is not None:
        return broken(command.location, constraint)
    return outcome(
        ConstraintsChanged,
        command,
        moment,
        location=command.location,
        constraints=command.constraints,
    )


def move(site: Site, command: MoveLocation, moment: Moment) -> LocationMoved | Rejection:
    """A place goes below another, or below none, with all within it."""
    location, parent = command.location, command.parent
    for name in (location, parent):
        if name is not None and site.locations.get(name) is None:
            return no_location(name)
    found = site.locations.at(location)
    if found.parent == parent:
        return to_itself(location, "location")
    if parent is not None and location in (name for name, _ in site.path(parent)):
        return location_cycle(location, parent)
    refused = _forbidden_below(site, location, parent)
    if refused is None:
        refused = _no_room(site, location, parent, 1 + len(found.levels))
    if refused is not None:
        return refused
    return outcome(
        LocationMoved,
        command,
        moment,
        location=location,
        from_parent=found.parent,
        to_parent=parent,
    )


def _forbidden_below(site: Site, location: str, parent: str | None) -> Rejection | None:
    after = site.fork()
    found = after.locations.at(location)
    unhang(after, location, found)
    hang(after, location, found, parent)
    for name, above in after.path(parent):
        constraint = broken_within(above.constraints, above)
        if constraint is not None:
            return forbidden(name, constraint)
    return too_much_within(after, parent)


def delete(site: Site, command: DeleteLocation, moment: Moment) -> LocationDeleted | Rejection:
    """A place that is empty, and has none below it, is no more."""
    location = command.location
    found = site.locations.get(location)
    if found is None:
        return no_location(location)
    children, containers = site.children.at(location), site.standing.at(location)
    holding = site.holdings.at(location)
    if children or containers or holding:
        lines = [{"sku": sku, "quantity": lying.units} for sku, lying in holding.items()]
        return location_in_use(
            location, lines[:IN_WAY_MAX], children[:IN_WAY_MAX], containers[:IN_WAY_MAX]
        )
    return outcome(LocationDeleted, command, moment, location=location, parent=found.parent)


def holding_place(site: Site, location: str) -> Location | Rejection:
    """A location in which units lie and containers stand."""
    found = site.locations.get(location)
    if found is None:
        return no_location(location)
    return found if found.kind in HOLDING else holds_nothing(location, found.kind)
