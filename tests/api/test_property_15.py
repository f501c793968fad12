"""Property 15 of the second seed by its name; STOCKYARD_EXAMPLES=100000 looks further by night."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.domains import DOMAINS
from tests import examples
from tests.api.processes import Api
from tests.api.test_problems import check

EXAMPLES = examples.count(1_000)
SEGMENTS = (
    *("v1", "stock", "commands", "reservations", "movements", "transfers", "counts", "backorders"),
    *("finance", "locations", "valuation", "periods", "tree", "places", "containers", "accounts"),
    *("W", "S", "never-seen", "%20", "%FF", "%00", "..", "a%2Fb", "W" * 65, "R" * 129, "\u00df"),
)
NAMES = ("warehouse", "sku", "after", "limit", "from", "to", "wait", "colour")
VALUES = ("W", "S", "0", "-1", "1001", "x", "%FF", "nan", "2026-11-20T10:00:00Z", "yesterday", "")
BODIES = (b"", b"{", b"[]", b"null", b"\xff", b'{"type":"ReceiveStock"}', b"[" * 3_000)

paths = st.lists(st.sampled_from(SEGMENTS), max_size=5).map("/".join)
queries = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)).map("=".join), max_size=3
)
requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")),
        "path": st.builds("/{}?{}".format, paths, queries.map("&".join)),
        "content": st.sampled_from(BODIES),
        "position": st.sampled_from((None, None, "x", "0:0", "99:1", "0:-1", "9" * 40)),
        "key": st.sampled_from((None, None, "ok", "a b", "x" * 129)),
    }
)


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What the API shows: everything."""
    return DOMAINS


def request(method: str, path: str, position: str | None = None) -> dict[str, Any]:
    """A request without a body."""
    return {"method": method, "path": path, "content": b"", "position": position, "key": None}


def asked(api: Api, told: dict[str, Any]) -> httpx.Response:
    """The answer to a request as drawn."""
    headers = {"X-Min-Position": told["position"], "Idempotency-Key": told["key"]}
    return api.client.request(
        told["method"],
        told["path"],
        content=told["content"],
        headers={name: value for name, value in headers.items() if value is not None},
    )


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_property_15_api_error_response_consistency(api: Api, prefix: str) -> None:
    """Whatever is asked: an answer that is no success is problem details, of one shape, with the
    status and the path that it answers, and tells nothing of our insides."""
    statuses = set[int]()

    @settings(
        max_examples=EXAMPLES // 2, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(told=requests)
    @example(told=request("PUT", "/commands?"))
    @example(told=request("PUT", "/v1/commands?"))
    @example(told=request("GET", "/stock/W/S?", position="x"))
    def ask(told: dict[str, Any]) -> None:
        answer = asked(api, told | {"path": prefix + told["path"]})
        statuses.add(answer.status_code)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        if answer.status_code >= 400:
            code = "" if answer.request.method == "HEAD" else answer.json()["code"]
            check(answer, answer.status_code, code)
            assert "Traceback" not in answer.text

    ask()

    assert {404, 405} <= statuses
    assert prefix == "" or 400 in statuses
