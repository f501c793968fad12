"""Supplies by seed: what is to come and when, what arrives of it, and who is promised a day of it.

One warehouse buys, and few SKUs: so many want what is to come. Days are seconds from the start of
a run, or far behind its end.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from schemas.instants import rfc3339
from tests.simulation.sendings import SKUS
from tests.simulation.world import START_MS

DAYS_S = (-60, 6, 12, 20, 3_600, 3_600, 86_400)  # behind the start of a run
BY_S = (10, 3_600, 86_400, 86_400)
WEIGHTS = {"_expected": 5, "_changed": 6, "_arrived": 5, "_wanted": 9, "_cancelled": 3}
KEPT = 4  # supplies that go on at a time
KNOWN, OVER, UNKNOWN, ELSEWHERE = 0.85, 0.15, 0.05, 0.05
PREORDERED = 0.75  # of those who want something: the others wait without a day, or with their own
TO = ("sellable", "sellable", "sellable", "quality_hold", "damaged", "staged")

Fields = dict[str, Any]


@dataclass(slots=True)
class Coming:
    """A supply that was asked for, and what would still be to come of it."""

    warehouse: str
    name: str
    left: dict[str, int]


def day(seconds: int, spelling: int = 0) -> str:
    """An instant of a run, in one of the ways to write it."""
    text = rfc3339(START_MS + seconds * 1_000)
    return (text, text[:-1] + "00+00:00", text.lower())[spelling]


class Supplies:
    """What is to come in a stream of commands."""

    def __init__(self, rng: Random, warehouses: list[str]) -> None:
        self._rng = rng
        self._warehouses = warehouses
        self._home = rng.choice(warehouses)
        self._skus = rng.sample(SKUS, 2)
        self._coming: list[Coming] = []

    def next(self, command: Fields, number: int) -> Fields:
        """A command about what is to come."""
        rng = self._rng
        name = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if not self._coming:
            name = "_expected"
        there = self._home if rng.random() > ELSEWHERE else rng.choice(self._warehouses)
        drawn: Fields = getattr(self, name)(command | {"warehouse": there}, number)
        return drawn

    def _expected(self, command: Fields, number: int) -> Fields:
        rng = self._rng
        coming = Coming(command["warehouse"], f"po{number}", {})
        lines = []
        for sku in rng.sample(self._skus, rng.choice((1, 1, 2))):
            coming.left[sku] = units = rng.randint(8, 30)
            lines.append(self._line(sku, units))
        self._coming = [*self._coming[1 - KEPT :], coming]
        return command | {"type": "ExpectSupply", "supply": coming.name, "lines": lines}

    def _changed(self, command: Fields, number: int) -> Fields:
        """Another day, more, fewer or none, by who knows how many are to come, or does not."""
        rng, coming = self._rng, self._rng.choice(self._coming)
        lines: list[Fields] = []
        for sku, left in coming.left.items():
            units = rng.choice((left, left, left + 5, left // 2, 0))
            known = left if rng.random() < KNOWN else rng.choice((0, 1, left + 1))
            lines.append(self._line(sku, units) | {"expected": known})
            coming.left[sku] = units if known == left else left
        named = {"type": "ExpectSupply", "supply": coming.name, "warehouse": coming.warehouse}
        return command | named | {"lines": lines}

    def _line(self, sku: str, units: int) -> Fields:
        rng = self._rng
        return {"sku": sku, "quantity": units, "due": day(rng.choice(DAYS_S), rng.randrange(3))}

    def _arrived(self, command: Fields, number: int) -> Fields:
        """All, a part, or more than was to come; mostly for sale."""
        rng, coming = self._rng, self._rng.choice(self._coming)
        named = {"type": "ReceiveSupply", "supply": coming.name, "warehouse": coming.warehouse}
        if rng.random() < UNKNOWN:
            named["supply"] = f"po{number}"
        lines: list[Fields] = []
        for sku, left in coming.left.items():
            units = left if rng.random() < 0.4 else rng.randint(1, max(1, left))
            coming.left[sku] = left - units if left >= units else left
            lines.append({"sku": sku, "quantity": max(1, units)})
        if rng.random() < OVER:
            lines[-1]["quantity"] += rng.randint(1, 30)
        to = rng.choice(TO)
        return command | named | {"lines": lines} | ({} if to == TO[0] else {"to_account": to})

    def _wanted(self, command: Fields, number: int) -> Fields:
        """Somebody waits, and is told a day or brings one."""
        rng = self._rng
        skus = [rng.choice(self._skus) for _ in range(rng.choice((1, 1, 2)))]
        lines = [{"sku": sku, "quantity": rng.randint(2, 14)} for sku in skus]
        command |= {"reservation": f"p{number}", "lines": lines}
        if rng.random() < 0.6:
            command["priority"] = rng.choice((0, 3, 9))
        if rng.random() < 0.3:
            command["partial"] = rng.random() < 0.5
        if rng.random() < PREORDERED:
            return command | {"type": "PreorderStock", "by": day(rng.choice(BY_S))}
        told = {"promised": day(rng.choice(BY_S))} if rng.random() < 0.6 else {}
        return command | {"type": "BackorderStock"} | told

    def _cancelled(self, command: Fields, number: int) -> Fields:
        """Of what is on order by hand: nothing that a supply brings."""
        lines = [{"sku": self._rng.choice(self._skus), "quantity": self._rng.randint(1, 5)}]
        ordered = ["supplier", "on_order"]
        if self._rng.random() < 0.6:
            ordered.reverse()
        source, target = ordered
        named = {"type": "MoveStock", "from_account": source, "to_account": target}
        reason = "ORDERED" if source == "supplier" else "ORDER_CANCELLED"
        return command | named | {"reason": reason, "lines": lines}
