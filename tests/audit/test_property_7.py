"""Property 7 of the second seed by its name; STOCKYARD_EXAMPLES=100000 looks further by night."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

import asyncpg

from tables import history
from tables.postgres import open_pool
from tests import examples
from tests.audit.log import RECORDED, WAREHOUSES, EventLog
from tests.audit.sinks import drained, tasks
from tests.stores import Database

EXAMPLES = examples.count(1_000)
SKUS = (*(f"SKU-{number}" for number in range(7)), "SKU-ALL", "SKU-NEVER")
START = datetime.fromisoformat(RECORDED.format(0))


def touched(
    events: Iterable[bytes], where: str, sku: str, start: datetime | None, end: datetime | None
) -> list[bytes]:
    """Those of a warehouse that have a line of the SKU and were recorded then, by hand."""
    found = []
    for value in events:
        event = json.loads(value)
        recorded = datetime.fromisoformat(event["recorded_at"])
        is_then = (start is None or recorded >= start) and (end is None or recorded < end)
        has_line = any(line["sku"] == sku for line in event["lines"])
        if event["warehouse"] == where and has_line and is_then:
            found.append(value)
    return found


async def paged(
    pool: asyncpg.Pool, where: str, sku: str, start: datetime | None, end: datetime | None, by: int
) -> list[bytes]:
    """All pages, as a client asks for them."""
    found: list[bytes] = []
    after = None
    while True:
        page, after, _ = await history.movements(pool, "history", where, sku, start, end, after, by)
        assert len(page) <= by
        found += page
        if after is None:
            return found


async def test_property_7_report_date_filtering(database: Database, log: EventLog) -> None:
    """Of any stretch of time come exactly the movements that were recorded in it, in their order,
    however large the pages are; the bounds are what the page says: from then on, and before."""
    log.write(transactions=5, events=90)
    async with tasks(database, log):
        await drained(database, log)
    stored = [value for _, (_, _, value) in sorted(log.read(log.topics.events).items())]
    pool, rng = await open_pool(database.reader, "tests"), Random(7)

    def instant() -> datetime | None:
        ms = rng.choice((rng.randint(-2, 160), rng.randint(-2, 160), 10**9, -(10**9), None))
        return None if ms is None else START + timedelta(milliseconds=ms)

    try:
        for _ in range(EXAMPLES):
            where, sku = rng.choice(WAREHOUSES), rng.choice(SKUS)
            start, end, by = instant(), instant(), rng.choice((1, 7, 40, 1_000))
            by = by if sku != "SKU-ALL" else max(by, 7)

            found = await paged(pool, where, sku, start, end, by)

            assert found == touched(stored, where, sku, start, end), (where, sku, start, end, by)
    finally:
        await pool.close()
