"""`./stockyard audit verify` as the operator sees it."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace

import asyncpg
import pytest

from cli.audit import verify as command
from local.exceptions import LocalError
from tables import verify
from tests.audit.log import EventLog
from tests.audit.sinks import ROOT, drained, environment, tasks
from tests.audit.test_verify import compare
from tests.stores import Database


async def test_a_sink_that_stands_still_is_a_difference(
    database: Database, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "PATIENCE_S", 0.2)
    log.write(transactions=1, events=9)
    async with tasks(database, log):
        await drained(database, log)
    log.write(transactions=1, events=9)
    verdict = await compare(database, log)
    assert str(verdict.difference) == (
        f"{log.topics.events}/0 offset 4: is on the topic, not in the audit log"
    )


def run(database: Database, log: EventLog, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "audit", "verify", *options],
        cwd=ROOT,
        env=environment(database, log),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


async def test_the_command_tells_what_it_compared(database: Database, log: EventLog) -> None:
    log.write(transactions=1, events=9)
    async with tasks(database, log):
        await drained(database, log)
    said = await asyncio.to_thread(run, database, log)
    assert said.returncode == 0, said.stderr
    assert f"{log.topics.events}/2: 3 records compared, offsets 0 to 4" in said.stdout
    assert "the audit log is the event log" in said.stdout

    writer = await asyncpg.connect(database.writer)
    await writer.execute(
        "INSERT INTO audit.log VALUES (now(), 3, 1, $1, NULL, NULL, '{}')", log.topics.events
    )
    await writer.close()
    place = {"topic": log.topics.events, "partition": 1, "offset": 3}
    said = await asyncio.to_thread(run, database, log)
    assert said.returncode == 1
    assert f"DIFFERENCE {place['topic']}/1 offset 3: is in the audit log" in said.stdout
    said = await asyncio.to_thread(run, database, log, "--json")
    assert said.returncode == 1
    document = json.loads(said.stdout)
    assert document["equal"] is False
    assert document["difference"].items() >= place.items()


async def test_the_command_says_what_is_away(database: Database, log: EventLog) -> None:
    away = replace(database, reader="postgresql://reader@127.0.0.1:1/stockyard")
    said = await asyncio.to_thread(run, away, log)
    assert said.returncode == 2
    assert "the audit log could not be verified" in said.stderr


def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKYARD_KAFKA", "127.0.0.1:9")
    monkeypatch.setenv("STOCKYARD_POSTGRES_READER", "postgresql://reader@127.0.0.1/db?sslmode=no")
    with pytest.raises(LocalError, match=r"audit log could not be verified: .*sslmode"):
        command()
