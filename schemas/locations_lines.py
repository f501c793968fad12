"""The parts of locations' commands and events: names, constraints, and lines."""

from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.envelope import Closed, Language
from schemas.fields import CHANGE_MAX, LINES_MAX, Quantity, Sku, StockLevel
from schemas.rules import sku_rule
from schemas.stock_lines import QuantityLine, no_sku_twice, not_zero

MOVE_LINES_MAX = 200  # each moves between two paths: 200 * (2 * DEPTH_MAX + 5) = 4,200 rows
ITEM_TYPES_MAX = 32  # of one constraint

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="Unicode NFC, no control characters, no space at the ends",
    ),
    AfterValidator(sku_rule),
]
LocationKind = Literal["zone", "aisle", "rack", "bin", "dock", "staging"]
TemperatureClass = Literal["ambient", "chilled", "frozen"]
ConstraintName = Literal["item_types", "temperature_class", "units_max", "mixed_skus"]
HOLDING: frozenset[LocationKind] = frozenset(("bin", "dock", "staging"))
"""The kinds of locations in which units lie and containers stand."""


class _Typed(Protocol):
    @property
    def item_types(self) -> list[str] | None: ...


Typed = TypeVar("Typed", bound=_Typed)


def item_types_rule(constraints: Typed) -> Typed:
    """The constraints themselves where their item types are names, none twice; else ValueError."""
    item_types = constraints.item_types or []
    if len(set(item_types)) < len(item_types):
        raise ValueError("has an item type twice")
    for item_type in item_types:
        try:
            sku_rule(item_type)
        except ValueError as error:
            raise ValueError(f"has an item type that {error}") from None
    return constraints


class Constraints(Closed):
    """What may lie in a location and in all below it; what is not named is not asked for."""

    item_types: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=64)]],
            Field(min_length=1, max_length=ITEM_TYPES_MAX),
        ]
        | None
    ) = None
    temperature_class: TemperatureClass | None = None
    units_max: StockLevel | None = None
    mixed_skus: bool = True


CheckedConstraints = Annotated[Constraints, AfterValidator(item_types_rule)]


class ClassLine(Closed):
    """What constraints look at in a SKU."""

    sku: Sku
    item_type: Name
    temperature_class: TemperatureClass


class SiteLine(Closed):
    """By how much what is on site of a SKU has changed."""

    sku: Sku
    delta: Annotated[int, Field(ge=-CHANGE_MAX, le=CHANGE_MAX), AfterValidator(not_zero)]


class PlaceLine(Closed):
    """So many units of a SKU, and a location."""

    sku: Sku
    location: Name
    quantity: Quantity


class MoveLine(Closed):
    """So many units of a SKU, from one location to another."""

    sku: Sku
    from_location: Name
    to_location: Name
    quantity: Quantity


ClassLines = Annotated[
    list[ClassLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
SiteLines = Annotated[
    list[SiteLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
PlaceLines = Annotated[list[PlaceLine], Field(min_length=1, max_length=MOVE_LINES_MAX)]
MoveLines = Annotated[list[MoveLine], Field(min_length=1, max_length=MOVE_LINES_MAX)]
PackLines = Annotated[list[QuantityLine], Field(min_length=1, max_length=MOVE_LINES_MAX)]


class Classified(Language):
    """A SKU's class."""

    sku: Sku
    item_type: str
    temperature_class: TemperatureClass


class SiteMoved(Language):
    """What is on site of a SKU changed: both parts of it after."""

    sku: Sku
    delta: int
    unplaced: int
    placed: int


class Placed(Language):
    """Units of a SKU came to a location, or left it: what is loose there, and unplaced, after."""

    sku: Sku
    location: str
    quantity: int
    there: int
    unplaced: int


class UnitsCarried(Language):
    """Units of a SKU went from one location to another: what is loose in both after."""

    sku: Sku
    from_location: str
    to_location: str
    quantity: int
    from_there: int
    to_there: int


class Packed(Language):
    """Units of a SKU went into a container, or out of it: what is in it and loose there after."""

    sku: Sku
    quantity: int
    packed: int
    there: int


class Contained(Language):
    """So many units of a SKU in a container and in those within it."""

    sku: Sku
    quantity: int
