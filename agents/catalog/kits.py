"""Decides kits, one line at a time, and keeps what each comes to in its row and those above it."""

from collections.abc import Callable, Mapping
from typing import Final

from agents.catalog.items import open_item
from agents.catalog.rejections import above_limit, kit_cycle, kit_too_large, no_kit
from agents.catalog.state import Catalog
from schemas.catalog_rows import Kit
from schemas.catalog_structs import (
    ComponentLine,
    ComponentTold,
    ItemEnded,
    KitLine,
    KitTold,
    SkuLine,
)
from schemas.fields import QUANTITY_MAX
from streams.answers import Rejection

Part = Callable[[str], Kit | None]
"""Looks up what a component comes to; None where it is no kit."""

LEVELS_MAX: Final = 8  # of kits in one another
SKUS_MAX: Final = 200  # that a kit comes to in the end; a command has 1,000 lines
ABOVE_MAX: Final = 50  # kits that a kit is in: with its own, 51 * 200 quantities are written
USES_MAX: Final = 500  # kits that an item is right in: a row of names


def define(catalog: Catalog, line: KitLine) -> KitTold | Rejection:
    """An item is put together of others."""
    components = summed(line.components)
    for sku in (line.sku, *components):
        found = open_item(catalog, sku)
        if isinstance(found, Rejection):
            return found
    within = {line.sku, *above(catalog, line.sku)}
    for sku in components:
        if sku in within:
            return kit_cycle(line.sku, sku)
    refused = _too_large(catalog, line.sku, components) or _in_too_many(
        catalog, line.sku, components
    )
    if refused is not None:
        return refused
    return KitTold(
        sku=line.sku,
        components=[ComponentTold(sku=sku, quantity=units) for sku, units in components.items()],
        version=catalog.items.at(line.sku).version + 1,
    )


def dissolve(catalog: Catalog, line: SkuLine) -> ItemEnded | Rejection:
    """A kit is an item like others."""
    found = open_item(catalog, line.sku)
    if isinstance(found, Rejection):
        return found
    if catalog.kits.get(line.sku) is None:
        return no_kit(line.sku)
    refused = _too_large(catalog, line.sku, None)
    return refused or ItemEnded(sku=line.sku, version=found.version + 1)


def summed(components: list[ComponentLine]) -> dict[str, int]:
    """How much of each SKU: one that is named twice counts with its sum."""
    sums: dict[str, int] = {}
    for one in components:
        sums[one.sku] = sums.get(one.sku, 0) + one.quantity
    return sums


def above(catalog: Catalog, sku: str) -> list[str]:
    """The kits that an item is in, at any level; no more than a few beyond what is allowed."""
    found = list(catalog.uses.at(sku))
    known = set(found)
    for kit in found:
        if len(found) > ABOVE_MAX:
            break
        further = [one for one in catalog.uses.at(kit) if one not in known]
        known.update(further)
        found += further
    return found


def rebuilt(
    catalog: Catalog, sku: str, components: Mapping[str, int] | None
) -> dict[str, Kit | None]:
    """What a kit comes to with other components, or with none, and the kits that it is in."""
    made: dict[str, Kit | None] = {}

    def part(name: str) -> Kit | None:
        return made[name] if name in made else catalog.kits.get(name)

    made[sku] = None if components is None else _combined(components, part)
    kits = {name: catalog.kits.at(name) for name in above(catalog, sku)}
    for name, kit in sorted(kits.items(), key=lambda one: one[1].levels):  # parts before wholes
        made[name] = _combined(kit.components, part)
    return made


def _combined(components: Mapping[str, int], part: Part) -> Kit:
    units: dict[str, int] = {}
    levels = 0
    for sku, quantity in components.items():
        kit = part(sku)
        levels = max(levels, kit.levels if kit is not None else 0)
        for one, each in ({sku: 1} if kit is None else kit.units).items():
            units[one] = units.get(one, 0) + quantity * each
    return Kit(dict(components), units, levels + 1)


def _too_large(
    catalog: Catalog, sku: str, components: Mapping[str, int] | None
) -> Rejection | None:
    """Why a kit with these components cannot be kept, or one that it is in."""
    kits = len(above(catalog, sku))
    if kits > ABOVE_MAX:
        return kit_too_large(sku, "kits_above", kits, ABOVE_MAX)
    for name, kit in rebuilt(catalog, sku, components).items():
        if kit is None:
            continue
        if kit.levels > LEVELS_MAX:
            return kit_too_large(name, "levels", kit.levels, LEVELS_MAX)
        if len(kit.units) > SKUS_MAX:
            return kit_too_large(name, "skus", len(kit.units), SKUS_MAX)
        quantity = max(kit.units.values())
        if quantity > QUANTITY_MAX:
            return kit_too_large(name, "quantity", quantity, QUANTITY_MAX)
    return None


def _in_too_many(catalog: Catalog, sku: str, components: Mapping[str, int]) -> Rejection | None:
    """Which component would be in more kits than are kept of it."""
    for component in components:
        kits = len({*catalog.uses.at(component), sku})
        if kits > USES_MAX:
            return above_limit("kits", kits, USES_MAX, sku=component)
    return None
