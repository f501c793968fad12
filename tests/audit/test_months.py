"""The audit log's months: by append time in UTC, made ahead and on demand, locked at once."""

from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from tests.audit.log import EventLog
from tests.audit.sinks import drained, expect_the_log, tasks
from tests.stores import Database

OCTOBER_ENDS = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1_000)
MONTHS = """
SELECT tableoid::regclass::text AS month, count(*) AS number FROM audit.log GROUP BY 1 ORDER BY 1
"""


@pytest.fixture
async def timed(kafka: str) -> EventLog:
    log = EventLog(kafka, f"{uuid4().hex[:8]}.")
    await log.make_with_times_of_producers()
    return log


async def test_a_month_ends_at_midnight_utc(
    database: Database, timed: EventLog, owner: asyncpg.Connection
) -> None:
    producer = timed.producer()
    producer.begin_transaction()
    for time_ms in (OCTOBER_ENDS - 1, OCTOBER_ENDS, OCTOBER_ENDS + 1, OCTOBER_ENDS - 2):
        timed.send(producer, 0, timed.event(0), time_ms=time_ms)
    timed.send(producer, 1, timed.event(1), time_ms=1_000)  # 1970: a clock that was never set
    producer.commit_transaction()
    async with tasks(database, timed):
        await drained(database, timed)
    await expect_the_log(database, timed)
    months = {row["month"]: row["number"] for row in await owner.fetch(MONTHS)}
    assert months == {"audit.log_1970_01": 1, "audit.log_2026_10": 2, "audit.log_2026_11": 2}
    for month in months:
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(f"TRUNCATE {month}")


async def test_this_month_and_the_next_stand_before_they_are_needed(
    database: Database, log: EventLog, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tables.audit.MONTHS_AHEAD_S", 31 * 86_400)
    log.write(transactions=1, events=3)
    async with tasks(database, log):
        await drained(database, log)
    now = datetime.now(UTC)
    following = (now.year + now.month // 12, now.month % 12 + 1)
    for year, month in ((now.year, now.month), following):
        name = f"audit.log_{year}_{month:02}"
        assert await owner.fetchval("SELECT to_regclass($1) IS NOT NULL", name)
