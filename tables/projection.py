"""The history's target: where each event stands, by SKU and by command; read from the events."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct

import structlog
from aiokafka import TopicPartition
from asyncpg import Connection
from prometheus_client import Counter

from streams.topics import Topics
from tables.audit import Audited, refuse_foreign
from tables.copying import ROWS_PER_PART, field, microseconds
from tables.event_view import Event, Unreadable, decoder, instant, read
from tables.history import schema_of
from tables.reader import Chunk, Record
from tables.sink import Copy, Positions

REUSED = "IDEMPOTENCY_KEY_REUSED"  # told beside an id's one outcome, never instead of it

UNREADABLE = Counter("stockyard_history_unreadable_total", "Records that are no event.")
SEQ_BREAKS = Counter("stockyard_history_seq_breaks_total", "Events out of sequence.", ["kind"])

OPEN = """
INSERT INTO {schema}.positions (topic, partition, next_offset, next_seq)
SELECT *, 1 FROM unnest($1::text[], $2::integer[], $3::bigint[]) ON CONFLICT DO NOTHING
"""
ADVANCE = """
UPDATE {schema}.positions p SET next_offset = n.next_offset, next_seq = n.next_seq
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS n (topic, partition, expected, next_offset, next_seq)
WHERE p.topic = n.topic AND p.partition = n.partition AND p.next_offset = n.expected
"""
KEPT = "SELECT topic, partition, next_offset, next_seq FROM {schema}.positions"

NAMES_KEPT = 65_536  # packed SKUs and keys, some 10 MiB
TIMES_KEPT = 4_096
PATIENCE_S = 5.0  # while the audit log is behind, history takes one fetch in this time

log = structlog.get_logger()


MOVEMENT_COLUMNS = (
    "recorded_at", "appended_at", "seq", "offset", "partition", "key", "sku",
)  # fmt: skip
OUTCOME_COLUMNS = ("appended_at", "seq", "offset", "partition", "key", "command_id")
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_pack_place = Struct(">iqiqiqii").pack
_MOVEMENT = Struct(">hiq")
_OUTCOME = Struct(">h").pack(len(OUTCOME_COLUMNS))


@dataclass(slots=True)
class Packed:
    """Rows of one transaction, as COPY takes them."""

    movements: list[bytes] = field_of(default_factory=list)
    outcomes: list[bytes] = field_of(default_factory=list)


class HistoryTarget:
    """Writes a domain's `movements`, `outcomes` and `positions`; never passes the audit log."""

    expiring: frozenset[str] = frozenset()

    def __init__(self, domain: str, topics: Topics, audited: Audited) -> None:
        self.name, self._decode = schema_of(domain), decoder(domain)
        self.topics = (topics.events,)
        self._audited = audited
        self._seqs: dict[TopicPartition, int] = {}  # next seq, certain
        self._reached: dict[TopicPartition, int] = {}  # of the transaction under way
        self._rows = Packed()

    async def positions(self, connection: Connection, starts: Positions) -> Positions:
        """Positions kept, those of new partitions begun at their starts."""
        topics = [source.topic for source in starts]
        partitions = [source.partition for source in starts]
        await connection.execute(self._sql(OPEN), topics, partitions, list(starts.values()))
        rows = await connection.fetch(self._sql(KEPT))
        kept = {TopicPartition(row[0], row[1]): row for row in rows}
        refuse_foreign({source.topic for source in kept}, self.topics)
        self._seqs = {source: row["next_seq"] for source, row in kept.items()}
        self._reached = {}  # of a transaction that failed: its records come again
        return {source: row["next_offset"] for source, row in kept.items()}

    async def prepare(self, _connection: Connection, chunks: list[Chunk], _waiting: int) -> None:
        """Let the audit log go first: the bodies are there. Then read the events."""
        await self._audited.level(PATIENCE_S)
        for chunk in chunks:
            await self._audited.reach(chunk.source, chunk.next_offset)
        self._rows, self._reached = Packed(), {}
        for chunk in chunks:
            seq = self._seqs[chunk.source]
            for start in range(0, len(chunk.records), ROWS_PER_PART):
                part = chunk.records[start : start + ROWS_PER_PART]
                seq = _project(self._decode, chunk.source, part, seq, self._rows)
                await asyncio.sleep(0)  # the audit log's turn
            self._reached[chunk.source] = seq

    def copies(self, _chunks: list[Chunk]) -> list[Copy]:
        """One row per SKU or container of an event, one per outcome."""
        return [
            Copy("movements", MOVEMENT_COLUMNS, self._rows.movements),
            Copy("outcomes", OUTCOME_COLUMNS, self._rows.outcomes),
        ]

    async def advance(
        self, connection: Connection, expected: Positions, chunks: list[Chunk]
    ) -> bool:
        """Move the positions inside the transaction; False where one was not as expected."""
        sources = [chunk.source for chunk in chunks]
        done = await connection.execute(
            self._sql(ADVANCE),
            [source.topic for source in sources],
            [source.partition for source in sources],
            [expected[source] for source in sources],
            [chunk.next_offset for chunk in chunks],
            [self._reached[source] for source in sources],
        )
        return bool(done == f"UPDATE {len(sources)}")

    def committed(self, _positions: Positions) -> None:
        """The transaction is certain."""
        self._seqs.update(self._reached)

    def _sql(self, statement: str) -> str:
        return statement.format(schema=self.name)


def _project(
    decode: Callable[[bytes], Event],
    source: TopicPartition,
    records: list[Record],
    next_seq: int,
    rows: Packed,
) -> int:
    """Pack what these records add to history; the next seq after them."""
    partition, movements, outcomes = source.partition, rows.movements, rows.outcomes
    for record in records:
        try:
            event = read(decode, record.value)
        except Unreadable as error:
            UNREADABLE.inc()
            log.warning("no event", **_place(source, record), error=str(error))
            continue
        if event.seq != next_seq and _told_before(source, record, event.seq, next_seq):
            continue
        next_seq = event.seq + 1
        at_us = microseconds(record.timestamp)
        place = _pack_place(8, at_us, 8, event.seq, 8, record.offset, 4, partition)
        place += _text(event.key)
        if touched := event.touched():
            start = _start(event.recorded_at) + place
            for name in touched:
                movements.append(start + _text(name))
        if event.command_id is not None and event.code != REUSED:
            outcomes.append(_OUTCOME + place + field(event.command_id.encode()))
    return next_seq


def _told_before(source: TopicPartition, record: Record, seq: int, expected: int) -> bool:
    """A break in the sequence is a defect elsewhere: told, and the event counted once at most."""
    kind = "repeat" if seq < expected else "gap"
    SEQ_BREAKS.labels(kind).inc()
    log.error("seq broken", **_place(source, record), kind=kind, seq=seq, expected=expected)
    return kind == "repeat"


@lru_cache(maxsize=NAMES_KEPT)
def _text(name: str) -> bytes:
    return field(name.encode())


@lru_cache(maxsize=TIMES_KEPT)
def _start(recorded_at: str) -> bytes:
    time_us = (instant(recorded_at) - POSTGRES_EPOCH) // timedelta(microseconds=1)
    return _MOVEMENT.pack(len(MOVEMENT_COLUMNS), 8, time_us)


def _place(source: TopicPartition, record: Record) -> dict[str, str | int]:
    return {"topic": source.topic, "partition": source.partition, "offset": record.offset}
