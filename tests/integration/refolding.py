"""A domain's commands decided once more, in memory, from its topic alone: the same events?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Message

from streams.actor import Actor
from streams.engine import Batch, Engine, Record
from streams.stamp import Stamp
from streams.store import Memory, Store
from streams.topics import Topics
from tests.integration.installation import Installation
from tests.streams.world import folder_in_memory

WINDOW_S = 86_400  # as an installation's
CLOCK_MS = 4_102_444_800_000  # of the year 2100: no record is ahead of it
AT_ONCE = 500


@dataclass
class Read:
    """A record as the engine takes it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


def assert_refolds(installation: Installation, domain: str, actor: Actor) -> int:
    """The events of a domain are what its log of commands gives, byte for byte; how many."""
    topics, count = Topics.of(domain, installation.prefix), 0
    commands, events = installation.read(topics.commands), installation.read(topics.events)
    for partition in range(installation.partitions):
        log = [_read(one) for one in commands if one.partition() == partition]
        told = [one.value() for one in events if one.partition() == partition]
        at = Stamp(b"\0" * 16, 0, 1, 0, installation.partitions)
        with folder_in_memory() as folder:
            batches = refolded(actor, topics.commands, partition, at, log, folder / "store")
        again = [value for batch in batches for _, value in batch.events]
        assert again == told, f"{domain}, partition {partition}"
        count += len(told)
    return count


def _read(record: Message) -> Read:
    headers: Any = record.headers() or []
    return Read(
        record.offset() or 0, record.timestamp()[1], record.key(), record.value(), list(headers)
    )


def refolded(
    actor: Actor,
    topic: str,
    partition: int,
    at: Stamp,
    log: Sequence[Record],
    path: Path,
    window_s: int = WINDOW_S,
) -> list[Batch]:
    """What an engine that has nothing else, `at` the beginning, makes of a log of commands."""
    store, batches, left = Store(path, Memory()), list[Batch](), list(log)
    engine = Engine(actor, topic, partition, store, at, window_s)
    while left:
        now, left = left[:AT_ONCE], left[AT_ONCE:]
        for _ in engine.deciding(now, now[-1].offset + 1, CLOCK_MS):
            pass
        batch = engine.batch
        batches.append(batch)
        store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, len(batches))
        engine.applied(batch)
        left = [*(one for one in now if one.offset >= batch.stamp.next_offset), *left]
    store.close()
    return batches
