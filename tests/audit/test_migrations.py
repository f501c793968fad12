"""A database is brought to this code's version once, and another version is refused."""

import asyncio
import subprocess
import sys
from dataclasses import replace

import asyncpg
import pytest

from tables.exceptions import WrongVersion
from tables.migrate import apply
from tables.postgres import connect, migrations, open_pool
from tests.audit.log import EventLog
from tests.audit.sinks import ROOT, environment
from tests.stores import Database

NEWER = "INSERT INTO stockyard.migrations VALUES (9000, '9000_future.sql', '')"


async def migrated(database: Database) -> list[str]:
    connection = await connect(database.owner, "tests")
    try:
        return await apply(connection, '"writer"', '"reader"')
    finally:
        await connection.close()


def run(database: Database, log: EventLog, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tables", *arguments],
        cwd=ROOT,
        env=environment(database, log),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_every_migration_is_applied_once(empty: Database) -> None:
    assert await migrated(empty) == [name for name, _ in migrations().values()]
    assert await migrated(empty) == []


async def test_two_runs_at_once_share_the_work(empty: Database) -> None:
    runs = await asyncio.gather(*(migrated(empty) for _ in range(4)))
    assert sorted(map(len, runs)) == [0, 0, 0, len(migrations())]


async def test_a_failed_migration_leaves_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = migrations() | {9000: ("9000_broken.sql", "CREATE TABLE audit.half (); SELECT 1/0")}
    monkeypatch.setattr("tables.migrate.migrations", lambda: broken)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrated(empty)
    owner = await asyncpg.connect(empty.owner)
    left = await owner.fetchval("SELECT to_regnamespace('audit')")
    await owner.close()
    assert left is None


async def test_a_changed_migration_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {number: (name, sql + " ") for number, (name, sql) in migrations().items()}
    monkeypatch.setattr("tables.migrate.migrations", lambda: changed)
    with pytest.raises(WrongVersion, match=r"0001_audit\.sql .* was changed"):
        await migrated(database)


async def test_a_newer_database_is_refused_by_all(
    database: Database, owner: asyncpg.Connection, log: EventLog
) -> None:
    await owner.execute(NEWER)
    with pytest.raises(WrongVersion, match="migration 9000, this code knows only"):
        await open_pool(database.reader, "tests")
    for arguments in ((), ("migrate",)):
        ended = await asyncio.to_thread(run, database, log, *arguments)
        assert ended.returncode == 3
        assert "start the newer version" in ended.stderr


async def test_a_database_without_migrations_is_refused(empty: Database, log: EventLog) -> None:
    ended = await asyncio.to_thread(run, empty, log)
    assert ended.returncode == 3
    assert "python -m tables migrate" in ended.stderr


async def test_the_command_migrates(empty: Database, log: EventLog) -> None:
    ended = await asyncio.to_thread(run, empty, log, "migrate")
    assert ended.returncode == 0, ended.stderr
    reader = await asyncpg.connect(empty.reader)
    assert await reader.fetchval("SELECT count(*) FROM stockyard.migrations") == len(migrations())
    await reader.close()


@pytest.mark.parametrize("address", ["", "127.0.0.1:5432", "postgresql://127.0.0.1/stockyard"])
async def test_a_wrong_address_is_named(empty: Database, log: EventLog, address: str) -> None:
    wrong = replace(empty, writer=address)
    ended = await asyncio.to_thread(run, wrong, log)
    assert ended.returncode == 3
    assert "STOCKYARD_POSTGRES_WRITER" in ended.stderr
