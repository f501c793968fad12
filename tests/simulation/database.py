"""PostgreSQL and the log reader as the audit sink uses them: its real code runs on these.

A transaction's rows and positions are applied at its commit, all or none; a commit may be lost on
its way, or be done and never answered.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition
from asyncpg import Connection, InterfaceError, UniqueViolationError

from tables.audit import ADVANCE, OPEN
from tables.copying import POSTGRES_EPOCH_MS, SIGNATURE
from tables.reader import Chunk
from tests.chaos.records import Record
from tests.simulation.broker import Broker
from tests.simulation.loop import PROCESS, Life, Process
from tests.simulation.network import ask, insist
from tests.simulation.world import here

Row = tuple[str, int, int]
PAUSE_S = 0.2  # between two looks at logs without anything new


class Postgres:
    """What is committed."""

    def __init__(self) -> None:
        self.rows: dict[Row, Record] = {}
        self.positions: dict[Row, int] = {}
        self.holder: Process | None = None  # of the sink's lock
        self.commits: list[str] = []  # fates of the next ones

    def apply(
        self, process: Process | None, rows: list[tuple[Row, Record]], positions: dict[Row, int]
    ) -> None:
        """One transaction; none of a session that has ended."""
        if self.holder is not process:
            raise InterfaceError("the session has ended")
        for place, _ in rows:
            if place in self.rows:
                raise UniqueViolationError(f"{place} is there")
        self.rows.update(rows)
        self.positions.update(positions)


class Session:
    """What Sink and AuditTarget use of an asyncpg connection."""

    def __init__(self, database: Postgres) -> None:
        self._database, self._process = database, PROCESS.get()
        self._closed = False
        self._rows: list[tuple[Row, Record]] = []
        self._positions: dict[Row, int] = {}
        self._within = False

    def is_closed(self) -> bool:
        return self._closed

    def terminate(self) -> None:
        self._closed = True
        if self._database.holder is self._process:
            self._database.holder = None

    async def fetchval(self, _statement: str, *_: Any) -> bool:
        """pg_try_advisory_lock."""
        await ask(lambda: None)
        held = self._database.holder
        if held is not None and held is not self._process and held.life is not Life.DEAD:
            return False
        self._database.holder = self._process
        return True

    async def fetch(self, _statement: str) -> list[dict[str, Any]]:
        """The positions."""
        await ask(lambda: None)
        return [
            {"topic": topic, "partition": partition, "next_offset": at}
            for (topic, partition, _), at in self._database.positions.items()
        ]

    async def execute(self, statement: str, *arguments: Any) -> str:
        """Begin positions, or move them where they are as expected."""
        await ask(lambda: None)
        if statement == OPEN:
            for topic, partition, at in zip(*arguments, strict=True):
                self._database.positions.setdefault((topic, partition, 0), at)
        if statement != ADVANCE:
            return ""
        moved = 0
        for topic, partition, expected, at in zip(*arguments, strict=True):
            if self._database.positions.get((topic, partition, 0)) == expected:
                self._positions[topic, partition, 0] = at
                moved += 1
        await self._outside()
        return f"UPDATE {moved}"

    async def copy_to_table(self, table: str, *, source: Any, **_: Any) -> None:
        """Take rows in binary COPY format."""
        assert table == "log"
        read = b"".join([part async for part in source])
        self._rows += _unpacked(read)
        await self._outside()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All or none of what is done within."""
        self._within = True
        try:
            yield
        except BaseException:
            self._rows, self._positions = [], {}
            raise
        finally:
            self._within = False
        await self._outside()

    async def _outside(self) -> None:
        """What is not in a transaction is one of its own."""
        if self._within:
            return
        rows, positions = self._rows, self._positions
        self._rows, self._positions = [], {}
        fate = self._database.commits.pop(0) if self._database.commits else ""
        if self._closed:
            raise InterfaceError("the connection is closed")
        await ask(lambda: self._database.apply(self._process, rows, positions), fate)


def _unpacked(read: bytes) -> list[tuple[Row, Record]]:
    rows, at = [], len(SIGNATURE)
    while (count := struct.unpack_from(">h", read, at)[0]) != -1:
        at += 2
        fields: list[bytes | None] = []
        for _ in range(count):
            size = struct.unpack_from(">i", read, at)[0]
            at += 4
            fields.append(None if size < 0 else read[at : at + size])
            at += max(0, size)
        rows.append(_row(fields))
    return rows


def _row(fields: list[bytes | None]) -> tuple[Row, Record]:
    appended, offset, partition, topic, key, headers, value = fields
    assert appended is not None and offset is not None and partition is not None
    assert topic is not None
    time_ms = int.from_bytes(appended, "big", signed=True) // 1000 + POSTGRES_EPOCH_MS
    where = topic.decode(), int.from_bytes(partition, "big"), int.from_bytes(offset, "big")
    names = _array(headers)
    told = tuple(
        ((name or b"").decode(), content)
        for name, content in zip(names[::2], names[1::2], strict=True)
    )
    return where, Record(where[1], where[2], time_ms, key, value, told)


def _array(field: bytes | None) -> list[bytes | None]:
    if field is None:
        return []
    count, at, found = struct.unpack_from(">iiiii", field)[3], 20, []
    for _ in range(count):
        size = struct.unpack_from(">i", field, at)[0]
        at += 4
        found.append(None if size < 0 else field[at : at + size])
        at += max(0, size)
    return found


class LogReader:
    """What Sink uses of tables.reader.LogReader."""

    def __init__(self, _kafka: str, _client_id: str) -> None:
        self._broker: Broker = here().broker
        self._positions: dict[TopicPartition, int] = {}

    async def open(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in range(self._broker.partitions)
        ]

    async def bounds(self, sources: list[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
        logs = self._broker.logs
        return await insist(lambda: {one: (0, logs[one].stable) for one in sources})

    def seek(self, positions: dict[TopicPartition, int]) -> None:
        self._positions = dict(positions)

    async def fetch(self, timeout_s: float) -> list[Chunk]:
        chunks = await insist(self._read)
        self._positions.update({chunk.source: chunk.next_offset for chunk in chunks})
        if not chunks:
            await asyncio.sleep(min(timeout_s, PAUSE_S))
        return chunks

    def _read(self) -> list[Chunk]:
        chunks, random = [], here().net
        for source, at in sorted(self._positions.items()):
            log = self._broker.logs[source]
            if at < log.stable:
                found, behind = log.read(at, random.choice((1, 4, 30)))
                chunks.append(Chunk(source, [_Stored(one) for one in found], behind))
        return chunks

    def waiting(self) -> int:
        return 0

    def silent_s(self) -> float:
        return 0.0

    def committed_end(self, _source: TopicPartition) -> int | None:
        return None

    async def close(self) -> None:
        self._positions.clear()


class _Stored:
    """A record with its headers as a list, as aiokafka gives them."""

    def __init__(self, entry: Any) -> None:
        self.offset, self.timestamp = entry.offset, entry.timestamp
        self.key, self.value, self.headers = entry.key, entry.value, list(entry.headers)


async def connect(_address: str, _application: str) -> Any:
    """A session of the run's database."""
    await ask(lambda: None)
    return Session(here().database)


async def check_version(_connection: Connection) -> None:
    """It is of this version."""
