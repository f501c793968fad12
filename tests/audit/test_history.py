"""What the API reads of the past: movements, outcomes and how far they are complete."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from tables import history
from tables.postgres import open_pool
from tables.projection import HistoryTarget
from tests.audit.log import PARTITIONS, RECORDED, WAREHOUSES, EventLog
from tests.audit.sinks import drained, expect_the_log, tasks
from tests.stores import Database

REUSED = {"type": "CommandRejected", "code": "IDEMPOTENCY_KEY_REUSED"}


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(database.reader, "tests")
    yield pool
    await pool.close()


def write(log: EventLog, *events: bytes | None, partition: int = 0) -> None:
    producer = log.producer()
    producer.begin_transaction()
    for event in events:
        log.send(producer, partition, event)
    producer.commit_transaction()


async def project(database: Database, log: EventLog) -> None:
    async with tasks(database, log):
        await drained(database, log)


def seqs(events: list[bytes]) -> list[int]:
    return [msgspec.json.decode(event)["seq"] for event in events]


async def test_movements_come_page_by_page_oldest_first(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    log.write(transactions=4, events=30)
    await project(database, log)
    found: list[bytes] = []
    after: history.Cursor | None = None
    for _ in range(6):
        page, after, positions = await history.movements(
            pool, "history", "LON-1", "SKU-ALL", None, None, after, 7
        )
        found += page
        assert positions == dict.fromkeys(range(PARTITIONS), 41)
    assert after is None
    assert seqs(found) == list(range(1, 41))
    assert found == [value for (number, _), (_, _, value) in log.read(log.topics.events).items()
                     if number == 0]  # fmt: skip


async def test_movements_of_a_stretch_of_time(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    log.write(transactions=1, events=30)
    await project(database, log)
    start = datetime.fromisoformat(RECORDED.format(3))
    end = start + timedelta(milliseconds=4)
    events, _, _ = await history.movements(
        pool, "history", "LON-1", "SKU-ALL", start, end, None, 100
    )
    assert seqs(events) == [3, 4, 5, 6]


async def test_only_events_with_a_line_touch_a_sku(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    rejection = {"type": "CommandRejected", "code": "INSUFFICIENT_STOCK", "lines": []}
    write(log, log.event(0), log.event(0, **rejection), log.event(0))
    await project(database, log)
    events, _, _ = await history.movements(
        pool, "history", "LON-1", "SKU-ALL", None, None, None, 100
    )
    assert seqs(events) == [1, 3]
    assert await history.movements(pool, "history", "PAR-2", "SKU-ALL", None, None, None, 100) == (
        [],
        None,
        {0: 4, 1: 1, 2: 1},
    )


async def test_an_outcome_is_the_first_that_is_not_a_reused_key(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    reused = log.event(0, command_id="a", **REUSED)
    outcome = log.event(0, command_id="a")
    rejection = log.event(0, command_id="b", type="CommandRejected", code="RESERVATION_CLOSED")
    write(log, reused, outcome, rejection, log.event(0, command_id="a", **REUSED))
    write(log, log.event(0, command_id="a"))  # when the id was free again
    await project(database, log)
    assert await history.outcome(pool, "history", "LON-1", "a") == outcome
    assert await history.outcome(pool, "history", "LON-1", "b") == rejection
    assert await history.outcome(pool, "history", "PAR-2", "a") is None
    assert await history.outcome(pool, "history", "LON-1", "c") is None


async def test_an_expiry_is_nobody_s_outcome(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    write(log, log.event(0, type="ReservationExpired", command_id=None))
    await project(database, log)
    assert await pool.fetchval("SELECT count(*) FROM history.outcomes") == 0
    assert await pool.fetchval("SELECT count(*) FROM history.movements") == 2


async def test_what_is_no_event_is_kept_and_passed_by(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    long, line = "x" * 10_000, {"lines": [{"sku": "A\0"}]}
    foreign = EventLog(log.kafka, log.prefix)  # its seqs are its own: log's go on
    junk = [None, b"", b"\xff", b"[]", b"{}", b"[" * 10_000, b'{"seq":NaN}']
    junk += [foreign.event(0, **changes) for changes in (
        {"seq": 1 << 63}, {"seq": -1}, {"seq": True}, {"warehouse": long}, {"command_id": "a\0"},
        {"lines": [{"sku": long}]}, {"lines": "none"}, {"recorded_at": "yesterday"},
        {"recorded_at": "0001-01-01T00:00:00+23:00"}, {"recorded_at": "2026-11-20T10:00:02"}, line,
    )]  # fmt: skip
    write(log, *junk[:9], log.event(0), *junk[9:], log.event(0))
    await project(database, log)
    await expect_the_log(database, log)
    events, _, positions = await history.movements(
        pool, "history", "LON-1", "SKU-ALL", None, None, None, 100
    )
    assert seqs(events) == [1, 2]
    assert positions[0] == 3


async def test_a_repeated_event_counts_once_and_a_gap_is_passed(
    database: Database, log: EventLog, pool: asyncpg.Pool
) -> None:
    first = log.event(0)
    log.event(0)  # never written
    write(log, first, first, log.event(0))
    await project(database, log)
    await expect_the_log(database, log)
    events, _, positions = await history.movements(
        pool, "history", "LON-1", "SKU-ALL", None, None, None, 100
    )
    assert (seqs(events), positions[0]) == ([1, 3], 4)


async def test_history_never_passes_the_audit_log(
    database: Database, log: EventLog, owner: asyncpg.Connection
) -> None:
    log.write(transactions=2, events=30)
    await owner.execute("SELECT pg_advisory_lock(hashtextextended('stockyard audit', 0))")
    async with tasks(database, log):
        with pytest.raises(AssertionError, match="not drained"):
            await drained(database, log, timeout_s=2)
        assert await owner.fetchval("SELECT count(*) FROM history.movements") == 0
        await owner.execute("SELECT pg_advisory_unlock_all()")
        await drained(database, log)


async def test_rows_of_a_transaction_that_failed_are_written_by_the_next(
    database: Database,
    log: EventLog,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advance, failures = HistoryTarget.advance, [OSError("no space")]

    async def fail_once(*given: Any) -> bool:
        if failures:
            raise failures.pop()
        return await advance(*given)

    monkeypatch.setattr(HistoryTarget, "advance", fail_once)
    log.write(transactions=2, events=30)
    await project(database, log)
    assert not failures
    assert await owner.fetchval("SELECT count(*) FROM history.movements") == 120


async def test_emptied_history_is_filled_again(
    database: Database, log: EventLog, owner: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    log.write(transactions=2, events=30)
    await project(database, log)
    before = await owner.fetch("SELECT * FROM history.movements ORDER BY partition, seq, sku")
    await owner.execute("TRUNCATE history.movements, history.outcomes, history.positions")
    await project(database, log)
    again = await owner.fetch("SELECT * FROM history.movements ORDER BY partition, seq, sku")
    assert len(before) == 120
    assert again == before
    assert WAREHOUSES[0] in {row["key"] for row in again}
    assert all(row["recorded_at"].tzinfo is UTC for row in again)
