"""Reads a partition from an offset to its end, without a group."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.deadlines import stop
from streams.exceptions import StoreError

RECORDS_MAX = 20_000  # replayed at a time: 100 ms in which the loop does nothing else
FETCH_WAIT_MS = 200
RETRY_BACKOFF_MS = 10  # a topic's leader is found at the second try; 100 ms would be waited
STALLED_S = 30.0  # without a single record while there should be some
FETCH_BYTES = 8 << 20
AT_ONCE = 4  # readers side by side: each holds some fetches in memory


@dataclass(frozen=True, slots=True)
class Log:
    """A partition as it stands."""

    reader: AIOKafkaConsumer
    partition: TopicPartition
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.partition.topic}/{self.partition.partition}"


class Readers:
    """Consumers without a group: lent to some readers at a time.

    Making one costs as much as a short recovery, so it is passed on while others wait.
    """

    def __init__(self, bootstrap: str, isolation: str = "read_committed") -> None:
        self._bootstrap, self._isolation = bootstrap, isolation
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._free: list[AIOKafkaConsumer] = []
        self._wanted = 0
        self._stopping: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def borrow(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A started consumer; it is stopped when nobody waits for it, or after an error."""
        self._wanted += 1
        try:
            async with self._slots:
                reader = self._free.pop() if self._free else await self._started()
                try:
                    yield reader
                except BaseException:
                    self._drop(reader)
                    raise
                self._free.append(reader)
        finally:
            self._wanted -= 1
            while len(self._free) > self._wanted:
                self._drop(self._free.pop())

    def _drop(self, reader: AIOKafkaConsumer) -> None:
        """Stop it without waiting: nobody needs it any more."""
        task = asyncio.create_task(stop(reader))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _started(self) -> AIOKafkaConsumer:
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            isolation_level=self._isolation,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # seek_to_beginning after assign loses against latest
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=10,  # a fetch at the end would hold up the next partition
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )
        await reader.start()
        return reader


async def log_of(reader: AIOKafkaConsumer, topic: str, partition: int) -> Log:
    """A partition as it stands now; its end is that of what the reader may see."""
    there = TopicPartition(topic, partition)
    ends = await reader.end_offsets([there])
    starts = await reader.beginning_offsets([there])
    return Log(reader, there, starts[there], ends[there])


async def fetches(source: Log, offset: int) -> AsyncIterator[list[ConsumerRecord]]:
    """Everything from an offset to the end; raises StoreError when it stops coming."""
    reader, seen = source.reader, time.monotonic()
    reader.assign([source.partition])
    reader.seek(source.partition, offset)
    while await reader.position(source.partition) < source.end:
        fetched = await reader.getmany(timeout_ms=FETCH_WAIT_MS, max_records=RECORDS_MAX)
        for records in fetched.values():
            seen = time.monotonic()
            yield records
        if time.monotonic() - seen > STALLED_S:
            raise StoreError(f"{source}: no record for {STALLED_S:.0f} s, before its end")
    reader.pause(source.partition)  # or it would ask for more all the time until it is assigned
