"""What an event makes of the rows, line by line. Cannot fail: history is not refused."""

from bisect import insort
from collections.abc import Callable
from typing import Any, Final

from agents.catalog.kits import rebuilt
from agents.catalog.state import Catalog
from schemas.catalog_rows import Item, Numbered, Product
from schemas.catalog_structs import (
    GtinAssigned,
    GtinTold,
    GtinUnassigned,
    ItemChanged,
    ItemDefined,
    ItemEnded,
    ItemRetired,
    ItemTold,
    KitDefined,
    KitDissolved,
    KitTold,
    ProductChanged,
    ProductDefined,
    ProductEnded,
    ProductRetired,
    ProductTold,
    UnitsSet,
    UnitsTold,
)


def evolve(catalog: Catalog, event: Any) -> None:
    """The catalogue is as it is after an event of its own."""
    for line in event.lines:
        apply(catalog, type(event), line)


def apply(catalog: Catalog, kind: Any, line: Any) -> None:
    """The catalogue is as it is after one line of an event of this kind."""
    _EFFECTS[kind](catalog, line)


def _product_defined(catalog: Catalog, line: ProductTold) -> None:
    catalog.products.put(line.product, Product(line.title, line.version))


def _product_changed(catalog: Catalog, line: ProductTold) -> None:
    found = catalog.products.at(line.product)
    found.title, found.version = line.title, line.version


def _product_retired(catalog: Catalog, line: ProductEnded) -> None:
    found = catalog.products.at(line.product)
    found.retired, found.version = True, line.version


def _item_defined(catalog: Catalog, line: ItemTold) -> None:
    found = Item(line.base_unit, line.tracking, line.version)
    catalog.items.put(line.sku, found)
    _know(found, line)
    _join(catalog, line.sku, line.product)


def _item_changed(catalog: Catalog, line: ItemTold) -> None:
    found = catalog.items.at(line.sku)
    if found.product != line.product:
        _leave(catalog, line.sku, found.product)
        _join(catalog, line.sku, line.product)
    _know(found, line)


def _know(found: Item, line: ItemTold) -> None:
    found.title, found.product, found.item_type = line.title, line.product, line.item_type
    found.temperature_class, found.shelf_life_days = line.temperature_class, line.shelf_life_days
    found.version = line.version


def _join(catalog: Catalog, sku: str, product: str | None) -> None:
    if product is not None:
        catalog.products.at(product).items += 1
        insort(catalog.members.at(product), sku)


def _leave(catalog: Catalog, sku: str, product: str | None) -> None:
    if product is not None:
        catalog.products.at(product).items -= 1
        catalog.members.at(product).remove(sku)


def _item_retired(catalog: Catalog, line: ItemEnded) -> None:
    found = catalog.items.at(line.sku)
    found.retired, found.version = True, line.version
    if found.product is not None:
        catalog.products.at(found.product).items -= 1


def _gtin_assigned(catalog: Catalog, line: GtinTold) -> None:
    catalog.gtins.put(line.gtin, Numbered(line.sku, line.unit))
    found = catalog.items.at(line.sku)
    found.gtins[line.gtin], found.version = line.unit, line.version


def _gtin_unassigned(catalog: Catalog, line: GtinTold) -> None:
    catalog.gtins.put(line.gtin, None)
    found = catalog.items.at(line.sku)
    del found.gtins[line.gtin]
    found.version = line.version


def _units_set(catalog: Catalog, line: UnitsTold) -> None:
    found = catalog.items.at(line.sku)
    found.units = {one.unit: (one.numerator, one.denominator) for one in line.units}
    found.version = line.version


def _kit_defined(catalog: Catalog, line: KitTold) -> None:
    _compose(catalog, line.sku, {one.sku: one.quantity for one in line.components}, line.version)


def _kit_dissolved(catalog: Catalog, line: ItemEnded) -> None:
    _compose(catalog, line.sku, None, line.version)


def _compose(catalog: Catalog, sku: str, components: dict[str, int] | None, version: int) -> None:
    before = catalog.kits.get(sku)
    for name, kit in rebuilt(catalog, sku, components).items():
        catalog.kits.put(name, kit)
    for one in before.components if before is not None else ():
        catalog.uses.at(one).remove(sku)
    for one in components or ():
        insort(catalog.uses.at(one), sku)
    catalog.items.at(sku).version = version


_EFFECTS: Final[dict[Any, Callable[[Catalog, Any], None]]] = {
    ProductDefined: _product_defined,
    ProductChanged: _product_changed,
    ProductRetired: _product_retired,
    ItemDefined: _item_defined,
    ItemChanged: _item_changed,
    ItemRetired: _item_retired,
    GtinAssigned: _gtin_assigned,
    GtinUnassigned: _gtin_unassigned,
    UnitsSet: _units_set,
    KitDefined: _kit_defined,
    KitDissolved: _kit_dissolved,
}
