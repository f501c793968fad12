"""The rows that decisions on locations are made on: places, what lies there, containers."""

from typing import Final

import msgspec

from schemas.locations_lines import LocationKind
from schemas.locations_structs import Constraints

UNCLASSIFIED: Final = ""  # the class of an item that nobody has classified


def item_class(item_type: str, temperature_class: str) -> str:
    """What constraints look at, as the rows have it: `frozen/food`."""
    return f"{temperature_class}/{item_type}"


def class_parts(found: str) -> tuple[str, str]:
    """(item type, temperature class) of a class; both empty where nobody has classified."""
    temperature_class, _, item_type = found.partition("/")
    return item_type, temperature_class


class Location(msgspec.Struct, gc=False, array_like=True):
    """A place in the tree, and what is within it: in itself and in all below it."""

    kind: LocationKind
    parent: str | None
    constraints: Constraints
    units: int = 0
    mixed: int = 0  # places that have more than one SKU
    held: dict[str, int] = {}  # units by class
    levels: list[int] = []  # locations one level below it, two, ...: none of them is 0


class Lying(msgspec.Struct, gc=False, array_like=True):
    """Units of a SKU in a location."""

    loose: int = 0
    packed: int = 0  # in containers that stand there, and in those within them

    @property
    def units(self) -> int:
        """All of them."""
        return self.loose + self.packed


class Item(msgspec.Struct, gc=False, array_like=True):
    """A SKU: its class, and how many units of it are on site."""

    item_class: str = UNCLASSIFIED
    unplaced: int = 0  # in no location; below zero: gone from one, and nobody has said from which
    placed: int = 0  # in locations


class Container(msgspec.Struct, gc=False, array_like=True):
    """A container, and what is in it."""

    location: str | None  # where it stands; None: in another one
    into: str | None  # the one that it stands in
    contents: dict[str, int] = {}  # units by SKU, right in it
    inside: list[str] = []  # containers right in it
    lines: int = 0  # SKUs in it and in all within it, counted in each
    levels: list[int] = []  # containers one level within it, two, ...: none of them is 0
