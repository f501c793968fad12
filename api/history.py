"""The way into PostgreSQL: one pool, opened when it can be; away, it takes nothing else along."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.problems import Problem, unavailable
from streams.telemetry import log
from tables.exceptions import WrongVersion
from tables.postgres import OUTAGE, Pool, dsn, open_pool

ANSWER_S = 5.0  # a read that takes longer counts as an outage
RETRY_AFTER_S = 2

Found = TypeVar("Found")


def database_away() -> Problem:
    """503: PostgreSQL does not answer."""
    return unavailable(
        "DATABASE_UNAVAILABLE", "The history does not answer; ask again soon.", RETRY_AFTER_S
    )


class History:
    """The reader's pool; every failure to reach PostgreSQL is a Problem 503."""

    def __init__(self) -> None:
        self._address = dsn("reader")
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    async def read(self, query: Callable[[Pool], Awaitable[Found]]) -> Found:
        """What a query on the pool finds."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await query(await self._opened())
        except OUTAGE as error:
            log.warning("history_away", error=repr(error))
            raise database_away() from error
        except WrongVersion as error:
            log.error("history_unusable", error=str(error))
            raise database_away() from error

    async def _opened(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await open_pool(self._address, "api")
            return self._pool

    async def check(self) -> None:
        """Return when PostgreSQL answers; Problem 503 when it does not."""
        await self.read(lambda pool: pool.fetchval("SELECT 1"))

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()
