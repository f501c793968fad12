"""Sales at tills by seed: they have happened, whatever is there, and something comes in for them.

One warehouse has tills, and few SKUs that nobody else asks for: so they are owed, trued up, and
now and then promised.
"""

from random import Random
from typing import Any

AT_TILLS = ("T1", "T2")
KINDS = {
    "ShipStock": 9,
    "ReceiveStock": 4,
    "ReserveStock": 1,
    "ReleaseReservation": 1,
    "BackorderStock": 1,
    "AdjustStock": 2,
    "MoveStock": 2,
    "SetStock": 1,
    "SetReorderPoint": 1,
    "SetStockPolicy": 4,
    "SetChannelPools": 1,
}
LIMITS = (0, 0, 6, 20, 20)
TTL_S = (1, 3, 900)
ELSEWHERE = 0.1

Fields = dict[str, Any]


class Tills:
    """What is sold before it is there."""

    def __init__(self, rng: Random, warehouses: list[str]) -> None:
        self._rng = rng
        self._warehouses = warehouses
        self._home = rng.choice(warehouses)
        self._is_open = False
        self._promised = "q"

    def next(self, command: Fields, number: int) -> Fields:
        """A command about what is sold at a till; the first of them says what may be owed."""
        rng = self._rng
        there = self._home if rng.random() > ELSEWHERE else rng.choice(self._warehouses)
        drawn = rng.choices(list(KINDS), list(KINDS.values()))[0]
        kind, self._is_open = drawn if self._is_open else "SetStockPolicy", True
        command |= {"type": kind, "warehouse": there}
        if kind == "ReleaseReservation":
            return command | {"reservation": self._promised}
        if kind in ("ReserveStock", "BackorderStock"):
            self._promised = command["reservation"] = f"q{number}"
        if kind == "ReserveStock":
            command["ttl_seconds"] = rng.choice(TTL_S)
        if kind in ("AdjustStock", "SetStock"):
            command["reason"] = "till"
        if kind == "MoveStock":
            command |= self._moved()
        skus = rng.sample(AT_TILLS, rng.choice((1, 1, 2)))
        return command | {"lines": [{"sku": sku} | self._line(kind) for sku in skus]}

    def _moved(self) -> Fields:
        ends = (("supplier", "sellable", "RECEIVED"), ("sellable", "gain_loss", "THEFT"))
        source, target, reason = self._rng.choice(ends)
        return {"from_account": source, "to_account": target, "reason": reason}

    def _line(self, kind: str) -> Fields:
        rng = self._rng
        if kind == "AdjustStock":
            return {"delta": rng.choice((-3, 2, 9))}
        if kind == "SetStock":
            return {"on_hand": rng.choice((0, 5)), "expected_version": rng.randint(0, 4)}
        if kind == "SetReorderPoint":
            return {"reorder_point": rng.choice((0, 4))}
        if kind == "SetChannelPools":
            return {"pools": [{"channel": "web", "quantity": rng.choice((0, 6))}]}
        if kind == "SetStockPolicy":
            safety_stock = rng.choice(({}, {"safety_stock": 4}))
            return {"negative_limit": rng.choice(LIMITS)} | safety_stock
        return {"quantity": rng.randint(1, 9)}
