"""Whatever dies at any moment, each record stands in the audit log once, byte for byte."""

import asyncio
import random
import subprocess
from typing import Any

import asyncpg
import pytest

from tables import sink
from tables.exceptions import AnotherSink, ForeignDatabase
from tests.audit.log import EventLog
from tests.audit.sinks import (
    audit_rows,
    drained,
    expect_the_log,
    process,
    start,
    tasks,
)
from tests.stores import Database

KILLS = 6
FAIL_ON_POSITION = """
CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''planted''; END';
CREATE TRIGGER fail BEFORE UPDATE ON audit.positions EXECUTE FUNCTION public.fail();
"""
HEAL = "DROP FUNCTION public.fail CASCADE"


async def outcomes(database: Database) -> int:
    reader = await asyncpg.connect(database.reader)
    number: int = await reader.fetchval("SELECT count(*) FROM history.outcomes")
    await reader.close()
    return number


async def rows_of(database: Database, number: int) -> dict[tuple[str, int, int], Any]:
    """The audit log, once it has so many rows."""
    for _ in range(200):
        rows = await audit_rows(database)
        if len(rows) >= number:
            break
        await asyncio.sleep(0.1)
    return rows


async def test_every_committed_event_is_written_once(database: Database, log: EventLog) -> None:
    log.write(transactions=20, events=90, aborted_every=3)
    async with tasks(database, log):
        await drained(database, log)
        log.write(transactions=5, events=9)  # arriving while it runs
        await drained(database, log)
    await expect_the_log(database, log)
    assert await outcomes(database) == 20 * 90 + 5 * 9


async def test_dead_letters_keep_bytes_and_headers(database: Database, log: EventLog) -> None:
    junk = bytes(range(256))
    log.bury(
        (b"LON-1", junk, [("error", b"no JSON"), ("source_offset", b"7")]),
        (None, b"", []),
        (b"", b"x" * 1_500_000, [("", b""), ("error", "é".encode()), ("error", b"again")]),
        (None, None, []),
    )
    log.write(transactions=1, events=3)
    async with tasks(database, log):
        await drained(database, log)
        rows = await rows_of(database, 4 + 3)
    letters = [rows[log.topics.dead_letters, 0, offset][1:] for offset in range(4)]
    assert letters == [
        (b"LON-1", junk, [b"error", b"no JSON", b"source_offset", b"7"]),
        (None, b"", None),
        (b"", b"x" * 1_500_000, [b"", b"", b"error", "é".encode(), b"error", b"again"]),
        (None, None, None),
    ]


async def test_the_process_may_be_killed_at_any_moment(database: Database, log: EventLog) -> None:
    await asyncio.to_thread(log.write, 30, 3_000, 5)
    for _ in range(KILLS):
        running = start(database, log)
        await asyncio.sleep(random.uniform(0.5, 1.6))
        assert running.poll() is None
        running.kill()
        await asyncio.to_thread(running.wait)
        await asyncio.to_thread(log.write, 3, 900, 2)
    with process(database, log):
        await drained(database, log)
    await expect_the_log(database, log)
    assert await outcomes(database) == 30 * 3_000 + KILLS * 3 * 900


async def test_its_connections_may_be_cut_at_any_moment(
    database: Database, log: EventLog, owner: asyncpg.Connection
) -> None:
    await asyncio.to_thread(log.write, 20, 3_000, 5)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'writer'"
    writer = await asyncpg.connect(database.writer)
    async with tasks(database, log):
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0.05, 0.6))
            await writer.fetch(cut + " AND pid <> pg_backend_pid()")
        await drained(database, log)
    await writer.close()
    await expect_the_log(database, log)


async def test_rows_without_their_position_are_not_kept(
    database: Database, log: EventLog, owner: asyncpg.Connection
) -> None:
    log.write(transactions=3, events=90)
    await owner.execute(FAIL_ON_POSITION)
    async with tasks(database, log):
        await asyncio.sleep(1.5)
        assert await audit_rows(database) == {}
        await owner.execute(HEAL)
        await drained(database, log)
    await expect_the_log(database, log)


async def test_a_second_sink_ends_and_says_why(
    database: Database, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "CLAIM_S", 0.5)
    log.write(transactions=1, events=9)
    async with tasks(database, log):
        await drained(database, log)
        async with tasks(database, log) as second:
            ended, _ = await asyncio.wait(second, timeout=20)
            assert len(ended) == 2
            for task in ended:
                assert isinstance(task.exception(), AnotherSink)
        log.write(transactions=1, events=9)
        await drained(database, log)
    await expect_the_log(database, log)


async def test_a_position_moved_by_another_hand_ends_the_sink(
    database: Database, log: EventLog, owner: asyncpg.Connection
) -> None:
    log.write(transactions=1, events=9)
    async with tasks(database, log) as running:
        await drained(database, log)
        await owner.execute("UPDATE audit.positions SET next_offset = next_offset + 1")
        log.write(transactions=1, events=9)
        ended, _ = await asyncio.wait(running, timeout=20, return_when="FIRST_COMPLETED")
        assert [type(task.exception()) for task in ended] == [AnotherSink]
    assert len(await audit_rows(database)) == 9


async def test_another_installation_s_database_is_refused(
    database: Database, log: EventLog, owner: asyncpg.Connection
) -> None:
    await owner.execute("INSERT INTO audit.positions VALUES ('other.stock.events.v1', 0, 0)")
    async with tasks(database, log) as running:
        with pytest.raises(ForeignDatabase, match=r"keeps other\.stock\.events\.v1"):
            await asyncio.wait_for(running[0], 20)


async def test_topics_that_are_not_there_are_named(database: Database, kafka: str) -> None:
    missing = EventLog(kafka, "nowhere.")
    running = start(database, missing)
    try:
        assert await asyncio.to_thread(running.wait, 30) == 3
    except subprocess.TimeoutExpired:
        running.kill()
        raise
