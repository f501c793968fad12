"""The command in a request: its id, its rules, and every body that is none."""

import json
from typing import Any

import pytest

from api import bodies
from api.bodies import BODY_BYTES_MAX, Sent
from api.desk import CODECS
from api.examples import COMMAND_EXAMPLES
from api.problems import Problem
from schemas.domains import STOCK

RECEIVE: dict[str, Any] = {
    "type": "ReceiveStock",
    "id": "c-1",
    "warehouse": "W",
    "lines": [{"sku": "S", "quantity": 1}],
}


def encoded(**changes: Any) -> bytes:
    fields = RECEIVE | changes
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def command_of(body: bytes, key: str | None) -> Sent:
    return bodies.command_of(body, key, CODECS[STOCK])


def refusal(body: bytes, key: str | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        command_of(body, key)
    return caught.value


def test_a_valid_command_goes_on_as_it_came() -> None:
    body = b' {"id":"x", ' + encoded()[1:]
    sent = command_of(body, None)
    assert (sent.key, sent.id, sent.value) == ("W", "c-1", body)


@pytest.mark.parametrize("example", COMMAND_EXAMPLES.values(), ids=COMMAND_EXAMPLES.keys())
def test_every_documented_command_is_valid(example: dict[str, Any]) -> None:
    command = command_of(json.dumps(example["value"]).encode(), None)
    assert command.key == example["value"]["warehouse"]


def test_the_header_stands_in_for_the_id() -> None:
    sent = command_of(encoded(id=..., actor="ß\u2028"), "key-7")
    assert sent.id == "key-7"
    assert json.loads(sent.value) == RECEIVE | {"id": "key-7", "actor": "ß\u2028"}
    assert command_of(encoded(), "c-1").value == encoded()


def test_two_ids_are_refused() -> None:
    assert refusal(encoded(), "c-2").status == 400


@pytest.mark.parametrize(
    ("member", "path"),
    [
        ('"lines":[{"sku":"S","quantity":1e400}]', "lines.0.quantity"),
        (r'"actor":"\ud800"', "actor"),
    ],
)
def test_a_key_changes_nothing_about_the_rest(member: str, path: str) -> None:
    body = encoded(id=...)[:-1] + f",{member}}}".encode()
    found = refusal(body, "key-7")
    assert (found.status, found.members["errors"][0]["path"]) == (422, path)
    assert command_of(b" " + encoded(id=...) + b"\r\n", "key-7").value.startswith(b" {")


def test_with_its_key_a_command_is_no_larger_than_kafka_is_to_have_it() -> None:
    body = encoded(id=...)
    assert refusal(body[:-1].ljust(BODY_BYTES_MAX - 1) + b"}", "key-7").status == 413


@pytest.mark.parametrize("key", ["", "a b", "ß", "x" * 129])
def test_a_key_that_is_no_id_is_refused(key: str) -> None:
    assert refusal(encoded(id=...), key).status == 422


@pytest.mark.parametrize("key", [None, "key"])
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"x", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"{} {}", b'{"a":NaN}',
     b'{"a":' + b"[" * 10_000, b"\x00"],
)  # fmt: skip
def test_what_is_no_json_object_is_400(body: bytes, key: str | None) -> None:
    assert refusal(body, key).status == 400


def test_a_lone_surrogate_never_reaches_kafka() -> None:
    body = encoded(id=..., actor="x").replace(b'"x"', b'"\\ud800"')
    assert refusal(body, "key").status in (400, 422)


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"type": "Tick"}, "type", "is no command"),
        ({"type": ...}, "type", "is missing"),
        ({"id": ...}, "id", "is missing"),
        ({"id": 7}, "id", "is no string"),
        ({"warehouse": "a b"}, "warehouse", "is not of A-Z a-z 0-9 . _ -"),
        ({"lines": []}, "lines", "has fewer items than 1"),
        ({"lines": [{"sku": "S", "quantity": 0}]}, "lines.0.quantity", "is below 1"),
        ({"lines": [{"sku": "S", "quantity": True}]}, "lines.0.quantity", "is no integer"),
        ({"lines": [{"sku": "S", "quantity": 2**70}]}, "lines.0.quantity", None),
        ({"unknown": 1}, "unknown", "is an unknown field"),
    ],
)
def test_a_command_outside_its_rules_is_422_and_says_where(
    changes: dict[str, Any], path: str, problem: str | None
) -> None:
    found = refusal(encoded(**changes))
    assert (found.status, found.code) == (422, "INVALID_COMMAND")
    flaw = found.members["errors"][0]
    assert flaw["path"] == path
    assert problem is None or flaw["problem"] == problem
