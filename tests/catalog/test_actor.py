"""The actor on bytes: what it tells, what it changes, and what makes two commands the same."""

import json
from typing import Any

import pytest

from agents.catalog.agent import CatalogActor
from streams.actor import Unreadable
from tests.catalog.registry import Registry, item

LINE = {"sku": "A", "components": [{"sku": "B", "quantity": 2}]}
KIT = {
    "type": "DefineKit",
    "id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V",
    "catalog": "main",
    "lines": [LINE],
    "time": "2026-11-20T10:00:00Z",
    "actor": "user:42",
    "correlation_id": "import-7",
}


def encoded(**fields: Any) -> bytes:
    return json.dumps(KIT | fields).encode()


def fingerprint(value: bytes) -> bytes:
    actor = CatalogActor()
    return actor.fingerprint(actor.decode(value)[2])


def test_an_event_is_told_to_the_byte() -> None:
    told = Registry().given(item("A", "B")).put(encoded())

    assert told.event == (
        b'{"type":"KitDefined","id":"3-2","partition":3,"seq":2,'
        b'"command_id":"01JD3Z6V9K2M4N6P8Q0R2S4T6V","catalog":"main",'
        b'"lines":[{"sku":"A","components":[{"sku":"B","quantity":2}],"version":2}],'
        b'"time":"2026-11-20T10:00:00Z","recorded_at":"2026-11-18T12:00:00.000Z",'
        b'"actor":"user:42","correlation_id":"import-7","source":{"partition":3,"offset":1}}'
    )
    assert (told.outcome, told.code, told.alerts, told.commands) == ("KitDefined", "", [], ())
    assert set(told.changes) == {b"S\0main\0A", b"K\0main\0A", b"V\0main\0B"}


def test_catalogues_know_nothing_of_each_other() -> None:
    registry = Registry().given(item("A"), item("A") | {"catalog": "other"})
    registry.when(item("A") | {"catalog": "other"}).then_rejected("ITEM_EXISTS", sku="A")


@pytest.mark.parametrize("value", [encoded(), encoded(lines=[])])
def test_the_runtime_refuses_in_our_words(value: bytes) -> None:
    registry = Registry()
    command = registry.actor.decode(value)[2]

    for code in ("INTERNAL", "IDEMPOTENCY_KEY_REUSED"):
        told = registry.actor.reject(command, code, "why", {"offset": 1}, registry.moment)
        event = json.loads(told.event or b"")
        assert (event["code"], event["message"], event["details"]) == (code, "why", {"offset": 1})
        assert (event["command_id"], told.code, told.changes) == (KIT["id"], code, {})


def test_decode_tells_where_a_command_belongs() -> None:
    assert CatalogActor().decode(encoded(lines=None))[:2] == ("main", KIT["id"])


@pytest.mark.parametrize("fields", [{"catalog": None}, {"catalog": "a b"}, {"id": "\u00e4"}])
def test_what_names_no_command_or_catalogue_is_unreadable(fields: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        CatalogActor().decode(encoded(**fields))


def test_nothing_falls_due() -> None:
    registry = Registry().given(item("A"))
    key = min(registry.rows)

    with pytest.raises(AssertionError, match="no row of the catalogue is timed"):
        registry.actor.expire(key, registry.rows[key], registry.rows.get, registry.moment)


def test_a_repeat_may_differ_in_when_by_whom_and_why_alone() -> None:
    same = fingerprint(encoded())
    assert fingerprint(encoded(time=None, actor="user:43", correlation_id="")) == same
    assert fingerprint(encoded(lines=[LINE, LINE | {"sku": "C"}])) != same
    assert fingerprint(encoded(lines=[])) != same
    ends = [fingerprint(encoded(type=one, lines=[{"sku": "A"}]))
            for one in ("RetireItem", "DissolveKit")]  # fmt: skip
    assert ends[0] != ends[1]
