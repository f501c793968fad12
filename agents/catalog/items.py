"""Decides items, their numbers and their units, one line at a time."""

from math import gcd
from typing import Final

from agents.catalog.products import open_product
from agents.catalog.rejections import (
    above_limit,
    gtin_taken,
    invalid_gtin,
    item_exists,
    item_retired,
    no_gtin,
    no_item,
    unit_in_use,
    unit_is_base,
    unknown_unit,
)
from agents.catalog.state import Catalog
from schemas.catalog_lines import Tracking
from schemas.catalog_rows import Item, Ratio
from schemas.catalog_structs import (
    GtinGone,
    GtinLine,
    GtinTold,
    ItemChange,
    ItemEnded,
    ItemLine,
    ItemTold,
    SkuLine,
    UnitRatio,
    UnitsLine,
    UnitsTold,
    UnitTold,
)
from schemas.gtin import gtin_14
from streams.answers import Rejection

MEMBERS_MAX: Final = 1_000  # items of a product: a row of names, 64 KB, mostly 10
GTINS_MAX: Final = 100  # on an item: they stand in its row


def open_item(catalog: Catalog, sku: str) -> Item | Rejection:
    """An item that may still change."""
    found = catalog.items.get(sku)
    if found is None:
        return no_item(sku)
    return item_retired(sku) if found.retired else found


def define(catalog: Catalog, line: ItemLine) -> ItemTold | Rejection:
    """There is an item."""
    if catalog.items.get(line.sku) is not None:
        return item_exists(line.sku)
    refused = _not_of(catalog, line.product)
    return refused or _told(line, line.base_unit, line.tracking, 1)


def change(catalog: Catalog, line: ItemChange) -> ItemTold | Rejection:
    """What is known of an item from now on, instead of what was."""
    found = open_item(catalog, line.sku)
    if isinstance(found, Rejection):
        return found
    refused = None if line.product == found.product else _not_of(catalog, line.product)
    return refused or _told(line, found.base_unit, found.tracking, found.version + 1)


def _told(
    line: ItemLine | ItemChange, base_unit: str, tracking: Tracking, version: int
) -> ItemTold:
    return ItemTold(
        sku=line.sku,
        base_unit=base_unit,
        title=line.title,
        product=line.product,
        item_type=line.item_type,
        temperature_class=line.temperature_class,
        shelf_life_days=line.shelf_life_days,
        tracking=tracking,
        version=version,
    )


def _not_of(catalog: Catalog, product: str | None) -> Rejection | None:
    """Why a product gets no item more."""
    if product is None:
        return None
    found = open_product(catalog, product)
    if isinstance(found, Rejection):
        return found
    members = len(catalog.members.at(product)) + 1
    if members > MEMBERS_MAX:
        return above_limit("items", members, MEMBERS_MAX, product=product)
    return None


def retire(catalog: Catalog, line: SkuLine) -> ItemEnded | Rejection:
    """An item changes no more."""
    found = open_item(catalog, line.sku)
    if isinstance(found, Rejection):
        return found
    return ItemEnded(sku=line.sku, version=found.version + 1)


def assign(catalog: Catalog, line: GtinLine) -> GtinTold | Rejection:
    """A number is on one of a unit."""
    found = open_item(catalog, line.sku)
    if isinstance(found, Rejection):
        return found
    try:
        gtin = gtin_14(line.gtin)
    except ValueError as error:
        return invalid_gtin(line.gtin, str(error))
    unit = line.unit or found.base_unit
    if unit != found.base_unit and unit not in found.units:
        return unknown_unit(line.sku, unit)
    taken = catalog.gtins.get(gtin)
    if taken is not None:
        return gtin_taken(gtin, taken.sku)
    gtins = len(found.gtins) + 1
    if gtins > GTINS_MAX:
        return above_limit("gtins", gtins, GTINS_MAX, sku=line.sku)
    return GtinTold(sku=line.sku, gtin=gtin, unit=unit, version=found.version + 1)


def unassign(catalog: Catalog, line: GtinGone) -> GtinTold | Rejection:
    """A number is on nothing any more."""
    try:
        gtin = gtin_14(line.gtin)
    except ValueError as error:
        return invalid_gtin(line.gtin, str(error))
    numbered = catalog.gtins.get(gtin)
    if numbered is None:
        return no_gtin(gtin)
    found = open_item(catalog, numbered.sku)
    if isinstance(found, Rejection):
        return found
    return GtinTold(sku=numbered.sku, gtin=gtin, unit=numbered.unit, version=found.version + 1)


def set_units(catalog: Catalog, line: UnitsLine) -> UnitsTold | Rejection:
    """An item is counted in these units too; one that has a number on it stays as it is."""
    found = open_item(catalog, line.sku)
    if isinstance(found, Rejection):
        return found
    units = {one.unit: _reduced(one) for one in line.units}
    if found.base_unit in units:
        return unit_is_base(line.sku, found.base_unit)
    for gtin, unit in found.gtins.items():
        if units.get(unit) != found.units.get(unit):
            return unit_in_use(line.sku, unit, gtin)
    told = [
        UnitTold(unit=unit, numerator=numerator, denominator=denominator)
        for unit, (numerator, denominator) in units.items()
    ]
    return UnitsTold(sku=line.sku, units=told, version=found.version + 1)


def _reduced(one: UnitRatio) -> Ratio:
    divisor = gcd(one.numerator, one.denominator)
    return one.numerator // divisor, one.denominator // divisor
