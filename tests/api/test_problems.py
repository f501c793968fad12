"""Every error is RFC 9457 problem details, whoever finds it, and tells nothing of our insides."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport

from api import commands, outcomes, problems
from api.edge import Edge
from schemas.domains import STOCK
from streams.settings import Settings
from streams.topics import Topics
from tests.api.processes import Api

MEMBERS = {"type", "title", "status", "detail", "instance", "code"}
CASES: list[tuple[str, str, int, str]] = [
    ("GET", "/", 404, "NOT_FOUND"),
    ("GET", "/v1", 404, "NOT_FOUND"),
    ("GET", "/v1/stock/", 404, "NOT_FOUND"),
    ("GET", "/v1/stock/W", 404, "NOT_FOUND"),
    ("GET", "/v1/stock/W/never-seen", 404, "NOT_FOUND"),
    ("GET", "/v1/reservations/W/never-seen", 404, "NOT_FOUND"),
    ("POST", "/v1/stock", 405, "METHOD_NOT_ALLOWED"),
    ("DELETE", "/v1/stock/W/S", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/v1/commands", 405, "METHOD_NOT_ALLOWED"),
    ("HEAD", "/v1/stock/W/S", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/v1/stock/W%20X/S", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock/%C3%9F/S", 400, "INVALID_REQUEST"),
    ("GET", f"/v1/stock/{'W' * 65}/S", 400, "INVALID_REQUEST"),
    ("GET", f"/v1/stock/W/{'S' * 65}", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock/W/%20S", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock/W/S%00", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock/W/a%CC%88", 400, "INVALID_REQUEST"),  # not NFC
    ("GET", "/v1/stock/W/%FF", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?sku=%FF", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?warehouse=%20", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?limit=0", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?limit=1001", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?limit=x", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?after=x", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?after=%C3%9F", 400, "INVALID_REQUEST"),
    ("GET", "/v1/stock?after=YQ", 400, "INVALID_REQUEST"),
    ("GET", f"/v1/reservations/W/{'R' * 129}", 400, "INVALID_REQUEST"),
    ("GET", f"/v1/commands/W/{'C' * 129}", 400, "INVALID_REQUEST"),
    ("GET", "/v1/commands/W/a%20b", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&from=yesterday", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&from=2026-11-20T10:00:00", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&after=x", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&after=MTox", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&after=OTk5OTk5OTk5OTk5OTk5OTk5OjE6MQ==", 400,
     "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&after=MTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk6MQ==", 400,
     "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&from=1795003200", 400, "INVALID_REQUEST"),
    ("GET", "/v1/movements?warehouse=W&sku=S&to=0001-01-01T00:00:00%2B23:59", 400,
     "INVALID_REQUEST"),
    ("POST", "/v1/commands?wait=31", 400, "INVALID_REQUEST"),
    ("POST", "/v1/commands?wait=nan", 400, "INVALID_REQUEST"),
    ("POST", "/v1/commands?wait=-1", 400, "INVALID_REQUEST"),
]  # fmt: skip


def check(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.request.method == "HEAD":
        return {}
    found: dict[str, Any] = answer.json()
    assert found.keys() >= MEMBERS
    assert found["status"] == status
    assert found["code"] == code
    assert found["type"] == f"urn:stockyard:problem:{code.lower().replace('_', '-')}"
    assert found["instance"] == answer.request.url.raw_path.decode().partition("?")[0]
    return found


@pytest.mark.parametrize(("method", "path", "status", "code"), CASES)
def test_a_wrong_request_is_answered_with_its_problem(
    api: Api, method: str, path: str, status: int, code: str
) -> None:
    answer = api.client.request(method, path)
    found = check(answer, status, code)
    if status == 405:
        assert answer.headers["allow"]
    if status == 400 and found and "UTF-8" not in found["detail"]:
        assert all(flaw.keys() == {"path", "problem"} for flaw in found["errors"])


async def test_a_defect_of_ours_shows_nothing_of_itself() -> None:
    # given a route with a defect
    app = FastAPI()
    problems.install(app)

    @app.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError("the secret of our insides")

    edge = ASGITransport(Edge(app, lambda _: None), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=edge, base_url="http://here") as client:
        answer = await client.get("/v1/broken")
    # then the client learns that it is ours, no more
    check(answer, 500, "INTERNAL")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_command_that_nobody_more_can_wait_for_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given as many waiting as there may be
    monkeypatch.setattr(outcomes, "WATCHES_MAX", 0)
    waiting = outcomes.Outcomes(Settings.from_environment(), Topics.of(STOCK), "warehouse")
    edge = Edge(FastAPI(), lambda scope: commands.refusal(scope, {STOCK: waiting}))
    async with httpx.AsyncClient(transport=ASGITransport(edge), base_url="http://here") as client:
        refused = await client.post("/v1/commands?wait=5", content=b"{")
        routed = [
            (await client.post(f"/v1/commands{query}", content=b"{")).status_code
            for query in ("", "?wait=0", "?wait=soon", "?await=5")
        ]
    # then it is told to come back, whatever it carries; who does not wait is routed
    check(refused, 503, "OVERLOADED")
    assert refused.headers["retry-after"]
    assert routed == [404] * 4
