"""The audit log in PostgreSQL against the topics: the same records, byte for byte, each once."""

import asyncio

import asyncpg

from tests.chaos.checker import Logs, Partitions, Report
from tests.chaos.records import Record

READ = """
SELECT topic, partition, "offset", key, headers, value,
       (extract(epoch FROM appended_at) * 1000)::bigint AS appended_ms FROM audit.log
"""
BATCH = 20_000
Place = tuple[str, int, int]


async def _fetch(dsn: str) -> tuple[dict[Place, Record], list[Place]]:
    connection = await asyncpg.connect(dsn)
    rows: dict[Place, Record] = {}
    doubled: list[Place] = []
    try:
        async with connection.transaction():
            async for row in connection.cursor(READ, prefetch=BATCH):
                place = (row["topic"], row["partition"], row["offset"])
                if place in rows:
                    doubled.append(place)
                told = row["headers"] or []
                names = [name.decode() for name in told[::2]]
                headers = tuple(zip(names, told[1::2], strict=True))
                rows[place] = Record(
                    place[1], place[2], row["appended_ms"], row["key"], row["value"], headers
                )
    finally:
        await connection.close()
    return rows, doubled


async def _count(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM audit.log"))
    finally:
        await connection.close()


def count(dsn: str) -> int:
    """Rows of the audit log."""
    return asyncio.run(_count(dsn))


def holds(dsn: str, rows: int) -> bool:
    """Whether so many rows are there; not while nobody can be asked."""
    try:
        return count(dsn) >= rows
    except (OSError, asyncpg.PostgresError):
        return False


def audited(logs: Logs) -> dict[str, Partitions]:
    """The topics that the audit log holds."""
    return {
        f"{logs.prefix}stock.events.v1": logs.events,
        f"{logs.prefix}stock.dead-letters.v1": logs.dead_letters,
    }


def check(report: Report, logs: Logs, dsn: str) -> None:
    """Compare every row, both ways."""
    rows, doubled = asyncio.run(_fetch(dsn))
    compare(report, audited(logs), rows, doubled)


def compare(
    report: Report,
    topics: dict[str, Partitions],
    rows: dict[Place, Record],
    doubled: list[Place],
) -> None:
    """The same on rows that were read already."""
    report.counts["audit rows"] += len(rows)
    for place in doubled:
        report.differ("audit row twice", str(place))
    left = dict(rows)
    for topic, partitions in topics.items():
        for partition, records in partitions.items():
            for record in records:
                place = (topic, partition, record.offset)
                row = left.pop(place, None)
                if row is None:
                    report.differ("audit row missing", str(place))
                elif row != record:
                    report.differ("audit row", f"{place}: {row}, on the topic {record}"[:600])
    for place in left:
        report.differ("audit row of no record", str(place))
