"""The rows that decisions on the catalogue are made on, and lines at the edge are read by."""

import msgspec

from schemas.catalog_lines import Tracking
from schemas.locations_lines import TemperatureClass

Ratio = tuple[int, int]
"""How many base units one of a unit is: numerator and denominator, in lowest terms."""


class Product(msgspec.Struct, gc=False, array_like=True):
    """What items have in common."""

    title: str
    version: int
    items: int = 0  # of it that are not retired
    retired: bool = False


class Item(msgspec.Struct, gc=False, array_like=True):
    """What is counted by one SKU."""

    base_unit: str
    tracking: Tracking
    version: int
    retired: bool = False
    title: str | None = None
    product: str | None = None
    item_type: str | None = None
    temperature_class: TemperatureClass | None = None
    shelf_life_days: int | None = None
    units: dict[str, Ratio] = {}  # but the base unit
    gtins: dict[str, str] = {}  # the unit of each


class Numbered(msgspec.Struct, gc=False, array_like=True):
    """What a GTIN is on: one of a unit of an item."""

    sku: str
    unit: str


class Kit(msgspec.Struct, gc=False, array_like=True):
    """What one base unit of an item is put together of."""

    components: dict[str, int]  # as it was told
    units: dict[str, int]  # in the end: of items that are no kits
    levels: int  # of kits, with itself
