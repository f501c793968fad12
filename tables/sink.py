"""Carries topics into PostgreSQL exactly once: rows by COPY and the position, in one transaction.

Nothing is retried in place. Whatever fails, the next session starts from PostgreSQL's positions.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn, Protocol

import structlog
from aiokafka import TopicPartition
from asyncpg import Connection

from streams.exceptions import LogLost, StreamsError
from tables import sink_metrics as metrics
from tables.copying import stream
from tables.exceptions import AnotherSink, TablesError
from tables.postgres import check_version, connect
from tables.reader import Chunk, LogReader

PERIOD_S = 0.05  # commits start at most this often: small ones cost a synced write each
POLL_S = 1.0
WRITE_TIMEOUT_S = 60.0  # a transaction takes well under 1 s: longer, and the server has frozen
BACKOFF_S, BACKOFF_S_MAX = 0.25, 5.0
SILENT_S_MAX = 5.0  # Kafka is away: a broker with nothing new answers twice a second
CLAIM_S = 30.0  # a dead predecessor's connection is gone by then, see postgres.SESSION

Positions = dict[TopicPartition, int]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows of one table, in binary COPY format without its head and trailer."""

    table: str
    columns: tuple[str, ...]
    parts: Iterable[bytes]


class Target(Protocol):
    """What is written where: the audit log, or a projection."""

    @property
    def name(self) -> str:
        """Names the sink in logs and metrics; its schema."""

    @property
    def topics(self) -> tuple[str, ...]:
        """What it reads."""

    @property
    def expiring(self) -> frozenset[str]:
        """Topics that forget: a gap at their start is told, not refused."""

    async def positions(self, connection: Connection, starts: Positions, /) -> Positions:
        """Positions kept, those of new partitions begun at their starts."""

    async def prepare(self, connection: Connection, chunks: list[Chunk], waiting: int, /) -> None:
        """Whatever must stand before the transaction; `waiting` offsets are still to be fetched."""

    def copies(self, chunks: list[Chunk], /) -> list[Copy]:
        """Rows of these chunks, by table."""

    async def advance(
        self, connection: Connection, expected: Positions, chunks: list[Chunk], /
    ) -> bool:
        """Move the positions inside the transaction; False where one was not as expected."""

    def committed(self, positions: Positions, /) -> None:
        """The transaction is certain."""


class Sink:
    """One target's loop: sessions until cancelled, each from connect to failure."""

    def __init__(self, target: Target, kafka: str, address: str) -> None:
        self._target = target
        self._kafka = kafka
        self._address = address
        self._backoff_s = BACKOFF_S

    async def run(self) -> NoReturn:
        """Run until cancelled; raises StreamsError or TablesError where waiting cannot help."""
        while True:
            try:
                await self._session()
            except (StreamsError, TablesError):
                raise
            except Exception as error:
                metrics.OUTAGE.labels(self._target.name).set(1)
                log.warning(
                    "sink interrupted; it goes on from its position in PostgreSQL",
                    sink=self._target.name,
                    again_in_s=self._backoff_s,
                    error=f"{type(error).__name__}: {error}",
                    exc_info=not isinstance(error, metrics.EXPECTED),
                )
            await asyncio.sleep(self._backoff_s)
            self._backoff_s = min(2 * self._backoff_s, BACKOFF_S_MAX)

    async def _session(self) -> None:
        connection = await connect(self._address, self._target.name)
        reader = LogReader(self._kafka, f"stockyard-{self._target.name}")
        try:
            await check_version(connection)
            await self._claim(connection)
            expected = await self._begin(connection, reader)
            self._backoff_s = BACKOFF_S
            log.info("sink started", sink=self._target.name, positions=_plain(expected))
            await self._carry(connection, reader, expected)
        finally:
            connection.terminate()
            await reader.close()

    async def _claim(self, connection: Connection) -> None:
        """Be the only one: a lock of the session, which a dead predecessor's server drops."""
        deadline = time.monotonic() + CLAIM_S
        statement = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
        while not await connection.fetchval(statement, f"stockyard {self._target.name}"):
            if time.monotonic() > deadline:
                raise AnotherSink(
                    f"another process writes the {self._target.name} of this database: end it "
                    "(pg_stat_activity names it by application), then start this one again"
                )
            await asyncio.sleep(BACKOFF_S)

    async def _begin(self, connection: Connection, reader: LogReader) -> Positions:
        bounds = await reader.bounds(await reader.open(self._target.topics))
        starts = {source: start for source, (start, _) in bounds.items()}
        kept = await self._target.positions(connection, starts)
        reading = {}
        for source, (start, end) in bounds.items():
            reading[source] = self._within(source, kept[source], start, end)
        reader.seek(reading)
        self._target.committed(kept)
        return kept

    def _within(self, source: TopicPartition, position: int, start: int, end: int) -> int:
        where = f"{source.topic}/{source.partition}"
        if position > end:
            raise LogLost(
                f"{self._target.name} holds {where} up to {position}, but the topic ends at {end}: "
                "Kafka lost records, or this is another cluster. Point STOCKYARD_KAFKA at the one "
                "this database was filled from, or restore its log"
            )
        if position >= start:
            return position
        if source.topic not in self._target.expiring:
            raise LogLost(
                f"{self._target.name} holds {where} up to {position}, but the topic now begins at "
                f"{start}: records were deleted from a topic that is kept for ever. Restore them"
            )
        log.error("records expired before they were audited", topic=where, lost=[position, start])
        return start

    async def _carry(self, connection: Connection, reader: LogReader, expected: Positions) -> None:
        """Write each fetch while the next one arrives and is unpacked."""
        writing = None
        try:
            while True:
                started = time.monotonic()
                chunks = await reader.fetch(POLL_S)
                if writing is not None:
                    await _finish(writing)
                if connection.is_closed():
                    raise ConnectionError("PostgreSQL closed the connection")
                if chunks:
                    await self._target.prepare(connection, chunks, reader.waiting())
                    writing = asyncio.create_task(self._write(connection, expected, chunks))
                silent = not chunks and reader.silent_s() > SILENT_S_MAX
                metrics.look(self._target.name, reader, expected, silent)
                await asyncio.sleep(max(0.0, started + PERIOD_S - time.monotonic()))
        finally:
            connection.terminate()  # first: a rollback would wait for a server that is away
            if writing is not None:
                writing.cancel()
                await asyncio.wait([writing])

    async def _write(
        self, connection: Connection, expected: Positions, chunks: list[Chunk]
    ) -> None:
        async with connection.transaction():
            for copy in self._target.copies(chunks):
                await self._copy(connection, copy)
            if not await self._target.advance(connection, expected, chunks):
                raise AnotherSink(
                    f"the positions of {self._target.name} moved under this process: something "
                    "else writes this database. End it, then start this one again"
                )
        expected.update({chunk.source: chunk.next_offset for chunk in chunks})
        self._target.committed(expected)
        metrics.written(self._target.name, chunks)

    async def _copy(self, connection: Connection, copy: Copy) -> None:
        with metrics.COPY_SECONDS.labels(self._target.name, copy.table).time():
            await connection.copy_to_table(
                copy.table,
                schema_name=self._target.name,
                columns=copy.columns,
                source=stream(copy.parts),
                format="binary",
            )


async def _finish(writing: asyncio.Task[None]) -> None:
    done, _ = await asyncio.wait([writing], timeout=WRITE_TIMEOUT_S)
    if not done:
        raise TimeoutError(f"PostgreSQL did not end a transaction in {WRITE_TIMEOUT_S:.0f} s")
    writing.result()


def _plain(positions: Positions) -> dict[str, int]:
    return {f"{source.topic}/{source.partition}": at for source, at in positions.items()}
