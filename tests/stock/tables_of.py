"""What must hold of the tables whatever happened, read from their bytes alone."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import msgpack

ROW = (
    "on_hand",
    "reserved",
    "reorder_point",
    "version",
    "allocated",
    "supplier",
    "customer",
    "gain_loss",
    "elsewhere",
)
BALANCES = (
    "quality_hold",
    "damaged",
    "expired",
    "recalled",
    "staged",
    "on_order",
    "scrap",
    "production",
    "in_transit",
    "transfers",
)
POLICY = ("safety_stock", "recover_point", "negative_limit")
HAS_POLICY, IS_AWAITED, IS_LOW, HAS_CHANNELS = 1, 2, 4, 8  # marks
WAITER = ("reservation", "missing", "priority", "promised", "seq", "partial", "channel")
SUPPLY = ("supply", "due", "quantity")
CHANNEL = ("channel", "quantity", "safety_stock", "low_point", "recover_point", "is_low")
MAY_OWE = ("scrap", "production", "transfers")
LIMIT = 10**15
FINAL = ("released", "shipped", "superseded")
Place = tuple[str, str]
"""(warehouse, SKU or name)."""


@lru_cache(4_096)  # a history has few keys, and they are read after each of its steps
def _parts(key: bytes) -> tuple[str, str, str]:
    kind, warehouse, name = key.decode().split("\0", 2)
    return kind, warehouse, name


class Tables:
    """The rows of all kinds, by warehouse and name, decoded without the code under test."""

    def __init__(self, rows: Mapping[bytes, bytes]) -> None:
        self.stock: dict[Place, dict[str, int]] = {}
        self.marks: dict[Place, int] = {}
        self.balances: dict[Place, dict[str, int]] = {}
        self.policies: dict[Place, dict[str, int | None]] = {}
        self.queues: dict[Place, list[dict[str, Any]]] = {}
        self.channels: dict[Place, list[dict[str, Any]]] = {}
        self.supplies: dict[Place, list[dict[str, Any]]] = {}
        self.promises: dict[Place, dict[str, Any]] = {}
        self.counts: dict[Place, dict[str, Any]] = {}
        self.outgoing: dict[Place, dict[str, Any]] = {}
        self.incoming: dict[Place, dict[str, Any]] = {}  # by from/transfer
        for key, value in rows.items():
            kind, warehouse, name = _parts(key)
            place = warehouse, name
            if kind == "S":
                numbers = msgpack.decode(value)
                self.stock[place] = dict(zip(ROW, numbers[: len(ROW)], strict=True))
                self.marks[place] = sum(numbers[len(ROW) :])
            elif kind == "P":
                policy = msgpack.decode(value)
                assert len(policy) == len(POLICY) - (not policy[2:] or policy[2] == 0), place
                self.policies[place] = dict(zip(POLICY, policy, strict=False))
            elif kind == "B":
                self.balances[place] = dict(zip(BALANCES, msgpack.decode(value), strict=True))
            elif kind == "Q":
                told = [dict(zip(WAITER, one, strict=True)) for one in msgpack.decode(value)]
                self.queues[place] = told
            elif kind == "K":
                told = [dict(zip(CHANNEL, one, strict=True)) for one in msgpack.decode(value)]
                self.channels[place] = told
            elif kind == "U":
                told = [dict(zip(SUPPLY, one, strict=True)) for one in msgpack.decode(value)]
                self.supplies[place] = told
            elif kind == "r":
                self.promises[place] = _promise(value)
            elif kind == "c":
                self.counts[place] = _count(value)
            else:
                ends = {"t": self.outgoing, "i": self.incoming}
                ends[kind][place] = _transfer(value)

    def accounts(self, place: Place) -> dict[str, int]:
        """All fourteen accounts of a SKU."""
        row = self.stock[place]
        named = {name: row[name] for name in ("supplier", "customer", "gain_loss")}
        others = self.balances.get(place) or dict.fromkeys(BALANCES, 0)
        return {"sellable": row["on_hand"]} | named | others

    def check_conserved(self) -> None:
        """The accounts of every SKU sum to zero, and its row has the sum of the rest."""
        assert self.balances.keys() <= self.stock.keys()
        for place, row in self.stock.items():
            accounts = self.accounts(place)
            assert sum(accounts.values()) == 0, (place, accounts)
            assert row["elsewhere"] == sum(self.balances.get(place, {}).values())

    def check_not_negative(self) -> None:
        """No account has less than nothing but where units come from, and where policies say."""
        for place, row in self.stock.items():
            limit = self.policies.get(place, {}).get("negative_limit") or 0
            assert -limit <= row["on_hand"] <= LIMIT, (place, row)
            assert row["reorder_point"] >= 0
            assert row["version"] > 0
        for place, balances in self.balances.items():
            assert all(value >= 0 for name, value in balances.items() if name not in MAY_OWE), (
                place,
                balances,
            )

    def check_promised_is_there(self) -> None:
        """What is promised lies on the shelf: for good, for a while, and all there is."""
        for place, row in self.stock.items():
            there = max(0, row["on_hand"])
            assert 0 <= row["allocated"] <= row["reserved"] <= there, (place, row)

    def check_reserved(self) -> None:
        """Reserved and allocated are what open and confirmed promises hold on the shelf."""
        reserved, allocated = self._held()
        for place, row in self.stock.items():
            assert row["reserved"] == reserved.pop(place, 0), place
            assert row["allocated"] == allocated.pop(place, 0), place
        assert not any((*reserved.values(), *allocated.values())), "promised, and no row"

    def _held(self) -> tuple[dict[Place, int], dict[Place, int]]:
        reserved: dict[Place, int] = {}
        allocated: dict[Place, int] = {}
        for (warehouse, _), promise in self.promises.items():
            for sku, line in promise["lines"].items():
                place, left = (warehouse, sku), line["quantity"] - line["picked"] - line["shipped"]
                left -= promise.get("missing", {}).get(sku, 0)
                if promise["state"] in ("open", "confirmed", "waiting"):
                    reserved[place] = reserved.get(place, 0) + left
                if promise["state"] in ("confirmed", "waiting"):
                    allocated[place] = allocated.get(place, 0) + left
        return reserved, allocated

    def check_staged(self) -> None:
        """Staged is what confirmed promises have picked, and nothing else."""
        picked: dict[Place, int] = {}
        for (warehouse, _), promise in self.promises.items():
            for sku, line in promise["lines"].items():
                assert promise["state"] == "confirmed" or not line["picked"]
                place = warehouse, sku
                picked[place] = picked.get(place, 0) + line["picked"]
        for place in self.stock:
            assert self.accounts(place)["staged"] == picked.get(place, 0), place

    def check_in_transit(self) -> None:
        """In transit is what open transfers that left here have not told of yet."""
        missing: dict[Place, int] = {}
        for (warehouse, _), transfer in self.outgoing.items():
            for sku, line in transfer["lines"].items():
                left = max(0, line["quantity"] - line["received"])
                place = warehouse, sku
                missing[place] = missing.get(place, 0) + left * (transfer["state"] == "open")
        for place in self.stock:
            assert self.accounts(place)["in_transit"] == missing.get(place, 0), place

    def check_one_place(self) -> None:
        """A promised unit is on the shelf, picked or shipped, and packed only where picked."""
        for place, promise in self.promises.items():
            for line in promise["lines"].values():
                assert 0 <= line["packed"] <= line["picked"], (place, promise)
                assert line["shipped"] >= 0, (place, promise)
                assert line["picked"] + line["shipped"] <= line["quantity"], (place, promise)
                is_out = line["shipped"] == line["quantity"]
                assert is_out or promise["state"] != "shipped", (place, promise)

    def check_marked(self) -> None:
        """A row is marked where something stands beside it, and low where its levels say so."""
        for place, row in self.stock.items():
            policy, marks = self.policies.get(place), self.marks[place]
            assert bool(marks & HAS_POLICY) == (policy is not None), place
            recover_point = policy["recover_point"] if policy else None
            if recover_point is None:
                assert not marks & IS_LOW, place
                continue
            available = row["on_hand"] - row["reserved"]
            assert row["reorder_point"] <= recover_point, place
            assert available > row["reorder_point"] or marks & IS_LOW, place
            assert available <= recover_point or not marks & IS_LOW, place
        assert self.policies.keys() <= self.stock.keys()

    def check_waiting(self) -> None:
        """Who waits is in the queues with what is missing, each queue in its order and served."""
        missing: dict[Place, dict[str, int]] = {}
        for (warehouse, name), promise in self.promises.items():
            assert any(promise.get("missing", {}).values()) == (promise["state"] == "waiting"), name
            for sku, units in promise.get("missing", {}).items():
                assert 0 <= units <= promise["lines"][sku]["quantity"]
                if units:
                    missing.setdefault((warehouse, sku), {})[name] = units
        queued = {
            place: {one["reservation"]: one["missing"] for one in queue}
            for place, queue in self.queues.items()
        }
        assert queued == missing
        for place, queue in self.queues.items():
            assert 0 < len(queue) <= 1_000
            ranks = [(-one["priority"], one["promised"] is None, one["seq"]) for one in queue]
            assert [rank[:2] for rank in ranks] == sorted(rank[:2] for rank in ranks), place
            heads: dict[str | None, dict[str, Any]] = {}
            for one in queue:
                heads.setdefault(self.pool(place, one["channel"]), one)
            for one in heads.values():
                free = self.free(place, one["channel"])
                assert free <= 0 or (not one["partial"] and free < one["missing"]), place
        for place in self.stock:
            assert bool(self.marks[place] & IS_AWAITED) == (place in self.queues), place

    def pool(self, place: Place, channel: str | None) -> str | None:
        """The pool that a channel draws on; none: what is in no pool."""
        for one in self.channels.get(place, ()):
            if one["channel"] == channel and one["quantity"] is not None:
                return channel
        return None

    def free(self, place: Place, channel: str | None) -> int:
        """What a channel may be given of what is available."""
        row, kept = self.stock[place], self.policies.get(place, {}).get("safety_stock") or 0
        left, channels = row["on_hand"] - row["reserved"], self.channels.get(place, [])
        own = next((one for one in channels if one["channel"] == channel), None)
        pool = None if own is None else own["quantity"]
        if pool is None:
            kept += sum(one["quantity"] or 0 for one in channels)
        least = left - kept if pool is None else min(pool, left - kept)
        return least if own is None else min(least, left - own["safety_stock"])

    def check_channels(self) -> None:
        """A row is marked where it has channels, and each of them low where its levels say so."""
        assert self.channels.keys() <= self.stock.keys()
        for place in self.stock:
            assert bool(self.marks[place] & HAS_CHANNELS) == (place in self.channels), place
        for place, channels in self.channels.items():
            assert len({one["channel"] for one in channels}) == len(channels) > 0
            for one in channels:
                left = max(0, self.free(place, one["channel"]))
                assert one["quantity"] is None or 0 <= one["quantity"] <= LIMIT
                assert left > one["low_point"] or one["is_low"], place
                up = max(one["low_point"], one["recover_point"] or 0)
                assert left <= up or not one["is_low"], place

    def check_to_come(self) -> None:
        """What is to come is on order, each supply once and in the order of their days."""
        for place, supplies in self.supplies.items():
            assert 0 < len({one["supply"] for one in supplies}) == len(supplies) <= 100, place
            assert all(one["quantity"] > 0 for one in supplies), place
            days = [(_seconds(one["due"]), one["supply"]) for one in supplies]
            assert days == sorted(days), place
            assert sum(one["quantity"] for one in supplies) <= self.accounts(place)["on_order"]

    def check_all(self) -> None:
        """Whatever must hold."""
        self.check_conserved()
        self.check_not_negative()
        self.check_promised_is_there()
        self.check_reserved()
        self.check_staged()
        self.check_in_transit()
        self.check_one_place()
        self.check_marked()
        self.check_waiting()
        self.check_channels()
        self.check_to_come()


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant.upper()).timestamp()


def _promise(value: bytes) -> dict[str, Any]:
    state, expires_at, lines, *channel = msgpack.decode(value[8:])
    fields = ("quantity", "picked", "packed", "shipped")
    is_waiting = {"missing": {line[0]: line[5] for line in lines}} if state == "waiting" else {}
    assert all(len(line) == (6 if is_waiting else 5) for line in lines), value
    told = {line[0]: dict(zip(fields, line[1:5], strict=True)) for line in lines}
    due = int.from_bytes(value[:8])
    via = {"channel": channel[0]} if channel else {}
    return {"state": state, "due": due, "expires_at": expires_at, "lines": told} | is_waiting | via


def _count(value: bytes) -> dict[str, Any]:
    state, tolerance, lines, counters = msgpack.decode(value[8:])
    fields = ("book", "counted", "is_final")
    told = {sku: dict(zip(fields, rest, strict=True)) for sku, *rest in lines}
    due = int.from_bytes(value[:8])
    return {
        "state": state,
        "due": due,
        "tolerance": tolerance,
        "lines": told,
        "counters": counters,
    }


def _transfer(value: bytes) -> dict[str, Any]:
    state, other, lines = msgpack.decode(value[8:])
    told = {sku: {"quantity": quantity, "received": came} for sku, quantity, came in lines}
    return {"state": state, "due": int.from_bytes(value[:8]), "other": other, "lines": told}
