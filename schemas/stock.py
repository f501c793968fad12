"""The language of stock: its commands, events, alerts and views. The definition."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Field

from schemas.accounts import Account
from schemas.envelope import Language, Position
from schemas.fields import (
    Channel,
    Instant,
    Label,
    OwingLevel,
    Priority,
    Sku,
    StockLevel,
    Warehouse,
)
from schemas.rows import CountState, ReservationState, TransferState
from schemas.stock_commands import COMMANDS
from schemas.stock_events import EVENTS


class Alert(Language):
    """A row crossed a level, or what is left to a `channel` did; one alert for each crossing."""

    id: str
    warehouse: Warehouse
    sku: Sku
    available: OwingLevel
    on_hand: OwingLevel
    reserved: StockLevel
    reorder_point: StockLevel
    event_id: str
    time: Instant
    channel: Channel | None = None
    left: StockLevel | None = None
    low_point: StockLevel | None = None


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
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    reorder_point: StockLevel
    version: int
    allocated: StockLevel
    position: Position


class AccountsView(Language):
    """Where all units of a SKU are, came from and went: it sums to 0. True at `position`."""

    warehouse: Warehouse
    sku: Sku
    accounts: dict[Account, int]
    position: Position


class PromisedLine(Language):
    """How much of a SKU is promised, and how far it is on its way out."""

    sku: Sku
    quantity: int
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    missing: int = 0  # of one that waits; absent of all others


class WaiterView(Language):
    """Who waits for a SKU, and for how many of it."""

    reservation: Label
    missing: int
    priority: Priority
    promised: Instant | None
    partial: bool
    channel: Channel | None


class BackordersView(Language):
    """The queue for a SKU in its order, as it stands at `position`."""

    warehouse: Warehouse
    sku: Sku
    missing: int  # of all who wait
    queue: list[WaiterView]
    position: Position


class PromisableView(Language):
    """By one day: what is free before anybody is served, what others miss first, what is left."""

    day: Instant
    supply: int
    demand: int
    promisable: int


class SupplyView(Language):
    """What is still to come of a supply; one that is overdue promises nothing."""

    supply: Label
    due: Instant
    quantity: int
    is_overdue: bool


class ExpectedView(Language):
    """Who waits: the day that was promised, and the one that is expected as things are."""

    reservation: Label
    missing: int
    promised: Instant | None
    expected: Instant | None
    is_late: bool


class PromisesView(Language):
    """What may be promised of a SKU by which day, as it stands at `position`."""

    warehouse: Warehouse
    sku: Sku
    now: Instant  # log time
    days: list[PromisableView]
    earliest: Instant | None
    supplies: list[SupplyView]
    waiting: list[ExpectedView]
    position: Position


class PoolView(Language):
    """A channel of a SKU: what it has in its pool, and what of it may be promised now."""

    channel: Channel
    quantity: StockLevel | None
    left: StockLevel
    safety_stock: StockLevel
    low_point: StockLevel
    recover_point: StockLevel | None
    is_low: bool


class ChannelsView(Language):
    """The channels of a SKU as they stand at `position`; `left` is for whoever has no pool."""

    warehouse: Warehouse
    sku: Sku
    available: OwingLevel
    left: StockLevel
    channels: list[PoolView]
    position: Position


class ReservationView(Language):
    """A reservation as it stands at `position`."""

    warehouse: Warehouse
    reservation: Label
    state: ReservationState
    expires_at: Instant
    lines: list[PromisedLine]
    channel: Channel | None = None
    position: Position


class CountedView(Language):
    """What was found of a SKU; nothing of the books, as who counts may read it."""

    sku: Sku
    counted: StockLevel | None
    is_final: bool


class CountView(Language):
    """A count as it stands at `position`."""

    warehouse: Warehouse
    count: Label
    state: CountState
    tolerance: StockLevel
    lines: list[CountedView]
    counters: list[str]
    position: Position


class TransferredLine(Language):
    """What became of a SKU between two warehouses, as one of them knows it."""

    sku: Sku
    quantity: int
    received: int
    missing: int


class TransferView(Language):
    """A transfer that left a warehouse, true at `position`."""

    warehouse: Warehouse
    transfer: Label
    to_warehouse: Warehouse
    state: TransferState
    lines: list[TransferredLine]
    position: Position


class ArrivalView(Language):
    """A transfer that comes to a warehouse, true at `position`."""

    warehouse: Warehouse
    from_warehouse: Warehouse
    transfer: Label
    state: TransferState
    lines: list[TransferredLine]
    position: Position


ALERTS: tuple[type[Alert], ...] = (LowStock, OutOfStock, StockRecovered)

if TYPE_CHECKING:
    StockCommand = Any
    StockEvent = Any
else:
    StockCommand = Annotated[Union[COMMANDS], Field(discriminator="type")]  # noqa: UP007 (a tuple)
    StockEvent = Annotated[Union[EVENTS], Field(discriminator="type")]  # noqa: UP007 (a tuple)
StockAlert = Annotated[LowStock | OutOfStock | StockRecovered, Field(discriminator="type")]
