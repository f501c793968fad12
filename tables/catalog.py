"""The rows of the catalogue as bytes, and what is told of them to readers.

Keys are `kind 0x00 catalog 0x00 name`:

    D product    [title, version, items, retired]
    M product    SKUs of its items
    S sku        [base_unit, tracking, version, retired, title, product, item_type,
                  temperature_class, shelf_life_days, {unit: [numerator, denominator]},
                  {gtin: unit}]
    G gtin       [sku, unit]
    K sku        [{sku: quantity}, {sku: quantity in the end}, levels]
    V sku        SKUs of the kits that it is right in

All kinds are in upper case: none is timed.
"""

from collections.abc import Callable
from typing import Any, Final

from schemas.catalog_rows import Item, Kit, Numbered, Product
from tables.table import Read, Table

PRODUCTS: Final = Table("D", Product)
MEMBERS: Final = Table("M", list[str], list)
ITEMS: Final = Table("S", Item)
GTINS: Final = Table("G", Numbered)
KITS: Final = Table("K", Kit)
USES: Final = Table("V", list[str], list)


Told = Callable[[Read, str, str, bytes], dict[str, Any]]
"""What is told of a row: with a look at others, of its catalogue, its name and its bytes."""


def product_told(read: Read, catalog: str, product: str, value: bytes) -> dict[str, Any]:
    """Of a product: what it is, and its items."""
    found = PRODUCTS.decode(value)
    return {
        "product": product,
        "title": found.title,
        "skus": MEMBERS.read(read, catalog, product),
        "items": found.items,
        "retired": found.retired,
        "version": found.version,
    }


def item_told(read: Read, catalog: str, sku: str, value: bytes) -> dict[str, Any]:
    """Of an item: all that is known of it."""
    found = ITEMS.decode(value)
    return {
        "sku": sku,
        "title": found.title,
        "product": found.product,
        "item_type": found.item_type,
        "temperature_class": found.temperature_class,
        "shelf_life_days": found.shelf_life_days,
        "tracking": found.tracking,
        "base_unit": found.base_unit,
        "units": [
            {"unit": unit, "numerator": numerator, "denominator": denominator}
            for unit, (numerator, denominator) in found.units.items()
        ],
        "gtins": [{"gtin": gtin, "unit": unit} for gtin, unit in found.gtins.items()],
        "kits": USES.read(read, catalog, sku),
        "retired": found.retired,
        "version": found.version,
    }


def gtin_told(_read: Read, _catalog: str, gtin: str, value: bytes) -> dict[str, Any]:
    """Of a number: what it is on."""
    found = GTINS.decode(value)
    return {"gtin": gtin, "sku": found.sku, "unit": found.unit}


def kit_told(_read: Read, _catalog: str, sku: str, value: bytes) -> dict[str, Any]:
    """Of a kit: what it is put together of, and what that comes to."""
    found = KITS.decode(value)
    return {
        "sku": sku,
        "components": _quantities(found.components),
        "lines": _quantities(found.units),
        "levels": found.levels,
    }


def _quantities(units: dict[str, int]) -> list[dict[str, Any]]:
    """Lines of so much of each SKU."""
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
