"""Makes the commands every engine is measured with: the same bytes for the same seed.

First opening receipts of each warehouse's most popular SKUs, then the contract's mix: popular SKUs
are asked for most (Zipf), warehouses equally, and a few commands arrive twice.
"""

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, islice

from streams.topics import owner

ZIPF = 0.99  # YCSB's default skew
OPENED_PER_WAREHOUSE = 1_000  # by the first receipts; of 10,000 SKUs these are 75 % of the demand
ONE_LINE_SHARE, THREE_LINES_SHARE = 0.4, 0.25
MIX = {
    "ReserveStock": 40,
    "ShipStock": 20,
    "ReceiveStock": 15,
    "ReleaseReservation": 8,
    "ShipReservation": 8,
    "AdjustStock": 5,
    "SetReorderPoint": 2,
    "repeat": 2,
}
REPEATED_FROM = 50_000  # a repeat follows its first within about that many commands
REUSED_SHARE = 0.05  # of the repeats: the same id with another payload
SHORT_LIVED_SHARE = 0.05  # of the reservations: they expire while the commands are produced
UNKNOWN_SHARE = 0.03  # of releases and reserved shipments: there is no such reservation
BLOCK = 8_192  # draws made at once: a single one costs ten times as much


@dataclass(frozen=True, slots=True)
class Workload:
    """What to draw from; rows = warehouses x SKUs."""

    seed: int = 20_261_121
    warehouses: int = 16
    skus: int = 10_000
    partitions: int = 12
    series: str = "01JD3Z6V9K"  # the ids' first half: streams on one topic differ in it
    opened: int = OPENED_PER_WAREHOUSE  # SKUs per warehouse; 0 where the stock is there already

    def names(self) -> list[str]:
        """The warehouses."""
        return warehouse_names(self.warehouses, self.partitions)

    def commands(self, count: int) -> Iterator[tuple[str, bytes]]:
        """The first `count` commands as (warehouse, value)."""
        return islice(Stream(self).run(), count)


def warehouse_names(count: int, partitions: int) -> list[str]:
    """Names that spread over the partitions as evenly as their number allows."""
    room = dict.fromkeys(range(partitions), -(-count // partitions))
    empty = set(room)
    names: list[str] = []
    number = 0
    while len(names) < count:
        number += 1
        name = f"WH-{number:03d}"
        place = owner(name, partitions)
        spare = count - len(names) > len(empty)
        if room[place] and (place in empty or spare):
            room[place] -= 1
            empty.discard(place)
            names.append(name)
    return names


def sku_name(rank: int) -> str:
    """Digits and a letter, as retailers write them."""
    return f"{10_000 + rank // 20}{'ABCDEFGHJKLMNPRSTUVW'[rank % 20]}"


class Stream:
    """One run through a workload; another mix gives its kinds and says what they ask for."""

    mix: Mapping[str, float] = MIX

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.names = workload.names()
        self.random = random.Random(workload.seed)
        self.number = 0
        self.recent: list[tuple[str, str, str]] = []  # (warehouse, id, value)
        self.reservations: dict[str, list[str]] = {name: [] for name in self.names}
        self.opened = dict.fromkeys(self.names, min(workload.opened, workload.skus))
        self.popularity = list(accumulate(r**-ZIPF for r in range(1, workload.skus + 1)))
        self.drawn: list[int] = []

    def run(self) -> Iterator[tuple[str, bytes]]:
        """Opening receipts, most popular SKUs first, then the mix without end."""
        opened = min(self.workload.opened, self.workload.skus)
        for first in range(0, opened, 3):
            ranks = range(first, min(first + 3, opened))
            for warehouse in self.names:
                yield self.command("ReceiveStock", warehouse, lines_of(ranks, _opening))
        yield from self.mixed()

    def mixed(self) -> Iterator[tuple[str, bytes]]:
        """The mix alone."""
        kinds, weights = list(self.mix), list(self.mix.values())
        while True:
            for kind in self.random.choices(kinds, weights, k=BLOCK):
                yield self._repeat() if kind == "repeat" else self.next(kind)

    def next(self, kind: str) -> tuple[str, bytes]:
        warehouse = self.random.choice(self.names)
        return self.command(kind, warehouse, self.asked(kind, warehouse))

    def asked(self, kind: str, warehouse: str) -> str:
        """What a command says between its envelope's fields."""
        match kind:
            case "ReceiveStock":
                return self._delivery(warehouse)
            case "ReserveStock":
                return self._reserve(warehouse)
            case "ReleaseReservation" | "ShipReservation":
                return f'"reservation":"{self._one_open(warehouse)}"'
            case "AdjustStock":
                return lines_of(self.ranks(), self._delta) + ',"reason":"cycle count"'
            case "SetReorderPoint":
                return lines_of(self.ranks(), self._reorder_point)
            case _:
                return lines_of(self.ranks(), self.quantity)

    def ranks(self) -> list[int]:
        """SKUs of one command: one to three, none twice."""
        share = self.random.random()
        count = 1 + (share >= ONE_LINE_SHARE) + (share >= 1 - THREE_LINES_SHARE)
        if len(self.drawn) < count:
            popularity, top, draw = self.popularity, self.popularity[-1], self.random.random
            self.drawn = [bisect_left(popularity, draw() * top) for _ in range(BLOCK)]
        return list({self.drawn.pop() for _ in range(count)})

    def quantity(self, _rank: int) -> str:
        return f'"quantity":{1 + self.random.getrandbits(2)}'

    def _delivered(self, _rank: int) -> str:
        return f'"quantity":{20 + self.random.getrandbits(5)}'

    def _delta(self, _rank: int) -> str:
        return f'"delta":{self.random.choice((-2, -1, 1, 3))}'

    def _reorder_point(self, _rank: int) -> str:
        return f'"reorder_point":{self.random.getrandbits(8)}'

    def _delivery(self, warehouse: str) -> str:
        """Every second one brings SKUs the warehouse never had, the next most popular ones."""
        first = self.opened[warehouse]
        if 0 < first < self.workload.skus and self.random.random() < 0.5:
            self.opened[warehouse] = last = min(first + 3, self.workload.skus)
            return lines_of(range(first, last), _opening)
        return lines_of(self.ranks(), self._delivered)

    def _reserve(self, warehouse: str) -> str:
        short = self.random.random() < SHORT_LIVED_SHARE
        name = f"order-{self.number:07d}"
        self.reservations[warehouse].append(name)
        ttl_s = 1 + self.random.getrandbits(1) if short else 86_400
        lines = lines_of(self.ranks(), self.quantity)
        return f'{lines},"reservation":"{name}","ttl_seconds":{ttl_s}'

    def _one_open(self, warehouse: str) -> str:
        names = self.reservations[warehouse]
        if not names or self.random.random() < UNKNOWN_SHARE:
            return f"order-none-{self.number}"
        place = self.random.randrange(len(names))
        names[place], names[-1] = names[-1], names[place]
        return names.pop()

    def _repeat(self) -> tuple[str, bytes]:
        if not self.recent:
            return self.next("ReceiveStock")
        warehouse, command_id, value = self.random.choice(self.recent)
        self.number += 1  # an id's number is its place in the stream
        if self.random.random() < REUSED_SHARE:
            rest = '"lines":[{"sku":"REUSED","quantity":1}]'
            return warehouse, self._value("ReceiveStock", command_id, warehouse, rest).encode()
        return warehouse, value.encode()

    def command(self, kind: str, warehouse: str, rest: str) -> tuple[str, bytes]:
        command_id = f"{self.workload.series}{self.number:016d}"
        value = self._value(kind, command_id, warehouse, rest)
        if len(self.recent) < REPEATED_FROM:
            self.recent.append((warehouse, command_id, value))
        else:
            self.recent[self.number % REPEATED_FROM] = (warehouse, command_id, value)
        self.number += 1
        return warehouse, value.encode()

    def _value(self, kind: str, command_id: str, warehouse: str, rest: str) -> str:
        seconds, thousandths = divmod(self.number, 1_000)
        minutes, seconds = divmod(seconds, 60)
        return (
            f'{{"type":"{kind}","id":"{command_id}","warehouse":"{warehouse}",{rest},'
            f'"time":"2026-11-20T10:{minutes % 60:02d}:{seconds:02d}.{thousandths:03d}Z",'
            f'"actor":"user:{self.number % 997}","correlation_id":"checkout-{self.number:09d}"}}'
        )


def _opening(rank: int) -> str:
    """Enough for the demand of a SKU of this popularity."""
    return f'"quantity":{2_000 + 40_000 // (rank + 1)}'


def lines_of(ranks: range | list[int], amount: Callable[[int], str]) -> str:
    """A command's lines, by the ranks of their SKUs."""
    lines = ",".join(f'{{"sku":"{sku_name(rank)}",{amount(rank)}}}' for rank in ranks)
    return f'"lines":[{lines}]'
