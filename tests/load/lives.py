"""Lives of two warehouses for the books: whatever may be asked of a few SKUs, drawn by a seed."""

from random import Random
from typing import Any

from schemas.accounts import ACCOUNTS, REASONS

SKUS = ("A", "B")
RESERVATIONS = ("r-1", "r-2", "r-3", "r-4", "r-5", "r-6", "r-7", "r-8")
COUNTS = ("c-1", "c-2")
TRANSFERS = ("t-1", "t-2")
HERE, THERE = "LON-1", "PAR-1"
SUPPLIES = ("PO-1", "PO-2")
LATER, SAME = "2026-12-01T00:00:00Z", "2026-12-01T00:00:00.00z"
LAST = "2026-12-24T00:00:00Z"
ACTORS = ("one", "two", "three")
ON_THE_WAY = ("PickStock", "UnpickStock", "PackStock", "ShipPacked")
WITHOUT_LINES = (
    "ExtendReservation",
    "ConfirmReservation",
    "ReleaseReservation",
    "ShipReservation",
    "ApproveCount",
    "CancelCount",
    "CloseTransfer",
)
SOLD = ("ShipStock", "ReserveStock", "SupersedeReservation", "BackorderStock")
KINDS = {  # how often each is asked for
    "ReceiveStock": 6,
    "ShipStock": 3,
    "AdjustStock": 1,
    "SetReorderPoint": 1,
    "SetStockPolicy": 2,
    "SetChannelPools": 2,
    "SetStock": 2,
    "ReserveStock": 6,
    "ExtendReservation": 4,
    "SupersedeReservation": 6,
    "ConfirmReservation": 5,
    "BackorderStock": 3,
    "PreorderStock": 3,
    "ExpectSupply": 5,
    "ReceiveSupply": 4,
    "PickStock": 10,
    "UnpickStock": 4,
    "PackStock": 8,
    "ShipPacked": 6,
    "ReleaseReservation": 10,
    "ShipReservation": 1,
    "MoveStock": 8,
    "OpenCount": 3,
    "RecordCount": 8,
    "ApproveCount": 4,
    "CancelCount": 1,
    "DispatchTransfer": 6,
    "ReceiveTransfer": 8,
    "CloseTransfer": 1,
}


class Life:
    """Draws one command after the other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def command(self) -> tuple[str, dict[str, Any]]:
        """Its type, and its fields."""
        (kind,) = self._random.choices(list(KINDS), list(KINDS.values()))
        fields = {"actor": self._random.choice(ACTORS)} | self._of_supplies(kind)
        if "Reservation" in kind or kind in ON_THE_WAY:
            fields["reservation"] = self._random.choice(RESERVATIONS)
        if kind == "SupersedeReservation":
            fields["replaces"] = self._random.choice(RESERVATIONS)
        if kind in ("ReserveStock", "BackorderStock"):
            fields["reservation"] = self._random.choice(RESERVATIONS)
        if kind in ("ReserveStock", "SupersedeReservation", "ExtendReservation"):
            fields["ttl_seconds"] = self._random.choice((60, 600))
        if kind in SOLD and self._random.random() < 0.4:
            fields["channel"] = self._random.choice(("web", "web", "shop"))
        if kind in ("AdjustStock", "SetStock"):
            fields["reason"] = "count"
        fields |= {"MoveStock": self._move, "BackorderStock": self._how}.get(kind, dict)()
        if "Count" in kind:
            fields["count"] = self._random.choice(COUNTS)
        if kind == "OpenCount":
            fields["tolerance"] = self._random.choice((0, 3))
        if "Transfer" in kind:
            fields |= self._transfer(kind)
        return kind, fields | self._lines(kind)

    def delivers(self) -> bool:
        """Whether a command that another brought about comes before the next one."""
        return self._random.random() < 0.3

    def pause_ms(self) -> int:
        """How long nothing is asked for: mostly not at all, at times until ids are free again."""
        return self._random.choices((0, 30_000, 300_000), (80, 15, 5))[0]

    def _transfer(self, kind: str) -> dict[str, Any]:
        sender, receiver = self._random.choices(((HERE, THERE), (THERE, HERE)), (3, 1))[0]
        named = {"transfer": self._random.choice(TRANSFERS)}
        if kind == "DispatchTransfer":
            return named | {"warehouse": sender, "to_warehouse": receiver}
        return named | {"warehouse": receiver, "from_warehouse": sender}

    def _how(self) -> dict[str, Any]:
        return {
            "priority": self._random.choice((0, 0, 1)),
            "promised": self._random.choice((None, LATER, SAME)),
            "partial": self._random.random() < 0.7,
        }

    def _of_supplies(self, kind: str) -> dict[str, Any]:
        if "Supply" in kind:
            return {"supply": self._random.choice(SUPPLIES)}
        if kind != "PreorderStock":
            return {}
        return {
            "reservation": self._random.choice(RESERVATIONS),
            "priority": self._random.choice((0, 0, 1)),
            "by": self._random.choice((LATER, LAST)),
            "partial": self._random.random() < 0.7,
        }

    def _move(self) -> dict[str, Any]:
        reason = self._random.choice(list(REASONS))
        source = self._random.choice(sorted(REASONS[reason].sources))
        target = self._random.choice(sorted(REASONS[reason].targets))
        if self._random.random() < 0.05:
            target = self._random.choice(ACCOUNTS)
        return {"from_account": source, "to_account": target, "reason": reason}

    def _lines(self, kind: str) -> dict[str, Any]:
        skus = self._random.sample(SKUS, self._random.choice((1, 1, 2)))
        amounts = {
            "AdjustStock": ("delta", (-3, 3)),
            "SetReorderPoint": ("reorder_point", (0, 5)),
            "RecordCount": ("counted", (10, 25)),
            "OpenCount": ("", (0, 0)),
            "BackorderStock": ("quantity", (1, 20)),
            "PreorderStock": ("quantity", (1, 12)),
        }
        if kind in WITHOUT_LINES:
            return {}
        if kind == "SetStock":
            version = self._random.randint(0, 4)
            levels = {"on_hand": self._random.randint(0, 9), "expected_version": version}
            return {"lines": [{"sku": sku} | levels for sku in skus]}
        if kind == "ExpectSupply":
            return {"lines": [{"sku": sku} | self._coming() for sku in skus]}
        if kind == "SetChannelPools":
            return {"lines": [{"sku": sku, "pools": self._pools()} for sku in skus]}
        if kind == "SetStockPolicy":
            return {"lines": [{"sku": sku} | self._policy() for sku in skus]}
        name, bounds = amounts.get(kind, ("quantity", (1, 5)))
        lines = [{"sku": sku} | self._amount(name, bounds) for sku in skus]
        return {"lines": lines}

    def _coming(self) -> dict[str, Any]:
        draw = self._random
        told = {"quantity": draw.choice((0, 10, 10)), "expected": draw.choice((0, 0, 5, 10))}
        return told | {"due": draw.choice((LATER, SAME, LAST))}

    def _pools(self) -> list[dict[str, Any]]:
        draw = self._random
        web = {"channel": "web", "quantity": draw.choice((0, 4, 9)), "low_point": 3}
        shop = {"channel": "shop", "safety_stock": draw.choice((0, 3)), "recover_point": 6}
        return draw.choice(([], [web], [web, shop], [web | {"recover_point": 5}]))

    def _policy(self) -> dict[str, int]:
        policy = {"safety_stock": self._random.randint(0, 3)} if self._random.random() < 0.8 else {}
        policy |= {"recover_point": 7} if self._random.random() < 0.5 else {}
        return policy | ({"negative_limit": 9} if self._random.random() < 0.3 else {})

    def _amount(self, name: str, bounds: tuple[int, int]) -> dict[str, int]:
        if not name:
            return {}
        amount = self._random.randint(*bounds)
        return {name: amount or 1 if name == "delta" else amount}
