"""The history's target: where each event stands, by SKU and by command; read from the events."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import Annotated

import msgspec
import structlog
from aiokafka import TopicPartition
from asyncpg import Connection
from msgspec import Meta
from prometheus_client import Counter

from streams.topics import Topics
from tables.audit import Audited, refuse_foreign
from tables.copying import ROWS_PER_PART, field, length, microseconds
from tables.reader import Chunk, Record
from tables.sink import Copy, Positions

REUSED = "IDEMPOTENCY_KEY_REUSED"  # told beside an id's one outcome, never instead of it
NUL_ESCAPE = b"\\u0000"  # the one character JSON can carry and PostgreSQL's text cannot

UNREADABLE = Counter("stockyard_history_unreadable_total", "Records that are no event.")
SEQ_BREAKS = Counter("stockyard_history_seq_breaks_total", "Events out of sequence.", ["kind"])

OPEN = """
INSERT INTO history.positions (topic, partition, next_offset, next_seq)
SELECT *, 1 FROM unnest($1::text[], $2::integer[], $3::bigint[]) ON CONFLICT DO NOTHING
"""
ADVANCE = """
UPDATE history.positions p SET next_offset = n.next_offset, next_seq = n.next_seq
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS n (topic, partition, expected, next_offset, next_seq)
WHERE p.topic = n.topic AND p.partition = n.partition AND p.next_offset = n.expected
"""
KEPT = "SELECT topic, partition, next_offset, next_seq FROM history.positions"

PATIENCE_S = 5.0  # while the audit log is behind, history takes one fetch in this time

Name = Annotated[str, Meta(max_length=128)]  # twice what a SKU may have; an index entry holds it
Seq = Annotated[int, Meta(ge=0, lt=1 << 62)]
log = structlog.get_logger()


class Line(msgspec.Struct, gc=False):
    """What history reads of an event's line."""

    sku: Name


class Event(msgspec.Struct, gc=False):
    """What history reads of an event."""

    seq: Seq
    warehouse: Name
    recorded_at: str
    command_id: Name | None = None
    code: str = ""
    lines: list[Line] = []


_decode = msgspec.json.Decoder(Event).decode


MOVEMENT_COLUMNS = (
    "recorded_at", "appended_at", "seq", "offset", "partition", "warehouse", "sku",
)  # fmt: skip
OUTCOME_COLUMNS = ("appended_at", "seq", "offset", "partition", "warehouse", "command_id")
FIRST_YEAR, LAST_YEAR = 1970, 9998  # what both sides can hold in any zone
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_PLACE = Struct(">iqiqiqii")
_MOVEMENT = Struct(">hiq")
_OUTCOME = Struct(">h").pack(len(OUTCOME_COLUMNS))


@dataclass(slots=True)
class Packed:
    """Rows of one transaction, as COPY takes them."""

    movements: list[bytes] = field_of(default_factory=list)
    outcomes: list[bytes] = field_of(default_factory=list)


class Unreadable(Exception):
    """The record is no event; the audit log has it all the same."""


class HistoryTarget:
    """Writes `history.movements`, `.outcomes` and `.positions`; never passes the audit log."""

    name = "history"
    expiring: frozenset[str] = frozenset()

    def __init__(self, topics: Topics, audited: Audited) -> None:
        self.topics = (topics.events,)
        self._audited = audited
        self._seqs: dict[TopicPartition, int] = {}  # next seq, certain
        self._reached: dict[TopicPartition, int] = {}  # of the transaction under way
        self._rows = Packed()

    async def positions(self, connection: Connection, starts: Positions) -> Positions:
        """Positions kept, those of new partitions begun at their starts."""
        topics = [source.topic for source in starts]
        partitions = [source.partition for source in starts]
        await connection.execute(OPEN, topics, partitions, list(starts.values()))
        kept = {TopicPartition(row[0], row[1]): row for row in await connection.fetch(KEPT)}
        refuse_foreign({source.topic for source in kept}, self.topics)
        self._seqs = {source: row["next_seq"] for source, row in kept.items()}
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
                for record in chunk.records[start : start + ROWS_PER_PART]:
                    seq = _project(chunk.source, record, seq, self._rows)
                await asyncio.sleep(0)  # the audit log's turn
            self._reached[chunk.source] = seq

    def copies(self, _chunks: list[Chunk]) -> list[Copy]:
        """One row per SKU of an event, one per outcome."""
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
            ADVANCE,
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


def _project(source: TopicPartition, record: Record, next_seq: int, rows: Packed) -> int:
    """Pack what one record adds to history; the next seq after it."""
    try:
        event, recorded_at = _read(record.value)
    except Unreadable as error:
        UNREADABLE.inc()
        log.warning("no event", **_place(source, record), error=str(error))
        return next_seq
    if event.seq != next_seq:
        kind = "repeat" if event.seq < next_seq else "gap"
        SEQ_BREAKS.labels(kind).inc()
        log.error("seq broken", **_place(source, record), seq=event.seq, expected=next_seq)
        if kind == "repeat":
            return next_seq
    place = _PLACE.pack(
        8, microseconds(record.timestamp), 8, event.seq, 8, record.offset, 4, source.partition
    )
    warehouse = event.warehouse.encode()
    tail = place + length(len(warehouse)) + warehouse
    for sku in _skus(event.lines):
        rows.movements.append(_MOVEMENT.pack(len(MOVEMENT_COLUMNS), 8, recorded_at) + tail)
        rows.movements.append(field(sku.encode()))
    if event.command_id is not None and event.code != REUSED:
        rows.outcomes.append(_OUTCOME + tail + field(event.command_id.encode()))
    return event.seq + 1


def _read(value: bytes | None) -> tuple[Event, int]:
    if value is None:
        raise Unreadable("a tombstone")
    try:
        event = _decode(value)
        recorded_at = _instant(event.recorded_at)
    except (msgspec.MsgspecError, UnicodeError, ValueError, OverflowError) as error:
        raise Unreadable(str(error)) from None
    if NUL_ESCAPE in value and _has_nul(event):
        raise Unreadable("a name has the character NUL")
    return event, recorded_at


def _has_nul(event: Event) -> bool:
    names = [event.warehouse, event.command_id or "", *(line.sku for line in event.lines)]
    return any("\0" in name for name in names)


def _skus(lines: list[Line]) -> Iterable[str]:
    return dict.fromkeys([line.sku for line in lines])


@lru_cache(maxsize=4_096)
def _instant(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"recorded_at {text!r} is no time of ours")
    return (moment - POSTGRES_EPOCH) // timedelta(microseconds=1)


def _place(source: TopicPartition, record: Record) -> dict[str, str | int]:
    return {"topic": source.topic, "partition": source.partition, "offset": record.offset}
