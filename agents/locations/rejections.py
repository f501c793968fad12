"""The rejections of locations' commands, in words and details."""

from collections.abc import Sequence
from typing import Any

from schemas.locations_lines import ConstraintName
from streams.answers import Rejection


def location_exists(location: str) -> Rejection:
    """The name is in use."""
    return Rejection("LOCATION_EXISTS", f"location {location} exists", {"location": location})


def no_location(location: str) -> Rejection:
    """No such place."""
    text = f"location {location} is not known in this warehouse"
    return Rejection("LOCATION_NOT_FOUND", text, {"location": location})


def holds_nothing(location: str, kind: str) -> Rejection:
    """Units lie in what is below it, not in itself."""
    text = f"location {location} is of kind {kind}, which holds no units and no containers"
    return Rejection("LOCATION_HOLDS_NOTHING", text, {"location": location, "kind": kind})


def location_cycle(location: str, parent: str) -> Rejection:
    """A location would stand below itself."""
    text = f"location {parent} is within location {location}"
    return Rejection("LOCATION_CYCLE", text, {"location": location, "parent": parent})


def location_in_use(
    location: str,
    lines: Sequence[dict[str, Any]],
    children: Sequence[str],
    containers: Sequence[str],
) -> Rejection:
    """Something stands below it or in it."""
    details = {
        "location": location,
        "lines": list(lines),
        "children": list(children),
        "containers": list(containers),
    }
    return Rejection("LOCATION_IN_USE", f"location {location} is not empty", details)


def to_itself(name: str, where: str) -> Rejection:
    """What is to move is there already."""
    return Rejection("MOVE_TO_ITSELF", f"{name} is there already", {where: name})


def container_exists(container: str) -> Rejection:
    """The name is in use."""
    text = f"container {container} exists"
    return Rejection("CONTAINER_EXISTS", text, {"container": container})


def no_container(container: str) -> Rejection:
    """No such container is open."""
    text = f"container {container} is not known in this warehouse"
    return Rejection("CONTAINER_NOT_FOUND", text, {"container": container})


def container_cycle(container: str, into: str) -> Rejection:
    """A container would be in itself."""
    text = f"container {into} is within container {container}"
    return Rejection("CONTAINER_CYCLE", text, {"container": container, "into": into})


def container_in_use(
    container: str, lines: Sequence[dict[str, Any]], containers: Sequence[str]
) -> Rejection:
    """Something is in it."""
    details = {"container": container, "lines": list(lines), "containers": list(containers)}
    return Rejection("CONTAINER_IN_USE", f"container {container} is not empty", details)


def insufficient(sku: str, requested: int, there: int, **where: str) -> Rejection:
    """More of a SKU is asked for than is there: in a location, in a container, or unplaced."""
    place = " ".join(f"in {kind} {name}" for kind, name in where.items()) or "unplaced"
    text = f"{sku}: {requested} requested, {there} {place}"
    details = {"sku": sku, **where, "requested": requested, "there": there}
    return Rejection("INSUFFICIENT_UNITS", text, details)


def broken(location: str, constraint: ConstraintName) -> Rejection:
    """What lies in a location is not as the new constraint wants it."""
    text = f"what lies in location {location} breaks {constraint}"
    return Rejection("CONSTRAINT_BROKEN", text, {"location": location, "constraint": constraint})


def forbidden(location: str, constraint: ConstraintName, **what: str) -> Rejection:
    """A location's constraint would not hold any more."""
    text = f"{' '.join(what.values()) or 'it'}: {constraint} of location {location} forbids that"
    details = {"location": location, "constraint": constraint} | what
    return Rejection("CONSTRAINT_FORBIDS", text, details)


def above_limit(field: str, value: int, limit: int, **whose: str) -> Rejection:
    """Something would be more than is kept."""
    name = " ".join(f"{kind} {one}" for kind, one in whose.items()) or "the command"
    text = f"{name}: {field} would be {value}, above {limit}"
    return Rejection(
        "QUANTITY_LIMIT", text, whose | {"field": field, "value": value, "limit": limit}
    )
