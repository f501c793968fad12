"""The way into PostgreSQL: one pool, opened when it can be; away, it takes nothing else along."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from asyncpg import Pool

from api.problems import Problem, unavailable
from streams.telemetry import log
from tables import history
from tables.exceptions import WrongVersion
from tables.postgres import open_pool

ANSWER_S = 5.0  # a read that takes longer counts as an outage
RETRY_AFTER_S = 2
POLL_S = 0.05  # between two looks at how far the history is, while somebody waits
OUTAGE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it is being stopped or started
    asyncpg.InsufficientResourcesError,
)
UNUSABLE = (  # until an operator acts; what needs no history is answered all the same
    WrongVersion,
    asyncpg.InvalidAuthorizationSpecificationError,  # and another password
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)

Found = TypeVar("Found")


def database_away() -> Problem:
    """503: PostgreSQL does not answer."""
    return unavailable(
        "DATABASE_UNAVAILABLE", "The history does not answer; ask again soon.", RETRY_AFTER_S
    )


class History:
    """The reader's pool; every failure to reach PostgreSQL is a Problem 503."""

    def __init__(self, address: str, schema: str) -> None:
        self._address, self.schema = address, schema
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()
        self._asked: asyncio.Future[dict[int, int]] | None = None

    async def read(self, query: Callable[[Pool], Awaitable[Found]]) -> Found:
        """What a query on the pool finds."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await query(await self._opened())
        except OUTAGE as error:
            log.warning("history_away", error=repr(error))
            raise database_away() from error
        except UNUSABLE as error:
            log.error("history_unusable", error=str(error))
            raise database_away() from error

    async def _opened(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await open_pool(self._address, "api")
            return self._pool

    async def positions(self) -> dict[int, int]:
        """Next seq by partition; those who ask at the same time share one answer."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.ensure_future(
                self.read(lambda pool: history.positions(pool, self.schema))
            )
        return await asyncio.shield(self._asked)

    async def reached(self, partition: int, seq: int) -> None:
        """Return once the history shows event `seq` of a partition."""
        if seq <= 0:
            return
        while (await self.positions()).get(partition, 0) <= seq:  # noqa: ASYNC110 - another process
            await asyncio.sleep(POLL_S)

    async def check(self) -> None:
        """Return when PostgreSQL answers; Problem 503 when it does not."""
        await self.read(lambda pool: pool.fetchval("SELECT 1"))

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()
