"""The language of finance as its actor holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING

import msgspec

from schemas import envelope, finance_lines
from schemas.codec import CommandCodec, Invalid
from schemas.derive import reader_of, struct_of
from schemas.finance_commands import COMMANDS
from schemas.finance_events import EVENTS

if TYPE_CHECKING:
    from schemas.envelope import Source as Source
    from schemas.finance_commands import ClosePeriod as ClosePeriod
    from schemas.finance_commands import PostCost as PostCost
    from schemas.finance_commands import PostLandedCost as PostLandedCost
    from schemas.finance_commands import ReceiveTransferCost as ReceiveTransferCost
    from schemas.finance_commands import RecordMovement as RecordMovement
    from schemas.finance_commands import SetCosting as SetCosting
    from schemas.finance_events import CostAdjusted as CostAdjusted
    from schemas.finance_events import CostingSet as CostingSet
    from schemas.finance_events import FinanceRejected as FinanceRejected
    from schemas.finance_events import PeriodClosed as PeriodClosed
    from schemas.finance_events import ValueMoved as ValueMoved
    from schemas.finance_lines import CostBooked as CostBooked
    from schemas.finance_lines import CostingLine as CostingLine
    from schemas.finance_lines import CostingMoved as CostingMoved
    from schemas.finance_lines import JournalLine as JournalLine
    from schemas.finance_lines import MovementLine as MovementLine
    from schemas.finance_lines import TransferCostLine as TransferCostLine
    from schemas.finance_lines import WorthMoved as WorthMoved

    Command = envelope.WarehouseCommand
    Event = envelope.WarehouseEvent
    Outcome = envelope.WarehouseOutcome
else:
    Command = struct_of(envelope.WarehouseCommand)
    Event = struct_of(envelope.WarehouseEvent)
    Outcome = struct_of(envelope.WarehouseOutcome)
    for _model in (
        envelope.Source,
        finance_lines.CostBooked,
        finance_lines.CostingLine,
        finance_lines.CostingMoved,
        finance_lines.JournalLine,
        finance_lines.MovementLine,
        finance_lines.TransferCostLine,
        finance_lines.WorthMoved,
        *COMMANDS,
        *EVENTS,
    ):
        globals()[_model.__name__] = struct_of(_model)

CODEC = CommandCodec(COMMANDS)
COMMAND_STRUCTS = tuple(map(struct_of, COMMANDS))

decode_command = CODEC.decode
decode_event = reader_of(EVENTS)
encode = msgspec.json.Encoder().encode

__all__ = ["CODEC", "COMMAND_STRUCTS", "Invalid", "decode_command", "decode_event", "encode"]
