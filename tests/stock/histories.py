"""Long random histories of two warehouses, drawn from a number: what Shop and engine are given."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.stock.bytes_of import Shop
from tests.stock.ledger_promises import left_for
from tests.stock.reasons import ACCOUNTS, ALLOWED
from tests.stock.tables_of import Tables

LENGTH_MAX = 60  # commands: some ten promises and counts are begun, and most come to an end
SKUS = ("A", "B", "\u00c4 1")
ACTORS = ("ann", "bob", "eve", "ann", "bob", None)
STEPS = ("PickStock", "PackStock", "PackStock", "ShipPacked", "ShipPacked", "UnpickStock")
CHANNELS: tuple[dict[str, Any], ...] = ({}, {}, {"channel": "web"}, {"channel": "shop"})
DUES = ("2026-11-18T12:00:20Z", "2026-11-18T12:02:00.5Z", "2026-11-19T00:00:00z")
PAUSES_MS = (1, 500, 1_000, 30_000, 90_000)

numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, LENGTH_MAX))
"""(seed, length) of a history: the length shrinks to its shortest failing beginning."""

Entry = bytes | int
"""A command, or so many ms of log time that pass."""


class History:
    """Draws one entry after the other, with an eye on what there is to go on with."""

    def __init__(self, seed: int, warehouses: tuple[str, ...] = ("LON-1", "LON-2")) -> None:
        self._random = Random(seed)
        self._warehouses = warehouses
        self._count = 0

    def next(self, tables: Tables) -> Entry:
        """What happens next."""
        if self._random.random() < 0.12:
            return self._random.choice(PAUSES_MS)
        self._count += 1
        if self._count <= len(self._warehouses):  # there is something to begin with
            warehouse = self._warehouses[self._count - 1]
            lines = [{"sku": sku, "quantity": self._random.randint(1, 60)} for sku in SKUS]
            told: dict[str, Any] = {"type": "ReceiveStock", "lines": lines}
        else:
            warehouse = self._random.choice(self._warehouses)
            told = self._wish(tables, warehouse)
        actor = self._random.choice(ACTORS)
        head = {"id": f"c-{self._count}", "warehouse": warehouse}
        return json.dumps(head | told | ({} if actor is None else {"actor": actor})).encode()

    def _wish(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        wishes: tuple[Callable[[Tables, str], dict[str, Any]], ...] = (
            self._book,
            self._promise,
            self._go_on,
            self._go_on,
            self._step,
            self._step,
            self._move,
            self._supply,
            self._count_some,
            self._sell_at_a_till,
        )
        return self._random.choice(wishes)(tables, warehouse)

    def _lines(self, most: int = 6) -> list[dict[str, Any]]:
        return [
            {"sku": self._random.choice(SKUS), "quantity": self._random.randint(1, most)}
            for _ in range(self._random.randint(1, 3))
        ]

    def _book(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        kinds = ("ReceiveStock",) * 5 + (
            "ShipStock",
            "AdjustStock",
            "Set",
            "SetStockPolicy",
            "Pools",
            "SetStock",
        )
        kind = self._random.choice(kinds)
        if kind == "SetStockPolicy":
            policy = {"safety_stock": self._random.choice((0, 2, 8))}
            policy |= self._random.choice(({}, {"recover_point": 4}, {"recover_point": 9}))
            return {"type": kind, "lines": [{"sku": self._random.choice(SKUS)} | policy]}
        if kind == "SetStock":
            known = tables.stock.get((warehouse, SKUS[0]), {"version": 0})["version"]
            version = max(0, known - (self._random.random() < 0.3))
            line = {"sku": SKUS[0], "on_hand": self._random.randint(0, 40)}
            return {
                "type": kind,
                "lines": [line | {"expected_version": version}],
                "reason": "sync",
            }
        if kind == "Pools":
            line = {"sku": self._random.choice(SKUS), "pools": self._pools()}
            return {"type": "SetChannelPools", "lines": [line]}
        if kind == "AdjustStock":
            lines = [{"sku": sku, "delta": self._random.choice((-3, -1, 2))} for sku in SKUS[:2]]
            return {"type": kind, "lines": lines, "reason": "count"}
        if kind == "Set":
            lines = [{"sku": self._random.choice(SKUS), "reorder_point": 4}]
            return {"type": "SetReorderPoint", "lines": lines}
        if kind == "ReceiveStock":
            return {"type": kind, "lines": self._lines(60)}
        return {"type": kind, "lines": self._lines()} | self._random.choice(CHANNELS)

    def _sell_at_a_till(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        """What has left already, be it there or not; at first somebody lets it be owed."""
        sku = self._random.choice(SKUS[1:])
        row, policy = tables.stock.get((warehouse, sku)), tables.policies.get((warehouse, sku), {})
        if row is None or not policy.get("negative_limit"):
            line = {"sku": sku, "negative_limit": self._random.choice((9, 40))}
            return {"type": "SetStockPolicy", "lines": [line]}
        beyond = self._random.choice((-2, 3, 7, 20))
        line = {"sku": sku, "quantity": max(1, row["on_hand"] - row["reserved"] + beyond)}
        return {"type": "ShipStock", "lines": [line]} | self._random.choice(CHANNELS)

    def _pools(self) -> list[dict[str, Any]]:
        pools = [
            {"channel": "web", "quantity": self._random.choice((0, 5, 20)), "low_point": 2},
            {"channel": "shop", "safety_stock": self._random.choice((0, 4)), "recover_point": 9},
        ]
        return pools[: self._random.choice((0, 1, 1, 2))]

    def _promise(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        told = {
            "reservation": f"r{self._random.randint(1, 12)}",
            "lines": self._lines(),
            "ttl_seconds": self._random.choice((1, 30, 3_600)),
        }
        if self._random.random() < 0.3:
            how = {
                "priority": self._random.choice((0, 0, 5)),
                "promised": self._random.choice((None, "2026-12-01T00:00:00Z")),
                "partial": self._random.random() < 0.7,
            }
            wanted = {"reservation": told["reservation"], "lines": self._lines(30)}
            if self._random.random() < 0.4:
                del how["promised"]
                return wanted | how | {"type": "PreorderStock", "by": self._random.choice(DUES)}
            how |= self._random.choice(CHANNELS)
            return wanted | how | {"type": "BackorderStock"}
        told |= self._random.choice(CHANNELS)
        replaces = self._name(tables.promises, warehouse, "open")
        if replaces is not None and self._random.random() < 0.3:
            return told | {"type": "SupersedeReservation", "replaces": replaces}
        return told | {"type": "ReserveStock"}

    def _go_on(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        state = self._random.choice(("open", "open", "open", "expired", "confirmed", "waiting", ""))
        name = self._name(tables.promises, warehouse, state)
        if name is None and self._random.random() < 0.9:
            return self._promise(tables, warehouse)
        name = name or "never"
        kinds = ("ConfirmReservation",) * 3 + ("ReleaseReservation", "ShipReservation")
        kind = self._random.choice((*kinds, "ExtendReservation"))
        told = {"type": kind, "reservation": name}
        return told | ({"ttl_seconds": 60} if kind == "ExtendReservation" else {})

    def _step(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        name = self._name(tables.promises, warehouse, "confirmed")
        if name is None:
            return self._go_on(tables, warehouse)
        held = tables.promises[warehouse, name]["lines"]
        kind = self._random.choice(STEPS)
        over = self._random.random() < 0.1  # and asks for one too many
        lines = [
            {"sku": sku, "quantity": self._random.randint(1, left) + over * left}
            for sku, line in held.items()
            if (left := left_for(kind, line)) and self._random.random() < 0.8
        ]
        if not lines:
            told = {"type": "PickStock", "reservation": name}
            return told | {"lines": [{"sku": sku, "quantity": 1} for sku in held]}
        return {"type": kind, "reservation": name, "lines": lines}

    def _move(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        reason = self._random.choice(list(ALLOWED))
        sources, targets, _ = ALLOWED[reason]
        source, target = self._random.choice(sources.split()), self._random.choice(targets.split())
        if self._random.random() < 0.1:
            target = self._random.choice(ACCOUNTS)
        told = {"from_account": source, "to_account": target, "reason": reason}
        return told | {"type": "MoveStock", "lines": self._lines()}

    def _supply(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        name, sku = self._random.choice(("PO-1", "PO-2", "PO-3")), self._random.choice(SKUS)
        coming = tables.supplies.get((warehouse, sku), [])
        before = sum(one["quantity"] for one in coming if one["supply"] == name)
        told = {"supply": name}
        if before and self._random.random() < 0.6:
            lines = [{"sku": sku, "quantity": self._random.randint(1, before + before // 4)}]
            target = self._random.choice(("sellable", "sellable", "quality_hold", "customer"))
            return told | {"type": "ReceiveSupply", "lines": lines, "to_account": target}
        line = {"sku": sku, "quantity": self._random.choice((0, 5, 20, 40))}
        line |= {"due": self._random.choice(DUES), "expected": before}
        return told | {"type": "ExpectSupply", "lines": [line]}

    def _count_some(self, tables: Tables, warehouse: str) -> dict[str, Any]:
        name = self._name(tables.counts, warehouse, "open")
        if name is None or self._random.random() < 0.15:
            lines = [{"sku": sku} for sku in self._random.sample(SKUS, 2)]
            return {"type": "OpenCount", "count": f"n{self._random.randint(1, 9)}", "lines": lines}
        lines = [
            {"sku": sku, "counted": max(0, line["book"] + self._random.choice((-1, 0, 0, 1)))}
            for sku, line in tables.counts[warehouse, name]["lines"].items()
            if not line["is_final"]
        ]
        if lines:
            return {"type": "RecordCount", "count": name, "lines": lines}
        return {"type": self._random.choice(("ApproveCount", "CancelCount")), "count": name}

    def _name(self, found: dict[Any, Any], warehouse: str, state: str) -> str | None:
        names = [
            name
            for (place, name), told in sorted(found.items())
            if place == warehouse and (told["state"] == state or not state)
        ]
        return self._random.choice(names) if names else None


def take(shop: Shop, entry: Entry) -> None:
    """One entry into a shop."""
    if isinstance(entry, int):
        shop.pass_time(entry)
    else:
        shop.put(entry)


Check = Callable[[Shop, Tables], None]
"""What is to hold of a shop, and of its rows as they are read."""


def run(seed: int, length: int, check: Check = lambda *_: None) -> list[Entry]:
    """A history in a shop, checked after each entry; what it was made of."""
    shop, history, entries = Shop(window_ms=60_000), History(seed), list[Entry]()
    tables = Tables(shop.rows)
    for _ in range(length):
        entries.append(history.next(tables))
        take(shop, entries[-1])
        tables = Tables(shop.rows)
        check(shop, tables)
    return entries


def replayed(entries: list[Entry]) -> Shop:
    """A shop that these have happened to."""
    shop = Shop(window_ms=60_000)
    for entry in entries:
        take(shop, entry)
    return shop
