"""Nobody of the running system can change the audit log: by rights, and by trigger."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from tests.audit.conftest import bring_to_version, clear
from tests.stores import Database

RIGHTS = "42501"  # insufficient_privilege
TRIGGER = "23001"  # restrict_violation
ROW = "('2026-11-20T10:00:00Z', 7, 0, 'stock.events.v1', 'LON-1', NULL, '{}')"
CHANGES = {
    "update": "UPDATE {table} SET value = 'forged'",
    "update of no row": "UPDATE {table} SET value = 'forged' WHERE false",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "merge": 'MERGE INTO {table} l USING (SELECT 7) n ON l."offset" = 7'
    " WHEN MATCHED THEN UPDATE SET value = 'forged'",
}
UPSERT = (
    f"INSERT INTO audit.log_2026_11 VALUES {ROW}"
    " ON CONFLICT (topic, partition, \"offset\") DO UPDATE SET value = 'forged'"
)
TABLES = ("audit.log", "audit.log_2026_11", "audit.log_2031_02")


@pytest.fixture(scope="module")
def filled(postgres: Database) -> Iterator[Database]:
    """One row in one month, and a month that the writer asked for later; the same at the end."""
    asyncio.run(fill(postgres))
    yield postgres
    assert asyncio.run(values(postgres)) == [b"{}"]


async def fill(database: Database) -> None:
    await clear(database)
    await bring_to_version(database)
    writer = await asyncpg.connect(database.writer)
    await writer.execute("SELECT audit.ensure_month('2026-11-30T23:59:59Z')")
    await writer.execute(f"INSERT INTO audit.log VALUES {ROW}")
    await writer.execute("SELECT audit.ensure_month('2031-02-01T00:00:00Z')")
    await writer.execute("INSERT INTO audit.positions VALUES ('stock.events.v1', 0, 8)")
    await writer.close()


async def values(database: Database) -> list[bytes]:
    reader = await asyncpg.connect(database.reader)
    rows = await reader.fetch("SELECT value FROM audit.log")
    await reader.close()
    return [row["value"] for row in rows]


async def refusal(address: str, statement: str) -> str:
    """SQLSTATE that a role's statement is refused with."""
    connection = await asyncpg.connect(address)
    try:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.execute(statement)
    finally:
        await connection.close()
    return str(refused.value.sqlstate)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
async def test_rights_refuse_a_change(filled: Database, table: str, change: str) -> None:
    statement = CHANGES[change].format(table=table)
    assert await refusal(filled.writer, statement) == RIGHTS
    assert await refusal(filled.reader, statement) == RIGHTS


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
async def test_triggers_refuse_a_change(filled: Database, table: str, change: str) -> None:
    assert await refusal(filled.owner, CHANGES[change].format(table=table)) == TRIGGER


async def test_a_month_refuses_a_change_in_disguise(filled: Database) -> None:
    assert await refusal(filled.owner, UPSERT) == TRIGGER
    assert await refusal(filled.writer, UPSERT) == RIGHTS


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE audit.forged (value bytea)",
        "ALTER TABLE audit.log DISABLE TRIGGER refuse",
        "ALTER TABLE audit.log_2026_11 DISABLE TRIGGER ALL",
        "ALTER TABLE audit.log DETACH PARTITION audit.log_2026_11",
        "DROP TABLE audit.log_2026_11",
        "SET session_replication_role = replica",
        "SET ROLE owner",
        f"INSERT INTO audit.log_2026_11 VALUES {ROW}",
        "UPDATE audit.positions SET topic = 'other'",
        "DELETE FROM audit.positions",
        "TRUNCATE audit.positions",
        "INSERT INTO stockyard.migrations VALUES (9999, 'forged', '')",
    ],
)
async def test_neither_running_role_has_a_way_round(filled: Database, statement: str) -> None:
    assert await refusal(filled.writer, statement) == RIGHTS
    assert await refusal(filled.reader, statement) == RIGHTS


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO audit.log VALUES {ROW}",
        "SELECT audit.ensure_month('2027-01-01T00:00:00Z')",
        "INSERT INTO audit.positions VALUES ('stock.events.v1', 1, 0)",
        "UPDATE audit.positions SET next_offset = 9",
        "INSERT INTO history.positions VALUES ('stock.events.v1', 1, 0, 1)",
    ],
)
async def test_the_reader_only_reads(filled: Database, statement: str) -> None:
    assert await refusal(filled.reader, statement) == RIGHTS


async def test_the_writer_reads_no_body(filled: Database) -> None:
    assert await refusal(filled.writer, "SELECT value FROM audit.log") == RIGHTS


async def test_a_record_stands_once_in_its_month(filled: Database) -> None:
    again = f"INSERT INTO audit.log VALUES {ROW}"
    assert await refusal(filled.writer, again) == "23505"  # unique_violation


async def test_a_position_never_goes_back(filled: Database) -> None:
    back = "UPDATE audit.positions SET next_offset = 7"
    assert await refusal(filled.writer, back) == TRIGGER
    assert await refusal(filled.owner, back) == TRIGGER
    assert await refusal(filled.owner, "DELETE FROM audit.positions") == TRIGGER
    assert await refusal(filled.owner, "TRUNCATE audit.positions") == TRIGGER


async def test_a_month_is_made_once(filled: Database) -> None:
    writer = await asyncpg.connect(filled.writer)
    made = await writer.fetchval("SELECT audit.ensure_month('2026-11-01T00:00:00Z')")
    await writer.close()
    assert made == "log_2026_11"
