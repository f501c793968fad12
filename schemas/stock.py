"""The language of stock: its commands, events, alerts and views. The definition."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.envelope import Closed, Command, Event, Language, Outcome, Position
from schemas.fields import (
    LINES_MAX,
    QUANTITY_MAX,
    Instant,
    Label,
    Quantity,
    Sku,
    StockLevel,
    TtlSeconds,
    Warehouse,
)
from schemas.rows import ReservationState

RejectionCode = Literal[
    "INSUFFICIENT_STOCK",
    "RESERVATION_EXISTS",
    "RESERVATION_NOT_FOUND",
    "RESERVATION_CLOSED",
    "QUANTITY_LIMIT",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class _Delta(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def delta(self) -> int: ...


Deltas = TypeVar("Deltas", bound=Iterable[_Delta])


def not_zero(delta: int) -> int:
    """The delta itself, else ValueError: a change of nothing is a mistake."""
    if delta == 0:
        raise ValueError("is 0")
    return delta


def no_sum_is_zero(lines: Deltas) -> Deltas:
    """The lines themselves where every SKU's deltas come to something, else ValueError."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.sku] += line.delta
    if not all(sums.values()):
        raise ValueError("has a SKU whose deltas sum to 0")
    return lines


Delta = Annotated[int, Field(ge=-QUANTITY_MAX, le=QUANTITY_MAX), AfterValidator(not_zero)]


class QuantityLine(Closed):
    """So many base units of a SKU."""

    sku: Sku
    quantity: Quantity


class DeltaLine(Closed):
    """A correction of a SKU's stock, up or down."""

    sku: Sku
    delta: Delta


class ReorderLine(Closed):
    """From which level down a SKU counts as low."""

    sku: Sku
    reorder_point: StockLevel


QuantityLines = Annotated[list[QuantityLine], Field(min_length=1, max_length=LINES_MAX)]
DeltaLines = Annotated[
    list[DeltaLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sum_is_zero)
]
ReorderLines = Annotated[list[ReorderLine], Field(min_length=1, max_length=LINES_MAX)]


class ReceiveStock(Command):
    """Stock came in."""

    type: Literal["ReceiveStock"]
    lines: QuantityLines


class ShipStock(Command):
    """Stock is to leave that nobody reserved."""

    type: Literal["ShipStock"]
    lines: QuantityLines


class AdjustStock(Command):
    """The count was wrong, or stock was lost, found or spoilt."""

    type: Literal["AdjustStock"]
    lines: DeltaLines
    reason: Label


class ReserveStock(Command):
    """Promise stock to someone for a while."""

    type: Literal["ReserveStock"]
    lines: QuantityLines
    reservation: Label
    ttl_seconds: TtlSeconds


class ReleaseReservation(Command):
    """Take a promise back."""

    type: Literal["ReleaseReservation"]
    reservation: Label


class ShipReservation(Command):
    """Ship what was promised."""

    type: Literal["ShipReservation"]
    reservation: Label


class SetReorderPoint(Command):
    """Set from which level down SKUs count as low."""

    type: Literal["SetReorderPoint"]
    lines: ReorderLines


class QuantityMoved(Language):
    """So many base units of a SKU moved, and the row's values after."""

    sku: Sku
    quantity: int
    on_hand: StockLevel
    reserved: StockLevel
    available: StockLevel
    version: int


class DeltaMoved(Language):
    """A SKU's stock was corrected, and the row's values after."""

    sku: Sku
    delta: int
    on_hand: StockLevel
    reserved: StockLevel
    available: StockLevel
    version: int


class ReorderPointMoved(Language):
    """A SKU's reorder point was set, and the row's values after."""

    sku: Sku
    reorder_point: StockLevel
    on_hand: StockLevel
    reserved: StockLevel
    available: StockLevel
    version: int


class StockReceived(Outcome):
    """Stock came in."""

    type: Literal["StockReceived"] = "StockReceived"
    lines: list[QuantityMoved]


class StockShipped(Outcome):
    """Stock left, with `reservation` where it had been promised."""

    type: Literal["StockShipped"] = "StockShipped"
    lines: list[QuantityMoved]
    reservation: Label | None = None


class StockAdjusted(Outcome):
    """Stock was corrected."""

    type: Literal["StockAdjusted"] = "StockAdjusted"
    lines: list[DeltaMoved]
    reason: Label


class StockReserved(Outcome):
    """Stock is promised until `expires_at`."""

    type: Literal["StockReserved"] = "StockReserved"
    lines: list[QuantityMoved]
    reservation: Label
    expires_at: Instant


class ReservationReleased(Outcome):
    """A promise was taken back."""

    type: Literal["ReservationReleased"] = "ReservationReleased"
    lines: list[QuantityMoved]
    reservation: Label


class ReservationExpired(Event):
    """A promise ran out; no command asked for it."""

    type: Literal["ReservationExpired"] = "ReservationExpired"
    lines: list[QuantityMoved]
    reservation: Label
    expires_at: Instant


class ReorderPointSet(Outcome):
    """Reorder points were set."""

    type: Literal["ReorderPointSet"] = "ReorderPointSet"
    lines: list[ReorderPointMoved]


class CommandRejected(Outcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


class Alert(Language):
    """A row crossed a level; one alert for each crossing."""

    id: str
    warehouse: Warehouse
    sku: Sku
    available: StockLevel
    on_hand: StockLevel
    reserved: StockLevel
    reorder_point: StockLevel
    event_id: str
    time: Instant


class LowStock(Alert):
    """Available fell to the reorder point or below."""

    type: Literal["LowStock"] = "LowStock"


class OutOfStock(Alert):
    """Nothing is available any more."""

    type: Literal["OutOfStock"] = "OutOfStock"


class StockRecovered(Alert):
    """Available is above the reorder point again."""

    type: Literal["StockRecovered"] = "StockRecovered"


class StockView(Language):
    """A row of current stock, true at `position`."""

    warehouse: Warehouse
    sku: Sku
    on_hand: StockLevel
    reserved: StockLevel
    available: StockLevel
    reorder_point: StockLevel
    version: int
    position: Position


class ReservationView(Language):
    """A reservation as it stands at `position`."""

    warehouse: Warehouse
    reservation: Label
    state: ReservationState
    expires_at: Instant
    lines: list[QuantityLine]
    position: Position


COMMANDS: tuple[type[Command], ...] = (
    ReceiveStock,
    ShipStock,
    AdjustStock,
    ReserveStock,
    ReleaseReservation,
    ShipReservation,
    SetReorderPoint,
)
EVENTS: tuple[type[Event], ...] = (
    StockReceived,
    StockShipped,
    StockAdjusted,
    StockReserved,
    ReservationReleased,
    ReservationExpired,
    ReorderPointSet,
    CommandRejected,
)
ALERTS: tuple[type[Alert], ...] = (LowStock, OutOfStock, StockRecovered)

StockCommand = Annotated[
    ReceiveStock
    | ShipStock
    | AdjustStock
    | ReserveStock
    | ReleaseReservation
    | ShipReservation
    | SetReorderPoint,
    Field(discriminator="type"),
]
StockEvent = Annotated[
    StockReceived
    | StockShipped
    | StockAdjusted
    | StockReserved
    | ReservationReleased
    | ReservationExpired
    | ReorderPointSet
    | CommandRejected,
    Field(discriminator="type"),
]
StockAlert = Annotated[LowStock | OutOfStock | StockRecovered, Field(discriminator="type")]
