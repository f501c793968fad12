"""The sinks under test: as the process the supervisor starts, or as tasks of the test's loop."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg

from schemas.domains import STOCK
from tables.audit import Audited, AuditTarget
from tables.projection import HistoryTarget
from tables.sink import Sink
from tests.audit.log import EventLog
from tests.stores import Database

ROOT = Path(__file__).parents[2]
DRAINED_S = 60.0


def environment(database: Database, log: EventLog, metrics_port: int = 0) -> dict[str, str]:
    """What the supervisor gives the process."""
    return os.environ | {
        "STOCKYARD_KAFKA": log.kafka,
        "STOCKYARD_TOPIC_PREFIX": log.prefix,
        "STOCKYARD_DOMAINS": "stock",
        "STOCKYARD_METRICS_PORT": str(metrics_port),
        **database.variables(),
    }


def start(database: Database, log: EventLog, metrics_port: int = 0) -> subprocess.Popen[bytes]:
    """The process, its log in a file that nobody reads unless it fails."""
    return subprocess.Popen(
        [sys.executable, "-m", "tables"],
        cwd=ROOT,
        env=environment(database, log, metrics_port),
        stderr=tempfile.TemporaryFile(),
    )


@contextmanager
def process(database: Database, log: EventLog, port: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """The process, ended by SIGTERM, which it must obey with exit code 0."""
    running = start(database, log, port)
    try:
        yield running
        assert running.poll() is None, f"the sink ended with {running.returncode}"
        running.terminate()
        assert running.wait(10) == 0
    finally:
        running.kill()
        running.wait()


@asynccontextmanager
async def tasks(database: Database, log: EventLog) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Audit sink and projection in this loop."""
    audited = Audited()
    targets = (
        AuditTarget([log.topics], audited),
        HistoryTarget(STOCK, log.topics, audited),
    )
    running: list[asyncio.Task[None]] = [
        asyncio.create_task(Sink(target, log.kafka, database.writer).run()) for target in targets
    ]
    try:
        yield running
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def drained(database: Database, log: EventLog, timeout_s: float = DRAINED_S) -> None:
    """Return once audit log and history have every committed event."""
    deadline = time.monotonic() + timeout_s
    history: list[int] = []
    while time.monotonic() < deadline:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(database.reader)
            rows = await connection.fetch(
                "SELECT next_seq FROM history.positions ORDER BY partition"
            )
            await connection.close()
            history = [row["next_seq"] for row in rows]
            if history == log.seqs:
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not drained: next seqs {history}, not {log.seqs}")


async def audit_rows(database: Database) -> dict[tuple[str, int, int], tuple[Any, ...]]:
    """The audit log: (topic, partition, offset) -> (time in ms, key, value, headers)."""
    connection = await asyncpg.connect(database.reader)
    rows = await connection.fetch(
        'SELECT topic, partition, "offset", key, value, headers,'
        " (extract(epoch FROM appended_at) * 1000)::bigint AS time_ms FROM audit.log"
    )
    await connection.close()
    found: dict[tuple[str, int, int], tuple[Any, ...]] = {
        (row["topic"], row["partition"], row["offset"]): (
            row["time_ms"],
            row["key"],
            row["value"],
            row["headers"],
        )
        for row in rows
    }
    assert len(found) == len(rows), "a record stands twice in the audit log"
    return found


async def expect_the_log(database: Database, log: EventLog) -> None:
    """The audit log's events are those of the topic, once each, byte for byte."""
    rows = await audit_rows(database)
    events = {
        (partition, offset): (time_ms, key, value)
        for (topic, partition, offset), (time_ms, key, value, _) in rows.items()
        if topic == log.topics.events
    }
    assert events == log.read(log.topics.events)
