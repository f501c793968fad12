"""A database of its own state and topics of its own for every test of the audit log."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from schemas.domains import DOMAINS
from tables.history import schema_of
from tables.migrate import apply
from tables.postgres import connect
from tests.audit.log import EventLog
from tests.stores import Database

HISTORIES = ", ".join(schema_of(domain) for domain in DOMAINS)
SCHEMAS = f"DROP SCHEMA IF EXISTS stockyard, audit, {HISTORIES} CASCADE"


async def clear(database: Database) -> None:
    """Drop our schemas."""
    connection = await asyncpg.connect(database.owner)
    await connection.execute(SCHEMAS)
    await connection.close()


async def bring_to_version(database: Database) -> None:
    """Apply every migration and the rights."""
    connection = await connect(database.owner, "tests")
    await apply(connection, '"writer"', '"reader"')
    await connection.close()


@pytest.fixture
async def empty(postgres: Database) -> Database:
    """The session's database, without our schemas."""
    await clear(postgres)
    return postgres


@pytest.fixture
async def database(empty: Database) -> Database:
    """The session's database at this code's version, without rows."""
    await bring_to_version(empty)
    return empty


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def log(kafka: str) -> EventLog:
    """Empty topics of three partitions."""
    log = EventLog(kafka, f"{uuid4().hex[:8]}.")
    await log.make()
    return log
