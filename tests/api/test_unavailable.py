"""What the API answers while it cannot do more: not ready, not read yet, no room, nothing heard."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from httpx import ASGITransport
from starlette.types import Message

from api import bodies, health, problems
from api.bodies import Bodies
from api.problems import Problem
from api.replica import Replica
from streams.store import Memory


def posted(length: int | None = None) -> Request:
    """A request whose body never comes."""

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")

    headers = [(b"content-type", b"application/json")]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def test_a_body_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_S_MAX", 0.01)

    with pytest.raises(Problem) as refused:
        async with Bodies().read(posted()):
            raise AssertionError("nothing was read")

    assert (refused.value.status, refused.value.code) == (408, "REQUEST_TIMEOUT")


async def test_more_bodies_than_there_is_memory_for_come_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "BODIES_BYTES_MAX", 1_000)
    monkeypatch.setattr(bodies, "READ_S_MAX", 0.01)
    shared = Bodies()

    with pytest.raises(Problem) as refused:
        async with shared.read(posted(1_001)):
            raise AssertionError("nothing was read")
    with pytest.raises(Problem) as slow:
        async with shared.read(posted(1_000)):
            raise AssertionError("nothing was read")

    assert (refused.value.status, refused.value.code) == (503, "OVERLOADED")
    assert refused.value.headers["Retry-After"]
    assert slow.value.status == 408, "what there is room for is waited for"


class Readiness:
    """The checks of an API whose database is away."""

    async def checks(self) -> dict[str, str]:
        """What is there and what is not."""
        return {"changelog": "ok", "kafka": "ok", "postgres": "does not answer"}


async def test_who_is_not_ready_says_what_is_missing() -> None:
    app = FastAPI()
    problems.install(app)
    app.include_router(health.router)
    app.state.readiness = Readiness()

    async with httpx.AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
        answer = await client.get("/health/ready")

    assert (answer.status_code, answer.json()["code"]) == (503, "NOT_READY")
    assert answer.json()["checks"]["postgres"] == "does not answer"
    assert answer.headers["retry-after"]


def test_a_copy_that_is_not_read_yet_tells_nothing(tmp_path: Path) -> None:
    replica = Replica(0, tmp_path / "copy", Memory())
    replica.open(0, 7)

    for read in (lambda: replica.get(b"R\0LON-1\0A"), lambda: list(replica.scan(b"R", b"S"))):
        with pytest.raises(Problem) as refused:
            read()
        assert (refused.value.status, refused.value.code) == (503, "NOT_CAUGHT_UP")
    replica.close()
