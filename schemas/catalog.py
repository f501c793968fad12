"""The language of the catalogue: its commands, events and views. The definition."""

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from schemas.catalog_commands import COMMANDS
from schemas.catalog_events import EVENTS
from schemas.catalog_lines import CatalogName, ComponentTold, Tracking, UnitTold
from schemas.envelope import Closed, Language, Position
from schemas.fields import Sku
from schemas.locations_lines import TemperatureClass


class GtinOfItem(Language):
    """A number that is on one of a unit."""

    gtin: str
    unit: str


class ItemView(Language):
    """An item as it stands at `position`."""

    catalog: CatalogName
    sku: Sku
    title: str | None
    product: str | None
    item_type: str | None
    temperature_class: TemperatureClass | None
    shelf_life_days: int | None
    tracking: Tracking
    base_unit: str
    units: list[UnitTold] = Field(description="But the base unit")
    gtins: list[GtinOfItem]
    kits: list[str] = Field(description="That it is right in")
    retired: bool
    version: int
    position: Position


class ProductView(Language):
    """A product as it stands at `position`."""

    catalog: CatalogName
    product: str
    title: str
    skus: list[str] = Field(description="Of its items, also of those that are retired")
    items: int = Field(description="Of it that are not retired")
    retired: bool
    version: int
    position: Position


class GtinView(Language):
    """What a number is on, true at `position`."""

    catalog: CatalogName
    gtin: str
    sku: Sku
    unit: str
    position: Position


class KitView(Language):
    """What one base unit of a kit is put together of, true at `position`."""

    catalog: CatalogName
    sku: Sku
    components: list[ComponentTold]
    lines: list[ComponentTold] = Field(description="In the end: of items that are no kits")
    levels: int = Field(description="Of kits, with itself")
    position: Position


class AskedLine(Closed):
    """An item by `sku` or by `gtin`, and how much of it."""

    sku: Sku | None = None
    gtin: str | None = None
    unit: str | None = Field(None, description="Beside `sku`; its base unit where it is not named")
    quantity: int | str = Field(examples=["2.5"])


class Asked(Closed):
    """Lines as somebody says them."""

    catalog: CatalogName
    lines: list[AskedLine]


class ResolvedView(Language):
    """What lines ask for in base units of items that are no kits, true at `position`."""

    catalog: CatalogName
    lines: list[ComponentTold] = Field(description="Each SKU once, with its sum")
    position: Position


if TYPE_CHECKING:
    CatalogCommand = Any
    CatalogEvent = Any
else:
    _KIND = Field(discriminator="type")
    CatalogCommand = Annotated[Union[COMMANDS], _KIND]  # noqa: UP007 (a tuple)
    CatalogEvent = Annotated[Union[EVENTS], _KIND]  # noqa: UP007 (a tuple)
