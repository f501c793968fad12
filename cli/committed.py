"""Reads committed records of one partition after another, for the books and the demo's view."""

import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from cli.exceptions import BooksError

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Bounds = dict[TopicPartition, tuple[int, int]]
"""First offset and end of what is committed, by partition."""

FETCH_BYTES = 8 << 20
FETCH_MS = 10  # a fetch that waits at an end would hold up the next partition
ARRIVES_MS = 1_000
STALLED_S = 30.0  # without a record while there should be some


class Logs:
    """A consumer without a group."""

    def __init__(self, kafka: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=kafka,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_MS,
        )

    async def start(self) -> None:
        """Connect; raises KafkaError."""
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def bounds(self, topics: Iterable[str], partitions: Iterable[int]) -> Bounds:
        """Bounds of these partitions of these topics."""
        numbers = list(partitions)
        sources = [TopicPartition(topic, number) for topic in topics for number in numbers]
        starts = await self._consumer.beginning_offsets(sources)
        ends = await self._consumer.end_offsets(sources)
        return {source: (starts[source], ends[source]) for source in sources}

    async def records(
        self, source: TopicPartition, position: int, end: int
    ) -> AsyncIterator[Record]:
        """Committed records from a position up to an end; raises BooksError where none comes."""
        if position >= end:
            return
        self._consumer.assign([source])
        self._consumer.seek(source, position)
        seen = time.monotonic()
        while await self._consumer.position(source) < end:
            fetched = await self._consumer.getmany(source, timeout_ms=ARRIVES_MS)
            for record in fetched.get(source, ()):
                seen = time.monotonic()
                if record.offset < end:
                    yield record
            if time.monotonic() - seen > STALLED_S:
                raise BooksError(f"Kafka gives no more of {source.topic}/{source.partition}")
