"""What may be asked of locations: the definition of their commands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import WarehouseCommand
from schemas.locations_lines import (
    CheckedConstraints,
    ClassLines,
    LocationKind,
    MoveLines,
    Name,
    PackLines,
    PlaceLines,
    SiteLines,
)

EVENT_ID_LENGTH_MAX = 128  # as of the id of the command that it becomes


class CreateLocation(WarehouseCommand):
    """There is a place."""

    type: Literal["CreateLocation"]
    location: Name
    parent: Name | None = None
    kind: LocationKind
    constraints: CheckedConstraints | None = None


class ChangeConstraints(WarehouseCommand):
    """Other constraints hold for a location and all below it, instead of those before."""

    type: Literal["ChangeConstraints"]
    location: Name
    constraints: CheckedConstraints


class MoveLocation(WarehouseCommand):
    """A location goes below another, or below none, with all below it."""

    type: Literal["MoveLocation"]
    location: Name
    parent: Name | None = None


class DeleteLocation(WarehouseCommand):
    """There is no such place any more."""

    type: Literal["DeleteLocation"]
    location: Name


class ClassifyItem(WarehouseCommand):
    """Say of SKUs what constraints look at."""

    type: Literal["ClassifyItem"]
    lines: ClassLines


class RecordSiteChange(WarehouseCommand):
    """What came onto the site and left it. Caused by an event of stock; nobody else sends it."""

    type: Literal["RecordSiteChange"]
    cause: Annotated[str, Field(min_length=1, max_length=EVENT_ID_LENGTH_MAX)]
    lines: SiteLines


class PutAway(WarehouseCommand):
    """Units that lay nowhere lie in locations."""

    type: Literal["PutAway"]
    lines: PlaceLines


class TakeOut(WarehouseCommand):
    """Units are taken out of locations, before they are picked or shipped."""

    type: Literal["TakeOut"]
    lines: PlaceLines


class MoveUnits(WarehouseCommand):
    """Units go from one location to another."""

    type: Literal["MoveUnits"]
    lines: MoveLines


class OpenContainer(WarehouseCommand):
    """An empty container stands in a location."""

    type: Literal["OpenContainer"]
    container: Name
    location: Name


class PackContainer(WarehouseCommand):
    """Units go into a container, from the location in which it stands."""

    type: Literal["PackContainer"]
    container: Name
    lines: PackLines


class UnpackContainer(WarehouseCommand):
    """Units go out of a container, into the location in which it stands."""

    type: Literal["UnpackContainer"]
    container: Name
    lines: PackLines


class MoveContainer(WarehouseCommand):
    """A container goes to a location, with all that is in it; out of the one it stood in."""

    type: Literal["MoveContainer"]
    container: Name
    to_location: Name


class NestContainer(WarehouseCommand):
    """A container goes into another with all in it; without `into`, out of the one it is in."""

    type: Literal["NestContainer"]
    container: Name
    into: Name | None = None


class CloseContainer(WarehouseCommand):
    """An empty container is used no more."""

    type: Literal["CloseContainer"]
    container: Name


CAUSED: tuple[type[WarehouseCommand], ...] = (RecordSiteChange,)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[WarehouseCommand], ...] = (
    CreateLocation,
    ChangeConstraints,
    MoveLocation,
    DeleteLocation,
    ClassifyItem,
    RecordSiteChange,
    PutAway,
    TakeOut,
    MoveUnits,
    OpenContainer,
    PackContainer,
    UnpackContainer,
    MoveContainer,
    NestContainer,
    CloseContainer,
)
