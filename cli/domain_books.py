"""Reads what a domain beside stock says of a partition, once it has been told all of stock's."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from aiokafka import TopicPartition

from cli.audit_sums import Sums
from cli.committed import Bounds, Logs
from cli.event_view import Event, Key
from cli.replayed import Replica
from streams.topics import Topics

TOLD_S = 60.0  # for a domain to be told of what stock has moved
POLL_S = 0.2

Turn = tuple[int, Callable[[], None]]
"""What is compared, and before which event."""
Rows = Mapping[Key, Any]
"""What a copy says, by warehouse and SKU."""


class Tracker(Protocol):
    """Adds up one partition of a domain, beside what stock says was moved."""

    @property
    def waiting(self) -> int:
        """Movements that the domain has not told yet."""

    def moved(self, event: Event, /) -> None:
        """Take an event of stock."""

    def told(self, value: bytes, /) -> None:
        """Take an event of the domain."""

    def compare(self, name: str, rows: Rows, /) -> None:
        """Compare a copy that has seen the same events."""

    def rows_of(self, pairs: Iterable[tuple[bytes, bytes]], /) -> Rows:
        """What a copy's bytes say."""

    def missing(self) -> None:
        """Tell what has not been told in time."""


class DomainBooks:
    """A domain's part of one check of the books."""

    def __init__(self, domain: str, prefix: str, logs: Logs) -> None:
        self.domain, self._logs = domain, logs
        self._topics = Topics.of(domain, prefix)
        self._deadline = time.monotonic() + TOLD_S
        self.copies: dict[int, tuple[int, Rows]] = {}  # by the API: partition -> (seq, rows)
        self.sums: dict[TopicPartition, Sums] = {}
        self.bounds: Bounds = {}

    async def check(self, partition: int, tracker: Tracker) -> None:
        """Read what the domain says, and compare it; stock's events have been read."""
        turns = await self._turns(partition, tracker)
        source = TopicPartition(self._topics.events, partition)
        sums, position = self.sums.setdefault(source, Sums()), 0
        while True:
            late = time.monotonic() > self._deadline
            first, end = (await self._logs.bounds([source.topic], [partition]))[source]
            async for record in self._logs.records(source, max(first, position), end):
                sums.add(record.value)
                while turns and turns[0][0] <= sums.rows:  # seq counts them from 1
                    turns.pop(0)[1]()
                tracker.told(record.value or b"")
            position, self.bounds[source] = end, (first, end)
            if late or not tracker.waiting:
                break
            await asyncio.sleep(POLL_S)
        for _, compare in turns:
            compare()
        tracker.missing()
        await self._read_dead_letters(partition)

    async def _turns(self, partition: int, tracker: Tracker) -> list[Turn]:
        replica = Replica()
        source = TopicPartition(self._topics.changelog, partition)
        bounds = (await self._logs.bounds([source.topic], [partition]))[source]
        async for record in self._logs.records(source, *bounds):
            replica.feed(record)
        next_seq = replica.stamp.next_seq if replica.stamp is not None else 1
        rows = tracker.rows_of(replica.pairs.items())
        name = f"{self.domain}, changelog, partition {partition}"
        turns: list[Turn] = [(next_seq, partial(tracker.compare, name, rows))]
        if partition in self.copies:
            seq, told = self.copies[partition]
            name = f"{self.domain}, API, partition {partition}"
            turns.append((seq + 1, partial(tracker.compare, name, told)))
        return sorted(turns, key=lambda turn: turn[0])

    async def _read_dead_letters(self, partition: int) -> None:
        source = TopicPartition(self._topics.dead_letters, partition)
        self.bounds |= await self._logs.bounds([source.topic], [partition])
        sums = self.sums.setdefault(source, Sums())
        async for record in self._logs.records(source, *self.bounds[source]):
            sums.add(record.value)
