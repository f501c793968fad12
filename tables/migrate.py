"""Brings a database to this code's version: numbered SQL files, each once, then every domain's."""

import hashlib
from importlib import resources
from urllib.parse import unquote, urlsplit

import structlog
from asyncpg import Connection

from schemas.domains import DOMAINS
from tables.exceptions import WrongVersion
from tables.history import schema_of
from tables.postgres import connect, dsn, migrations, refuse_newer

LOCK = 0x5354_4F43_4B01  # "STOCK": one run of the migrations at a time in a database
LEDGER = """
CREATE SCHEMA IF NOT EXISTS stockyard;
CREATE TABLE IF NOT EXISTS stockyard.migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""

log = structlog.get_logger()


async def migrate() -> list[str]:
    """Apply what the database lacks, as STOCKYARD_POSTGRES_OWNER; names of what was applied.

    Raises WrongVersion where it is newer than this code, or an applied file was changed since.
    """
    roles = {role: _quoted(_name(dsn(role))) for role in ("writer", "reader")}
    connection = await connect(dsn("owner"), "migrations")
    try:
        return await apply(connection, roles["writer"], roles["reader"])
    finally:
        await connection.close()


async def apply(connection: Connection, writer: str, reader: str) -> list[str]:
    """Apply what is missing, rights and domains, in one transaction; role names come quoted."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute(LEDGER)
        applied = {
            row["number"]: (row["name"], row["sha256"])
            for row in await connection.fetch("SELECT * FROM stockyard.migrations")
        }
        refuse_newer(max(applied, default=0), max(migrations()))
        names = []
        for number, (name, sql) in migrations().items():
            checksum = hashlib.sha256(sql.encode()).hexdigest()
            if number in applied:
                _compare(applied[number], name, checksum)
                continue
            await connection.execute(sql)
            await connection.execute(
                "INSERT INTO stockyard.migrations VALUES ($1, $2, $3)", number, name, checksum
            )
            names.append(name)
        await connection.execute(_afterwards(writer, reader))
    log.info("migrated", applied=names, version=max(migrations()))
    return names


def _compare(applied: tuple[str, str], name: str, checksum: str) -> None:
    if applied != (name, checksum):
        raise WrongVersion(
            f"migration {name} is not the one the database has as {applied[0]}: an applied file "
            "was changed. Restore it from the release that was installed; changes are new files"
        )


def _afterwards(writer: str, reader: str) -> str:
    folder = resources.files("tables") / "migrations"
    common = (folder / "rights.sql").read_text(encoding="utf-8")
    of_domain = (folder / "domain.sql").read_text(encoding="utf-8")
    parts = [common.format(writer=writer, reader=reader)]
    parts += [
        of_domain.format(history=schema_of(one), writer=writer, reader=reader) for one in DOMAINS
    ]
    return "\n".join(parts)


def _name(address: str) -> str:
    return unquote(urlsplit(address).username or "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
