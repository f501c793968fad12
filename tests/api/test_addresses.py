"""Keys and ids in paths: percent-encoded, with slashes too, without Kafka."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport

from api import commands, examples, lots_examples, problems
from schemas.domains import LOTS, STOCK

EVENT = b'{"type":"StockReceived"}'
AT = {"appended_at": datetime(2026, 11, 20, tzinfo=UTC), "topic": "t", "partition": 0, "offset": 0}


class Pool:
    """PostgreSQL with the outcome of whatever is asked for; it keeps what that was."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        if "command_id" not in statement:
            return [{"value": EVENT}]
        self.asked.append(arguments)
        return [AT]


class Desk:
    """As much of a desk as an outcome needs."""

    partition, schema = 0, "history"

    def __init__(self, pool: Pool) -> None:
        self.follower = self.history = self
        self._pool = pool

    def of(self, _key: str) -> "Desk":
        return self

    async def read(self, query: Callable[[Pool], Awaitable[Any]]) -> Any:
        return await query(self._pool)


Outcome = Callable[[str], Awaitable[tuple[int, list[tuple[str, str]]]]]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Asks for one: the status, and what PostgreSQL was asked then, as (key, id)."""
    app = FastAPI()
    problems.install(app)
    for language in (examples.LANGUAGE, lots_examples.LANGUAGE):
        app.include_router(commands.routes(language))

    async def ask(path: str) -> tuple[int, list[tuple[str, str]]]:
        pool = Pool()
        app.state.desks = {domain: Desk(pool) for domain in (STOCK, LOTS)}
        async with httpx.AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
            answer = await client.get(path)
        return answer.status_code, pool.asked

    return ask


SKUS = ("85123A", "A/B", "A/B/C", "/", "A%2FB", "A B/ä", "/commands/", "?#")
IDS = ("c-1", "a/b", "/a//b/", "%2F", "?a#b")


async def test_the_outcome_of_any_sku_and_id_can_be_asked_for(outcome: Outcome) -> None:
    for sku, command_id in product(SKUS, IDS):
        path = f"/v1/lots/commands/{quote(sku, safe='')}/{quote(command_id, safe='')}"
        assert await outcome(path) == (200, [(sku, command_id)])


async def test_slashes_of_an_id_need_no_encoding(outcome: Outcome) -> None:
    assert await outcome("/v1/commands/LON-1/a/b%2Fc") == (200, [("LON-1", "a/b/c")])
    assert await outcome("/v1/lots/commands/A%2fB/a/b") == (200, [("A/B", "a/b")])


async def test_a_warehouse_has_no_slash(outcome: Outcome) -> None:
    assert await outcome("/v1/commands/LON%2F1/a") == (400, [])
