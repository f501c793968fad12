"""The language of stock as the hot path holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING

import msgspec

from schemas import envelope, stock, stock_lines
from schemas.codec import CommandCodec
from schemas.derive import reader_of, struct_of
from schemas.invalid import InvalidAtWarehouse as Invalid
from schemas.stock_commands import COMMANDS
from schemas.stock_events import EVENTS

if TYPE_CHECKING:
    from schemas.envelope import Source as Source
    from schemas.stock import Alert as Alert
    from schemas.stock import LowStock as LowStock
    from schemas.stock import OutOfStock as OutOfStock
    from schemas.stock import StockRecovered as StockRecovered
    from schemas.stock_commands import AdjustStock as AdjustStock
    from schemas.stock_commands import ApproveCount as ApproveCount
    from schemas.stock_commands import BackorderStock as BackorderStock
    from schemas.stock_commands import CancelCount as CancelCount
    from schemas.stock_commands import CloseTransfer as CloseTransfer
    from schemas.stock_commands import ConfirmReservation as ConfirmReservation
    from schemas.stock_commands import DispatchTransfer as DispatchTransfer
    from schemas.stock_commands import ExpectSupply as ExpectSupply
    from schemas.stock_commands import ExpectTransfer as ExpectTransfer
    from schemas.stock_commands import ExtendReservation as ExtendReservation
    from schemas.stock_commands import MoveStock as MoveStock
    from schemas.stock_commands import OpenCount as OpenCount
    from schemas.stock_commands import PackStock as PackStock
    from schemas.stock_commands import PickStock as PickStock
    from schemas.stock_commands import PreorderStock as PreorderStock
    from schemas.stock_commands import ReceiveStock as ReceiveStock
    from schemas.stock_commands import ReceiveSupply as ReceiveSupply
    from schemas.stock_commands import ReceiveTransfer as ReceiveTransfer
    from schemas.stock_commands import RecordCount as RecordCount
    from schemas.stock_commands import ReleaseReservation as ReleaseReservation
    from schemas.stock_commands import ReserveStock as ReserveStock
    from schemas.stock_commands import SetChannelPools as SetChannelPools
    from schemas.stock_commands import SetReorderPoint as SetReorderPoint
    from schemas.stock_commands import SetStock as SetStock
    from schemas.stock_commands import SetStockPolicy as SetStockPolicy
    from schemas.stock_commands import SettleTransfer as SettleTransfer
    from schemas.stock_commands import ShipPacked as ShipPacked
    from schemas.stock_commands import ShipReservation as ShipReservation
    from schemas.stock_commands import ShipStock as ShipStock
    from schemas.stock_commands import SupersedeReservation as SupersedeReservation
    from schemas.stock_commands import UnpickStock as UnpickStock
    from schemas.stock_events import ChannelPoolsSet as ChannelPoolsSet
    from schemas.stock_events import CommandRejected as CommandRejected
    from schemas.stock_events import CountApproved as CountApproved
    from schemas.stock_events import CountCancelled as CountCancelled
    from schemas.stock_events import CountOpened as CountOpened
    from schemas.stock_events import CountRecorded as CountRecorded
    from schemas.stock_events import PackedShipped as PackedShipped
    from schemas.stock_events import ReorderPointSet as ReorderPointSet
    from schemas.stock_events import ReservationConfirmed as ReservationConfirmed
    from schemas.stock_events import ReservationExpired as ReservationExpired
    from schemas.stock_events import ReservationExtended as ReservationExtended
    from schemas.stock_events import ReservationReleased as ReservationReleased
    from schemas.stock_events import ReservationSuperseded as ReservationSuperseded
    from schemas.stock_events import StockAdjusted as StockAdjusted
    from schemas.stock_events import StockBackordered as StockBackordered
    from schemas.stock_events import StockMoved as StockMoved
    from schemas.stock_events import StockPacked as StockPacked
    from schemas.stock_events import StockPicked as StockPicked
    from schemas.stock_events import StockPolicySet as StockPolicySet
    from schemas.stock_events import StockReceived as StockReceived
    from schemas.stock_events import StockReserved as StockReserved
    from schemas.stock_events import StockShipped as StockShipped
    from schemas.stock_events import StockUnpicked as StockUnpicked
    from schemas.stock_events import SupplyExpected as SupplyExpected
    from schemas.stock_events import TransferClosed as TransferClosed
    from schemas.stock_events import TransferDispatched as TransferDispatched
    from schemas.stock_events import TransferExpected as TransferExpected
    from schemas.stock_events import TransferReceived as TransferReceived
    from schemas.stock_events import TransferSettled as TransferSettled
    from schemas.stock_lines import AccountMoved as AccountMoved
    from schemas.stock_lines import Announced as Announced
    from schemas.stock_lines import Counted as Counted
    from schemas.stock_lines import DeltaMoved as DeltaMoved
    from schemas.stock_lines import Filled as Filled
    from schemas.stock_lines import Late as Late
    from schemas.stock_lines import PolicyMoved as PolicyMoved
    from schemas.stock_lines import PoolSet as PoolSet
    from schemas.stock_lines import PoolsMoved as PoolsMoved
    from schemas.stock_lines import QuantityAwaited as QuantityAwaited
    from schemas.stock_lines import QuantityLine as QuantityLine
    from schemas.stock_lines import QuantityMoved as QuantityMoved
    from schemas.stock_lines import ReorderPointMoved as ReorderPointMoved
    from schemas.stock_lines import RowSeen as RowSeen
    from schemas.stock_lines import SkuLine as SkuLine
    from schemas.stock_lines import SupplyMoved as SupplyMoved
    from schemas.stock_lines import TransitMoved as TransitMoved
    from schemas.stock_lines import TruedUp as TruedUp

    Command = envelope.WarehouseCommand
    Event = envelope.WarehouseEvent
    Outcome = envelope.WarehouseOutcome
else:
    Command = struct_of(envelope.WarehouseCommand)
    Event = struct_of(envelope.WarehouseEvent)
    Outcome = struct_of(envelope.WarehouseOutcome)
    for _model in (
        envelope.Source,
        stock.Alert,
        stock_lines.AccountMoved,
        stock_lines.Announced,
        stock_lines.Counted,
        stock_lines.DeltaMoved,
        stock_lines.Filled,
        stock_lines.Late,
        stock_lines.PolicyMoved,
        stock_lines.PoolSet,
        stock_lines.PoolsMoved,
        stock_lines.QuantityAwaited,
        stock_lines.QuantityMoved,
        stock_lines.ReorderPointMoved,
        stock_lines.RowSeen,
        stock_lines.QuantityLine,
        stock_lines.SkuLine,
        stock_lines.SupplyMoved,
        stock_lines.TransitMoved,
        stock_lines.TruedUp,
        *COMMANDS,
        *EVENTS,
        *stock.ALERTS,
    ):
        globals()[_model.__name__] = struct_of(_model)

CODEC = CommandCodec(COMMANDS)
COMMAND_STRUCTS = tuple(map(struct_of, COMMANDS))

decode_command = CODEC.decode
decode_event = reader_of(EVENTS)
encode = msgspec.json.Encoder().encode

__all__ = ["CODEC", "COMMAND_STRUCTS", "Invalid", "decode_command", "decode_event", "encode"]
