"""Whether the API lives, whether it can answer, and what it counts."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from api.desk import Desk
from api.problems import Problem, documented
from api.telemetry import REGISTRY

KEPT_S = 1.0  # an answer on readiness, so that asking often costs nothing

router = APIRouter(tags=["operating"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"]


class Ready(BaseModel):
    """All that answers depend on is there."""

    status: Literal["ready"]
    checks: dict[str, str] = Field(examples=[{"changelog": "ok", "kafka": "ok", "postgres": "ok"}])


NOT_READY = Problem(
    503,
    "NOT_READY",
    "Some answers are not possible now; `checks` says which part is missing.",
    retry_after_s=2,
    checks={"changelog": "behind", "kafka": "ok", "postgres": "does not answer"},
)


class Readiness:
    """The checks, and their last results."""

    def __init__(self, desks: Iterable[Desk]) -> None:
        self._desks = list(desks)
        self._checks: dict[str, str] = {}
        self._checked_at = -KEPT_S
        self._lock = asyncio.Lock()

    async def checks(self) -> dict[str, str]:
        """What is there and what is not: `ok`, or in what state it is."""
        async with self._lock:
            if time.monotonic() - self._checked_at >= KEPT_S:
                one, followers = self._desks[0], [each.follower for each in self._desks]
                kafka, postgres = await asyncio.gather(
                    one.follower.check_kafka(), one.history.check(), return_exceptions=True
                )
                caught_up = all(follower.caught_up for follower in followers)
                self._checks = {
                    "changelog": "ok" if caught_up else "behind",
                    "kafka": _word(kafka),
                    "postgres": _word(postgres),
                }
                self._checked_at = time.monotonic()
            return self._checks


def _word(result: BaseException | None) -> str:
    if result is None:
        return "ok"
    if isinstance(result, Problem):
        return "does not answer"
    raise result


@router.get("/health/live", summary="Is the process alive?", response_model=Live)
async def live() -> Response:
    """200 as long as the process answers at all."""
    return Response(b'{"status":"live"}', media_type="application/json")


@router.get(
    "/health/ready",
    summary="Can it answer everything?",
    response_model=Ready,
    responses=documented(NOT_READY),
)
async def ready(request: Request) -> Response:
    """200 when the replicas are caught up and Kafka and PostgreSQL answer, else 503."""
    checks = await request.app.state.readiness.checks()
    if any(word != "ok" for word in checks.values()):
        raise Problem(503, "NOT_READY", NOT_READY.detail, retry_after_s=2, checks=checks)
    answer: dict[str, Any] = {"status": "ready", "checks": checks}
    return Response(msgspec.json.encode(answer), media_type="application/json")


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics() -> Response:
    """Metrics in Prometheus' text format."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
