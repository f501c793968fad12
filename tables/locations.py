"""The rows of locations as bytes, and what is told of them to readers.

Keys are `kind 0x00 warehouse 0x00 name`:

    L location   [kind, parent, constraints, units, mixed, held, levels]
    B location   names of the locations right below it; of the empty name, those below none
    H location   {sku: [loose, packed]}
    N location   names of the containers that stand in it
    S sku        [class, unplaced, placed]
    P sku        {location: [loose, packed]}
    C container  [location, into, {sku: quantity}, containers in it, lines, levels]

All kinds are in upper case: none is timed. A row that says nothing is not there, and equal rows
have equal bytes, however they came about.
"""

from typing import Any, Final

from schemas.locations_rows import Container, Item, Location, Lying, class_parts
from tables.table import Read, Table

TOP: Final = ""  # no location's name: what stands below none stands below it

LOCATIONS: Final = Table("L", Location)
CHILDREN: Final = Table("B", list[str], list)
HOLDINGS: Final = Table("H", dict[str, Lying], dict)
STANDING: Final = Table("N", list[str], list)
ITEMS: Final = Table("S", Item, Item)
PLACES: Final = Table("P", dict[str, Lying], dict)
CONTAINERS: Final = Table("C", Container)


def roots_told(read: Read, warehouse: str) -> dict[str, Any]:
    """Of a warehouse: the locations below no other."""
    return {"children": CHILDREN.read(read, warehouse, TOP)}


def location_told(read: Read, warehouse: str, location: str) -> dict[str, Any] | None:
    """Of a location: where it is, what holds there, what is right below it and in it."""
    found = LOCATIONS.read(read, warehouse, location)
    if found is None:
        return None
    holding = HOLDINGS.read(read, warehouse, location) or {}
    return {
        "location": location,
        "kind": found.kind,
        "parent": found.parent,
        "path": _path(read, warehouse, found.parent),
        "constraints": found.constraints,
        "units": found.units,
        "children": CHILDREN.read(read, warehouse, location),
        "lines": [
            {"sku": sku, "quantity": lying.units, "packed": lying.packed}
            for sku, lying in holding.items()
        ],
        "containers": STANDING.read(read, warehouse, location),
    }


def _path(read: Read, warehouse: str, name: str | None) -> list[dict[str, Any]]:
    """From the top down to this location."""
    path = []
    while name is not None:
        found = LOCATIONS.read(read, warehouse, name)
        assert found is not None, "a location stands below one that exists"
        path.append({"location": name, "kind": found.kind, "constraints": found.constraints})
        name = found.parent
    return path[::-1]


def places_told(read: Read, warehouse: str, sku: str) -> dict[str, Any] | None:
    """Of a SKU: its class, and where it lies."""
    value = read(ITEMS.key(warehouse, sku))
    if value is None:
        return None
    item = ITEMS.decode(value)
    item_type, temperature_class = class_parts(item.item_class)
    places = PLACES.read(read, warehouse, sku) or {}
    return {
        "sku": sku,
        "item_type": item_type or None,
        "temperature_class": temperature_class or None,
        "unplaced": item.unplaced,
        "placed": item.placed,
        "places": [
            {"location": location, "quantity": lying.units, "packed": lying.packed}
            for location, lying in places.items()
        ],
    }


def container_told(read: Read, warehouse: str, container: str) -> dict[str, Any] | None:
    """Of a container: where it stands, and what is right in it."""
    found = outer = CONTAINERS.read(read, warehouse, container)
    if found is None:
        return None
    while outer is not None and outer.into is not None:
        outer = CONTAINERS.read(read, warehouse, outer.into)
    assert outer is not None, "a container stands in one that exists"
    return {
        "container": container,
        "location": outer.location,
        "into": found.into,
        "lines": [{"sku": sku, "quantity": units} for sku, units in found.contents.items()],
        "containers": found.inside,
    }
