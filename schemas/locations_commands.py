"""What may be asked of locations: the definition of their commands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Command
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


class CreateLocation(Command):
    """There is a place."""

    type: Literal["CreateLocation"]
    location: Name
    parent: Name | None = None
    kind: LocationKind
    constraints: CheckedConstraints | None = None


class ChangeConstraints(Command):
    """Other constraints hold for a location and all below it, instead of those before."""

    type: Literal["ChangeConstraints"]
    location: Name
    constraints: CheckedConstraints


class MoveLocation(Command):
    """A location goes below another, or below none, with all below it."""

    type: Literal["MoveLocation"]
    location: Name
    parent: Name | None = None


class DeleteLocation(Command):
    """There is no such place any more."""

    type: Literal["DeleteLocation"]
    location: Name


class ClassifyItem(Command):
    """Say of SKUs what constraints look at."""

    type: Literal["ClassifyItem"]
    lines: ClassLines


class RecordSiteChange(Command):
    """What came onto the site and left it. Caused by an event of stock; nobody else sends it."""

    type: Literal["RecordSiteChange"]
    cause: Annotated[str, Field(min_length=1, max_length=EVENT_ID_LENGTH_MAX)]
    lines: SiteLines


class PutAway(Command):
    """Units that lay nowhere lie in locations."""

    type: Literal["PutAway"]
    lines: PlaceLines


class TakeOut(Command):
    """Units are taken out of locations, before they are picked or shipped."""

    type: Literal["TakeOut"]
    lines: PlaceLines


class MoveUnits(Command):
    """Units go from one location to another."""

    type: Literal["MoveUnits"]
    lines: MoveLines


class OpenContainer(Command):
    """An empty container stands in a location."""

    type: Literal["OpenContainer"]
    container: Name
    location: Name


class PackContainer(Command):
    """Units go into a container, from the location in which it stands."""

    type: Literal["PackContainer"]
    container: Name
    lines: PackLines


class UnpackContainer(Command):
    """Units go out of a container, into the location in which it stands."""

    type: Literal["UnpackContainer"]
    container: Name
    lines: PackLines


class MoveContainer(Command):
    """A container goes to a location, with all that is in it; out of the one it stood in."""

    type: Literal["MoveContainer"]
    container: Name
    to_location: Name


class NestContainer(Command):
    """A container goes into another with all in it; without `into`, out of the one it is in."""

    type: Literal["NestContainer"]
    container: Name
    into: Name | None = None


class CloseContainer(Command):
    """An empty container is used no more."""

    type: Literal["CloseContainer"]
    container: Name


CAUSED: tuple[type[Command], ...] = (RecordSiteChange,)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[Command], ...] = (
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
