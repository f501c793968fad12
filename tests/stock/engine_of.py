"""Histories through a real engine and store: in batches, sent again, and with the store lost."""

import json
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from agents.stock.agent import StockActor
from streams.topics import owner
from tests.stock.bytes_of import Shop
from tests.stock.histories import History, take
from tests.stock.tables_of import Tables
from tests.streams.world import (
    CLOCK_MS,
    PARTITION,
    PARTITIONS,
    START_MS,
    Record,
    World,
    contents,
    folder_in_memory,
)

WINDOW_S = 86_400
HOMES = tuple(
    [name for name in map("W{}".format, range(99)) if owner(name, PARTITIONS) == PARTITION][:2]
)


class StockWorld(World):
    """A partition of stock."""

    def recover(self) -> None:
        """As any, with our actor."""
        self.actor = StockActor(60_000)
        super().recover()


class Decided(NamedTuple):
    """What an engine made of some records."""

    events: list[bytes]
    rows: dict[bytes, bytes]


def recorded(of: tuple[int, int]) -> list[Record]:
    """A history as records of one partition."""
    shop, history = Shop(window_ms=60_000), History(of[0], HOMES)
    records, ms = list[Record](), START_MS
    for _ in range(of[1]):
        entry = history.next(Tables(shop.rows))
        take(shop, entry)
        if isinstance(entry, int):
            ms += entry
        else:
            records.append(Record(len(records), ms, None, entry))
    return records


def stormed(
    records: list[Record], random: Random, repeat: Callable[[bytes, Random], bytes]
) -> list[Record]:
    """The same, each followed by some that are sent once more."""
    sent = list[Record]()
    for place, record in enumerate(records):
        again = random.choices(records[: place + 1], k=random.randint(0, 2))
        values = [record.value, *(repeat(one.value or b"", random) for one in again)]
        sent += [
            Record(len(sent) + at, record.timestamp, None, value) for at, value in enumerate(values)
        ]
    return sent


def sent_again(value: bytes, random: Random) -> bytes:
    """A repeat: as it was, or by somebody else at another time."""
    if random.random() < 0.5:
        return value
    told = {"time": "2026-11-20T10:00:00Z", "correlation_id": "again", "actor": "retry"}
    return json.dumps(json.loads(value) | told).encode()


def used_otherwise(value: bytes, random: Random) -> bytes:
    """Another wish under the same id."""
    head = {name: told for name, told in json.loads(value).items() if name in ("id", "warehouse")}
    lines = [{"sku": "A", "quantity": 10**6 + random.randint(0, 9)}]
    return json.dumps(head | {"type": "ReceiveStock", "lines": lines}).encode()


def decided(records: list[Record], cuts: Random | None = None) -> Decided:
    """All of them through an engine, in one batch or cut, with its store lost in between."""
    with folder_in_memory() as folder:
        world = StockWorld(folder / "store", window_s=WINDOW_S)
        rest = records
        while rest:
            count = len(rest) if cuts is None else cuts.randint(1, len(rest))
            world.run(rest[:count], now_ms=CLOCK_MS + WINDOW_S * 1_000)
            rest = rest[count:]
            if cuts is not None and cuts.random() < 0.3:
                world.store.close()
                world.path = folder / f"store-{len(rest)}"
                world.recover()
        rows = contents(world.store, b"S", b"B", b"P", b"Q", b"K", b"U", b"r", b"c")
        world.store.close()
        return Decided(world.log.events, rows)
