"""The language of locations as the actor holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING

import msgspec

from schemas import envelope, locations_lines, stock_lines
from schemas.codec import CommandCodec, Invalid
from schemas.derive import reader_of, struct_of
from schemas.locations_commands import COMMANDS
from schemas.locations_events import EVENTS

if TYPE_CHECKING:
    from schemas.envelope import Source as Source
    from schemas.locations_commands import ChangeConstraints as ChangeConstraints
    from schemas.locations_commands import ClassifyItem as ClassifyItem
    from schemas.locations_commands import CloseContainer as CloseContainer
    from schemas.locations_commands import CreateLocation as CreateLocation
    from schemas.locations_commands import DeleteLocation as DeleteLocation
    from schemas.locations_commands import MoveContainer as MoveContainer
    from schemas.locations_commands import MoveLocation as MoveLocation
    from schemas.locations_commands import MoveUnits as MoveUnits
    from schemas.locations_commands import NestContainer as NestContainer
    from schemas.locations_commands import OpenContainer as OpenContainer
    from schemas.locations_commands import PackContainer as PackContainer
    from schemas.locations_commands import PutAway as PutAway
    from schemas.locations_commands import RecordSiteChange as RecordSiteChange
    from schemas.locations_commands import TakeOut as TakeOut
    from schemas.locations_commands import UnpackContainer as UnpackContainer
    from schemas.locations_events import ConstraintsChanged as ConstraintsChanged
    from schemas.locations_events import ContainerClosed as ContainerClosed
    from schemas.locations_events import ContainerMoved as ContainerMoved
    from schemas.locations_events import ContainerNested as ContainerNested
    from schemas.locations_events import ContainerOpened as ContainerOpened
    from schemas.locations_events import ContainerPacked as ContainerPacked
    from schemas.locations_events import ContainerUnpacked as ContainerUnpacked
    from schemas.locations_events import ItemClassified as ItemClassified
    from schemas.locations_events import LocationCreated as LocationCreated
    from schemas.locations_events import LocationDeleted as LocationDeleted
    from schemas.locations_events import LocationMoved as LocationMoved
    from schemas.locations_events import LocationsRejected as LocationsRejected
    from schemas.locations_events import SiteChangeRecorded as SiteChangeRecorded
    from schemas.locations_events import UnitsMoved as UnitsMoved
    from schemas.locations_events import UnitsPutAway as UnitsPutAway
    from schemas.locations_events import UnitsTakenOut as UnitsTakenOut
    from schemas.locations_lines import Classified as Classified
    from schemas.locations_lines import ClassLine as ClassLine
    from schemas.locations_lines import Constraints as Constraints
    from schemas.locations_lines import Contained as Contained
    from schemas.locations_lines import MoveLine as MoveLine
    from schemas.locations_lines import Packed as Packed
    from schemas.locations_lines import Placed as Placed
    from schemas.locations_lines import PlaceLine as PlaceLine
    from schemas.locations_lines import SiteLine as SiteLine
    from schemas.locations_lines import SiteMoved as SiteMoved
    from schemas.locations_lines import UnitsCarried as UnitsCarried
    from schemas.stock_lines import QuantityLine as QuantityLine

    Command = envelope.WarehouseCommand
    Event = envelope.WarehouseEvent
    Outcome = envelope.WarehouseOutcome
else:
    Command = struct_of(envelope.WarehouseCommand)
    Event = struct_of(envelope.WarehouseEvent)
    Outcome = struct_of(envelope.WarehouseOutcome)
    for _model in (
        envelope.Source,
        locations_lines.Classified,
        locations_lines.ClassLine,
        locations_lines.Constraints,
        locations_lines.Contained,
        locations_lines.MoveLine,
        locations_lines.SiteLine,
        locations_lines.Packed,
        locations_lines.Placed,
        locations_lines.PlaceLine,
        locations_lines.SiteMoved,
        locations_lines.UnitsCarried,
        stock_lines.QuantityLine,
        *COMMANDS,
        *EVENTS,
    ):
        globals()[_model.__name__] = struct_of(_model)

CODEC = CommandCodec(COMMANDS)
COMMAND_STRUCTS = tuple(map(struct_of, COMMANDS))

decode_event = reader_of(EVENTS)
encode = msgspec.json.Encoder().encode

__all__ = ["CODEC", "COMMAND_STRUCTS", "Invalid", "decode_event", "encode"]
