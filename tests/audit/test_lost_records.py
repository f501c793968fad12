"""A log that no longer fits the database: told and stopped, never filled with something else."""

import asyncio

import asyncpg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from streams.exceptions import LogLost
from tests.audit.log import EventLog, Letter
from tests.audit.sinks import audit_rows, drained, tasks
from tests.audit.test_verify import compare
from tests.stores import Database

LETTER: Letter = (b"LON-1", b"\xff", [("error", b"no JSON")])


def delete_before(log: EventLog, topic: str, offset: int) -> None:
    admin = AdminClient({"bootstrap.servers": log.kafka})
    for deleted in admin.delete_records([TopicPartition(topic, 0, offset)]).values():
        deleted.result(10)


async def lowest_letter(database: Database, log: EventLog, number: int) -> list[int]:
    """Offsets of the dead letters, once there are so many."""
    for _ in range(200):
        rows = [key for key in await audit_rows(database) if key[0] == log.topics.dead_letters]
        if len(rows) >= number:
            return sorted(offset for _, _, offset in rows)
        await asyncio.sleep(0.1)
    raise AssertionError(f"fewer than {number} dead letters")


async def test_a_log_that_ends_before_the_position_ends_the_sink(
    database: Database, log: EventLog, owner: asyncpg.Connection
) -> None:
    place = (log.topics.events, 1, 1_000)
    await owner.execute("INSERT INTO audit.positions VALUES ($1, $2, $3)", *place)
    async with tasks(database, log) as running:
        with pytest.raises(LogLost, match="up to 1000, but the topic ends at 0"):
            await asyncio.wait_for(running[0], 20)


async def test_events_deleted_before_they_were_audited_end_the_sink(
    database: Database, log: EventLog
) -> None:
    log.write(transactions=1, events=9)
    async with tasks(database, log):
        await drained(database, log)
    log.write(transactions=1, events=9)
    delete_before(log, log.topics.events, 6)
    async with tasks(database, log) as running:
        with pytest.raises(LogLost, match="up to 4, but the topic now begins at 6"):
            await asyncio.wait_for(running[0], 20)
    assert len(await audit_rows(database)) == 9


async def test_dead_letters_expire_and_the_sink_goes_on(database: Database, log: EventLog) -> None:
    log.bury(LETTER, LETTER)
    async with tasks(database, log):
        assert await lowest_letter(database, log, 2) == [0, 1]
    log.bury(LETTER, LETTER, LETTER)
    delete_before(log, log.topics.dead_letters, 4)
    async with tasks(database, log):
        assert await lowest_letter(database, log, 3) == [0, 1, 4]
        log.write(transactions=1, events=9)
        await drained(database, log)
    verdict = await compare(database, log)
    assert verdict.difference is None
    letters = next(part for part in verdict.partitions if part.topic == log.topics.dead_letters)
    assert (letters.first, letters.records, letters.expired) == (4, 1, 2)
