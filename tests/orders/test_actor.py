"""The actor on bytes: what it tells, what it changes, and what makes two commands the same."""

import json
from typing import Any

import msgspec
import pytest

from agents.orders.agent import OrdersActor
from agents.orders.decider import wish_of
from schemas.orders_structs import decode_event
from streams.actor import Unreadable
from tables.orders import WISHES
from tests.orders.desk import CANCEL, Desk

PLACE: dict[str, Any] = {
    "type": "PlaceOrder",
    "id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V",
    "order": "o-1",
    "lines": [{"sku": "A", "quantity": 2}],
    "sources": [{"warehouse": "L", "stock": [{"sku": "A", "available": 2}]}],
    "time": "2026-11-20T10:00:00Z",
    "actor": "user:42",
    "correlation_id": "shift-7",
}


def encoded(**fields: Any) -> bytes:
    return json.dumps(PLACE | fields).encode()


def fingerprint(value: bytes) -> bytes:
    actor = OrdersActor()
    return actor.fingerprint(actor.decode(value)[2])


REFUSAL: dict[str, Any] = {
    "type": "RecordLegRefusal",
    "id": "3-41/1",
    "order": "o-1",
    "cause": "3-41",
    "warehouse": "L",
    "attempt": 1,
    "step": "reserve",
    "code": "INSUFFICIENT_STOCK",
    "sku": "A",
    "available": 2,
}


def test_a_refusal_is_the_same_with_all_that_is_short_as_it_was_known_without() -> None:
    all_of_it = REFUSAL | {"short": [{"sku": sku, "available": 2} for sku in "AB"]}

    known = fingerprint(json.dumps(REFUSAL).encode())

    assert known.hex() == "b61a2ab751df01e1"
    assert fingerprint(json.dumps(all_of_it).encode()) == known
    assert fingerprint(json.dumps(REFUSAL | {"available": 3}).encode()) != known


def test_an_order_is_the_same_as_it_was_known_before_it_could_have_terms() -> None:
    assert fingerprint(encoded()).hex() == "41a3425c8633f8ed"
    assert fingerprint(encoded(channel=None, priority=0, shelf_life_days=0)).hex() == (
        "41a3425c8633f8ed"
    )


def test_a_row_and_an_event_without_terms_are_read_as_before() -> None:
    old = msgspec.msgpack.encode([[{"sku": "A", "quantity": 2}], [], "cost", True, 5, 900])
    wish = WISHES.decode(old)
    assert (wish.strategy, wish.hold_s, wish.channel) == ("cost", 900, None)
    assert (wish.priority, wish.promised, wish.shelf_life_days) == (0, None, 0)

    told = Desk().put(encoded()).event or b""
    assert wish_of(decode_event(told)).shelf_life_days == 0
    assert b"channel" not in told
    assert b"requires" not in told


def test_an_event_is_told_to_the_byte() -> None:
    told = Desk().put(encoded())

    assert told.event == (
        b'{"type":"OrderPlaced","id":"7-1","partition":7,"seq":1,'
        b'"command_id":"01JD3Z6V9K2M4N6P8Q0R2S4T6V","order":"o-1","state":"reserving","attempt":1,'
        b'"legs":[{"warehouse":"L","attempt":1,"state":"reserving",'
        b'"lines":[{"sku":"A","quantity":2}]}],'
        b'"asks":[{"warehouse":"L","step":"reserve","attempt":1,"hold_s":900}],'
        b'"lines":[{"sku":"A","quantity":2}],'
        b'"sources":[{"warehouse":"L","stock":[{"sku":"A","available":2}]}],'
        b'"strategy":"priority","backorder":false,"attempts_max":5,"hold_s":900,'
        b'"time":"2026-11-20T10:00:00Z","recorded_at":"2026-11-18T12:00:00.000Z",'
        b'"actor":"user:42","correlation_id":"shift-7","source":{"partition":7,"offset":0}}'
    )
    assert (told.outcome, told.code, told.alerts, told.commands) == ("OrderPlaced", "", [], ())
    assert set(told.changes) == {b"o\0o-1\0", b"W\0o-1\0"}


SOURCE = PLACE["sources"][0]
HINT = SOURCE["stock"][0]


@pytest.mark.parametrize(
    ("fields", "path", "problem"),
    [
        ({"lines": []}, "lines", "has fewer items than 1"),
        ({"lines": [{"sku": "A", "quantity": 1}] * 201}, "lines", "has more items than 200"),
        (
            {"lines": [{"sku": "A", "quantity": 10**12}, {"sku": "A", "quantity": 1}]},
            "lines",
            "has a SKU whose quantities sum to more than 1000000000000",
        ),
        ({"sources": []}, "sources", "has fewer items than 1"),
        ({"sources": [SOURCE, SOURCE]}, "sources", "has a warehouse twice"),
        (
            {"sources": [{"warehouse": f"W{number}"} for number in range(11)]},
            "sources",
            "has more items than 10",
        ),
        ({"sources": [SOURCE | {"priority": 10}]}, "sources.0.priority", "is above 9"),
        ({"sources": [SOURCE | {"distance": -1}]}, "sources.0.distance", "is below 0"),
        (
            {
                "sources": [
                    SOURCE | {"stock": [{"sku": "A", "available": 1, "expires_on": "x" * 10}]}
                ]
            },
            "sources.0.stock.0.expires_on",
            "is no day, such as 2026-11-20",
        ),
        (
            {"sources": [SOURCE | {"stock": [HINT | {"lot": 1}]}]},
            "sources.0.stock.0.lot",
            "is an unknown field",
        ),
        ({"attempts_max": 21}, "attempts_max", "is above 20"),
        ({"hold_s": 0}, "hold_s", "is below 1"),
        ({"channel": "a/b"}, "channel", "is not of A-Z a-z 0-9 . _ -"),
        ({"priority": 10}, "priority", "is above 9"),
        (
            {"promised": "2026-12-01"},
            "promised",
            "is no RFC 3339 instant in UTC, such as 2026-11-20T10:00:00Z",
        ),
        ({"shelf_life_days": -1}, "shelf_life_days", "is below 0"),
        ({"shelf_life_days": 36_501}, "shelf_life_days", "is above 36500"),
        ({"partial": False}, "partial", "is an unknown field"),
        ({"backorder": 1}, "backorder", "is no boolean"),
        ({"type": "Teleport"}, "type", "is no command"),
    ],
)
def test_what_breaks_a_rule_is_rejected_and_changes_nothing(
    fields: dict[str, Any], path: str, problem: str
) -> None:
    Desk().when(PLACE | fields).then_rejected("INVALID_COMMAND", path=path, problem=problem)


@pytest.mark.parametrize("order", ["", "a/b", "a b", "x" * 65, "a\x00b", "\u00e9"])
def test_an_order_whose_name_cannot_be_is_unreadable(order: str) -> None:
    with pytest.raises(Unreadable, match="order"):
        OrdersActor().decode(encoded(order=order))


@pytest.mark.parametrize("value", [encoded(), encoded(lines=[])])
def test_the_runtime_refuses_in_our_words(value: bytes) -> None:
    desk = Desk()
    command = desk.actor.decode(value)[2]

    for code in ("INTERNAL", "IDEMPOTENCY_KEY_REUSED"):
        told = desk.actor.reject(command, code, "why", {"offset": 1}, desk.moment)
        event = json.loads(told.event or b"")
        assert (event["code"], event["message"], event["details"]) == (code, "why", {"offset": 1})
        assert (event["order"], told.code, told.changes) == ("o-1", code, {})


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-11-20T10:00:01Z"},
        {"time": None, "actor": None, "correlation_id": None},
        {"sources": [{"warehouse": "L"}]},
        {"sources": [{"warehouse": "L", "stock": [{"sku": "A", "available": 9}]}]},
        {"strategy": "priority", "hold_s": 900},
    ],
)
def test_a_repeat_may_differ_in_when_by_whom_and_what_is_believed(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) == fingerprint(encoded())


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [{"sku": "A", "quantity": 3}]},
        {"sources": [{"warehouse": "M"}]},
        {"sources": [{"warehouse": "L", "priority": 1}]},
        {"strategy": "cost"},
        {"backorder": True},
        {"channel": "web"},
        {"priority": 1},
        {"promised": "2026-12-01T00:00:00Z"},
        {"shelf_life_days": 1},
        {"lines": []},
    ],
)
def test_another_payload_is_another_command(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) != fingerprint(encoded())


def test_two_cancellations_differ_by_their_reason_alone() -> None:
    desk, told = Desk(), []
    for reason in ("a", "b", "a"):
        value = json.dumps(CANCEL | {"id": "c", "order": "o-1", "reason": reason}).encode()
        told.append(desk.actor.fingerprint(desk.actor.decode(value)[2]))
    assert told[0] == told[2] != told[1]
