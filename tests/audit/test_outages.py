"""PostgreSQL or Kafka goes away and comes back: the sink waits, in bounded memory, then drains."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from local import postgres, probes
from local.ports import LOOPBACK, free_port
from tables import sink
from tables.migrate import apply
from tables.postgres import connect
from tests.audit.log import EventLog
from tests.audit.sinks import drained, expect_the_log, process, tasks
from tests.audit.stopping import Server
from tests.stores import Database

OUTAGE_S = 6.0
GROWTH_BYTES_MAX = 64 << 20  # while 60,000 events, 27 MB, wait


@pytest.fixture
async def stoppable(tmp_path: Path) -> AsyncIterator[tuple[Server, Database]]:
    """A PostgreSQL of the test's own, at this code's version."""
    port = free_port()

    def dsn(role: str) -> str:
        return postgres.dsn(tmp_path, role, port)

    server = Server("local.postgres", tmp_path, port, probes.postgres(lambda: dsn("reader")))
    await server.start()
    database = Database.of(dsn)
    connection = await connect(database.owner, "tests")
    await apply(connection, '"writer"', '"reader"')
    await connection.close()
    yield server, database
    await server.stop()


async def outage(port: int, sink: str) -> float:
    """The metric, as Prometheus would read it."""
    _, page = await probes.http_get(port, "/metrics")
    for line in page.splitlines():
        if line.startswith(f'stockyard_sink_outage{{sink="{sink}"}}'):
            return float(line.rpartition(" ")[2])
    return -1.0


async def expect_outage(port: int, value: float) -> None:
    for _ in range(300):
        if await outage(port, "audit") == await outage(port, "history") == value:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the metric is not {value}")


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
async def test_postgres_goes_away_and_comes_back(
    stoppable: tuple[Server, Database], log: EventLog, killed: bool
) -> None:
    server, database = stoppable
    port = free_port()
    log.write(transactions=3, events=900)
    with process(database, log, port) as running:
        await drained(database, log)
        await expect_outage(port, 0)
        before = psutil.Process(running.pid).memory_info().rss
        await (server.kill() if killed else server.stop())
        await asyncio.to_thread(log.write, 20, 3_000, 7)
        await expect_outage(port, 1)
        await asyncio.sleep(OUTAGE_S)
        assert psutil.Process(running.pid).memory_info().rss - before < GROWTH_BYTES_MAX
        await server.start()
        await drained(database, log)
        await expect_outage(port, 0)
    await expect_the_log(database, log)


async def test_postgres_freezes_and_goes_on(
    stoppable: tuple[Server, Database], log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "WRITE_TIMEOUT_S", 1.0)
    server, database = stoppable
    async with tasks(database, log):
        log.write(transactions=3, events=90)
        await drained(database, log)
        server.freeze(True)
        await asyncio.to_thread(log.write, 10, 900, 3)
        await asyncio.sleep(3)
        server.freeze(False)
        await drained(database, log)
    await expect_the_log(database, log)


async def test_postgres_is_away_at_the_start(
    stoppable: tuple[Server, Database], log: EventLog
) -> None:
    server, database = stoppable
    log.write(transactions=1, events=9)
    await server.stop()
    with process(database, log):
        await asyncio.sleep(2)
        await server.start()
        await drained(database, log)


async def test_kafka_goes_away_and_comes_back(tmp_path: Path, database: Database) -> None:
    port = free_port()
    address = f"{LOOPBACK}:{port}"
    server = Server("local.kafka", tmp_path, port, probes.kafka(address))
    await server.start()
    log = EventLog(address, f"{uuid4().hex[:8]}.")
    await log.make()
    log.write(transactions=3, events=90)
    async with tasks(database, log):
        await drained(database, log)
        await server.stop()
        await asyncio.sleep(2)
        await server.start()
        log.write(transactions=3, events=90)
        await drained(database, log)
    await expect_the_log(database, log)
    await server.stop()
