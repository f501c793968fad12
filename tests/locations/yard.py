"""A warehouse that runs the actor on bytes, told as given, when, then."""

from typing import Any, Self

from agents.locations.agent import LocationsActor
from tests.hosted import Hosted, Wish
from tests.locations.books import Books


class Yard(Hosted):
    """A warehouse."""

    def __init__(self) -> None:
        super().__init__(LocationsActor(), ("warehouse", "LON-1"), partition=3)

    def then(self, kind: str, /, **fields: Any) -> Self:
        """This event, with these fields and no others; and the books are right."""
        assert (self.told["type"], self.fields()) == (kind, fields)
        self.books().check()
        return self

    def then_lies(self, location: str, **units: tuple[int, int]) -> Self:
        """So many (loose, packed) units of each SKU lie in a location, and nothing else."""
        assert self.books().holdings.get(location, {}) == units
        return self

    def books(self, warehouse: str = "LON-1") -> Books:
        """The rows, read without the code under test."""
        return Books(self.rows, warehouse)


def create(location: str, kind: str = "bin", parent: str | None = None, **constraints: Any) -> Wish:
    """There is a place."""
    told = {"type": "CreateLocation", "location": location, "parent": parent, "kind": kind}
    return told | ({"constraints": constraints} if constraints else {})


def constrain(location: str, **constraints: Any) -> Wish:
    """Other constraints hold."""
    return {"type": "ChangeConstraints", "location": location, "constraints": constraints}


def move_location(location: str, parent: str | None = None) -> Wish:
    """A place goes below another."""
    return {"type": "MoveLocation", "location": location, "parent": parent}


def delete(location: str) -> Wish:
    """There is no such place any more."""
    return {"type": "DeleteLocation", "location": location}


def classify(**classes: str) -> Wish:
    """SKUs are of these classes: `A="frozen/food"`."""
    lines = []
    for sku, told in classes.items():
        temperature_class, item_type = told.split("/")
        lines.append({"sku": sku, "item_type": item_type, "temperature_class": temperature_class})
    return {"type": "ClassifyItem", "lines": lines}


def record(**deltas: int) -> Wish:
    """Units came onto the site, or left it."""
    lines = [{"sku": sku, "delta": delta} for sku, delta in deltas.items()]
    return {"type": "RecordSiteChange", "cause": "3-41", "lines": lines}


def put_away(*lines: tuple[str, str, int]) -> Wish:
    """Units lie in locations: (sku, location, quantity)."""
    return {"type": "PutAway", "lines": _placed(lines)}


def take_out(*lines: tuple[str, str, int]) -> Wish:
    """Units are taken out: (sku, location, quantity)."""
    return {"type": "TakeOut", "lines": _placed(lines)}


def _placed(lines: tuple[tuple[str, str, int], ...]) -> list[dict[str, Any]]:
    return [{"sku": sku, "location": place, "quantity": units} for sku, place, units in lines]


def move(*lines: tuple[str, str, str, int]) -> Wish:
    """Units go elsewhere: (sku, from, to, quantity)."""
    told = [
        {"sku": sku, "from_location": source, "to_location": target, "quantity": units}
        for sku, source, target, units in lines
    ]
    return {"type": "MoveUnits", "lines": told}


def open_container(container: str, location: str) -> Wish:
    """An empty container stands somewhere."""
    return {"type": "OpenContainer", "container": container, "location": location}


def pack(container: str, **units: int) -> Wish:
    """Units go into a container."""
    return {"type": "PackContainer", "container": container, "lines": _quantities(units)}


def unpack(container: str, **units: int) -> Wish:
    """Units go out of a container."""
    return {"type": "UnpackContainer", "container": container, "lines": _quantities(units)}


def _quantities(units: dict[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def move_container(container: str, location: str) -> Wish:
    """A container goes to a location."""
    return {"type": "MoveContainer", "container": container, "to_location": location}


def nest(container: str, into: str | None = None) -> Wish:
    """A container goes into another."""
    return {"type": "NestContainer", "container": container, "into": into}


def close(container: str) -> Wish:
    """A container is used no more."""
    return {"type": "CloseContainer", "container": container}
