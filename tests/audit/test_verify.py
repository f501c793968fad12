"""`audit verify` finds every planted difference, names the first, and agrees with a whole log."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from tables import verify
from tables.verify import Difference, Verdict
from tests.audit.conftest import bring_to_version, clear
from tests.audit.log import PARTITIONS, EventLog
from tests.audit.sinks import audit_rows, drained, tasks
from tests.stores import Database

EVENTS, LETTERS = "stock.events.v1", "stock.dead-letters.v1"
PREFIX = "verified."
COPY_OF_9 = (
    "INSERT INTO audit.log SELECT {time}, {offset}, {partition}, {topic}, key, headers, value"
    f" FROM audit.log WHERE topic LIKE '%{EVENTS}' AND partition = 1 AND \"offset\" = 9"
)


def planted(**changes: str) -> str:
    same = {"time": "appended_at", "offset": '"offset"', "partition": "1", "topic": "topic"}
    return COPY_OF_9.format(**same | changes)


def changed(column: str, topic: str = EVENTS, partition: int = 1, offset: int = 9) -> str:
    return (
        f"UPDATE audit.log SET {column} WHERE topic LIKE '%{topic}' "
        f'AND partition = {partition} AND "offset" = {offset}'
    )


PLANTS = {
    "deleted": (
        f"DELETE FROM audit.log WHERE topic LIKE '%{EVENTS}' AND partition = 1 AND \"offset\" = 9",
        (EVENTS, 1, 9, "is on the topic, not in the audit log"),
    ),
    "deleted at the end": (
        f"DELETE FROM audit.log WHERE topic LIKE '%{LETTERS}' AND \"offset\" = 2",
        (LETTERS, 0, 2, "is on the topic, not in the audit log"),
    ),
    "one byte": (
        changed("value = set_byte(value, 5, 65)"),
        (EVENTS, 1, 9, "other bytes in the audit log"),
    ),
    "no value": (changed("value = NULL"), (EVENTS, 1, 9, "other bytes in the audit log")),
    "another key": (changed("key = 'LON-1'"), (EVENTS, 1, 9, "another key in the audit log")),
    "another time": (
        changed("appended_at = appended_at + interval '1 ms'"),
        (EVENTS, 1, 9, "another time in the audit log"),
    ),
    "headers gone": (
        changed("headers = NULL", LETTERS, 0, 1),
        (LETTERS, 0, 1, "other headers in the audit log"),
    ),
    "headers added": (
        changed("headers = '{a,b}'", LETTERS, 0, 0),
        (LETTERS, 0, 0, "other headers in the audit log"),
    ),
    "in the place of a marker": (
        planted(offset="10"),
        (EVENTS, 1, 10, "is in the audit log, not once on the topic"),
    ),
    "before the beginning": (
        planted(offset="-1"),
        (EVENTS, 1, -1, "is in the audit log, not once on the topic"),
    ),
    "twice, in two months": (
        "SELECT audit.ensure_month('2031-01-01T00:00:00Z');"
        + planted(time="'2031-01-01T00:00:00Z'::timestamptz"),
        (EVENTS, 1, 9, "is in the audit log, not once on the topic"),
    ),
    "past the end": (planted(offset="7000"), (EVENTS, 1, 7000, "beyond what the sink wrote")),
    "another partition": (
        planted(partition="12"),
        (EVENTS, 12, 9, "beyond what the sink wrote"),
    ),
    "another topic": (
        planted(topic="'forged'"),
        ("forged", 1, 9, "beyond what the sink wrote"),
    ),
}
LOCKED = (
    "SELECT 'audit.log' UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits"
    " WHERE inhparent = 'audit.log'::regclass"
)


@pytest.fixture(scope="module")
def whole(kafka: str, postgres: Database) -> Iterator[tuple[Database, EventLog]]:
    """Ten events a partition, each transaction with its marker; three dead letters; audited."""
    log = EventLog(kafka, PREFIX)
    asyncio.run(audit(postgres, log))
    yield postgres, log
    assert asyncio.run(compare(postgres, log)).difference is None, "a plant was left"


async def audit(database: Database, log: EventLog) -> None:
    await clear(database)
    await bring_to_version(database)
    await log.make()
    log.write(transactions=1, events=30)
    log.write(transactions=1, events=30, aborted_every=1)
    log.bury((b"a", b"\xff", []), (None, b"", [("error", b"empty")]), (b"", None, []))
    async with tasks(database, log):
        await drained(database, log)
        while len(await audit_rows(database)) < 63:  # noqa: ASYNC110 - the sink tells nobody
            await asyncio.sleep(0.05)


async def compare(database: Database, log: EventLog) -> Verdict:
    connection = await asyncpg.connect(database.reader)
    try:
        return await compare_on(connection, log)
    finally:
        await connection.close()


async def compare_on(connection: asyncpg.Connection, log: EventLog) -> Verdict:
    told: list[tuple[int, int]] = []
    topics = (log.topics.events, log.topics.dead_letters)
    verdict = await verify.verify(
        connection, log.kafka, topics, lambda done, total: told.append((done, total))
    )
    assert told == sorted(told)
    if verdict.difference is None:
        assert told[-1][0] == told[-1][1]
    return verdict


async def test_a_whole_log_agrees(whole: tuple[Database, EventLog]) -> None:
    verdict = await compare(*whole)
    assert verdict.difference is None
    assert verdict.records == 63
    assert len(verdict.partitions) == 2 * PARTITIONS


@pytest.mark.parametrize("plant", PLANTS)
async def test_a_planted_difference_is_named(whole: tuple[Database, EventLog], plant: str) -> None:
    """Planted in a transaction of the owner's, seen there, and rolled back."""
    database, log = whole
    statement, (topic, partition, offset, problem) = PLANTS[plant]
    owner = await asyncpg.connect(database.owner)
    await owner.execute("BEGIN")
    for row in await owner.fetch(LOCKED):
        await owner.execute(f"ALTER TABLE {row[0]} DISABLE TRIGGER refuse")
    await owner.execute(statement)
    found = (await compare_on(owner, log)).difference
    await owner.execute("ROLLBACK")
    await owner.close()
    named = topic if topic == "forged" else PREFIX + topic
    assert isinstance(found, Difference)
    assert (found.topic, found.partition, found.offset) == (named, partition, offset)
    assert problem in found.problem
