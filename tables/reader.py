"""Reads committed records of whole topics, without a group, from positions the caller keeps.

aiokafka's consumer makes an object of eleven fields for every record; half the time of reading goes
there. This takes the fetched batches out of its fetcher and yields the bare records in them.
"""
# ruff: noqa: SLF001 - what the last paragraph says has no public name

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import ConsumerStoppedError

from streams.exceptions import ConfigurationError
from streams.rebootstrap import reach_again

FETCH_BYTES_MAX = 12 << 20  # one fetch is written while the next is on its way: twice this
PARTITION_BYTES_MAX = 1 << 20  # a larger first batch comes all the same; shares a fetch fairly
TOPIC_WAIT_S = 10.0  # then a topic is missing, not only unknown yet
FETCH_WAIT_MS = 500  # the broker answers at once where there is anything


class Record(Protocol):
    """A record as the batch decoder gives it."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...  # ms since the epoch
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> list[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Committed records of one partition, in order, and where reading goes on after them."""

    source: TopicPartition
    records: list[Record]  # may be empty: markers and aborted records take offsets too
    next_offset: int


class LogReader:
    """A consumer of whole topics. Open, read the bounds, seek, then fetch until closed."""

    def __init__(self, kafka: str, client_id: str) -> None:
        self._positions: dict[TopicPartition, int] = {}
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=kafka,
            client_id=client_id,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="none",
            fetch_max_bytes=FETCH_BYTES_MAX,
            max_partition_fetch_bytes=PARTITION_BYTES_MAX,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        reach_again(self._consumer)

    async def open(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Connect; all partitions of the topics. Raises ConfigurationError where one is missing."""
        await self._consumer.start()
        return await partitions_of(self._consumer, list(topics))

    async def bounds(self, sources: list[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
        """First offset kept and the end of what is committed, by partition."""
        starts = await self._consumer.beginning_offsets(sources)
        ends = await self._consumer.end_offsets(sources)
        return {source: (starts[source], ends[source]) for source in sources}

    def seek(self, positions: dict[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""
        self._consumer.assign(list(positions))
        self._positions = dict(positions)
        for source, offset in positions.items():
            self._consumer.seek(source, offset)

    async def fetch(self, timeout_s: float) -> list[Chunk]:
        """What has arrived, or nothing after the timeout; raises aiokafka's KafkaError."""
        fetcher: Any = self._consumer._fetcher
        if fetcher.error_future.done():
            fetcher.error_future.result()
            raise ConsumerStoppedError
        if not fetcher._records:
            waiter = fetcher._create_fetch_waiter()
            await asyncio.wait([waiter], timeout=timeout_s)
            waiter.cancel()
        chunks = []
        for source, fetched in list(fetcher._records.items()):
            del fetcher._records[source]
            fetcher._notify(fetcher._wait_consume_future)  # the next fetch starts now
            if source not in self._positions:
                continue  # of an assignment before the last seek
            if not isinstance(fetched, FetchResult):
                fetched.check_raise()
            fetched._partition_records._consumer_record = _bare
            records = fetched.getall()
            position = fetched._assignment.state_value(source).position
            self._positions[source] = position
            chunks.append(Chunk(source, records, position))
        return chunks

    def waiting(self) -> int:
        """Offsets committed, as of the last fetch, and not yet given out."""
        return sum(
            max(0, (self.committed_end(source) or 0) - position)
            for source, position in self._positions.items()
        )

    def silent_s(self) -> float:
        """Seconds since the broker answered last; 0 before the first time."""
        times_ms = [self._consumer.last_poll_timestamp(source) or 0 for source in self._positions]
        newest_ms = max(times_ms, default=0)
        return time.time() - newest_ms / 1_000 if newest_ms else 0.0

    def committed_end(self, source: TopicPartition) -> int | None:
        """End of what was committed at the last fetch; None before the first."""
        end: int | None = self._consumer.last_stable_offset(source)
        return end

    async def close(self) -> None:
        """Stop fetching and disconnect."""
        await self._consumer.stop()


def _bare(_source: TopicPartition, record: Record) -> Record:
    return record


async def partitions_of(consumer: AIOKafkaConsumer, topics: list[str]) -> list[TopicPartition]:
    """All partitions of these topics. Raises ConfigurationError where one is missing."""
    await consumer._client.set_topics(topics)
    sources = []
    for topic in topics:
        numbers = await _numbers(consumer, topic)
        if not numbers:
            raise ConfigurationError(
                f"topic {topic} is not there: `./stockyard up` makes it; or STOCKYARD_KAFKA or "
                "STOCKYARD_TOPIC_PREFIX names another installation"
            )
        sources += [TopicPartition(topic, number) for number in sorted(numbers)]
    return sources


async def _numbers(consumer: AIOKafkaConsumer, topic: str) -> set[int] | None:
    """Partition numbers; a broker that has just started may not know them at once."""
    deadline = time.monotonic() + TOPIC_WAIT_S
    while True:
        numbers: set[int] | None = consumer.partitions_for_topic(topic)
        if numbers or time.monotonic() > deadline:
            return numbers
        await asyncio.sleep(TOPIC_WAIT_S / 20)
        await consumer._client.force_metadata_update()
