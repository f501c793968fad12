"""The parts of orders' commands and events: what is wanted, where it may come from, legs."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.envelope import Closed, Language
from schemas.fields import (
    LINES_MAX,
    QUANTITY_MAX,
    Label,
    Priority,
    Sku,
    StockLevel,
    TtlSeconds,
    Warehouse,
)
from schemas.rules import warehouse_rule
from schemas.stock_lines import QuantityLine

# Each event tells all legs, of a warehouse at most one that is given back and one that is planned:
# 2 * 10 * 200 lines of at most 350 bytes, 1.4 MB of the 2 MiB that a topic takes.
ORDER_LINES_MAX: Final = 200
# What warehouses have said stands there as well, 375 bytes of a SKU: 560 KB. Of more the oldest is
# forgotten: at worst a warehouse is asked once more for what it has refused.
LEARNED_MAX: Final = 1_500
SOURCES_MAX: Final = 10  # fewest_splits looks at each set of them: 2 ** 10
ATTEMPTS_MAX: Final = 20
ATTEMPTS: Final = 5
HOLD_S: Final = 900

Strategy = Literal["priority", "nearest", "fewest_splits", "fefo", "cost"]
OrderState = Literal[
    "reserving",
    "confirming",
    "backordered",
    "allocated",
    "refusing",
    "cancelling",
    "refused",
    "cancelled",
    "shipped",
]
OVER: Final[frozenset[OrderState]] = frozenset(("refused", "cancelled", "shipped"))
LegState = Literal[
    "reserving",
    "reserved",
    "expired",
    "confirming",
    "confirmed",
    "backordering",
    "waiting",
    "releasing",
    "kept",
    "shipped",
    "refused",
    "lost",
    "released",
]
Step = Literal["reserve", "confirm", "backorder", "release"]
Told = Literal[
    "reserved", "confirmed", "waiting", "filled", "shipped", "unpicked", "released", "expired"
]


class _Wanted(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...


class _Somewhere(Protocol):
    @property
    def warehouse(self) -> str: ...


Wanted = TypeVar("Wanted", bound=Iterable[_Wanted])
Places = TypeVar("Places", bound=Iterable[_Somewhere])


def no_sum_too_large(lines: Wanted) -> Wanted:
    """The lines themselves where no SKU's sum is more than one line may have, else ValueError."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.sku] += line.quantity
    if any(quantity > QUANTITY_MAX for quantity in sums.values()):
        raise ValueError(f"has a SKU whose quantities sum to more than {QUANTITY_MAX}")
    return lines


def no_warehouse_twice(sources: Places) -> Places:
    """The sources themselves where no warehouse is named again, else ValueError."""
    seen: set[str] = set()
    for source in sources:
        if source.warehouse in seen:
            raise ValueError("has a warehouse twice")
        seen.add(source.warehouse)
    return sources


def _calendar_day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValueError("is no day, such as 2026-11-20")
    return text


OrderId = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": "^[A-Za-z0-9._-]+$"}),
    AfterValidator(warehouse_rule),
]
Day = Annotated[
    str,
    Field(min_length=10, max_length=10, json_schema_extra={"format": "date"}),
    AfterValidator(_calendar_day),
]
Attempt = Annotated[int, Field(ge=1, le=999_999)]


class StockHint(Closed):
    """What is believed to be available of a SKU in a warehouse; where it expires, until when."""

    sku: Sku
    available: StockLevel
    expires_on: Day | None = None


class OrderSource(Closed):
    """A warehouse from which an order may be served.

    With `stock` that is what it is believed to have, and of other SKUs nothing; without, enough.
    """

    warehouse: Warehouse
    priority: Priority = 0
    distance: StockLevel | None = None
    cost: StockLevel | None = None
    stock: Annotated[list[StockHint], Field(max_length=LINES_MAX)] | None = None


OrderLines = Annotated[
    list[QuantityLine],
    Field(min_length=1, max_length=ORDER_LINES_MAX),
    AfterValidator(no_sum_too_large),
]
OrderSources = Annotated[
    list[OrderSource],
    Field(min_length=1, max_length=SOURCES_MAX),
    AfterValidator(no_warehouse_twice),
]
ToldLines = Annotated[list[QuantityLine], Field(max_length=LINES_MAX)]
AttemptsMax = Annotated[int, Field(ge=1, le=ATTEMPTS_MAX)]
HoldSeconds = TtlSeconds


class ShortLine(Closed):
    """A SKU of which a warehouse has too little for a leg, and how much it has."""

    sku: Sku
    available: StockLevel


ShortLines = Annotated[list[ShortLine], Field(max_length=LINES_MAX)]


class LegLine(Language):
    """How much of a SKU a leg is for; what of it is waited for yet, and what has left."""

    sku: Sku
    quantity: int
    missing: int = 0
    shipped: int = 0


class Leg(Language):
    """An order's part in one warehouse: the reservation `order/<order>/<attempt>` there."""

    attempt: int
    warehouse: Warehouse
    state: LegState
    lines: list[LegLine]


class Learned(Language):
    """What a warehouse has said: so much of a SKU is available; or, without one, nothing is."""

    warehouse: Warehouse
    sku: Sku | None = None
    available: StockLevel = 0


class Ask(Language):
    """What a leg's warehouse is asked for by this event, in the order of these."""

    step: Step
    attempt: int
    warehouse: Warehouse
    hold_s: int | None = None
    channel: str | None = None
    priority: int = 0
    promised: str | None = None


class Requirement(Language):
    """For how long what a leg gets must be good: lots are asked for it, SKU by SKU of the leg."""

    attempt: int
    warehouse: Warehouse
    shelf_life_days: int


class LegView(Language):
    """A leg as it is shown: with the name that its reservation has there."""

    attempt: int
    warehouse: Warehouse
    reservation: Label
    state: LegState
    lines: list[LegLine]


def reservation_of(order: str, attempt: int) -> str:
    """What the reservation of a leg is called in its warehouse."""
    return f"order/{order}/{attempt}"
