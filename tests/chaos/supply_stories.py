"""Supplies and pre-orders as the traffic sends them: changed, late, in parts, over, and unknown.

Like the other stories it is told nothing of what becomes of them.
"""

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Any

MIX = {"ExpectSupply": 1.3, "ReceiveSupply": 1.0, "PreorderStock": 1.4}
"""Shares beside the hundred parts of the plain commands."""
TILLS = ("TILL-1", "TILL-2", "TILL-3")  # SKUs of which more is sold than is there
BOUGHT = ("BUY-1", "BUY-2", "BUY-3", *TILLS)  # SKUs of which some is to come
OVER = "2001-01-01T00:00:00Z"  # before any run: it promises nothing
DAYS = (
    OVER,
    "2101-01-01T00:00:00Z",
    "2101-01-02t12:00:00.250z",
    "2101-01-03T00:00:00.0+00:00",
    "2102-06-30T23:59:59.999999Z",
)
BY = ("2101-01-02T00:00:00Z", "2101-12-31T00:00:00Z", "2103-01-01T00:00:00-00:00")
KEPT = 5  # of each warehouse, the supplies that are spoken of
TO = ("sellable", "sellable", "sellable", "damaged", "quality_hold", "staged")

Line = dict[str, Any]


@dataclass(slots=True)
class _Supply:
    name: str
    left: dict[str, int]  # as it would be if all had gone well


class Supplies:
    """What is to come to each warehouse, and who is promised some of it."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.coming: dict[str, deque[_Supply]] = {}
        self.given: dict[str, str] = {}  # to the last unit that is to come: a SKU by warehouse
        self.number = 0

    def fields(self, kind: str, warehouse: str) -> dict[str, Any]:
        """A command's fields but for its envelope."""
        coming = self.coming.setdefault(warehouse, deque(maxlen=KEPT))
        if kind == "PreorderStock":
            return self._preorder(warehouse, coming)
        if kind == "ReceiveSupply":
            return self._receive(coming)
        if len(coming) < KEPT or self.rng.random() < 0.05:
            return self._begin(coming)
        return self._change(coming)

    def _begin(self, coming: deque[_Supply]) -> dict[str, Any]:
        rng = self.rng
        self.number += 1
        skus = rng.sample(BOUGHT, rng.choice((1, 1, 2)))
        supply = _Supply(f"PO-{self.number}", {sku: rng.randint(5, 60) for sku in skus})
        coming.append(supply)
        return self._told(supply, {})

    def _change(self, coming: deque[_Supply]) -> dict[str, Any]:
        """Another day, more, or none: then it is spoken of no more."""
        rng, supply = self.rng, self.rng.choice(coming)
        before = dict(supply.left)
        is_over = rng.random() < 0.3 or not any(before.values())
        if rng.random() < 0.1:  # who does not know what has come
            return self._told(supply, dict.fromkeys(before, rng.choice((0, 1, 10**12))))
        for sku, units in before.items():
            supply.left[sku] = 0 if is_over else units + rng.choice((0, 0, 7))
        if is_over:
            coming.remove(supply)
        return self._told(supply, before)

    def _told(self, supply: _Supply, before: dict[str, int]) -> dict[str, Any]:
        rng = self.rng
        lines = []
        for sku, units in supply.left.items():
            line: Line = {"sku": sku, "quantity": units, "due": rng.choice(DAYS)}
            known = before.get(sku, 0)
            lines.append(line | ({"expected": known} if known or rng.random() < 0.3 else {}))
        return {"supply": supply.name, "lines": lines}

    def _receive(self, coming: deque[_Supply]) -> dict[str, Any]:
        rng = self.rng
        if not coming or rng.random() < 0.05:
            unknown = [{"sku": rng.choice(BOUGHT), "quantity": 1}]
            return {"supply": "PO-unknown", "lines": unknown}
        supply = rng.choice(coming)
        lines: list[Line] = []
        for sku, left in supply.left.items():
            units = left if rng.random() < 0.4 else rng.randint(1, max(1, left))
            supply.left[sku] = max(0, left - units)
            lines.append({"sku": sku, "quantity": max(1, units)})
        draw = rng.random()
        if draw < 0.08:  # more than was to come
            lines[-1]["quantity"] += rng.randint(60, 99)
        elif draw < 0.2 and lines[0]["quantity"] > 1:  # a line in two parts
            lines[0]["quantity"] -= 1
            lines.append(lines[0] | {"quantity": 1})
        told = {"supply": supply.name, "lines": lines}
        to = rng.choice((None, *TO))
        return told if to is None else told | {"to_account": to}

    def given_away(self, warehouse: str) -> str | None:
        """A SKU of tills whose every unit to come somebody was promised, if all went well."""
        return self.given.pop(warehouse, None)

    def _preorder(self, warehouse: str, coming: deque[_Supply]) -> dict[str, Any]:
        """Its name is given by whoever asks for it."""
        rng = self.rng
        if coming and rng.random() < 0.4:
            sku, left = rng.choice([*rng.choice(coming).left.items()])
            if sku in TILLS and left:
                self.given[warehouse] = sku
                return {"lines": [{"sku": sku, "quantity": left}], "by": BY[-1]}
        skus = [rng.choice(BOUGHT) for _ in range(rng.choice((1, 1, 2, 3)))]
        told: dict[str, Any] = {
            "lines": [{"sku": sku, "quantity": rng.randint(1, 40)} for sku in skus],
            "by": rng.choice(BY),
        }
        how = {"priority": rng.choice((None, 0, 0, 9)), "partial": rng.choice((None, True, False))}
        return told | {name: value for name, value in how.items() if value is not None}
