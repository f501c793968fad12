"""The language of lots: their commands, events and views. The definition."""

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from schemas.accounts import Account
from schemas.envelope import Language, Position
from schemas.fields import Sku, Warehouse
from schemas.lots_commands import COMMANDS
from schemas.lots_events import EVENTS
from schemas.lots_lines import LotGone, LotThere, SerialThere, StagedFor


class LotState(Language):
    """What a lot is, and where units of it are."""

    lot: str
    expires_at: str | None
    best_before: str | None
    manufactured_at: str | None
    is_good: bool = Field(description="Units of it may be bound and sold")
    is_expired: bool
    held: str | None = Field(description="Why it is on hold")
    recalled: str | None = Field(description="Why it is bad")
    in_transit: int
    warehouses: list[LotThere]


class Unassigned(Language):
    """Units on site of which the lot is not known, by stock's accounts."""

    warehouse: Warehouse
    sellable: int = Field(description="Below zero: more left than was known to be there")
    quality_hold: int
    damaged: int
    expired: int
    recalled: int
    staged: int


class LotsView(Language):
    """What a warehouse has of a SKU: its lots, first ended first, true at `position`."""

    sku: Sku
    warehouse: Warehouse
    unassigned: Unassigned
    lots: list[LotState]
    serials: dict[Account, int] = Field(
        description="Serials by account: more than its units where some left and nobody said which"
    )
    position: Position


class LotView(LotState):
    """A lot, for whom it is picked, and where it went, true at `position`."""

    sku: Sku
    staged: list[StagedFor]
    gone_lines: int = Field(description="Departures there ever were")
    gone: list[LotGone] = Field(description="Those of this page, the oldest first")
    next: int | None = Field(description="Where the next page begins: give it as `after`")
    position: Position


class BoundLot(Language):
    """Units of a lot that a reservation is to get, or that are picked for it."""

    lot: str | None
    quantity: int


class BoundSerial(Language):
    """A unit that a reservation is to get, or that is picked for it."""

    serial: str
    account: Account


class SerialStep(Language):
    """A part of a serial's history: where it was then, and the event that says so."""

    event_id: str
    recorded_at: str
    warehouse: str
    account: Account
    reservation: str | None
    reference: str | None


class SerialView(SerialThere):
    """Where a serial is, or was seen last, and all of its history, true at `position`."""

    sku: Sku
    lot: str | None
    is_good: bool = Field(description="Its lot may be sold, where it is known to be of one")
    steps: int = Field(description="Parts of its history that there ever were")
    history: list[SerialStep] = Field(description="Those of this page, the oldest first")
    next: int | None = Field(description="Where the next page begins: give it as `after`")
    position: Position


class SerialsView(Language):
    """The serials of a lot as they were registered, each where it is, true at `position`."""

    sku: Sku
    lot: str
    count: int
    serials: list[SerialThere]
    next: int | None = Field(description="Where the next page begins: give it as `after`")
    position: Position


class ClaimView(Language):
    """What of a SKU a reservation is promised for good, and of which lots, true at `position`."""

    sku: Sku
    warehouse: Warehouse
    reservation: str
    days: int = Field(description="For so long at least what is bound must be good")
    unbound: int
    bound: list[BoundLot]
    staged: list[BoundLot]
    serials: list[BoundSerial]
    position: Position


if TYPE_CHECKING:
    LotsCommand = Any
    LotsEvent = Any
else:
    _KIND = Field(discriminator="type")
    LotsCommand = Annotated[Union[COMMANDS], _KIND]  # noqa: UP007 (a tuple)
    LotsEvent = Annotated[Union[EVENTS], _KIND]  # noqa: UP007 (a tuple)
