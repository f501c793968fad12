"""Long random histories of a warehouse's places, drawn from a number."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.hosted import Wish
from tests.locations.books import HOLDS, Books
from tests.locations.model import Model
from tests.locations.yard import (
    Yard,
    classify,
    close,
    constrain,
    create,
    delete,
    move,
    move_container,
    move_location,
    nest,
    open_container,
    pack,
    put_away,
    record,
    take_out,
    unpack,
)

LENGTH_MAX = 25
numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, LENGTH_MAX))
"""(seed, length) of a history: what it leaves is looked at, so any beginning of one is as well."""

SKUS = ("A", "B", "C")
CLASSES = ("ambient/food", "frozen/food", "ambient/tool")
LOCATIONS = {
    "Z1": "zone",
    "Z2": "zone",
    "R1": "rack",
    "R2": "rack",
    "B1": "bin",
    "B2": "bin",
    "B3": "staging",
    "B4": "dock",
}
CONTAINERS = ("P1", "P2", "P3", "P4", "P5", "P6")
BUILT = (
    create("Z1", "zone"),
    create("R1", "rack", "Z1"),
    create("B1", "bin", "R1"),
    create("B2", "bin", "Z1"),
    record(A=20, B=20, C=20),
)


class History:
    """Draws one wish after the other, with an eye on what there is."""

    def __init__(self, seed: int, records: bool = True) -> None:
        self._random = Random(seed)
        self._records = records

    def next(self, books: Books | Model) -> Wish:
        """What is asked for next."""
        wishes: list[Callable[[Books | Model], Wish]] = [
            *(self._tree, self._constrain, self._classify),
            *(self._put, self._put, self._put, self._take, self._move, self._move),
            *(self._contain, self._pack, self._pack, self._relocate, self._relocate),
        ]
        if self._records:
            wishes.append(self._record)
        return self._random.choice(wishes)(books)

    def _tree(self, books: Books | Model) -> Wish:
        choose = self._random.choice
        location = choose(list(LOCATIONS))
        parent = choose([None, *(self._known(books.locations, LOCATIONS) for _ in range(3))])
        if location not in books.locations or self._random.random() < 0.1:
            return create(location, LOCATIONS[location], parent, **self._constraints())
        if self._random.random() < 0.3:
            return delete(location)
        return move_location(location, parent)

    def _known(self, there: Any, all_of_them: Any) -> str:
        """Mostly one of those that are there."""
        is_known = bool(there) and self._random.random() < 0.95
        names: list[str] = sorted(there) if is_known else list(all_of_them)
        return self._random.choice(names)

    def _place(self, books: Books | Model) -> str:
        places = [one for one, found in books.locations.items() if found["kind"] in HOLDS]
        return self._known(places, LOCATIONS)

    def _constraints(self) -> dict[str, Any]:
        choose, told = self._random.choice, dict[str, Any]()
        if self._random.random() < 0.15:
            told["item_types"] = choose([["food"], ["tool"], ["food", "tool"]])
        if self._random.random() < 0.15:
            told["temperature_class"] = choose(["ambient", "frozen"])
        if self._random.random() < 0.3:
            told["units_max"] = choose([0, 5, 12, 30])
        if self._random.random() < 0.3:
            told["mixed_skus"] = choose([True, False])
        return told

    def _constrain(self, books: Books | Model) -> Wish:
        return constrain(self._known(books.locations, LOCATIONS), **self._constraints())

    def _classify(self, books: Books | Model) -> Wish:
        return classify(**{self._random.choice(SKUS): self._random.choice(CLASSES)})

    def _record(self, books: Books | Model) -> Wish:
        return record(**{self._random.choice(SKUS): self._random.choice([-7, -2, 3, 9])})

    def _units(self, units: int) -> int:
        """So many of them, or some; and now and then one too many."""
        if units < 1 or self._random.random() < 0.1:
            return max(1, units + 1)
        return self._random.randint(1, units)

    def _put(self, books: Books | Model) -> Wish:
        lines = []
        for sku in self._random.sample(SKUS, self._random.randint(1, 2)):
            unplaced = books.items.get(sku, ("", 0, 0))[1]
            lines.append((sku, self._place(books), self._units(unplaced // 2)))
        return put_away(*lines)

    def _loose(self, books: Books | Model) -> list[tuple[str, str, int]]:
        """Some of what lies somewhere: (sku, location, quantity)."""
        lies = [
            (sku, location, self._units(loose))
            for sku, places in books.places.items()
            for location, (loose, _) in places.items()
        ]
        some = self._random.sample(lies, min(len(lies), self._random.randint(1, 2)))
        return some or [("A", self._place(books), 1)]

    def _take(self, books: Books | Model) -> Wish:
        return take_out(*self._loose(books))

    def _move(self, books: Books | Model) -> Wish:
        lines = self._loose(books)
        return move(*((sku, source, self._place(books), units) for sku, source, units in lines))

    def _contain(self, books: Books | Model) -> Wish:
        container = self._random.choice(CONTAINERS)
        if container in books.containers and self._random.random() < 0.8:
            return close(container)
        return open_container(container, self._place(books))

    def _pack(self, books: Books | Model) -> Wish:
        container = self._known(books.containers, CONTAINERS)
        if container not in books.containers or self._random.random() < 0.3:
            contents = books.containers.get(container, {}).get("contents") or {"A": 0}
            sku = self._random.choice(sorted(contents))
            return unpack(container, **{sku: self._units(contents[sku])})
        holding = books.holdings.get(books.location_of(container)) or {"A": (0, 0)}
        sku = self._random.choice(sorted(holding))
        return pack(container, **{sku: self._units(holding[sku][0])})

    def _relocate(self, books: Books | Model) -> Wish:
        container = self._known(books.containers, CONTAINERS)
        if self._random.random() < 0.4:
            return move_container(container, self._place(books))
        into = self._known(books.containers, CONTAINERS)
        return nest(container, into if self._random.random() < 0.8 else None)


def run(seed: int, length: int) -> Yard:
    """What a history leaves."""
    yard, history = Yard().given(*BUILT), History(seed)
    for _ in range(length):
        yard.send(history.next(yard.books()))
    return yard
