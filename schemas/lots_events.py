"""What happens to lots: the definition of their events.

Whatever an event does to units stands in its lists, which are applied in this order: `unbound`,
`units`, `promised`, `assigned`, `bound`, `asked`, `serials`.
"""

from typing import Any, Literal

from pydantic import Field

from schemas.fields import Instant, Label, Warehouse
from schemas.lots_lines import (
    ArrivalAccount,
    LotAssignment,
    LotBinding,
    LotGone,
    LotMoved,
    LotThere,
    MoveAsked,
    PromisedLine,
    SerialMoved,
    SerialThere,
    SkuEvent,
    SkuOutcome,
    StagedFor,
)
from schemas.lots_serials import SERIAL_EVENTS
from schemas.stock_events import RejectionCode as StockCode

RejectionCode = Literal[
    "LOT_EXISTS",
    "LOT_NOT_FOUND",
    "LOT_DATES_CONFLICT",
    "LOT_RECALLED",
    "LOT_EXPIRED",
    "LOT_HELD",
    "LOT_NOT_HELD",
    "LOT_TO_ITSELF",
    "RESERVATION_NOT_FOUND",
    "INSUFFICIENT_UNITS",
    "SHELF_LIFE_SHORT",
    "SERIAL_TO_ITSELF",
    "MOVE_FORBIDDEN",
    "SERIAL_NOT_FOUND",
    "SERIAL_SEEN_TWICE",
    "SERIAL_ELSEWHERE",
    "SERIAL_IN_TRANSIT",
    "SERIAL_GONE",
    "SERIAL_BOUND",
    "SERIAL_NOT_BOUND",
    "QUANTITY_LIMIT",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class LotRegistered(SkuOutcome):
    """There is a lot; with `is_expired` its time was over by then."""

    type: Literal["LotRegistered"] = "LotRegistered"
    lot: str
    expires_at: Instant | None = None
    best_before: Instant | None = None
    manufactured_at: Instant | None = None
    is_expired: bool = False


class LotReceived(SkuOutcome):
    """Units of a lot came in: they are arriving until stock has received them."""

    type: Literal["LotReceived"] = "LotReceived"
    lot: str
    warehouse: Warehouse
    quantity: int
    to_account: ArrivalAccount
    asked: list[MoveAsked]


class LotAssigned(SkuOutcome):
    """Units that were there are of a lot."""

    type: Literal["LotAssigned"] = "LotAssigned"
    lot: str
    warehouse: Warehouse
    assigned: list[LotAssignment]
    asked: list[MoveAsked] = Field(default=[])


class ShelfLifeRequired(SkuOutcome):
    """What a reservation gets is good for so long, as far as lots are known that are."""

    type: Literal["ShelfLifeRequired"] = "ShelfLifeRequired"
    warehouse: Warehouse
    reservation: Label
    days: int
    is_kept: bool = False  # until something is promised to it
    unbound: list[LotBinding] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])


class LotRebound(SkuOutcome):
    """A reservation gets units of another lot, or has got them where they were picked."""

    type: Literal["LotRebound"] = "LotRebound"
    warehouse: Warehouse
    reservation: Label
    units: list[LotMoved] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])


class LotHeld(SkuOutcome):
    """Nothing of a lot is for sale for now; `there` is as it was before."""

    type: Literal["LotHeld"] = "LotHeld"
    lot: str
    reason: Label
    there: list[LotThere]
    unbound: list[LotBinding] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])
    serials: list[SerialMoved] = Field(default=[])


class LotReleased(SkuOutcome):
    """A lot that was held is good: stock is asked for what it had put on hold of it."""

    type: Literal["LotReleased"] = "LotReleased"
    lot: str
    there: list[LotThere]
    asked: list[MoveAsked] = Field(default=[])


class LotRecalled(SkuOutcome):
    """A lot is bad: where it is, for whom it is picked, and where it went.

    `staged` has the first 1,000 for whom it is picked, `gone` the last 1,000 departures of
    `gone_lines`, `traced` the last 1,000 serials of `traced_lines` that are of the lot, where they
    were before; all are read at their addresses.
    """

    type: Literal["LotRecalled"] = "LotRecalled"
    lot: str
    reason: Label
    there: list[LotThere]
    in_transit: int
    staged: list[StagedFor]
    gone_lines: int
    gone: list[LotGone]
    unbound: list[LotBinding] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])
    serials: list[SerialMoved] = Field(default=[])
    traced_lines: int = 0
    traced: list[SerialThere] = Field(default=[])


class LotExpired(SkuEvent):
    """A lot's time is over; no command asked for it."""

    type: Literal["LotExpired"] = "LotExpired"
    lot: str
    expires_at: Instant
    there: list[LotThere]
    unbound: list[LotBinding] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])
    serials: list[SerialMoved] = Field(default=[])


class StockChangeRecorded(SkuOutcome):
    """What an event of stock moved and promised, and of which lots that was."""

    type: Literal["StockChangeRecorded"] = "StockChangeRecorded"
    cause: str
    warehouse: Warehouse
    ask: Label | None = None
    reservation: Label | None = None
    released: bool = False
    transfer: Label | None = None
    counterpart: Warehouse | None = None
    short: int = 0
    over: int = 0
    unbound: list[LotBinding] = Field(default=[])
    units: list[LotMoved] = Field(default=[])
    promised: list[PromisedLine] = Field(default=[])
    assigned: list[LotAssignment] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])
    serials: list[SerialMoved] = Field(default=[])


class RefusalRecorded(SkuOutcome):
    """Stock refused what lots had asked for; it is asked for less now, or again at `again_at`."""

    type: Literal["RefusalRecorded"] = "RefusalRecorded"
    cause: str
    warehouse: Warehouse
    ask: Label
    refusal: StockCode
    lot: str | None = None
    quantity: int = 0
    attempt: int = 0
    again_at: Instant | None = None
    asked: list[MoveAsked] = Field(default=[])


class QuarantineAsked(SkuEvent):
    """Stock is asked again for units of a lot that is not good; no command asked for it."""

    type: Literal["QuarantineAsked"] = "QuarantineAsked"
    lot: str
    warehouse: Warehouse
    asked: list[MoveAsked]


class LotsRejected(SkuOutcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


EVENTS: tuple[type[SkuEvent], ...] = (
    LotRegistered,
    LotReceived,
    LotAssigned,
    ShelfLifeRequired,
    LotRebound,
    LotHeld,
    LotReleased,
    LotRecalled,
    LotExpired,
    StockChangeRecorded,
    RefusalRecorded,
    QuarantineAsked,
    *SERIAL_EVENTS,
    LotsRejected,
)
