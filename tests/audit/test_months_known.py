"""Which months the audit sink makes: each that a record is of, whichever it knew before."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition

from streams.topics import Topics
from tables.audit import Audited, AuditTarget
from tables.reader import Chunk, Record

TOPICS = Topics.of("stock")
Month = tuple[int, int]


@dataclass
class Stored:
    """A record, of which only the time counts here."""

    offset: int
    timestamp: int
    key: bytes | None = None
    value: bytes | None = None
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


class Database:
    """As much of a connection as makes months."""

    def __init__(self) -> None:
        self.made: list[Month] = []

    async def execute(self, statement: str, moment: datetime) -> None:
        assert statement == "SELECT audit.ensure_month($1)"
        self.made.append((moment.year, moment.month))


def at(month: int, day: int) -> datetime:
    """Midnight of a day of 2025."""
    return datetime(2025, month, day, tzinfo=UTC)


def chunk(partition: int, *moments: datetime) -> Chunk:
    """What was fetched of a partition: records of these moments."""
    times = [int(moment.timestamp() * 1_000) for moment in moments]
    records: list[Record] = [Stored(offset, time) for offset, time in enumerate(times)]
    return Chunk(TopicPartition(TOPICS.events, partition), records, len(records))


async def made(*fetches: Chunk) -> list[Month]:
    """The months of 2025 that the sink makes of fetches, in their order; this one it makes too."""
    target, database = AuditTarget([TOPICS], Audited()), Database()
    for fetch in fetches:
        await target.prepare(database, [fetch], 0)
    return [month for month in database.made if month[0] == 2025]


async def test_a_month_between_two_that_are_known_is_made() -> None:
    quiet = chunk(0, at(1, 5), at(3, 5))  # nothing came in February
    busy = chunk(1, at(1, 9), at(2, 9), at(3, 9))
    assert await made(quiet, busy) == [(2025, 1), (2025, 3), (2025, 2)]


async def test_a_month_is_made_once_and_to_its_last_millisecond() -> None:
    last = at(2, 1) - timedelta(milliseconds=1)
    fetches = chunk(0, last), chunk(0, last), chunk(1, last, at(2, 1))
    assert await made(*fetches) == [(2025, 1), (2025, 2)]
