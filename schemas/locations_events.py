"""What happens in locations: the definition of their events."""

from typing import Any, Literal

from schemas.envelope import WarehouseEvent, WarehouseOutcome
from schemas.locations_lines import (
    Classified,
    Constraints,
    Contained,
    LocationKind,
    Packed,
    Placed,
    SiteMoved,
    UnitsCarried,
)

RejectionCode = Literal[
    "LOCATION_EXISTS",
    "LOCATION_NOT_FOUND",
    "LOCATION_IN_USE",
    "LOCATION_CYCLE",
    "LOCATION_HOLDS_NOTHING",
    "MOVE_TO_ITSELF",
    "CONSTRAINT_FORBIDS",
    "CONSTRAINT_BROKEN",
    "INSUFFICIENT_UNITS",
    "CONTAINER_EXISTS",
    "CONTAINER_NOT_FOUND",
    "CONTAINER_IN_USE",
    "CONTAINER_CYCLE",
    "QUANTITY_LIMIT",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class LocationCreated(WarehouseOutcome):
    """There is a place, below `parent` where it has one."""

    type: Literal["LocationCreated"] = "LocationCreated"
    location: str
    parent: str | None = None
    kind: LocationKind
    constraints: Constraints


class ConstraintsChanged(WarehouseOutcome):
    """Other constraints hold, instead of those before."""

    type: Literal["ConstraintsChanged"] = "ConstraintsChanged"
    location: str
    constraints: Constraints


class LocationMoved(WarehouseOutcome):
    """A location stands below another, or below none, with all below it."""

    type: Literal["LocationMoved"] = "LocationMoved"
    location: str
    from_parent: str | None = None
    to_parent: str | None = None


class LocationDeleted(WarehouseOutcome):
    """A place is no more; its name is free."""

    type: Literal["LocationDeleted"] = "LocationDeleted"
    location: str
    parent: str | None = None


class ItemClassified(WarehouseOutcome):
    """SKUs are of these classes."""

    type: Literal["ItemClassified"] = "ItemClassified"
    lines: list[Classified]


class SiteChangeRecorded(WarehouseOutcome):
    """Units came onto the site, or left it, by the event of stock `cause`."""

    type: Literal["SiteChangeRecorded"] = "SiteChangeRecorded"
    cause: str
    lines: list[SiteMoved]


class UnitsPutAway(WarehouseOutcome):
    """Units that lay nowhere lie in locations."""

    type: Literal["UnitsPutAway"] = "UnitsPutAway"
    lines: list[Placed]


class UnitsTakenOut(WarehouseOutcome):
    """Units lie in locations no more."""

    type: Literal["UnitsTakenOut"] = "UnitsTakenOut"
    lines: list[Placed]


class UnitsMoved(WarehouseOutcome):
    """Units went from one location to another."""

    type: Literal["UnitsMoved"] = "UnitsMoved"
    lines: list[UnitsCarried]


class ContainerOpened(WarehouseOutcome):
    """An empty container stands in a location."""

    type: Literal["ContainerOpened"] = "ContainerOpened"
    container: str
    location: str


class ContainerPacked(WarehouseOutcome):
    """Units went into a container, which stands in `location`."""

    type: Literal["ContainerPacked"] = "ContainerPacked"
    container: str
    location: str
    lines: list[Packed]


class ContainerUnpacked(WarehouseOutcome):
    """Units went out of a container, which stands in `location`."""

    type: Literal["ContainerUnpacked"] = "ContainerUnpacked"
    container: str
    location: str
    lines: list[Packed]


class Relocation(WarehouseOutcome):
    """A container went elsewhere: with these units, and with these containers in it."""

    container: str
    from_location: str
    to_location: str
    from_container: str | None = None
    to_container: str | None = None
    lines: list[Contained]
    containers: list[str]


class ContainerMoved(Relocation):
    """A container went to a location."""

    type: Literal["ContainerMoved"] = "ContainerMoved"


class ContainerNested(Relocation):
    """A container went into another, or out of one."""

    type: Literal["ContainerNested"] = "ContainerNested"


class ContainerClosed(WarehouseOutcome):
    """An empty container is used no more; its name is free."""

    type: Literal["ContainerClosed"] = "ContainerClosed"
    container: str
    location: str
    from_container: str | None = None


class LocationsRejected(WarehouseOutcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


EVENTS: tuple[type[WarehouseEvent], ...] = (
    LocationCreated,
    ConstraintsChanged,
    LocationMoved,
    LocationDeleted,
    ItemClassified,
    SiteChangeRecorded,
    UnitsPutAway,
    UnitsTakenOut,
    UnitsMoved,
    ContainerOpened,
    ContainerPacked,
    ContainerUnpacked,
    ContainerMoved,
    ContainerNested,
    ContainerClosed,
    LocationsRejected,
)
