"""The actor on bytes: what it tells, what it changes, and what makes two commands the same."""

import json
from typing import Any

import pytest

from agents.locations.agent import LocationsActor
from streams.actor import Unreadable
from tests.locations.yard import Yard, create, put_away, record

LINE = {"sku": "A", "from_location": "B1", "to_location": "B2", "quantity": 2}
MOVE = {
    "type": "MoveUnits",
    "id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V",
    "warehouse": "LON-1",
    "lines": [LINE],
    "time": "2026-11-20T10:00:00Z",
    "actor": "user:42",
    "correlation_id": "shift-7",
}


def stocked() -> Yard:
    return Yard().given(create("B1"), create("B2"), record(A=5), put_away(("A", "B1", 5)))


def encoded(**fields: Any) -> bytes:
    return json.dumps(MOVE | fields).encode()


def fingerprint(value: bytes) -> bytes:
    actor = LocationsActor()
    return actor.fingerprint(actor.decode(value)[2])


def test_an_event_is_told_to_the_byte() -> None:
    told = stocked().put(encoded())

    assert told.event == (
        b'{"type":"UnitsMoved","id":"3-5","partition":3,"seq":5,'
        b'"command_id":"01JD3Z6V9K2M4N6P8Q0R2S4T6V","warehouse":"LON-1",'
        b'"lines":[{"sku":"A","from_location":"B1","to_location":"B2","quantity":2,'
        b'"from_there":3,"to_there":2}],'
        b'"time":"2026-11-20T10:00:00Z","recorded_at":"2026-11-18T12:00:00.000Z",'
        b'"actor":"user:42","correlation_id":"shift-7","source":{"partition":3,"offset":4}}'
    )
    assert (told.outcome, told.code, told.alerts, told.commands) == ("UnitsMoved", "", [], ())


def test_a_decision_changes_the_rows_that_it_is_of() -> None:
    told = stocked().put(encoded())

    assert set(told.changes) == {
        b"L\0LON-1\0B1",
        b"L\0LON-1\0B2",
        b"H\0LON-1\0B1",
        b"H\0LON-1\0B2",
        b"P\0LON-1\0A",
    }


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"lines": []}, "INVALID_COMMAND", "lines"),
        ({"lines": [LINE | {"quantity": 0}]}, "INVALID_COMMAND", "lines.0.quantity"),
        ({"lines": [LINE] * 201}, "INVALID_COMMAND", "lines"),
        ({"type": "Teleport"}, "INVALID_COMMAND", "type"),
        ({"colour": "green"}, "INVALID_COMMAND", "colour"),
    ],
)
def test_what_breaks_a_rule_is_rejected_and_changes_nothing(
    fields: dict[str, Any], code: str, path: str
) -> None:
    yard = stocked()

    told = yard.put(encoded(**fields))

    assert (told.code, told.outcome, told.changes) == (code, "CommandRejected", {})
    assert (yard.told["code"], yard.told["details"]["path"]) == (code, path)
    assert yard.told["command_id"] == MOVE["id"]


@pytest.mark.parametrize(
    ("constraints", "path", "problem"),
    [
        ({"item_types": ["food", "food"]}, "constraints", "has an item type twice"),
        ({"item_types": [" food"]}, "constraints", "has an item type that has space at an end"),
        ({"item_types": []}, "constraints.item_types", "has fewer items than 1"),
        ({"units_max": -1}, "constraints.units_max", "is below 0"),
        ({"mixed_skus": 0}, "constraints.mixed_skus", "is no boolean"),
        ({"colour": "green"}, "constraints.colour", "is an unknown field"),
    ],
)
def test_constraints_have_rules_of_their_own(constraints: Any, path: str, problem: str) -> None:
    Yard().when(create("B1") | {"constraints": constraints}).then_rejected(
        "INVALID_COMMAND", path=path, problem=problem
    )


@pytest.mark.parametrize("value", [encoded(), encoded(lines=[])])
def test_the_runtime_refuses_in_our_words(value: bytes) -> None:
    yard = stocked()
    command = yard.actor.decode(value)[2]

    for code in ("INTERNAL", "IDEMPOTENCY_KEY_REUSED"):
        told = yard.actor.reject(command, code, "why", {"offset": 1}, yard.moment)
        event = json.loads(told.event or b"")
        assert (event["code"], event["message"], event["details"]) == (code, "why", {"offset": 1})
        assert (event["command_id"], told.code, told.changes) == (MOVE["id"], code, {})


def test_decode_tells_where_a_command_belongs() -> None:
    warehouse, command_id, _ = LocationsActor().decode(encoded(lines=None))

    assert (warehouse, command_id) == ("LON-1", MOVE["id"])


def test_what_names_no_command_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="id is longer than 128 characters"):
        LocationsActor().decode(encoded(id="i" * 129))


def test_nothing_falls_due() -> None:
    yard = stocked()
    key = min(yard.rows)

    with pytest.raises(AssertionError, match="no row of locations is timed"):
        yard.actor.expire(key, yard.rows[key], yard.rows.get, yard.moment)


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-11-20T10:00:01Z"},
        {"time": None, "actor": None, "correlation_id": None},
        {"actor": "user:43", "correlation_id": ""},
    ],
)
def test_a_repeat_may_differ_in_when_by_whom_and_why(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) == fingerprint(encoded())


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [{"sku": "A", "from_location": "B1", "to_location": "B2", "quantity": 3}]},
        {"lines": [{"sku": "A", "from_location": "B2", "to_location": "B1", "quantity": 2}]},
        {"lines": []},
        {"type": "TakeOut", "lines": [{"sku": "A", "location": "B1", "quantity": 2}]},
    ],
)
def test_another_payload_is_another_command(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) != fingerprint(encoded())


def test_commands_of_equal_fields_differ_by_their_type() -> None:
    lines = [{"sku": "A", "location": "B1", "quantity": 2}]
    ends = [fingerprint(encoded(type=kind, lines=lines)) for kind in ("PutAway", "TakeOut")]

    assert ends[0] != ends[1]
    assert {len(end) for end in ends} == {8}
