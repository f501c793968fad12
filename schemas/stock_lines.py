"""The lines of stock's commands and events: what is asked of a SKU, and what its row is after."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.envelope import Closed, Language
from schemas.fields import (
    CHANNELS_MAX,
    LINES_MAX,
    POOL_LINES_MAX,
    QUANTITY_MAX,
    Channel,
    Instant,
    Label,
    OwingLevel,
    Quantity,
    Sku,
    StockLevel,
    Version,
)


class _Delta(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def delta(self) -> int: ...


class _Named(Protocol):
    @property
    def sku(self) -> str: ...


class _Pooled(Protocol):
    @property
    def channel(self) -> str: ...
    @property
    def low_point(self) -> int: ...
    @property
    def recover_point(self) -> int | None: ...


Deltas = TypeVar("Deltas", bound=Iterable[_Delta])
Named = TypeVar("Named", bound=Iterable[_Named])
Pooled = TypeVar("Pooled", bound=Iterable[_Pooled])


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


def no_sku_twice(lines: Named) -> Named:
    """The lines themselves where no SKU is named again, else ValueError."""
    seen: set[str] = set()
    for line in lines:
        if line.sku in seen:
            raise ValueError("has a SKU twice")
        seen.add(line.sku)
    return lines


def pools_of_channels(pools: Pooled) -> Pooled:
    """The pools themselves where each is another channel's, and can recover, else ValueError."""
    seen: set[str] = set()
    for pool in pools:
        if pool.channel in seen:
            raise ValueError("has a channel twice")
        if pool.recover_point is not None and pool.recover_point < pool.low_point:
            raise ValueError("has a recover_point below its low_point")
        seen.add(pool.channel)
    return pools


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


class PolicyLine(Closed):
    """How a SKU's stock is to be kept."""

    sku: Sku
    safety_stock: StockLevel = 0
    recover_point: StockLevel | None = None
    negative_limit: StockLevel = 0


class PoolLine(Closed):
    """What a channel may promise of a SKU, and when too little is left to it."""

    channel: Channel
    quantity: StockLevel | None = None
    safety_stock: StockLevel = 0
    low_point: StockLevel = 0
    recover_point: StockLevel | None = None


class PoolsLine(Closed):
    """A SKU's channels, all of them."""

    sku: Sku
    pools: Annotated[
        list[PoolLine], Field(max_length=CHANNELS_MAX), AfterValidator(pools_of_channels)
    ]


class LevelLine(Closed):
    """How many of a SKU there are, by somebody who knew its row at this version."""

    sku: Sku
    on_hand: StockLevel
    expected_version: Version


class SupplyLine(Closed):
    """So many of a SKU are still to come, and when, by somebody who knew how many it were."""

    sku: Sku
    quantity: Annotated[int, Field(ge=0, le=QUANTITY_MAX)]
    due: Instant
    expected: Annotated[int, Field(ge=0, le=QUANTITY_MAX)] = 0


class SkuLine(Closed):
    """A SKU, and nothing of it."""

    sku: Sku


class CountedLine(Closed):
    """How many of a SKU were found."""

    sku: Sku
    counted: StockLevel


QuantityLines = Annotated[list[QuantityLine], Field(min_length=1, max_length=LINES_MAX)]
DeltaLines = Annotated[
    list[DeltaLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sum_is_zero)
]
ReorderLines = Annotated[list[ReorderLine], Field(min_length=1, max_length=LINES_MAX)]
PolicyLines = Annotated[
    list[PolicyLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
PoolsLines = Annotated[
    list[PoolsLine], Field(min_length=1, max_length=POOL_LINES_MAX), AfterValidator(no_sku_twice)
]
LevelLines = Annotated[
    list[LevelLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
SupplyLines = Annotated[
    list[SupplyLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
SkuLines = Annotated[
    list[SkuLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
CountedLines = Annotated[
    list[CountedLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]


class QuantityMoved(Language):
    """So many base units of a SKU moved, and the row's values after."""

    sku: Sku
    quantity: int
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class DeltaMoved(Language):
    """A SKU's stock was corrected, and the row's values after."""

    sku: Sku
    delta: int
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class ReorderPointMoved(Language):
    """A SKU's reorder point was set, and the row's values after."""

    sku: Sku
    reorder_point: StockLevel
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class PolicyMoved(Language):
    """A SKU's policy was set, and the row's values after."""

    sku: Sku
    safety_stock: StockLevel
    recover_point: StockLevel | None = None
    negative_limit: StockLevel = 0
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class PoolSet(Language):
    """A channel's pool as it was set."""

    channel: Channel
    quantity: StockLevel | None = None
    safety_stock: StockLevel = 0
    low_point: StockLevel = 0
    recover_point: StockLevel | None = None


class PoolsMoved(Language):
    """A SKU's pools were set, and the row's values after."""

    sku: Sku
    pools: list[PoolSet]
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class QuantityAwaited(Language):
    """So many of a SKU are wanted, of which some are missing; and the row's values after.

    `promised` is the day by which a pre-order has the rest.
    """

    sku: Sku
    quantity: int
    missing: int = 0
    promised: Instant | None = None
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class Filled(Language):
    """So many of a SKU that had become available went to a reservation that waited for them."""

    reservation: Label
    sku: Sku
    quantity: int
    channel: Channel | None = None


class Late(Language):
    """A promise to who waits that can no longer be kept; `expected`: when it can, if ever."""

    reservation: Label
    sku: Sku
    missing: int
    promised: Instant
    expected: Instant | None = None


class SupplyMoved(Language):
    """How many of a SKU are still to come of a supply, by so many more or less; the row's values.

    It has no `due` where nothing is to come any more.
    """

    sku: Sku
    delta: int
    expected: int
    due: Instant | None = None
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class TruedUp(Language):
    """So many of what came in of a SKU were sold before, when they were not there."""

    sku: Sku
    quantity: int


class AccountMoved(Language):
    """Units of a SKU went from one account to another: both after it, and the row's values."""

    sku: Sku
    quantity: int
    from_balance: int
    to_balance: int
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class Counted(Language):
    """How many of a SKU were found. It says nothing of the books, as who counts may read it."""

    sku: Sku
    counted: StockLevel


class RowSeen(Language):
    """A SKU's row as it was found."""

    sku: Sku
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int


class Announced(Language):
    """So many base units of a SKU, which are not here."""

    sku: Sku
    quantity: int


class TransitMoved(Language):
    """What became of a SKU in transit, and the row's values after."""

    sku: Sku
    quantity: int  # received there
    short: int = 0  # of what was sent, for good
    over: int = 0  # beyond what was sent
    on_hand: OwingLevel
    reserved: StockLevel
    available: OwingLevel
    version: int
