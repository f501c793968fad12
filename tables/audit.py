"""The audit log's target: every record of all events and dead-letters topics, byte for byte."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from struct import Struct

from aiokafka import TopicPartition
from asyncpg import Connection

from streams.topics import DAY_MS, Topics
from tables.copying import NULL, ROWS_PER_PART, array, field, length, microseconds
from tables.exceptions import ForeignDatabase
from tables.reader import Chunk, Record
from tables.sink import Copy, Positions

COLUMNS = ("appended_at", "offset", "partition", "topic", "key", "headers", "value")
MONTHS_AHEAD_S = 7 * 86_400  # next month's partition stands this long before its first record

OPEN = """
INSERT INTO audit.positions (topic, partition, next_offset)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[]) ON CONFLICT DO NOTHING
"""
ADVANCE = """
UPDATE audit.positions p SET next_offset = n.next_offset
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
    AS n (topic, partition, expected, next_offset)
WHERE p.topic = n.topic AND p.partition = n.partition AND p.next_offset = n.expected
"""


class Audited:
    """How far the audit log is certain: a projection never passes it, and lets it go first."""

    def __init__(self) -> None:
        self._positions: Positions = {}
        self._moved = asyncio.Event()
        self._level = asyncio.Event()

    def tell(self, behind: bool) -> None:
        """More than one transaction's worth waits to be audited, or not."""
        (self._level.clear if behind else self._level.set)()

    async def level(self, patience_s: float) -> None:
        """Wait until the audit log has caught up, or patience ends."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._level.wait(), patience_s)

    def move(self, positions: Positions) -> None:
        """A transaction is certain."""
        self._positions.update(positions)
        self._moved.set()
        self._moved = asyncio.Event()

    async def reach(self, source: TopicPartition, position: int) -> None:
        """Wait until the log is complete to this position."""
        while self._positions.get(source, 0) < position:
            await self._moved.wait()


def audited_topics(domains: Iterable[Topics]) -> tuple[str, ...]:
    """What the audit log has every record of."""
    return tuple(name for one in domains for name in (one.events, one.dead_letters))


class AuditTarget:
    """Writes `audit.log` and `audit.positions`."""

    name = "audit"

    def __init__(self, domains: Iterable[Topics], audited: Audited) -> None:
        topics = list(domains)
        self.topics = audited_topics(topics)
        self.expiring = frozenset(one.dead_letters for one in topics)
        self._audited = audited
        self._months: set[tuple[int, int]] = set()

    async def positions(self, connection: Connection, starts: Positions) -> Positions:
        """Positions kept, those of new partitions begun at their starts."""
        await connection.execute(OPEN, *_columns(starts), list(starts.values()))
        rows = await connection.fetch("SELECT topic, partition, next_offset FROM audit.positions")
        refuse_foreign({row["topic"] for row in rows}, self.topics)
        return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}

    async def prepare(self, connection: Connection, chunks: list[Chunk], waiting: int) -> None:
        """Make the months that these records and the coming days fall in."""
        self._audited.tell(behind=waiting > 0)
        now_ms = int(datetime.now(UTC).timestamp() * 1_000)
        days = {now_ms // DAY_MS, (now_ms + MONTHS_AHEAD_S * 1_000) // DAY_MS}
        days |= {record.timestamp // DAY_MS for chunk in chunks for record in chunk.records}
        for day in sorted(days):  # none is of two months
            moment = datetime.fromtimestamp(day * DAY_MS // 1_000, UTC)
            month = moment.year, moment.month
            if month not in self._months:
                await connection.execute("SELECT audit.ensure_month($1)", moment)
                self._months.add(month)

    def copies(self, chunks: list[Chunk]) -> list[Copy]:
        """One row per record."""
        return [Copy("log", COLUMNS, _parts(chunks))]

    async def advance(
        self, connection: Connection, expected: Positions, chunks: list[Chunk]
    ) -> bool:
        """Move the positions inside the transaction; False where one was not as expected."""
        moved = {chunk.source: expected[chunk.source] for chunk in chunks}
        after = [chunk.next_offset for chunk in chunks]
        done = await connection.execute(ADVANCE, *_columns(moved), list(moved.values()), after)
        return bool(done == f"UPDATE {len(moved)}")

    def committed(self, positions: Positions) -> None:
        """The transaction is certain."""
        self._audited.move(positions)


def refuse_foreign(found: set[str], ours: tuple[str, ...]) -> None:
    """Raise ForeignDatabase where positions of another installation's topics are kept."""
    foreign = sorted(found - set(ours))
    if foreign:
        raise ForeignDatabase(
            f"this database keeps {', '.join(foreign)}, but this installation's topics are "
            f"{', '.join(ours)}: one database serves one STOCKYARD_TOPIC_PREFIX and the "
            "STOCKYARD_DOMAINS it has had"
        )


def _columns(positions: Positions) -> tuple[list[str], list[int]]:
    return [source.topic for source in positions], [source.partition for source in positions]


def _parts(chunks: list[Chunk]) -> Iterator[bytes]:
    for chunk in chunks:
        packer = _packer(chunk.source)
        for start in range(0, len(chunk.records), ROWS_PER_PART):
            yield _pack(chunk.records[start : start + ROWS_PER_PART], packer)


def _packer(source: TopicPartition) -> tuple[Struct, bytes]:
    topic = source.topic.encode()
    middle = Struct(">iii").pack(4, source.partition, len(topic)) + topic
    return Struct(f">hiqiq{len(middle)}s"), middle


def _pack(records: list[Record], packer: tuple[Struct, bytes]) -> bytes:
    pack, middle = packer[0].pack, packer[1]
    out: list[bytes] = []
    for record in records:
        key, value, headers = record.key, record.value, record.headers
        out.append(pack(len(COLUMNS), 8, microseconds(record.timestamp), 8, record.offset, middle))
        out.append(field(key))
        if headers:
            out.append(array([part for name, value in headers for part in (name.encode(), value)]))
        else:
            out.append(NULL)
        if value is None:
            out.append(NULL)
        else:
            out += (length(len(value)), value)
    return b"".join(out)
