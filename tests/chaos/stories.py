"""Reservations, moves, counts and transfers as the traffic sends them: most follow from others.

It is told nothing of what becomes of them, so what it believes is often wrong, and meets refusals.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.chaos import supply_stories, transfer_stories
from tests.chaos.accounts import ACCOUNTS, MOVES
from tests.chaos.supply_stories import TILLS as TILLS
from tests.chaos.supply_stories import Supplies
from tests.chaos.transfer_stories import GOLD as GOLD
from tests.chaos.transfer_stories import Transfers

MIX = {
    "ExtendReservation": 2.5,
    "SupersedeReservation": 2.5,
    "ConfirmReservation": 7,
    "BackorderStock": 2,
    "PickStock": 6,
    "UnpickStock": 1.5,
    "PackStock": 4,
    "ShipPacked": 3.5,
    "SetStockPolicy": 1.2,
    "SetChannelPools": 1.2,
    "SetStock": 1.2,
    "MoveStock": 4,
    "OpenCount": 1.2,
    "RecordCount": 3,
    "ApproveCount": 1.5,
    "CancelCount": 0.3,
    **supply_stories.MIX,
    **transfer_stories.MIX,
}
"""Shares beside the hundred parts of the plain commands."""
SIGNED = frozenset(("OpenCount", "RecordCount", "ApproveCount", "CancelCount"))
KINDS = frozenset((*MIX, "ReserveStock", "ReleaseReservation", "ShipReservation"))
_RESERVE = ("ReserveStock", "SupersedeReservation", "BackorderStock")
MEANT: dict[str, dict[str, Any]] = {
    "MoveStock": {"reference": None},
    "ShipStock": {"channel": None},
    "ReserveStock": {"channel": None},
    "SupersedeReservation": {"channel": None},
    "BackorderStock": {"priority": 0, "promised": None, "partial": True, "channel": None},
    "PreorderStock": {"priority": 0, "partial": True},
    "ReceiveSupply": {"to_account": "sellable"},
    "OpenCount": {"tolerance": 0},
    "SettleTransfer": {"is_final": False},
}
"""Of these fields, what it means that they are missing."""
PROMISES, CONFIRMED, COUNTS, RECEIVED = 400, 12, 4, 60  # remembered of each warehouse
TOLERANCES = (0, 3, 40, 10**15)
SAFETY_STOCKS = (None, 0, 3, 20)
RECOVER_POINTS = (None, 5, 12, 40, 10**15)
NEGATIVE_LIMITS = (None, None, 0, 8, 40)
DAYS = ("2026-12-01T00:00:00Z", "2026-12-01t00:00:00.00+00:00", "2026-11-30T12:00:00.5z")
CHANNELS = ("web", "shop", "ebay.co.uk")
POOLS = (None, 0, 5, 40, 10**15)
TTLS = (60, 900, 86_400, 31_536_000)

_PARTS = {
    "PickStock": ("shelved", "picked"),
    "UnpickStock": ("picked", "shelved"),
    "PackStock": ("picked", "packed"),
    "ShipPacked": ("packed", "shipped"),
}
"""Of a reservation: where units are taken from, and where they are then."""

LATELY = 20  # of those, the ones that are mostly meant

Line = dict[str, Any]
Lines = Callable[[str], list[Line]]


@dataclass(slots=True)
class _Promise:
    """A reservation as it would stand if all had gone well."""

    name: str
    shelved: Counter[str]
    picked: Counter[str] = field(default_factory=Counter)
    packed: Counter[str] = field(default_factory=Counter)
    shipped: Counter[str] = field(default_factory=Counter)

    def parts(self, where: str) -> Counter[str]:
        """What of it is there."""
        return {
            "shelved": self.shelved,
            "picked": self.picked,
            "packed": self.packed,
            "shipped": self.shipped,
        }[where]


@dataclass(slots=True)
class _Count:
    name: str
    skus: list[str]
    left: list[str]  # not recorded yet


class Stories:
    """What was asked for in each warehouse, and what may be asked next."""

    def __init__(self, rng: Random, sku: Callable[[], str], warehouse: Callable[[], str]) -> None:
        """`sku` and `warehouse` draw one of each."""
        self.rng, self.sku = rng, sku
        self.transfers = Transfers(rng, sku, warehouse)
        self.supplies = Supplies(rng)
        self.promises: dict[str, deque[_Promise]] = {}
        self.confirmed: dict[str, deque[_Promise]] = {}
        self.counts: dict[str, deque[_Count]] = {}
        self.stocked: dict[str, deque[Line]] = {}
        self.number = 0

    def received(self, warehouse: str, lines: list[Line]) -> None:
        """Something came in, and may be promised."""
        some = [line for line in lines[:3] if line["sku"] != GOLD]
        self.stocked.setdefault(warehouse, deque(maxlen=RECEIVED)).extend(some)

    def fields(self, kind: str, warehouse: str, lines: Lines) -> dict[str, Any]:
        """A command's fields but for its envelope; `lines` makes some at random."""
        if kind == "MoveStock":
            return self._move()
        if kind in ("SetStock", "SetStockPolicy", "SetChannelPools"):
            return self._set(kind, warehouse)
        if kind in SIGNED:
            return self._count(kind, warehouse)
        if kind in _RESERVE:
            return self._reserve(kind, warehouse, lines)
        if kind in _PARTS:
            return self._fulfil(kind, warehouse)
        if kind in supply_stories.MIX:
            told = self.supplies.fields(kind, warehouse)
            return told if "supply" in told else self._promised(warehouse, told)
        if kind in transfer_stories.MIX:
            likely = self._likely(warehouse) or lines("ShipStock")
            return self.transfers.fields(kind, warehouse, likely)
        promise = self._promise(warehouse)
        if kind == "ExtendReservation":
            return {"reservation": promise.name, "ttl_seconds": self._ttl()}
        if kind == "ConfirmReservation":
            self.confirmed.setdefault(warehouse, deque(maxlen=CONFIRMED)).append(promise)
        return {"reservation": promise.name}

    def _ttl(self) -> int:
        return self.rng.randint(1, 4) if self.rng.random() < 0.4 else self.rng.choice(TTLS)

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.rng.randrange(10**6):06}-{self.number}"

    def _promise(self, warehouse: str) -> _Promise:
        past = self.promises.get(warehouse)
        draw = self.rng.random()
        if not past or draw < 0.03:
            return _Promise("order-unknown", Counter())
        if draw < 0.10 and self.confirmed.get(warehouse):
            return self.rng.choice(self.confirmed[warehouse])
        return past[-1] if draw < 0.3 else self.rng.choice(list(past)[-LATELY:])

    def _reserve(self, kind: str, warehouse: str, lines: Lines) -> dict[str, Any]:
        rng = self.rng
        asked = self._likely(warehouse) or lines("ReserveStock")
        if kind == "BackorderStock":
            asked = [
                line | {"quantity": line["quantity"] * rng.choice((1, 2, 9))} for line in asked
            ]
        told: dict[str, Any] = {}
        if kind == "SupersedeReservation":
            before = self._promise(warehouse)
            told["replaces"] = before.name
            if before.shelved and self.rng.random() < 0.7:
                asked[0]["sku"] = self.rng.choice(list(before.shelved))
        told = self._promised(warehouse, told | {"lines": asked})
        told |= self.through()
        return told | (self._how() if kind == "BackorderStock" else {"ttl_seconds": self._ttl()})

    def _promised(self, warehouse: str, told: dict[str, Any]) -> dict[str, Any]:
        """With a name, mostly a new one: its life begins."""
        past = self.promises.setdefault(warehouse, deque(maxlen=PROMISES))
        if past and self.rng.random() < 0.04:
            return {"reservation": self.rng.choice(past).name} | told
        name = self._name("order")
        held: Counter[str] = Counter()
        for line in told["lines"]:
            held[line["sku"]] += line["quantity"]
        past.append(_Promise(name, held))
        return {"reservation": name} | told

    def sold(self, warehouse: str, lines: list[Line]) -> list[Line]:
        """What is sold: these, or at a till what somebody else was promised."""
        sku = self.supplies.given_away(warehouse)
        return lines if sku is None else [{"sku": sku, "quantity": self.rng.randint(1, 9)}]

    def through(self) -> dict[str, Any]:
        """The channel that something is sold through; of most things none."""
        draw = self.rng.random()
        if draw < 0.7:
            return {} if draw < 0.65 else {"channel": None}
        return {"channel": self.rng.choice(CHANNELS)}

    def _how(self) -> dict[str, Any]:
        """In what order and in what parts a backorder is served."""
        rng = self.rng
        told = {
            "priority": rng.choice((None, 0, 0, 1, 9)),
            "promised": rng.choice((None, *DAYS)),
            "partial": rng.choice((None, True, False)),
        }
        return {name: value for name, value in told.items() if value is not None}

    def _likely(self, warehouse: str) -> list[Line]:
        """Lines of what came in lately; sometimes none."""
        rng, there = self.rng, self.stocked.get(warehouse)
        if not there or rng.random() < 0.3:
            return []
        return [
            {"sku": line["sku"], "quantity": rng.randint(1, line["quantity"] // 4 + 1)}
            for line in rng.choices(there, k=rng.choice((1, 1, 2, 4)))
        ]

    def _fulfil(self, kind: str, warehouse: str) -> dict[str, Any]:
        rng = self.rng
        source, target = _PARTS[kind]
        promises = self.confirmed.get(warehouse) or [self._promise(warehouse)]
        ready = [one for one in promises if +one.parts(source)]
        promise = rng.choice(ready or promises)
        if rng.random() < 0.05:
            promise = self._promise(warehouse)
        parts = self._some(+promise.parts(source))
        promise.parts(source).subtract(parts)
        promise.parts(target).update(parts)
        lines: list[Line] = [{"sku": sku, "quantity": count} for sku, count in parts.items()]
        draw = rng.random()
        if draw < 0.04:
            lines[-1]["quantity"] += rng.randint(1, 9)
        elif draw < 0.07:
            lines.append({"sku": self.sku(), "quantity": 1})
        elif draw < 0.2 and lines[0]["quantity"] > 1:  # a line in two parts
            lines[0]["quantity"] -= 1
            lines.append(lines[0] | {"quantity": 1})
        return {"reservation": promise.name, "lines": lines}

    def _some(self, there: Counter[str]) -> dict[str, int]:
        """All of it, or a part; of nothing, one unit."""
        rng = self.rng
        if not there:
            return {self.sku(): 1}
        if rng.random() < 0.6:
            return dict(there)
        names = rng.sample(sorted(there), rng.randint(1, len(there)))
        return {sku: rng.randint(1, there[sku]) for sku in names}

    def _policy(self, warehouse: str) -> dict[str, Any]:
        """How some SKUs are kept, mostly such as came in lately."""
        rng = self.rng
        likely = self._likely(warehouse) or [{"sku": self.sku()}]
        lines = []
        for sku in dict.fromkeys(line["sku"] for line in likely):
            line: Line = {"sku": sku}
            safety_stock, recover_point = rng.choice(SAFETY_STOCKS), rng.choice(RECOVER_POINTS)
            if safety_stock is not None:
                line["safety_stock"] = safety_stock
            if recover_point is not None or rng.random() < 0.3:
                line["recover_point"] = recover_point
            negative_limit = rng.choice(NEGATIVE_LIMITS)
            if negative_limit is not None:
                line["negative_limit"] = negative_limit
            lines.append(line)
        till = rng.choice(TILLS)
        if all(line["sku"] != till for line in lines):
            lines.append({"sku": till, "negative_limit": rng.choice((0, 15, 80, 80))})
        return {"lines": lines}

    def _set(self, kind: str, warehouse: str) -> dict[str, Any]:
        if kind == "SetStock":
            return {"lines": self._levels(), "reason": "sync"}
        return self._pools(warehouse) if kind == "SetChannelPools" else self._policy(warehouse)

    def _levels(self) -> list[Line]:
        """What there is, by somebody who guesses at the versions."""
        rng = self.rng
        return [
            {"sku": sku, "on_hand": rng.randint(0, 60), "expected_version": rng.choice((0, 1, 2))}
            for sku in {self.sku(): None, self.sku(): None}
        ]

    def _pools(self, warehouse: str) -> dict[str, Any]:
        """Which channels some SKUs have, mostly such as came in lately."""
        rng = self.rng
        likely = self._likely(warehouse) or [{"sku": self.sku()}]
        lines: list[Line] = []
        for sku in dict.fromkeys(line["sku"] for line in likely):
            pools: list[Line] = []
            for channel in rng.sample(CHANNELS, rng.choice((0, 1, 2, 2, 3))):
                pools.append({"channel": channel, "quantity": rng.choice(POOLS)})
                if rng.random() < 0.5:
                    pools[-1]["safety_stock"] = rng.choice((0, 2, 9))
                if rng.random() < 0.5:
                    pools[-1] |= {"low_point": 3, "recover_point": rng.choice((None, 3, 8))}
            lines.append({"sku": sku, "pools": pools})
        return {"lines": lines}

    def _move(self) -> dict[str, Any]:
        rng = self.rng
        reason = rng.choice(list(MOVES))
        source, target = rng.choice(sorted(MOVES[reason]))
        draw = rng.random()
        if draw < 0.2:
            source, target = rng.choice(ACCOUNTS), rng.choice(ACCOUNTS)
        lines = [
            {"sku": self.sku(), "quantity": rng.randint(1, 15)}
            for _ in range(rng.choice((1, 1, 3)))
        ]
        if draw > 0.9:
            reason, source, target = rng.choice(
                (("RETURN", "customer", "damaged"), ("KIT", "damaged", "production"))
            )
            lines = [{"sku": GOLD, "quantity": 10**12}] * rng.choice((1, 600, 1_000))
        told = {"from_account": source, "to_account": target, "reason": reason, "lines": lines}
        reference = rng.choice((None, "PO-17 \u00e9", "missing"))
        return told if reference == "missing" else told | {"reference": reference}

    def _count(self, kind: str, warehouse: str) -> dict[str, Any]:
        rng = self.rng
        past = self.counts.setdefault(warehouse, deque(maxlen=COUNTS))
        told = self._signed("lead" if kind == "ApproveCount" else "counter")
        if kind == "OpenCount":
            return told | self._open(past)
        count = rng.choice(past) if past else _Count("count-unknown", [self.sku()], [])
        if kind == "ApproveCount":
            count = next((one for one in past if not one.left), count)
        told["count"] = count.name
        if kind != "RecordCount" and count in past and rng.random() < 0.3:
            past.remove(count)
        if kind == "RecordCount":
            skus = count.left or count.skus
            if rng.random() < 0.5:
                skus = rng.sample(skus, rng.randint(1, len(skus)))
            count.left = [sku for sku in count.left if sku not in skus]
            if rng.random() < 0.05:
                skus = list(dict.fromkeys((*skus, self.sku())))
            told["lines"] = [{"sku": sku, "counted": self._counted(sku)} for sku in skus]
        return told

    def _open(self, past: deque[_Count]) -> dict[str, Any]:
        rng = self.rng
        if past and rng.random() < 0.05:
            return {"count": rng.choice(past).name, "lines": [{"sku": self.sku()}]}
        skus = {self.sku() for _ in range(rng.choice((1, 2, 5)))}
        ordered = sorted(skus | {GOLD} if rng.random() < 0.05 else skus)
        count = _Count(self._name("count"), ordered, list(ordered))
        past.append(count)
        told: dict[str, Any] = {"count": count.name, "lines": [{"sku": sku} for sku in ordered]}
        tolerance = rng.choice((None, *TOLERANCES))
        return told if tolerance is None else told | {"tolerance": tolerance}

    def _counted(self, sku: str) -> int:
        rng = self.rng
        if sku == GOLD:
            return 10**15 - rng.randint(0, 10**12)
        return rng.choice((0, rng.randint(0, 30), rng.randint(0, 300)))

    def _signed(self, role: str) -> dict[str, Any]:
        draw = self.rng.random()
        if draw < 0.1:
            return {"actor": None} if draw < 0.03 else {}
        if draw < 0.35:
            role = "counter"
        return {"actor": f"{role}:{self.rng.randint(1, 3)}"}
