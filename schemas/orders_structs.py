"""The language of orders as the actor holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING

import msgspec

from schemas import orders_commands, orders_events, orders_lines, stock_lines
from schemas.codec import CommandCodec, Invalid
from schemas.derive import reader_of, struct_of
from schemas.orders_commands import COMMANDS
from schemas.orders_events import EVENTS

if TYPE_CHECKING:
    from schemas.orders_commands import CancelOrder as CancelOrder
    from schemas.orders_commands import OrderCommand as OrderCommand
    from schemas.orders_commands import PlaceOrder as PlaceOrder
    from schemas.orders_commands import RecordLeg as RecordLeg
    from schemas.orders_commands import RecordLegRefusal as RecordLegRefusal
    from schemas.orders_events import LegRecorded as LegRecorded
    from schemas.orders_events import LegReturned as LegReturned
    from schemas.orders_events import OrderAllocated as OrderAllocated
    from schemas.orders_events import OrderBackordered as OrderBackordered
    from schemas.orders_events import OrderCancelled as OrderCancelled
    from schemas.orders_events import OrderCancelling as OrderCancelling
    from schemas.orders_events import OrderChanged as OrderChanged
    from schemas.orders_events import OrderConfirming as OrderConfirming
    from schemas.orders_events import OrderPlaced as OrderPlaced
    from schemas.orders_events import OrderPlanned as OrderPlanned
    from schemas.orders_events import OrderRefused as OrderRefused
    from schemas.orders_events import OrderRefusing as OrderRefusing
    from schemas.orders_events import OrderShipped as OrderShipped
    from schemas.orders_events import OrdersRejected as OrdersRejected
    from schemas.orders_lines import Ask as Ask
    from schemas.orders_lines import Learned as Learned
    from schemas.orders_lines import Leg as Leg
    from schemas.orders_lines import LegLine as LegLine
    from schemas.orders_lines import OrderSource as OrderSource
    from schemas.orders_lines import Requirement as Requirement
    from schemas.orders_lines import ShortLine as ShortLine
    from schemas.orders_lines import StockHint as StockHint
    from schemas.stock_lines import QuantityLine as QuantityLine
else:
    for _model in (
        orders_commands.OrderCommand,
        orders_events.OrderChanged,
        orders_lines.Ask,
        orders_lines.Learned,
        orders_lines.Leg,
        orders_lines.LegLine,
        orders_lines.OrderSource,
        orders_lines.Requirement,
        orders_lines.ShortLine,
        orders_lines.StockHint,
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
