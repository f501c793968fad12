"""What the audit log holds of each partition, in three numbers; the same of the topic itself."""

import asyncio
import time
from dataclasses import dataclass
from hashlib import md5

import asyncpg
from aiokafka import TopicPartition

from cli.committed import Bounds
from cli.exceptions import BooksError
from tables.postgres import FAILURES, connect

WAIT_S = 60.0  # for the sink to write what is on the topics
POLL_S = 0.2

POSITIONS = "SELECT topic, partition, next_offset FROM audit.positions"
SUMS = """
SELECT topic, partition, max("offset") AS last,
    count(*) FILTER (WHERE "offset" >= first AND "offset" < stop),
    coalesce(sum(length(value)) FILTER (WHERE "offset" >= first AND "offset" < stop), 0)::bigint,
    coalesce(sum(('x' || left(md5(coalesce(value, '')), 8))::bit(32)::bigint)
        FILTER (WHERE "offset" >= first AND "offset" < stop), 0)::bigint
FROM audit.log
LEFT JOIN unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
    AS wanted (topic, partition, first, stop) USING (topic, partition)
GROUP BY topic, partition
"""


@dataclass
class Sums:
    """Records of one partition: how many, how long, and the sum of their digests."""

    rows: int = 0
    length: int = 0  # in bytes
    digest: int = 0

    def add(self, value: bytes | None) -> None:
        """Count one record."""
        value = value or b""
        self.rows += 1
        self.length += len(value)
        self.digest += int.from_bytes(md5(value, usedforsecurity=False).digest()[:4])

    def __str__(self) -> str:
        return f"{self.rows} of {self.length} bytes, digest {self.digest:x}"


@dataclass
class Audited:
    """What the audit log has of one partition: all within the bounds, and its last offset."""

    last: int
    sums: Sums


async def audited(dsn: str, bounds: Bounds) -> dict[TopicPartition, Audited]:
    """Every partition that the audit log has; BooksError where it does not reach the bounds."""
    try:
        rows = await _summed(dsn, bounds)
    except FAILURES as error:
        raise BooksError(f"PostgreSQL does not answer ({error}): see ./stockyard status") from error
    return {
        TopicPartition(topic, number): Audited(last, Sums(*sums))
        for topic, number, last, *sums in map(tuple, rows)
    }


async def _summed(dsn: str, bounds: Bounds) -> list[asyncpg.Record]:
    connection = await connect(dsn, "books")
    try:
        await _reached(connection, bounds)
        found: list[asyncpg.Record] = await connection.fetch(
            SUMS,
            [source.topic for source in bounds],
            [source.partition for source in bounds],
            [first for first, _ in bounds.values()],
            [stop for _, stop in bounds.values()],
        )
    finally:
        await connection.close()
    return found


async def _reached(connection: asyncpg.Connection, bounds: Bounds) -> None:
    deadline = time.monotonic() + WAIT_S
    while True:
        written = {
            TopicPartition(row["topic"], row["partition"]): row["next_offset"]
            for row in await connection.fetch(POSITIONS)
        }
        behind = {
            source: stop - written.get(source, 0)
            for source, (first, stop) in bounds.items()
            if first < stop and written.get(source, 0) < stop
        }
        if not behind:
            return
        if time.monotonic() > deadline:
            source, records = next(iter(behind.items()))
            raise BooksError(
                f"after {WAIT_S:.0f} s the audit log is still {records} records behind "
                f"{source.topic}/{source.partition}: see ./stockyard status and the sink's log"
            )
        await asyncio.sleep(POLL_S)
