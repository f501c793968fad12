"""The language of locations: their commands, events and views. The definition."""

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from schemas.envelope import Language, Position
from schemas.fields import Sku, Warehouse
from schemas.locations_commands import COMMANDS
from schemas.locations_events import EVENTS
from schemas.locations_lines import Constraints, LocationKind, TemperatureClass


class RootsView(Language):
    """The locations of a warehouse that stand below no other, true at `position`."""

    warehouse: Warehouse
    children: list[str]
    position: Position


class PathStep(Language):
    """A location on the way down to another: its constraints hold there too."""

    location: str
    kind: LocationKind
    constraints: Constraints


class HeldLine(Language):
    """How many units of a SKU lie in a location, and how many of them in containers."""

    sku: Sku
    quantity: int
    packed: int


class LocationView(Language):
    """A location as it stands at `position`."""

    warehouse: Warehouse
    location: str
    kind: LocationKind
    parent: str | None
    path: list[PathStep] = Field(description="From the top down to this location's parent")
    constraints: Constraints
    units: int = Field(description="With everything below it")
    children: list[str]
    lines: list[HeldLine]
    containers: list[str]
    position: Position


class Place(Language):
    """How many units of a SKU lie in a location, and how many of them in containers."""

    location: str
    quantity: int
    packed: int


class PlacesView(Language):
    """Where a SKU lies, true at `position`."""

    warehouse: Warehouse
    sku: Sku
    item_type: str | None
    temperature_class: TemperatureClass | None
    unplaced: int = Field(description="On site and in no location; below zero: of some it is said")
    placed: int
    places: list[Place]
    position: Position


class ContainedLine(Language):
    """How many units of a SKU are right in a container."""

    sku: Sku
    quantity: int


class ContainerView(Language):
    """A container and what is right in it, true at `position`."""

    warehouse: Warehouse
    container: str
    location: str = Field(description="Where it stands, or the one that it is in")
    into: str | None
    lines: list[ContainedLine]
    containers: list[str]
    position: Position


if TYPE_CHECKING:
    LocationsCommand = Any
    LocationsEvent = Any
else:
    _KIND = Field(discriminator="type")
    LocationsCommand = Annotated[Union[COMMANDS], _KIND]  # noqa: UP007 (a tuple)
    LocationsEvent = Annotated[Union[EVENTS], _KIND]  # noqa: UP007 (a tuple)
