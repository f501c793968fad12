"""The rarer commands by seed: lives of reservations, moves, counts, transfers, policies, supplies.

What is drawn goes on from what was drawn before, as if that had been accepted: so most lives get
far, and where one was refused, expired or sent to the end by somebody else, what follows is wrong.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from schemas.accounts import ACCOUNTS, REASONS
from tests.simulation.sendings import SKUS, Sendings
from tests.simulation.supplies import Supplies
from tests.simulation.tills import Tills

FOCUSES = (  # of a seed: lives, moves, counts, transfers, policies, supplies, tills
    (5, 2, 3, 4, 1, 1, 1),
    (9, 1, 0, 1, 2, 0, 0),
    (1, 0, 0, 0, 0, 0, 0),
    (2, 7, 1, 1, 2, 0, 0),
    (0, 1, 9, 0, 0, 0, 0),
    (1, 0, 0, 9, 1, 0, 0),
    (0, 0, 0, 1, 0, 0, 0),
    (4, 1, 1, 1, 9, 0, 1),
    (1, 0, 0, 0, 1, 9, 0),
    (0, 0, 0, 0, 0, 9, 1),
    (0, 0, 4, 0, 0, 0, 6),
)
STEPS = ("ReserveStock", "ConfirmReservation", "PickStock", "PackStock", "ShipPacked")
STRAYS = (
    "ExtendReservation",
    "SupersedeReservation",
    "SupersedeReservation",
    "ReleaseReservation",
    "ShipReservation",
    "UnpickStock",
    *STEPS[1:],
)
STRAYS_OF_OPEN = 4  # of them, while it is not confirmed
SOLD = ("ShipStock", "ReserveStock", "SupersedeReservation", "BackorderStock")
WITH_LINES = ("PickStock", "UnpickStock", "PackStock", "ShipPacked")
WAITS = 0.25  # of the lives, as backorders: beyond what is supplied
DAYS = (None, "2026-12-01T00:00:00Z", "2026-12-01t00:00:00.0z", "2026-11-30T00:00:00Z")
BEGINS, GOES_ON, FAVOURED = 0.12, 0.7, 0.7  # of the commands of lives
FORBIDDEN, PART, OTHER = 0.12, 0.3, 0.05
TTL_S = (1, 1, 2, 3, 5, 5, 900)
LIVES_TTL_S = (1, 3, 5, 900, 900)
COUNTERS = ("user:1", "user:2")
SUPPLIED = 20  # of each line
KEPT = 4  # lives that go on at a time

Fields = dict[str, Any]


@dataclass(slots=True)
class Promise:
    """A reservation that was asked for, and how far its life would be."""

    warehouse: str
    name: str
    held: dict[str, int]
    step: int


@dataclass(slots=True)
class Count:
    """A count that was asked for."""

    warehouse: str
    name: str
    skus: list[str]
    step: int = 0


class Lives:
    """What is under way in a stream of commands."""

    def __init__(self, rng: Random, warehouses: list[str]) -> None:
        self._rng = rng
        self._focus = rng.choice(FOCUSES)
        self._promises: list[Promise] = []
        self._counts: list[Count] = []
        self._waits: list[tuple[str, str]] = []  # (warehouse, reservation)
        self.pooled: list[tuple[str, str]] = []  # (warehouse, SKU) that has had channels
        self._sendings = Sendings(rng, warehouses)
        self._supplies = Supplies(rng, warehouses)
        self._tills = Tills(rng, warehouses)

    def reserved(self, command: Fields, step: int = 1) -> None:
        """A reservation was asked for, or will be: its life begins."""
        held: dict[str, int] = {}
        for line in command["lines"]:
            held[line["sku"]] = held.get(line["sku"], 0) + line["quantity"]
        if len(self._promises) == KEPT:
            self._promises.remove(min(self._promises, key=lambda one: one.step))
        self._promises.append(Promise(command["warehouse"], command["reservation"], held, step))

    def next(self, head: Fields, number: int) -> Fields:
        """One of the rarer commands, with an id and mostly the warehouse of `head`."""
        draws = (
            self._life,
            self._move,
            self._counting,
            self._sendings.next,
            self._keeping,
            self._supplied_by_day,
            self._tills.next,
        )
        draw = self._rng.choices(draws, self._focus)[0]
        return self.through(draw(dict(head), number))

    def through(self, command: Fields) -> Fields:
        """The command, perhaps through a channel where it can be."""
        if command["type"] in SOLD and self._rng.random() < 0.5:
            return command | {"channel": self._rng.choice(("web", "web", "shop"))}
        return command

    def _life(self, command: Fields, number: int) -> Fields:
        rng = self._rng
        if rng.random() < WAITS:
            return self._waiting(command, number)
        if not self._promises or rng.random() < BEGINS:
            return self._supplied(command, number)
        furthest = max(self._promises, key=lambda one: one.step)
        promise = furthest if rng.random() < FAVOURED else rng.choice(self._promises)
        strays = STRAYS if promise.step > 1 else STRAYS[:STRAYS_OF_OPEN]
        kind = STEPS[promise.step] if rng.random() < GOES_ON else rng.choice(strays)
        if kind == STEPS[-1] and rng.random() < 0.5:
            self._promises.remove(promise)
        elif kind == STEPS[promise.step] != STEPS[-1]:
            promise.step += 1
        command |= {"type": kind, "warehouse": promise.warehouse, "reservation": promise.name}
        if kind == "ReserveStock":
            command["lines"] = [{"sku": sku, "quantity": n} for sku, n in promise.held.items()]
        if kind in WITH_LINES:
            command["lines"] = self._part(promise.held)
        if kind in ("ReserveStock", "ExtendReservation", "SupersedeReservation"):
            command["ttl_seconds"] = rng.choice(LIVES_TTL_S)
        if kind == "SupersedeReservation":
            command |= {"replaces": promise.name, "lines": self._quantities(4)}
            command["reservation"] = f"s{number}" if rng.random() < 0.9 else promise.name
            self.reserved(command)
        return command

    def _supplied(self, command: Fields, number: int) -> Fields:
        """What the next life will need comes in first."""
        lines = self._quantities(3)
        self.reserved(command | {"reservation": f"l{number}", "lines": lines}, step=0)
        return command | {
            "type": "MoveStock",
            "from_account": "supplier",
            "to_account": "sellable",
            "reason": "RECEIVED",
            "lines": [line | {"quantity": SUPPLIED} for line in lines],
        }

    def _waiting(self, command: Fields, number: int) -> Fields:
        """A backorder, or the release of one: who gives up lets the next one come."""
        rng = self._rng
        if self._waits and rng.random() < 0.3:
            return self._given_up(command)
        name = f"b{number}" if rng.random() < 0.95 else f"b{number - 1}"
        self._waits = [*self._waits[-KEPT:], (command["warehouse"], name)]
        command |= {"type": "BackorderStock", "reservation": name, "lines": self._quantities(25)}
        how = {
            "priority": rng.choice((0, 3, 9)),
            "promised": rng.choice(DAYS),
            "partial": rng.random() < 0.7,
        }
        command |= {field: how[field] for field in how if rng.random() < 0.7}
        if rng.random() < 0.4:
            self.reserved(command, step=2)  # as if it were whole
        return command

    def _supplied_by_day(self, command: Fields, number: int) -> Fields:
        """What is to come; who wants some of it gives up, or goes on as if all were there."""
        if self._waits and self._rng.random() < 0.06:
            return self._given_up(command)
        command = self._supplies.next(command, number)
        if "reservation" in command:
            self._waits = [*self._waits[-KEPT:], (command["warehouse"], command["reservation"])]
            if self._rng.random() < 0.3:
                self.reserved(command, step=2)
        return command

    def _given_up(self, command: Fields) -> Fields:
        warehouse, name = self._waits.pop(self._rng.randrange(len(self._waits)))
        named = {"type": "ReleaseReservation", "warehouse": warehouse, "reservation": name}
        return command | named

    def _part(self, held: dict[str, int]) -> list[Fields]:
        """Lines of a step: most are of all that is held, some of a part, a few of too much."""
        rng = self._rng
        lines: list[Fields] = [{"sku": sku, "quantity": n} for sku, n in held.items()]
        if rng.random() < PART:
            line = rng.choice(lines)
            lines = [line | {"quantity": rng.randint(1, line["quantity"])}]
        if rng.random() < OTHER:
            lines = [*lines, {"sku": rng.choice(SKUS), "quantity": 1}]
        return lines

    def _quantities(self, most: int) -> list[Fields]:
        rng = self._rng
        skus = [rng.choice(SKUS) for _ in range(rng.choice((1, 1, 2, 3)))]
        return [{"sku": sku, "quantity": rng.randint(1, most)} for sku in skus]

    def _move(self, command: Fields, number: int) -> Fields:
        rng = self._rng
        reason = rng.choice(list(REASONS))
        sources, targets = sorted(REASONS[reason].sources), sorted(REASONS[reason].targets)
        if "sellable" in sources and rng.random() < 0.4:
            sources = ["sellable"]
        if rng.random() < FORBIDDEN:
            sources, targets = list(ACCOUNTS), list(ACCOUNTS)
        command |= {
            "type": "MoveStock",
            "from_account": rng.choice(sources),
            "to_account": rng.choice(targets),
            "reason": reason,
            "lines": self._quantities(5),
        }
        return command | ({"reference": f"note-{number}"} if rng.random() < 0.2 else {})

    def _keeping(self, command: Fields, number: int) -> Fields:
        rng = self._rng
        if self.pooled and rng.random() < 0.4:
            return self._of_a_pool(command, number)
        lines = []
        for sku in rng.sample(SKUS, rng.choice((1, 1, 2))):
            line: Fields = {"sku": sku, "safety_stock": rng.choice((0, 1, 4, 10))}
            line |= rng.choice(({}, {"recover_point": rng.choice((4, 12, 25))}))
            lines.append(line | rng.choice(({}, {"negative_limit": 10})))
        if rng.random() < 0.2:
            level = {"sku": rng.choice(SKUS), "on_hand": rng.randint(0, 40)}
            lines = [level | {"expected_version": rng.randint(0, 6)}]
            return command | {"type": "SetStock", "lines": lines, "reason": "sync"}
        if rng.random() < 0.5:
            return command | {"type": "SetChannelPools", "lines": self._pools(command["warehouse"])}
        return command | {"type": "SetStockPolicy", "lines": lines}

    def _pools(self, warehouse: str) -> list[Fields]:
        rng = self._rng
        web = {"channel": "web", "quantity": rng.choice((0, 6, 40)), "low_point": 2}
        shop = {"channel": "shop", "safety_stock": rng.choice((0, 5)), "recover_point": 9}
        pools = rng.choice(([], [web], [web, shop], [shop | {"quantity": 6}, web]))
        sku = rng.choice(SKUS)
        self.pooled = [*self.pooled[1 - KEPT :], (warehouse, sku)]
        return [{"sku": sku, "pools": pools}]

    def _of_a_pool(self, command: Fields, number: int) -> Fields:
        """Where a SKU has channels something comes in, or is promised and may be given back."""
        rng = self._rng
        warehouse, sku = rng.choice(self.pooled)
        command |= {"warehouse": warehouse, "lines": [{"sku": sku, "quantity": rng.randint(1, 5)}]}
        if rng.random() < 0.3:
            return command | {"type": "ReceiveStock", "lines": [{"sku": sku, "quantity": SUPPLIED}]}
        command |= {"type": "ReserveStock", "ttl_seconds": rng.choice(LIVES_TTL_S)}
        return command | {"reservation": f"w{number}"}

    def _counting(self, command: Fields, number: int) -> Fields:
        rng = self._rng
        if rng.random() < 0.95:
            command["actor"] = rng.choice(COUNTERS)
        if not self._counts or rng.random() < 0.2:
            return self._opened(command, number)
        count = rng.choice(self._counts)
        command |= {"warehouse": count.warehouse, "count": count.name}
        draw = rng.random()
        if draw < 0.05:
            return command | {"type": "CancelCount"}
        if draw < 0.1 or count.step > 1:
            if count.step > 1 and rng.random() < 0.7:
                self._counts.remove(count)
            approver = {"actor": "user:3"} if rng.random() < 0.8 else {}
            return command | approver | {"type": "ApproveCount"}
        count.step += 1
        skus = count.skus if rng.random() < 0.9 else rng.sample(SKUS, 1)
        lines = [{"sku": sku, "counted": rng.choice((0, 3, 8, 20, 60))} for sku in skus]
        return command | {"type": "RecordCount", "lines": lines}

    def _opened(self, command: Fields, number: int) -> Fields:
        rng = self._rng
        skus = rng.sample(SKUS, rng.choice((1, 1, 2)))
        name = self._counts[-1].name if self._counts and rng.random() < 0.1 else f"k{number}"
        count = Count(command["warehouse"], name, skus)
        self._counts = [*self._counts[-1:], count]
        command |= {"type": "OpenCount", "count": name, "lines": [{"sku": sku} for sku in skus]}
        return command | ({"tolerance": rng.choice((0, 5, 50, 50))} if rng.random() < 0.6 else {})
