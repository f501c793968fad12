"""The language of stock as the hot path holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING, Any, Union

import msgspec

from schemas import envelope, stock
from schemas.codec import CommandCodec, Invalid
from schemas.derive import struct_of

if TYPE_CHECKING:
    from schemas.envelope import Command as Command
    from schemas.envelope import Event as Event
    from schemas.envelope import Outcome as Outcome
    from schemas.envelope import Source as Source
    from schemas.stock import AdjustStock as AdjustStock
    from schemas.stock import Alert as Alert
    from schemas.stock import CommandRejected as CommandRejected
    from schemas.stock import DeltaMoved as DeltaMoved
    from schemas.stock import LowStock as LowStock
    from schemas.stock import OutOfStock as OutOfStock
    from schemas.stock import QuantityMoved as QuantityMoved
    from schemas.stock import ReceiveStock as ReceiveStock
    from schemas.stock import ReleaseReservation as ReleaseReservation
    from schemas.stock import ReorderPointMoved as ReorderPointMoved
    from schemas.stock import ReorderPointSet as ReorderPointSet
    from schemas.stock import ReservationExpired as ReservationExpired
    from schemas.stock import ReservationReleased as ReservationReleased
    from schemas.stock import ReserveStock as ReserveStock
    from schemas.stock import SetReorderPoint as SetReorderPoint
    from schemas.stock import ShipReservation as ShipReservation
    from schemas.stock import ShipStock as ShipStock
    from schemas.stock import StockAdjusted as StockAdjusted
    from schemas.stock import StockReceived as StockReceived
    from schemas.stock import StockRecovered as StockRecovered
    from schemas.stock import StockReserved as StockReserved
    from schemas.stock import StockShipped as StockShipped
else:
    for _model in (
        envelope.Command,
        envelope.Event,
        envelope.Outcome,
        stock.Alert,
        envelope.Source,
        stock.QuantityMoved,
        stock.DeltaMoved,
        stock.ReorderPointMoved,
        *stock.COMMANDS,
        *stock.EVENTS,
        *stock.ALERTS,
    ):
        globals()[_model.__name__] = struct_of(_model)

CODEC = CommandCodec(stock.COMMANDS)
COMMAND_STRUCTS = tuple(struct_of(model) for model in stock.COMMANDS)
_EVENT_STRUCTS = tuple(struct_of(model) for model in stock.EVENTS)
_EVENTS = msgspec.json.Decoder(Union[_EVENT_STRUCTS])  # noqa: UP007 (known at run time only)

decode_command = CODEC.decode
encode = msgspec.json.Encoder().encode


def decode_event(value: bytes) -> Any:
    """An event's struct; raises msgspec.DecodeError, also for a type this version does not know."""
    return _EVENTS.decode(value)


__all__ = ["CODEC", "COMMAND_STRUCTS", "Invalid", "decode_command", "decode_event", "encode"]
