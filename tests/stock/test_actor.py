"""The actor on bytes: what it tells, what it changes, and what makes two commands the same."""

import json
from typing import Any

import pytest

from agents.stock.agent import StockActor
from schemas.rows import Row
from streams.actor import Moment, Unreadable
from tables.stock import decode_reservation, decode_row, due_ms, reservation_key, stock_key
from tests.stock.bytes_of import START_MS, WINDOW_MS, Shop

LINES = [{"sku": "85123A", "quantity": 6}]
RESERVE = {
    "type": "ReserveStock",
    "id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V",
    "warehouse": "LON-1",
    "lines": LINES,
    "reservation": "order-1001",
    "ttl_seconds": 900,
    "time": "2026-11-20T10:00:00Z",
    "actor": "user:42",
    "correlation_id": "checkout-77",
}


@pytest.fixture
def shop() -> Shop:
    """A warehouse with 100 of 85123A."""
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "85123A", "quantity": 100}])
    return shop


def encoded(**fields: Any) -> bytes:
    return json.dumps(RESERVE | fields).encode()


def fingerprint(value: bytes) -> bytes:
    actor = StockActor(WINDOW_MS)
    return actor.fingerprint(actor.decode(value)[2])


def test_an_event_is_told_to_the_byte(shop: Shop) -> None:
    told = shop.put(encoded())

    assert told.event == (
        b'{"type":"StockReserved","id":"3-2","partition":3,"seq":2,'
        b'"command_id":"01JD3Z6V9K2M4N6P8Q0R2S4T6V","warehouse":"LON-1",'
        b'"lines":[{"sku":"85123A","quantity":6,"on_hand":100,"reserved":6,"available":94,'
        b'"version":2}],"reservation":"order-1001","expires_at":"2026-11-18T12:15:00.000Z",'
        b'"time":"2026-11-20T10:00:00Z","recorded_at":"2026-11-18T12:00:00.000Z",'
        b'"actor":"user:42","correlation_id":"checkout-77","source":{"partition":3,"offset":1}}'
    )
    assert (told.outcome, told.code, told.alerts) == ("StockReserved", "", [])


def test_a_decision_changes_the_rows_and_the_reservation(shop: Shop) -> None:
    told = shop.put(encoded())

    row, promise = stock_key("LON-1", "85123A"), reservation_key("LON-1", "order-1001")
    assert list(told.changes) == [row, promise]
    assert decode_row(told.changes[row] or b"") == Row(100, 6, 0, 2, supplier=-100)
    held = told.changes[promise] or b""
    assert due_ms(held) == START_MS + 900_000
    assert decode_reservation(held).state == "open"


def test_a_closed_reservation_is_due_when_its_id_is_free_again(shop: Shop) -> None:
    shop.put(encoded())
    shop.pass_time(5)

    told = shop.send("ShipReservation", reservation="order-1001")

    held = told.changes[reservation_key("LON-1", "order-1001")] or b""
    assert due_ms(held) == START_MS + 5 + WINDOW_MS
    assert decode_reservation(held).state == "shipped"


def test_a_reservation_expires_when_its_time_has_come(shop: Shop) -> None:
    shop.put(encoded())

    assert shop.pass_time(899_999) == []
    (told,) = shop.pass_time(1)

    event = json.loads(told.event or b"")
    assert event == {
        "type": "ReservationExpired",
        "id": "3-3",
        "partition": 3,
        "seq": 3,
        "warehouse": "LON-1",
        "lines": [
            {
                "sku": "85123A",
                "quantity": 6,
                "on_hand": 100,
                "reserved": 0,
                "available": 100,
                "version": 3,
            }
        ],
        "reservation": "order-1001",
        "expires_at": "2026-11-18T12:15:00.000Z",
        "time": "2026-11-18T12:15:00.000Z",
        "recorded_at": "2026-11-18T12:15:00.000Z",
        "source": {"partition": 3, "offset": 2},
    }
    assert told.outcome == "ReservationExpired"


@pytest.mark.parametrize("end", ["ShipReservation", "ReleaseReservation", None])
def test_an_id_is_free_again_after_the_window(shop: Shop, end: str | None) -> None:
    shop.put(encoded())
    if end is None:
        assert len(shop.pass_time(900_000)) == 1
    else:
        shop.send(end, reservation="order-1001")

    shop.pass_time(WINDOW_MS - 1)
    assert shop.put(encoded()).code == "RESERVATION_EXISTS"
    assert shop.send("ReleaseReservation", reservation="order-1001").code == "RESERVATION_CLOSED"
    assert shop.pass_time(1) == []
    assert reservation_key("LON-1", "order-1001") not in shop.rows
    assert shop.send("ShipReservation", reservation="order-1001").code == "RESERVATION_NOT_FOUND"
    assert shop.put(encoded()).outcome == "StockReserved"


def test_forgetting_a_reservation_is_no_event(shop: Shop) -> None:
    shop.put(encoded())
    shop.send("ReleaseReservation", reservation="order-1001")
    key = reservation_key("LON-1", "order-1001")

    told = shop.actor.expire(key, shop.rows[key], shop.rows.get, shop.moment)

    assert (told.event, told.changes, told.alerts) == (None, {key: None}, [])


def test_a_rejection_changes_nothing(shop: Shop) -> None:
    told = shop.put(encoded(lines=[{"sku": "85123A", "quantity": 101}]))

    assert json.loads(told.event or b"") == {
        "type": "CommandRejected",
        "id": "3-2",
        "partition": 3,
        "seq": 2,
        "command_id": RESERVE["id"],
        "warehouse": "LON-1",
        "code": "INSUFFICIENT_STOCK",
        "message": "85123A: 101 requested, 100 available",
        "details": {"sku": "85123A", "requested": 101, "available": 100},
        "time": "2026-11-20T10:00:00Z",
        "recorded_at": "2026-11-18T12:00:00.000Z",
        "actor": "user:42",
        "correlation_id": "checkout-77",
        "source": {"partition": 3, "offset": 1},
    }
    assert (told.changes, told.alerts) == ({}, [])
    assert (told.outcome, told.code) == ("CommandRejected", "INSUFFICIENT_STOCK")


def test_an_invalid_command_is_rejected_with_what_is_well_formed(shop: Shop) -> None:
    told = shop.put(encoded(ttl_seconds=0, actor=7))

    event = json.loads(told.event or b"")
    assert (event["code"], event["details"]) == (
        "INVALID_COMMAND",
        {"path": "actor", "problem": "is no string"},
    )
    assert (event["time"], event["correlation_id"]) == (RESERVE["time"], "checkout-77")
    assert "actor" not in event


def test_an_invalid_time_is_not_passed_on(shop: Shop) -> None:
    event = json.loads(shop.put(encoded(time="noon")).event or b"")

    assert event["time"] == event["recorded_at"] == "2026-11-18T12:00:00.000Z"


@pytest.mark.parametrize("value", [encoded(), encoded(ttl_seconds=0)])
def test_the_runtime_refuses_in_our_words(shop: Shop, value: bytes) -> None:
    command = shop.actor.decode(value)[2]

    told = shop.actor.reject(command, "INTERNAL", "a defect", {"offset": 1}, shop.moment)

    event = json.loads(told.event or b"")
    assert (event["code"], event["message"], event["details"]) == (
        "INTERNAL",
        "a defect",
        {"offset": 1},
    )
    assert (event["command_id"], told.code, told.changes) == (RESERVE["id"], "INTERNAL", {})


def test_decode_tells_where_a_command_belongs() -> None:
    warehouse, command_id, _ = StockActor(WINDOW_MS).decode(encoded(lines=None))

    assert (warehouse, command_id) == ("LON-1", RESERVE["id"])


def test_what_names_no_command_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="id is longer than 128 characters"):
        StockActor(WINDOW_MS).decode(encoded(id="i" * 129))


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


def test_a_repeat_may_differ_in_how_it_is_written() -> None:
    spaced = json.dumps(dict(reversed(RESERVE.items())), indent=2).encode()
    doubled = b'{"ttl_seconds":1,' + encoded()[1:]

    assert fingerprint(spaced) == fingerprint(doubled) == fingerprint(encoded())


@pytest.mark.parametrize(
    "change",
    [
        {"ttl_seconds": 901},
        {"reservation": "order-1002"},
        {"lines": [{"sku": "85123A", "quantity": 7}]},
        {"lines": [{"sku": "85123B", "quantity": 6}]},
        {"lines": LINES * 2},
        {"lines": [{"sku": "85123A", "quantity": 2}, {"sku": "85123A", "quantity": 4}]},
        {"ttl_seconds": 0},
        {"type": "ShipStock"},
    ],
)
def test_another_payload_is_another_command(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) != fingerprint(encoded())


def test_commands_of_equal_fields_differ_by_their_type() -> None:
    told = {"id": "c", "warehouse": "W", "reservation": "r"}

    ends = [
        fingerprint(json.dumps(told | {"type": kind}).encode())
        for kind in ("ReleaseReservation", "ShipReservation")
    ]

    assert ends[0] != ends[1]
    assert {len(end) for end in ends} == {8}


def test_invalid_commands_are_the_same_where_their_bytes_are() -> None:
    bad = encoded(ttl_seconds=0)

    assert fingerprint(bad) == fingerprint(bytes(bytearray(bad)))
    assert fingerprint(bad) != fingerprint(bad + b" ")
    assert fingerprint(bad) != fingerprint(encoded(ttl_seconds=0, time=None))


def test_a_replay_gives_the_same_bytes() -> None:
    def run() -> list[bytes]:
        shop = Shop()
        shop.send("ReceiveStock", lines=[{"sku": "85123A", "quantity": 7}])
        shop.put(encoded())
        shop.put(encoded(ttl_seconds=0))
        shop.pass_time(900_000)
        return shop.events

    assert run() == run()
    assert len(run()) == 4


def test_a_reservation_with_a_zero_byte_in_its_name_is_expired_by_its_name(shop: Shop) -> None:
    shop.put(encoded(reservation="a\0b"))

    (told,) = shop.pass_time(900_000)

    assert json.loads(told.event or b"")["reservation"] == "a\0b"


def test_the_moment_alone_sets_the_place(shop: Shop) -> None:
    command = shop.actor.decode(encoded())[2]

    told = shop.actor.decide(command, shop.rows.get, Moment(11, 2**40, 2**41, START_MS + 123))

    event = json.loads(told.event or b"")
    assert (event["id"], event["recorded_at"]) == ("11-1099511627776", "2026-11-18T12:00:00.123Z")
    assert event["source"] == {"partition": 11, "offset": 2**41}
