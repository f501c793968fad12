"""The lines of the catalogue's commands and events: items, their numbers, units and parts."""

from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.envelope import Closed, Language
from schemas.fields import LINES_MAX, Quantity, Sku
from schemas.locations_lines import Name, TemperatureClass
from schemas.rules import warehouse_rule
from schemas.stock_lines import SkuLine, SkuLines, no_sku_twice

UNITS_MAX = 50  # of an item, beside its base unit: they stand in its row
COMPONENTS_MAX = 100  # right in a kit; those of its components come to them
KIT_LINES_MAX = 10  # each may change 50 kits above it: see agents/catalog/kits.py
SHELF_LIFE_DAYS_MAX = 36_500  # a century

CatalogName = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": "^[A-Za-z0-9._-]+$"}),
    AfterValidator(warehouse_rule),
]
Title = Annotated[str, Field(min_length=1, max_length=256)]
GtinText = Annotated[str, Field(min_length=1, max_length=64, description="GTIN-8, -12, -13 or -14")]
ShelfLifeDays = Annotated[int, Field(ge=1, le=SHELF_LIFE_DAYS_MAX)]
Tracking = Literal["none", "lot", "serial"]


class _Unit(Protocol):
    @property
    def unit(self) -> str: ...


Units = TypeVar("Units", bound=Iterable[_Unit])


def no_unit_twice(units: Units) -> Units:
    """The units themselves where none is named again, else ValueError."""
    seen: set[str] = set()
    for one in units:
        if one.unit in seen:
            raise ValueError("has a unit twice")
        seen.add(one.unit)
    return units


class ProductLine(Closed):
    """What items have in common: a product, of which they are variants."""

    product: Name
    title: Title


class ProductGone(Closed):
    """A product, and nothing of it."""

    product: Name


class ItemLine(Closed):
    """An item: what is counted by one SKU, in one base unit."""

    sku: Sku
    base_unit: Name
    title: Title | None = None
    product: Name | None = None
    item_type: Name | None = None
    temperature_class: TemperatureClass | None = None
    shelf_life_days: ShelfLifeDays | None = None
    tracking: Tracking = "none"


class ItemChange(Closed):
    """What an item is from now on; what is not named is not known of it any more."""

    sku: Sku
    title: Title | None = None
    product: Name | None = None
    item_type: Name | None = None
    temperature_class: TemperatureClass | None = None
    shelf_life_days: ShelfLifeDays | None = None


class GtinLine(Closed):
    """A number on so much of an item: one of `unit`, or of its base unit."""

    sku: Sku
    gtin: GtinText
    unit: Name | None = None


class GtinGone(Closed):
    """A number that is on an item no more."""

    gtin: GtinText


class UnitRatio(Closed):
    """One of this unit is `numerator/denominator` base units, exactly."""

    unit: Name
    numerator: Quantity
    denominator: Quantity = 1


class UnitsLine(Closed):
    """All units of an item, but its base unit."""

    sku: Sku
    units: Annotated[list[UnitRatio], Field(max_length=UNITS_MAX), AfterValidator(no_unit_twice)]


class ComponentLine(Closed):
    """So many base units of an item in one base unit of a kit."""

    sku: Sku
    quantity: Quantity


class KitLine(Closed):
    """What one base unit of an item is put together of."""

    sku: Sku
    components: Annotated[list[ComponentLine], Field(min_length=1, max_length=COMPONENTS_MAX)]


ProductLines = Annotated[list[ProductLine], Field(min_length=1, max_length=LINES_MAX)]
ProductsGone = Annotated[list[ProductGone], Field(min_length=1, max_length=LINES_MAX)]
ItemLines = Annotated[
    list[ItemLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
ItemChanges = Annotated[
    list[ItemChange], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
ItemsGone = SkuLines
GtinLines = Annotated[list[GtinLine], Field(min_length=1, max_length=LINES_MAX)]
GtinsGone = Annotated[list[GtinGone], Field(min_length=1, max_length=LINES_MAX)]
UnitsLines = Annotated[
    list[UnitsLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
KitLines = Annotated[
    list[KitLine], Field(min_length=1, max_length=KIT_LINES_MAX), AfterValidator(no_sku_twice)
]
KitsGone = Annotated[
    list[SkuLine], Field(min_length=1, max_length=KIT_LINES_MAX), AfterValidator(no_sku_twice)
]


class ProductTold(Language):
    """A product, as it is after."""

    product: Name
    title: Title
    version: int


class ProductEnded(Language):
    """A product of which there are no items to come."""

    product: Name
    version: int


class ItemTold(Language):
    """An item, as it is after."""

    sku: Sku
    base_unit: Name
    title: Title | None = None
    product: Name | None = None
    item_type: Name | None = None
    temperature_class: TemperatureClass | None = None
    shelf_life_days: int | None = None
    tracking: Tracking = "none"
    version: int


class ItemEnded(Language):
    """An item of which nothing changes any more, or a kit that is none."""

    sku: Sku
    version: int


class GtinTold(Language):
    """A number that is on an item, or is not any more; as fourteen digits."""

    sku: Sku
    gtin: str
    unit: Name
    version: int


class UnitTold(Language):
    """One of this unit is `numerator/denominator` base units, in lowest terms."""

    unit: Name
    numerator: int
    denominator: int


class UnitsTold(Language):
    """All units of an item after, but its base unit."""

    sku: Sku
    units: list[UnitTold]
    version: int


class ComponentTold(Language):
    """So many base units of an item, each named once."""

    sku: Sku
    quantity: int


class KitTold(Language):
    """What one base unit of an item is put together of, after."""

    sku: Sku
    components: list[ComponentTold]
    version: int
