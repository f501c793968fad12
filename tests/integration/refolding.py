"""A domain's commands decided once more, in memory, from its topic alone: the same events?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Message

from streams.actor import Actor
from streams.engine import Engine
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
        again = _decided(installation.partitions, partition, topics.commands, log, actor)
        assert again == told, f"{domain}, partition {partition}"
        count += len(told)
    return count


def _read(record: Message) -> Read:
    headers: Any = record.headers() or []
    return Read(
        record.offset() or 0, record.timestamp()[1], record.key(), record.value(), list(headers)
    )


def _decided(
    partitions: int, partition: int, topic: str, log: list[Read], actor: Actor
) -> list[bytes]:
    """The events of a log, by an engine that has nothing else."""
    events: list[bytes] = []
    with folder_in_memory() as folder:
        store, at = Store(folder / "store", Memory()), Stamp(b"\0" * 16, 0, 1, 0, partitions)
        engine = Engine(actor, topic, partition, store, at, WINDOW_S)
        number = 0
        while log:
            now, log = log[:AT_ONCE], log[AT_ONCE:]
            for _ in engine.deciding(now, now[-1].offset + 1, CLOCK_MS):
                pass
            batch, number = engine.batch, number + 1
            store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, number)
            engine.applied(batch)
            events += [value for _, value in batch.events]
            log = [*(one for one in now if one.offset >= batch.stamp.next_offset), *log]
        store.close()
    return events
