"""Long random histories of a catalogue, drawn from a number."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.catalog.registry import (
    change,
    dissolve,
    item,
    kit_line,
    number,
    product,
    retire,
    retire_product,
    retitle,
    units,
    unnumber,
)
from tests.hosted import Wish

LENGTH_MAX = 40
numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, LENGTH_MAX))
"""(seed, length) of a history: what it leaves is looked at, so any beginning of one is as well."""

SKUS = ("A", "B", "C", "D", "E", "F", "\u00c4 1", "A/B")
PRODUCTS = ("P1", "P2", "P3")
GTINS = (
    *("96385074", "00000096385074", "036000291452", "4006381333931", "10614141000415"),
    *("4006381333932", "1234567", "00000000", "x6385074", "\u06636385074"),  # none of GS1's
)
UNITS = ("case", "layer", "half", "piece")
RATIOS = ((12, 1), (24, 2), (1, 2), (2, 3), (10**12, 1), (1, 7))
BUILT: tuple[Wish, ...] = (
    item("A", "B", "C", "D", "E"),
    product("P1"),
    units("A", case=(12, 1), half=(1, 2)),
)


class History:
    """Draws one wish after the other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def next(self) -> Wish:
        """What is asked for next."""
        wishes = [
            *(self._product, self._product, self._item, self._item, self._change, self._retire),
            *(self._number, self._number, self._unnumber, self._units, self._units),
            *(self._kit, self._kit, self._kit, self._kit, self._dissolve),
        ]
        return self._random.choice(wishes)()

    def _sku(self) -> str:
        return self._random.choice(SKUS)

    def _product(self) -> Wish:
        name, turn = self._random.choice(PRODUCTS), self._random.random()
        if turn < 0.5:
            return product(name, f"title {turn}")
        return retitle(name, f"title {turn}") if turn < 0.75 else retire_product(name)

    def _known(self) -> dict[str, Any]:
        known: dict[str, Any] = {"title": None}
        if self._random.random() < 0.5:
            known["product"] = self._random.choice(PRODUCTS)
        if self._random.random() < 0.3:
            known |= {"title": "An item", "item_type": "food", "temperature_class": "chilled"}
        if self._random.random() < 0.2:
            known["shelf_life_days"] = self._random.choice([1, 36_500])
        return known

    def _item(self) -> Wish:
        fields = self._known() | {"tracking": self._random.choice(["none", "lot", "serial"])}
        count = 1 if self._random.random() < 0.8 else 2
        return item(*self._random.sample(SKUS, count), **fields)

    def _change(self) -> Wish:
        return change(self._sku(), **self._known())

    def _retire(self) -> Wish:
        return retire(*self._random.sample(SKUS, 1 if self._random.random() < 0.8 else 2))

    def _number(self) -> Wish:
        unit = self._random.choice([None, *UNITS])
        wish = number(self._random.choice(("A", self._sku())), self._random.choice(GTINS), unit)
        if self._random.random() < 0.3:
            wish["lines"] += number(self._sku(), self._random.choice(GTINS))["lines"]
        return wish

    def _unnumber(self) -> Wish:
        return unnumber(self._random.choice(GTINS))

    def _units(self) -> Wish:
        names = self._random.sample(UNITS, self._random.randint(0, 3))
        if self._random.random() < 0.7:
            names = [name for name in names if name != "piece"]
        sku = self._random.choice(("A", self._sku()))
        return units(sku, **{name: self._random.choice(RATIOS) for name in names})

    def _kit(self) -> Wish:
        lines = []
        for sku in self._random.sample(SKUS, self._random.choice([1, 1, 1, 2])):
            parts = self._random.choices(SKUS, k=self._random.randint(1, 3))
            huge = 10 ** self._random.choice([3, 6, 12])
            quantity = huge if self._random.random() < 0.25 else self._random.randint(1, 4)
            lines.append(kit_line(sku, *((part, quantity) for part in parts)))
        return {"type": "DefineKit", "lines": lines}

    def _dissolve(self) -> Wish:
        return dissolve(*self._random.sample(SKUS, 1 if self._random.random() < 0.8 else 2))
