"""How a command's body becomes plain lines, by what the request says, without Kafka."""

import json
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from api.bodies import BODY_BYTES_MAX, Bodies, command_of
from api.catalog import resolve
from api.desk import CODECS
from api.problems import Problem
from api.resolving import resolved
from schemas.domains import CATALOG, FINANCE, LOCATIONS, ORDERS, STOCK
from tests.catalog.registry import Registry, item, kit, units

LONG = [f"{n:03}" + "\u00e4" * 61 for n in range(200)]  # six bytes each as they are sent


class Replica:
    """A catalogue's rows, as the API would have them."""

    def __init__(self, rows: dict[bytes, bytes]) -> None:
        self.get = rows.get


class Desk:
    """As much of a desk as is asked here."""

    def __init__(self, domain: str, rows: dict[bytes, bytes]) -> None:
        self.domain, self.follower = domain, self
        self._replica = Replica(rows)

    def of(self, key: str) -> Replica:
        assert key == "main"
        return self._replica


def registry() -> Registry:
    """An item in cases, and kits of long names."""
    made = Registry().given(item("A", "K1", "K2"), units("A", case=(12, 1)), item(*LONG))
    return made.given(
        kit("K1", *((one, 1) for one in LONG[:100])), kit("K2", *((one, 1) for one in LONG[100:]))
    )


def request(
    path: str, query: str, *domains: str, rows: dict[bytes, bytes] | None = None
) -> Request:
    """A request to an installation with these domains, and these rows of its catalogue."""
    app, rows = FastAPI(), registry().rows if rows is None else rows
    app.state.desks = {domain: Desk(domain, rows) for domain in (STOCK, *domains)}
    scope = {
        "type": "http",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
        "app": app,
    }
    return Request(scope)


def body(*lines: Any, **fields: Any) -> bytes:
    """A command."""
    told = {"type": "ReceiveStock", "id": "c-1", "warehouse": "LON-1", "lines": list(lines)}
    return json.dumps(told | fields).encode()


ASKED = body({"sku": "A", "unit": "case", "quantity": "1.5"})


@pytest.mark.parametrize("path", ["/v1/commands", "/v1/locations/commands", "/v1/orders/commands"])
async def test_with_a_catalogue_lines_are_plain(path: str) -> None:
    at = request(path, "catalog=main", LOCATIONS, ORDERS, CATALOG)
    sent = json.loads(await resolved(at, ASKED))
    assert sent == json.loads(body({"sku": "A", "quantity": 18}))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/commands", ""),
        ("/v1/commands", "catalogue=main"),
        ("/v1/finance/commands", "catalog=main"),
        ("/v1/catalog/commands", "catalog=main"),
    ],
)
async def test_what_asks_for_none_is_sent_as_it_came(path: str, query: str) -> None:
    assert await resolved(request(path, query, FINANCE, CATALOG), ASKED) == ASKED


async def test_a_command_without_lines_is_sent_as_it_came() -> None:
    wish = b'{"type":"ReleaseReservation",  "id":"c", "warehouse":"LON-1", "reservation":"r"}'
    assert await resolved(request("/v1/commands", "catalog=main", CATALOG), wish) == wish


@pytest.mark.parametrize("query", ["catalog=main", "catalog=", "catalog=a%20b"])
async def test_a_catalogue_that_cannot_be_is_refused(query: str) -> None:
    domains = [] if query == "catalog=main" else [CATALOG]
    with pytest.raises(Problem) as refused:
        await resolved(request("/v1/commands", query, *domains), ASKED)
    assert (refused.value.status, refused.value.code) == (400, "INVALID_REQUEST")


async def test_what_comes_out_is_checked_as_any_command() -> None:
    at = request("/v1/commands", "catalog=main", CATALOG)
    plain = await resolved(at, body({"sku": "A", "unit": "case", "quantity": 10**12}))
    with pytest.raises(Problem) as refused:
        command_of(plain, None, CODECS[STOCK])
    assert refused.value.code == "INVALID_COMMAND"
    plain = await resolved(at, body({"sku": "A", "quantity": 1}, note="\ud800"))
    with pytest.raises(Problem) as refused:
        command_of(plain, None, CODECS[STOCK])
    assert (refused.value.status, refused.value.code) == (422, "INVALID_COMMAND")


async def test_an_id_of_a_header_comes_to_what_was_resolved() -> None:
    at = request("/v1/commands", "catalog=main", CATALOG)
    wish = b'{"type":"ShipStock","warehouse":"LON-1","lines":[{"sku":"A","quantity":"2"}]} \n'
    sent = command_of(await resolved(at, wish), "key-1", CODECS[STOCK])
    assert (sent.id, json.loads(sent.value)["lines"]) == ("key-1", [{"sku": "A", "quantity": 2}])


async def test_what_grows_too_large_is_refused() -> None:
    at = request("/v1/commands", "catalog=main", CATALOG)
    kits = [{"sku": "K1", "quantity": 1}, {"sku": "K2", "quantity": 1}]
    room = BODY_BYTES_MAX - 100_000 - len(body(*kits, actor=""))
    assert len(await resolved(at, body(*kits, actor="x" * room))) < BODY_BYTES_MAX
    with pytest.raises(Problem) as refused:
        await resolved(at, body(*kits, actor="x" * (room + 90_000)))
    assert refused.value.status == 413


@pytest.mark.parametrize(
    "asked",
    [
        {"catalog": "main", "lines": [], "\ud800": 1},
        {"catalog": "main", "lines": [{"sku": "A", "quantity": 1, "\ud800": 1}]},
    ],
)
async def test_a_field_whose_name_is_no_text_is_told_all_the_same(asked: dict[str, Any]) -> None:
    follower: Any = Desk(CATALOG, registry().rows)
    with pytest.raises(Problem) as refused:
        await resolve(posted("/v1/catalog/resolve", asked), follower)
    told = json.loads(refused.value.body("/v1/catalog/resolve"))
    assert (told["status"], told["code"]) == (422, "INVALID_COMMAND")
    assert told["errors"][0]["path"].endswith("\\ud800")


def posted(path: str, fields: dict[str, Any]) -> Request:
    """A request with a body."""
    scope = request(path, "", CATALOG).scope
    scope["app"].state.bodies = Bodies()

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(fields).encode()}

    return Request({**scope, "headers": [(b"content-type", b"application/json")]}, receive)
