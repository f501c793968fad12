"""Histories of places that the actor and the plain model are told alike, one step at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tables.locations import container_told, location_told, places_told, roots_told
from tests.hosted import Wish
from tests.locations.histories import BUILT, SKUS, History
from tests.locations.model import Model
from tests.locations.yard import Yard

WAREHOUSE = "LON-1"


class Step(NamedTuple):
    """One wish, what became of it, and what the model makes of it."""

    wish: Wish
    event: dict[str, Any]
    code: str  # the model's; empty: it happens
    before: Model


Check = Callable[[Yard, Model, Step], None]


def run(seed: int, length: int, check: Check = lambda *_: None) -> tuple[Yard, Model]:
    """A history, with a look at each of its steps."""
    yard, model, history = Yard(), Model(), History(seed)
    for number in range(len(BUILT) + length):
        wish = BUILT[number] if number < len(BUILT) else history.next(model)
        before = model.fork()
        yard.send(wish)
        step = Step(wish, yard.told, model.take(wish), before)
        check(yard, model, step)
    return yard, model


def location(yard: Yard, name: str) -> dict[str, Any] | None:
    """What a reader is told of a location."""
    return location_told(yard.rows.get, WAREHOUSE, name)


def container(yard: Yard, name: str) -> dict[str, Any] | None:
    """What a reader is told of a container."""
    return container_told(yard.rows.get, WAREHOUSE, name)


def places(yard: Yard, sku: str) -> dict[str, Any] | None:
    """What a reader is told of where a SKU lies."""
    return places_told(yard.rows.get, WAREHOUSE, sku)


def roots(yard: Yard) -> list[str]:
    """The locations below no other, as a reader is told."""
    found: list[str] = roots_told(yard.rows.get, WAREHOUSE)["children"]
    return found


def lies(yard: Yard) -> dict[str, dict[str, tuple[int, int]]]:
    """By SKU and location, (loose, packed) units: what readers are told of all SKUs."""
    told = {sku: places(yard, sku) for sku in SKUS}
    return {
        sku: {one["location"]: (one["quantity"] - one["packed"], one["packed"])
              for one in found["places"]}
        for sku, found in told.items()
        if found is not None and found["places"]
    }  # fmt: skip
