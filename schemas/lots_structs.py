"""The language of lots as the actor holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING

import msgspec

from schemas import envelope, lots_lines
from schemas.codec import CommandCodec, Invalid
from schemas.derive import reader_of, struct_of
from schemas.lots_commands import COMMANDS
from schemas.lots_events import EVENTS

if TYPE_CHECKING:
    from schemas.envelope import Source as Source
    from schemas.lots_commands import AssignLot as AssignLot
    from schemas.lots_commands import HoldLot as HoldLot
    from schemas.lots_commands import RebindLot as RebindLot
    from schemas.lots_commands import RecallLot as RecallLot
    from schemas.lots_commands import ReceiveLot as ReceiveLot
    from schemas.lots_commands import RecordRefusal as RecordRefusal
    from schemas.lots_commands import RecordStockChange as RecordStockChange
    from schemas.lots_commands import RegisterLot as RegisterLot
    from schemas.lots_commands import ReleaseLot as ReleaseLot
    from schemas.lots_commands import RequireShelfLife as RequireShelfLife
    from schemas.lots_events import LotAssigned as LotAssigned
    from schemas.lots_events import LotExpired as LotExpired
    from schemas.lots_events import LotHeld as LotHeld
    from schemas.lots_events import LotRebound as LotRebound
    from schemas.lots_events import LotRecalled as LotRecalled
    from schemas.lots_events import LotReceived as LotReceived
    from schemas.lots_events import LotRegistered as LotRegistered
    from schemas.lots_events import LotReleased as LotReleased
    from schemas.lots_events import LotsRejected as LotsRejected
    from schemas.lots_events import QuarantineAsked as QuarantineAsked
    from schemas.lots_events import RefusalRecorded as RefusalRecorded
    from schemas.lots_events import ShelfLifeRequired as ShelfLifeRequired
    from schemas.lots_events import StockChangeRecorded as StockChangeRecorded
    from schemas.lots_lines import LotAssignment as LotAssignment
    from schemas.lots_lines import LotBinding as LotBinding
    from schemas.lots_lines import LotGone as LotGone
    from schemas.lots_lines import LotMoved as LotMoved
    from schemas.lots_lines import LotThere as LotThere
    from schemas.lots_lines import MoveAsked as MoveAsked
    from schemas.lots_lines import PromisedLine as PromisedLine
    from schemas.lots_lines import SerialMoved as SerialMoved
    from schemas.lots_lines import SerialThere as SerialThere
    from schemas.lots_lines import StagedFor as StagedFor
    from schemas.lots_serials import BindSerials as BindSerials
    from schemas.lots_serials import MoveSerials as MoveSerials
    from schemas.lots_serials import RegisterSerials as RegisterSerials
    from schemas.lots_serials import SerialsBound as SerialsBound
    from schemas.lots_serials import SerialsMoved as SerialsMoved
    from schemas.lots_serials import SerialsRegistered as SerialsRegistered
    from schemas.lots_serials import SerialsSwapped as SerialsSwapped
    from schemas.lots_serials import SerialsUnbound as SerialsUnbound
    from schemas.lots_serials import SwapSerials as SwapSerials
    from schemas.lots_serials import UnbindSerials as UnbindSerials

    Command = lots_lines.SkuCommand
    Event = lots_lines.SkuEvent
    Outcome = lots_lines.SkuOutcome
else:
    Command = struct_of(lots_lines.SkuCommand)
    Event = struct_of(lots_lines.SkuEvent)
    Outcome = struct_of(lots_lines.SkuOutcome)
    for _model in (
        envelope.Source,
        lots_lines.LotAssignment,
        lots_lines.LotBinding,
        lots_lines.LotGone,
        lots_lines.LotThere,
        lots_lines.MoveAsked,
        lots_lines.PromisedLine,
        lots_lines.SerialMoved,
        lots_lines.SerialThere,
        lots_lines.StagedFor,
        lots_lines.LotMoved,
        *COMMANDS,
        *EVENTS,
    ):
        globals()[_model.__name__] = struct_of(_model)

CODEC = CommandCodec(COMMANDS)
COMMAND_STRUCTS = tuple(map(struct_of, COMMANDS))

decode_event = reader_of(EVENTS)
encode = msgspec.json.Encoder().encode

__all__ = ["CODEC", "COMMAND_STRUCTS", "Invalid", "decode_event", "encode"]
