"""Transfers as the traffic sends them: whole, in parts, short, over, wrong, twice, and forged.

Like the other stories it is told nothing of what becomes of them.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

MIX = {
    "DispatchTransfer": 2.2,
    "ReceiveTransfer": 2.4,
    "CloseTransfer": 0.8,
    "ExpectTransfer": 0.12,  # from outside, as the next: forged
    "SettleTransfer": 0.15,
}
"""Shares beside the hundred parts of the plain commands."""
GOLD = "GOLD"  # a SKU that runs into the limit of 10^15
LINE_MAX = 10**12
KEPT = 12  # of each warehouse, the transfers that are spoken of
EARLY = 0.1  # share of receipts that may come before the announcement

Line = dict[str, Any]


@dataclass(slots=True)
class _Transfer:
    name: str
    sender: str
    receiver: str
    left: Counter[str]  # as it would be if all had gone well


class Transfers:
    """What left each warehouse, and is to arrive at another."""

    def __init__(self, rng: Random, sku: Callable[[], str], there: Callable[[], str]) -> None:
        """`sku` and `there` draw a SKU and a warehouse."""
        self.rng, self.sku, self.there = rng, sku, there
        self.leaving: dict[str, deque[_Transfer]] = {}
        self.arriving: dict[str, deque[_Transfer]] = {}
        self.number = 0

    def fields(self, kind: str, warehouse: str, lines: list[Line]) -> dict[str, Any]:
        """A command's fields but for its envelope; `lines` may be there to be sent."""
        if kind == "DispatchTransfer":
            return self._dispatch(warehouse, lines)
        if kind == "ReceiveTransfer":
            return self._receive(warehouse)
        if kind == "CloseTransfer":
            return self._named(self._arriving(warehouse))
        return self._forged(kind, warehouse)

    def _dispatch(self, warehouse: str, lines: list[Line]) -> dict[str, Any]:
        rng, there = self.rng, self.there()
        if rng.random() < 0.9:
            while there == warehouse:
                there = self.there()
        draw = rng.random()
        if draw < 0.06:  # more of a SKU than one line may name
            lines = [{"sku": GOLD, "quantity": LINE_MAX}, {"sku": GOLD, "quantity": 5}]
        elif draw < 0.2:  # a line in two parts
            lines = [*lines, lines[0] | {"quantity": 1}]
        leaving = self.leaving.setdefault(warehouse, deque(maxlen=KEPT))
        if leaving and rng.random() < 0.05:
            name = rng.choice(leaving).name
        else:
            self.number += 1
            name = f"transfer-{rng.randrange(10**6):06}-{self.number}" + rng.choice(("", "/\u00e9"))
            held: Counter[str] = Counter()
            for line in lines:
                held[line["sku"]] += line["quantity"]
            sent = _Transfer(name, warehouse, there, held)
            leaving.append(sent)
            self.arriving.setdefault(there, deque(maxlen=KEPT)).append(sent)
        return {"transfer": name, "to_warehouse": there, "lines": lines}

    def _arriving(self, warehouse: str) -> _Transfer:
        """Mostly one that has had the time to be announced."""
        known, draw = self.arriving.get(warehouse), self.rng.random()
        if not known or draw < 0.03:
            return _Transfer("transfer-unknown", self.there(), warehouse, Counter())
        if draw < 0.03 + EARLY:
            return known[-1]
        ready = [one for one in list(known)[:-1] if +one.left]
        return self.rng.choice(ready if ready and draw < 0.9 else known)

    def _receive(self, warehouse: str) -> dict[str, Any]:
        rng = self.rng
        found = self._arriving(warehouse)
        came = self._some(+found.left)
        found.left.subtract(came)
        draw = rng.random()
        if draw < 0.1:  # over
            came[rng.choice(list(came))] += rng.randint(1, 9)
        elif draw < 0.2:  # not what was sent, or beside it
            came = {self.sku(): rng.randint(1, 5)} | (came if draw < 0.15 else {})
        lines = [
            {"sku": sku, "quantity": min(LINE_MAX, quantity - told)}
            for sku, quantity in came.items()
            for told in range(0, quantity, LINE_MAX)
        ]
        if draw > 0.98:
            lines = [{"sku": GOLD, "quantity": LINE_MAX}] * 1_000
        return self._named(found) | {"lines": lines}

    def _some(self, left: Counter[str]) -> dict[str, int]:
        """All of it, or a part; of nothing, one unit."""
        rng = self.rng
        if not left:
            return {self.sku(): 1}
        if rng.random() < 0.5:
            return dict(left)
        names = rng.sample(sorted(left), rng.randint(1, len(left)))
        return {sku: rng.randint(1, left[sku]) for sku in names}

    def _forged(self, kind: str, warehouse: str) -> dict[str, Any]:
        """What only the other end should say; perhaps of a transfer that there is."""
        rng = self.rng
        sku, quantity = self.sku(), rng.randint(1, 9)
        lines = [{"sku": sku, "quantity": quantity}]
        if kind == "ExpectTransfer":
            known = self.arriving.setdefault(warehouse, deque(maxlen=KEPT))
            if not known or rng.random() < 0.5:
                self.number += 1
                forged = f"transfer-forged-{self.number}"
                held = {sku: quantity}
                known.append(_Transfer(forged, self.there(), warehouse, Counter(held)))
                return self._named(known[-1]) | {"lines": lines}
            return self._named(rng.choice(known)) | {"lines": lines}
        left = self.leaving.get(warehouse)
        if left and rng.random() < 0.8:
            found = rng.choice(left)
        else:
            found = _Transfer("transfer-unknown", warehouse, self.there(), Counter())
        there = found.receiver if rng.random() < 0.7 else self.there()
        told: dict[str, Any] = {"transfer": found.name, "to_warehouse": there}
        told["lines"] = rng.choice((lines, [], self._lines_of(found) or lines))
        is_final = rng.choice((None, False, True))
        return told if is_final is None else told | {"is_final": is_final}

    @staticmethod
    def _lines_of(found: _Transfer) -> list[Line]:
        left = found.left.items()
        return [{"sku": sku, "quantity": units} for sku, units in left if 0 < units <= LINE_MAX]

    @staticmethod
    def _named(found: _Transfer) -> dict[str, Any]:
        return {"transfer": found.name, "from_warehouse": found.sender}
