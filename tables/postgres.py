"""PostgreSQL connections: whose they are, how they are opened, and what version they must find."""

import os
from importlib import resources
from typing import Literal
from urllib.parse import urlsplit

import asyncpg
from asyncpg import Connection, Pool

from streams.exceptions import ConfigurationError
from tables.exceptions import WrongVersion

Role = Literal["owner", "writer", "reader"]  # migrations; sinks; API and verification

POOL_CONNECTIONS_MAX = 8  # the API's: PostgreSQL shares the machine, more would only queue there
OPENING_TIMEOUT_S = 10.0
FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a statement raises where the server refuses it, does not answer or goes away."""
SESSION = {
    "timezone": "UTC",
    "jit": "off",  # every statement of ours is short
    "tcp_keepalives_idle": "15",  # a lost client's locks go within half a minute
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


def dsn(role: Role) -> str:
    """Connection string of a role, from STOCKYARD_POSTGRES_<ROLE>; raises ConfigurationError."""
    variable = f"STOCKYARD_POSTGRES_{role.upper()}"
    text = os.environ.get(variable, "")
    if not text:
        raise ConfigurationError(f"{variable} is not set: name a postgresql:// address in it")
    parts = urlsplit(text)
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not parts.username:
        raise ConfigurationError(f"{variable} is not of the form postgresql://role@host:port/name")
    return text


async def connect(address: str, application: str) -> Connection:
    """Open one connection of a process that is named to the operator in pg_stat_activity."""
    return await asyncpg.connect(
        address, timeout=OPENING_TIMEOUT_S, server_settings=SESSION | _named(application)
    )


async def open_pool(address: str, application: str) -> Pool:
    """Open the API's pool on a database of exactly this version; raises WrongVersion."""
    pool = await asyncpg.create_pool(
        address,
        min_size=1,
        max_size=POOL_CONNECTIONS_MAX,
        timeout=OPENING_TIMEOUT_S,
        server_settings=SESSION | _named(application),
    )
    try:
        async with pool.acquire() as connection:
            await check_version(connection)
    except BaseException:
        pool.terminate()
        raise
    return pool


def _named(application: str) -> dict[str, str]:
    return {"application_name": f"stockyard {application}"}


def migrations() -> dict[int, tuple[str, str]]:
    """Migrations of this code, in order: number -> (name, SQL)."""
    folder = resources.files("tables") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name[:4].isdigit())
    return {int(name[:4]): (name, (folder / name).read_text(encoding="utf-8")) for name in names}


async def check_version(connection: Connection) -> None:
    """Refuse a database that is newer or older than this code; raises WrongVersion."""
    known = max(migrations())
    if not await connection.fetchval("SELECT to_regclass('stockyard.migrations') IS NOT NULL"):
        found = 0
    else:
        found = await connection.fetchval("SELECT max(number) FROM stockyard.migrations") or 0
    refuse_newer(found, known)
    if found < known:
        raise WrongVersion(
            f"the database is at migration {found}, this code needs {known}: run `python -m tables "
            "migrate` with STOCKYARD_POSTGRES_OWNER set; `./stockyard up` does it by itself"
        )


def refuse_newer(found: int, known: int) -> None:
    """Raise WrongVersion where the database has migrations that this code does not know."""
    if found > known:
        raise WrongVersion(
            f"the database is at migration {found}, this code knows only {known}: start the newer "
            "version that made it, or restore a backup from before the upgrade"
        )
