"""The audit log against Kafka: every record of every partition, both read in the order of the log.

What is compared is offset, append time, key, headers and value, from the topic's first record to
its committed end as it was at the start. It stops at the first difference.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError
from asyncpg import Connection

from tables.reader import Chunk, LogReader, Record

PATIENCE_S = 30.0  # for the sink to write what was committed when the check began
POLL_S, FETCH_S = 0.25, 5.0
FETCHES_MAX = 12  # empty ones in a row, a minute
LEAST = -(1 << 63)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

ROWS = """
SELECT "offset", appended_at, key, headers, value FROM audit.log
WHERE topic = $1 AND partition = $2 AND "offset" >= $3 AND "offset" < $4 ORDER BY "offset"
"""
STRANGERS = """
SELECT l.topic, l.partition, l."offset"
FROM audit.log l
LEFT JOIN (
    SELECT topic, partition, p.next_offset FROM audit.positions p
    JOIN unnest($1::text[], $2::integer[]) AS ours (topic, partition) USING (topic, partition)
) written USING (topic, partition)
WHERE l."offset" >= coalesce(written.next_offset, -9223372036854775808) LIMIT 1
"""  # of another topic or partition, or past the position: one snapshot shows both
POSITIONS = "SELECT topic, partition, next_offset FROM audit.positions"
OLDER = 'SELECT count(*) FROM audit.log WHERE topic = $1 AND partition = $2 AND "offset" < $3'


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where the two disagree."""

    topic: str
    partition: int
    offset: int
    problem: str

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} offset {self.offset}: {self.problem}"


@dataclass(slots=True)
class Compared:
    """What was compared of one partition."""

    topic: str
    partition: int
    first: int  # offset
    end: int  # offset after the last
    records: int = 0
    expired: int = 0  # rows older than what the topic keeps: nothing is left to compare them with


@dataclass(slots=True)
class Verdict:
    """What was compared, and the first difference; None where the two agree."""

    partitions: list[Compared] = field(default_factory=list)
    difference: Difference | None = None

    @property
    def records(self) -> int:
        """Records that were compared."""
        return sum(partition.records for partition in self.partitions)


class Differs(Exception):
    """Ends a comparison; carries its Difference."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


async def verify(
    connection: Connection,
    kafka: str,
    topics: tuple[str, ...],
    progress: Callable[[int, int], None],
) -> Verdict:
    """Compare; `progress` is told offsets done and to do. Needs the rights of the reader only."""
    verdict, reader = Verdict(), LogReader(kafka, "stockyard-verify")
    try:
        bounds = await reader.bounds(await reader.open(topics))
        await _await_sink(connection, {source: end for source, (_, end) in bounds.items()})
        for source, (start, end) in bounds.items():
            verdict.partitions.append(Compared(source.topic, source.partition, start, end))
        total = sum(end - start for start, end in bounds.values())
        done = 0
        for part in verdict.partitions:
            async for position in _compare(connection, reader, part):
                progress(done + position - part.first, total)
            done += part.end - part.first
        await _refuse_strangers(connection, list(bounds))
    except Differs as differs:
        verdict.difference = differs.difference
    finally:
        await reader.close()
    return verdict


async def _await_sink(connection: Connection, ends: dict[TopicPartition, int]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        rows = await connection.fetch(POSITIONS)
        kept = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        if all(kept.get(source, 0) >= end for source, end in ends.items()):
            return
        await asyncio.sleep(POLL_S)


async def _compare(connection: Connection, reader: LogReader, part: Compared) -> AsyncIterator[int]:
    source = TopicPartition(part.topic, part.partition)
    reader.seek({source: part.first})
    part.expired = await connection.fetchval(OLDER, *source, part.first) if part.first else 0
    position = part.first
    lower = position or LEAST  # no row stands before a topic's first offset
    while position < part.end:
        for chunk in await _fetch(reader, source):
            upto = min(chunk.next_offset, part.end)
            records = [record for record in chunk.records if record.offset < upto]
            rows = await connection.fetch(ROWS, *source, lower, upto)
            part.records += _match(source, records, rows)
            position = lower = upto
            yield position


async def _fetch(reader: LogReader, source: TopicPartition) -> list[Chunk]:
    for _ in range(FETCHES_MAX):
        chunks = await reader.fetch(FETCH_S)
        if chunks:
            return chunks
    raise KafkaTimeoutError(f"Kafka gave nothing of {source.topic}/{source.partition} for a minute")


def _match(source: TopicPartition, records: list[Record], rows: list[asyncpg.Record]) -> int:
    waiting = iter(rows)
    row = next(waiting, None)
    for record in records:
        if row is None or row["offset"] > record.offset:
            raise _differs(source, record.offset, "is on the topic, not in the audit log")
        if row["offset"] == record.offset:
            _match_fields(source, record, row)
            row = next(waiting, None)
        if row is not None and row["offset"] <= record.offset:
            break
    if row is not None:
        raise _differs(source, row["offset"], "is in the audit log, not once on the topic")
    return len(records)


def _match_fields(source: TopicPartition, record: Record, row: asyncpg.Record) -> None:
    if row["value"] != record.value:
        raise _differs(source, record.offset, "other bytes in the audit log than on it")
    if row["key"] != record.key:
        raise _differs(source, record.offset, "another key in the audit log than on it")
    if row["appended_at"] != _moment(record.timestamp):
        raise _differs(source, record.offset, "another time in the audit log than on it")
    if row["headers"] is not None or record.headers:
        headers = [part for name, value in record.headers for part in (name.encode(), value)]
        if row["headers"] != headers:
            raise _differs(source, record.offset, "other headers in the audit log than on it")


@lru_cache(maxsize=4_096)
def _moment(time_ms: int) -> datetime:
    return EPOCH + time_ms * MILLISECOND


async def _refuse_strangers(connection: Connection, sources: list[TopicPartition]) -> None:
    row = await connection.fetchrow(
        STRANGERS, [source.topic for source in sources], [source.partition for source in sources]
    )
    if row is not None:
        source = TopicPartition(row["topic"], row["partition"])
        raise _differs(source, row["offset"], "is in the audit log, beyond what the sink wrote")


def _differs(source: TopicPartition, offset: int, problem: str) -> Differs:
    return Differs(Difference(source.topic, source.partition, offset, problem))
