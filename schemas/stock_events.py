"""What happens to stock: the definition of its events."""

from typing import Any, Literal

from pydantic import Field

from schemas.accounts import Account, ReasonCode
from schemas.envelope import WarehouseEvent, WarehouseOutcome
from schemas.fields import Channel, Instant, Label, Priority, StockLevel, Warehouse
from schemas.stock_lines import (
    AccountMoved,
    Announced,
    Counted,
    DeltaMoved,
    Filled,
    Late,
    PolicyMoved,
    PoolsMoved,
    QuantityAwaited,
    QuantityMoved,
    ReorderPointMoved,
    RowSeen,
    SkuLine,
    SupplyMoved,
    TransitMoved,
    TruedUp,
)

RejectionCode = Literal[
    "INSUFFICIENT_STOCK",
    "RESERVATION_EXISTS",
    "RESERVATION_NOT_FOUND",
    "RESERVATION_CLOSED",
    "RESERVATION_CONFIRMED",
    "RESERVATION_NOT_CONFIRMED",
    "RESERVATION_PICKED",
    "RESERVATION_WAITING",
    "QUEUE_FULL",
    "NOT_PROMISABLE",
    "TOO_MANY_LATE",
    "OVER_PICK",
    "NOT_PICKED",
    "NOT_PACKED",
    "POLICY_CONFLICT",
    "STOCK_OWED",
    "VERSION_CONFLICT",
    "MOVE_FORBIDDEN",
    "SUPPLY_CONFLICT",
    "SUPPLY_NOT_FOUND",
    "SUPPLIES_FULL",
    "OVER_RECEIPT",
    "COUNT_EXISTS",
    "COUNT_NOT_FOUND",
    "COUNT_CLOSED",
    "COUNT_LINE_UNKNOWN",
    "COUNT_LINE_FINAL",
    "COUNT_INCOMPLETE",
    "COUNT_SELF_APPROVED",
    "ACTOR_REQUIRED",
    "TRANSFER_EXISTS",
    "TRANSFER_NOT_FOUND",
    "TRANSFER_CLOSED",
    "TRANSFER_TO_ITSELF",
    "QUANTITY_LIMIT",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class StockReceived(WarehouseOutcome):
    """Stock came in."""

    type: Literal["StockReceived"] = "StockReceived"
    lines: list[QuantityMoved]
    trued_up: list[TruedUp] = Field(default=[])
    filled: list[Filled] = Field(default=[])


class StockShipped(WarehouseOutcome):
    """Stock left, with `reservation` where it had been promised, `confirmed` where for good."""

    type: Literal["StockShipped"] = "StockShipped"
    lines: list[QuantityMoved]
    reservation: Label | None = None
    confirmed: bool = False
    channel: Channel | None = None
    late: list[Late] = Field(default=[])


class StockAdjusted(WarehouseOutcome):
    """Stock was corrected."""

    type: Literal["StockAdjusted"] = "StockAdjusted"
    lines: list[DeltaMoved]
    reason: Label
    trued_up: list[TruedUp] = Field(default=[])
    filled: list[Filled] = Field(default=[])


class StockReserved(WarehouseOutcome):
    """Stock is promised until `expires_at`."""

    type: Literal["StockReserved"] = "StockReserved"
    lines: list[QuantityMoved]
    reservation: Label
    expires_at: Instant
    channel: Channel | None = None


class ReservationReleased(WarehouseOutcome):
    """A promise was taken back, which was for good where it says `confirmed`."""

    type: Literal["ReservationReleased"] = "ReservationReleased"
    lines: list[QuantityMoved]
    reservation: Label
    confirmed: bool = False
    channel: Channel | None = None
    filled: list[Filled] = Field(default=[])


class ReservationExpired(WarehouseEvent):
    """A promise ran out; no command asked for it."""

    type: Literal["ReservationExpired"] = "ReservationExpired"
    lines: list[QuantityMoved]
    reservation: Label
    expires_at: Instant
    channel: Channel | None = None
    filled: list[Filled] = Field(default=[])


class ReorderPointSet(WarehouseOutcome):
    """Reorder points were set."""

    type: Literal["ReorderPointSet"] = "ReorderPointSet"
    lines: list[ReorderPointMoved]


class StockPolicySet(WarehouseOutcome):
    """How SKUs are kept was set."""

    type: Literal["StockPolicySet"] = "StockPolicySet"
    lines: list[PolicyMoved]
    filled: list[Filled] = Field(default=[])


class ChannelPoolsSet(WarehouseOutcome):
    """How much of SKUs each channel may promise was set."""

    type: Literal["ChannelPoolsSet"] = "ChannelPoolsSet"
    lines: list[PoolsMoved]
    filled: list[Filled] = Field(default=[])


class ReservationExtended(WarehouseOutcome):
    """A promise has another end."""

    type: Literal["ReservationExtended"] = "ReservationExtended"
    lines: list[QuantityMoved]
    reservation: Label
    expires_at: Instant


class ReservationSuperseded(WarehouseOutcome):
    """A promise took another's place; a SKU of the old one alone is here with a quantity of 0."""

    type: Literal["ReservationSuperseded"] = "ReservationSuperseded"
    lines: list[QuantityMoved]
    reservation: Label
    replaces: Label
    expires_at: Instant
    channel: Channel | None = None
    filled: list[Filled] = Field(default=[])


class ReservationConfirmed(WarehouseOutcome):
    """A promise is for good."""

    type: Literal["ReservationConfirmed"] = "ReservationConfirmed"
    lines: list[QuantityMoved]
    reservation: Label
    channel: Channel | None = None


class StockBackordered(WarehouseOutcome):
    """What there was is promised for good, and what is missing is waited for.

    A pre-order has `by`, and its lines say the days that are promised.
    """

    type: Literal["StockBackordered"] = "StockBackordered"
    lines: list[QuantityAwaited]
    reservation: Label
    priority: Priority = 0
    promised: Instant | None = None
    partial: bool = True
    channel: Channel | None = None
    by: Instant | None = None
    late: list[Late] = Field(default=[])


class StockPicked(WarehouseOutcome):
    """Units left the shelf, and are staged."""

    type: Literal["StockPicked"] = "StockPicked"
    lines: list[QuantityMoved]
    reservation: Label


class StockUnpicked(WarehouseOutcome):
    """Units are on the shelf again, and promised."""

    type: Literal["StockUnpicked"] = "StockUnpicked"
    lines: list[QuantityMoved]
    reservation: Label


class StockPacked(WarehouseOutcome):
    """Staged units are packed; no row changes."""

    type: Literal["StockPacked"] = "StockPacked"
    lines: list[QuantityMoved]
    reservation: Label


class PackedShipped(WarehouseOutcome):
    """Packed units left; on hand they were none any more."""

    type: Literal["PackedShipped"] = "PackedShipped"
    lines: list[QuantityMoved]
    reservation: Label


class StockMoved(WarehouseOutcome):
    """Units went from one account to another."""

    type: Literal["StockMoved"] = "StockMoved"
    from_account: Account
    to_account: Account
    reason: ReasonCode
    lines: list[AccountMoved]
    reference: Label | None = None
    supply: Label | None = None
    trued_up: list[TruedUp] = Field(default=[])
    filled: list[Filled] = Field(default=[])
    late: list[Late] = Field(default=[])


class SupplyExpected(WarehouseOutcome):
    """What is still to come of a supply was set, for the first time or anew."""

    type: Literal["SupplyExpected"] = "SupplyExpected"
    supply: Label
    lines: list[SupplyMoved]
    late: list[Late] = Field(default=[])


class CountOpened(WarehouseOutcome):
    """A count began; `on_hand` of each line is the book it will be compared with."""

    type: Literal["CountOpened"] = "CountOpened"
    count: Label
    tolerance: StockLevel
    lines: list[RowSeen]


class CountRecorded(WarehouseOutcome):
    """Something was counted; `recount` names what must be counted once more."""

    type: Literal["CountRecorded"] = "CountRecorded"
    count: Label
    lines: list[Counted]
    recount: list[SkuLine]


class CountApproved(WarehouseOutcome):
    """Stock was corrected by what was found."""

    type: Literal["CountApproved"] = "CountApproved"
    count: Label
    lines: list[DeltaMoved]
    trued_up: list[TruedUp] = Field(default=[])
    filled: list[Filled] = Field(default=[])


class CountCancelled(WarehouseOutcome):
    """A count ended without a correction."""

    type: Literal["CountCancelled"] = "CountCancelled"
    count: Label


class TransferDispatched(WarehouseOutcome):
    """Stock left for another warehouse."""

    type: Literal["TransferDispatched"] = "TransferDispatched"
    transfer: Label
    to_warehouse: Warehouse
    lines: list[QuantityMoved]


class TransferExpected(WarehouseOutcome):
    """Stock is on its way here; no row changes."""

    type: Literal["TransferExpected"] = "TransferExpected"
    transfer: Label
    from_warehouse: Warehouse
    lines: list[Announced]


class TransferReceived(WarehouseOutcome):
    """Stock arrived from another warehouse; with `is_closed` nothing is missing any more."""

    type: Literal["TransferReceived"] = "TransferReceived"
    transfer: Label
    from_warehouse: Warehouse
    lines: list[QuantityMoved]
    is_closed: bool = False
    trued_up: list[TruedUp] = Field(default=[])
    filled: list[Filled] = Field(default=[])


class TransferClosed(WarehouseOutcome):
    """Nothing more will come; the lines are what is missing."""

    type: Literal["TransferClosed"] = "TransferClosed"
    transfer: Label
    from_warehouse: Warehouse
    lines: list[Announced]


class TransferSettled(WarehouseOutcome):
    """The sender's books after a receipt or the close: what is short or over is gain or loss."""

    type: Literal["TransferSettled"] = "TransferSettled"
    transfer: Label
    to_warehouse: Warehouse
    lines: list[TransitMoved]
    is_final: bool = False


class CommandRejected(WarehouseOutcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


EVENTS: tuple[type[WarehouseEvent], ...] = (
    StockReceived,
    StockShipped,
    StockAdjusted,
    StockReserved,
    ReservationReleased,
    ReservationExpired,
    ReorderPointSet,
    StockPolicySet,
    ChannelPoolsSet,
    ReservationExtended,
    ReservationSuperseded,
    ReservationConfirmed,
    StockBackordered,
    StockPicked,
    StockUnpicked,
    StockPacked,
    PackedShipped,
    StockMoved,
    SupplyExpected,
    CountOpened,
    CountRecorded,
    CountApproved,
    CountCancelled,
    TransferDispatched,
    TransferExpected,
    TransferReceived,
    TransferClosed,
    TransferSettled,
    CommandRejected,
)
