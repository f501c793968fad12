"""The oracle against the contract's own words: small logs whose outcome is plain to see."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.chaos import junk, stories
from tests.chaos.command_log import START_MS, TOPIC, Log, details, kinds, lines
from tests.chaos.oracle import Oracle
from tests.chaos.records import Record
from tests.chaos.routing import murmur2, owner, rfc3339
from tests.chaos.rules import Unreadable, read
from tests.chaos.strict_json import NotJson, _decode_slowly, decode
from tests.chaos.synthetic import faultless
from tests.chaos.traffic import Traffic


def test_the_contracts_example() -> None:
    log = Log().command("ReceiveStock", lines=lines(**{"85123A": 100}))
    log.command(
        "ReserveStock",
        id="01JD3Z6V9K2M4N6P8Q0R2S4T6V",
        lines=lines(**{"85123A": 6}),
        reservation="order-1001",
        ttl_seconds=900,
        time="2026-11-20T10:00:00Z",
        actor="user:42",
        correlation_id="checkout-77",
    )
    assert log.told().events[1].fields == {
        "type": "StockReserved",
        "id": "0-2",
        "partition": 0,
        "seq": 2,
        "command_id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V",
        "warehouse": "LON-1",
        "lines": [
            {
                "sku": "85123A",
                "quantity": 6,
                "on_hand": 100,
                "reserved": 6,
                "available": 94,
                "version": 2,
            }
        ],
        "reservation": "order-1001",
        "expires_at": "2025-11-20T10:15:00.000Z",
        "time": "2026-11-20T10:00:00Z",
        "recorded_at": "2025-11-20T10:00:00.000Z",
        "actor": "user:42",
        "correlation_id": "checkout-77",
        "source": {"partition": 0, "offset": 1},
    }


def test_all_lines_or_none() -> None:
    log = Log().command("ReceiveStock", lines=lines(A=5, B=1))
    told = log.command("ShipStock", lines=lines(A=5, B=2)).told()
    assert kinds(told) == ["StockReceived", "INSUFFICIENT_STOCK"]
    assert told.events[1].fields["details"] == {"sku": "B", "requested": 2, "available": 1}
    assert told.rows["LON-1", "A"].on_hand == 5


def test_all_skus_that_are_short_are_told_in_their_order() -> None:
    log = Log().command("ReceiveStock", lines=lines(A=5, B=1, C=2))
    log.command("ShipStock", lines=lines(C=9, A=5, B=2))
    each = [
        {"sku": "C", "requested": 9, "available": 2},
        {"sku": "B", "requested": 2, "available": 1},
    ]
    assert details(log) == each[0] | {"short": each}


def test_a_sku_on_several_lines_counts_with_their_sum() -> None:
    twice = [{"sku": "A", "quantity": 3}, {"sku": "A", "quantity": 3}]
    told = Log().command("ReceiveStock", lines=lines(A=5)).command("ShipStock", lines=twice).told()
    assert kinds(told) == ["StockReceived", "INSUFFICIENT_STOCK"]


def test_a_reservation_from_its_making_to_its_end() -> None:
    log = Log().command("ReceiveStock", lines=lines(A=10))
    for name in ("x", "y", "x"):
        log.command("ReserveStock", reservation=name, lines=lines(A=4), ttl_seconds=9)
    log.command("ShipReservation", reservation="x").command("ReleaseReservation", reservation="y")
    log.command("ReleaseReservation", reservation="x").command("ShipReservation", reservation="z")
    told = log.told()
    assert kinds(told) == [
        "StockReceived",
        "StockReserved",
        "StockReserved",
        "RESERVATION_EXISTS",
        "StockShipped",
        "ReservationReleased",
        "RESERVATION_CLOSED",
        "RESERVATION_NOT_FOUND",
    ]
    row = told.rows["LON-1", "A"]
    assert (row.on_hand, row.reserved, row.version) == (6, 0, 5)


def test_reservations_expire_by_log_time_in_the_order_of_expiry_and_id() -> None:
    log = Log().command("ReceiveStock", lines=lines(A=10))
    for name, ttl in (("b", 2), ("a", 2), ("c", 1), ("later", 3)):
        log.command("ReserveStock", reservation=name, lines=lines(A=1), ttl_seconds=ttl)
    told = log.after(2).bytes(b'{"type":"Tick"}').told()
    expired = told.events[5:]
    assert [event.fields["reservation"] for event in expired] == ["c", "a", "b"]
    assert all(event.fields["source"] == {"partition": 0, "offset": 5} for event in expired)
    assert all("command_id" not in event.fields for event in expired)
    assert told.ticks == 1


def test_expiry_comes_before_the_record_that_shows_it() -> None:
    log = Log().command("ReceiveStock", lines=lines(A=1))
    log.command("ReserveStock", reservation="r", lines=lines(A=1), ttl_seconds=1)
    told = log.after(1).command("ShipReservation", reservation="r").told()
    assert kinds(told)[2:] == ["ReservationExpired", "RESERVATION_CLOSED"]


def test_a_closed_reservation_is_free_again_after_the_window() -> None:
    log = Log().command("ReceiveStock", lines=lines(A=9))
    for wait_s in (0, 99.999, 0.001):
        log.after(wait_s)
        log.command("ReserveStock", reservation="r", lines=lines(A=1), ttl_seconds=1_000)
        log.command("ReleaseReservation", reservation="r")
    assert kinds(log.told(100))[1:] == [
        "StockReserved",
        "ReservationReleased",
        "RESERVATION_EXISTS",
        "RESERVATION_CLOSED",
        "StockReserved",
        "ReservationReleased",
    ]


def test_repeats_and_reused_ids() -> None:
    log = Log().command("ReceiveStock", id="i", lines=lines(A=1), actor="a")
    log.bytes(
        b'{ "lines": [{"quantity": 1, "sku": "\\u0041"}], "warehouse": "LON-1",'
        b'"id": "i", "type": "ReceiveStock", "time": "2026-11-20T10:00:00Z"}'
    )
    log.command("ReceiveStock", id="i", lines=lines(A=2))
    log.command("ReceiveStock", id="i", lines=lines(A=2))
    log.command("ReceiveStock", id="i", warehouse="LON-2", lines=lines(A=1))
    log.command("ReceiveStock", id="bad").command("ReceiveStock", id="bad")
    log.command("ReceiveStock", id="bad", lines=lines(A=1))
    log.after(100).command("ReceiveStock", id="i", lines=lines(A=3))
    told = log.told(100)
    reused = "IDEMPOTENCY_KEY_REUSED"
    assert kinds(told) == [
        "StockReceived",
        reused,
        reused,
        "StockReceived",
        "INVALID_COMMAND",
        reused,
        "StockReceived",
    ]
    assert told.duplicates == 2


def test_limits() -> None:
    full = [{"sku": "A", "quantity": 10**12}] * 1_000
    log = Log().command("ReceiveStock", lines=full).command("ReceiveStock", lines=lines(A=1))
    log.command("AdjustStock", lines=[{"sku": "B", "delta": -1}], reason="lost")
    told = log.told()
    assert kinds(told) == ["StockReceived", "QUANTITY_LIMIT", "INSUFFICIENT_STOCK"]
    assert told.rows["LON-1", "A"].on_hand == 10**15


def test_one_alert_for_each_crossing() -> None:
    log = Log().command("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 5}])
    for kind, quantity in (
        ("ReceiveStock", 5),  # out to low: none
        ("ReceiveStock", 1),  # recovered
        ("ShipStock", 2),  # low
        ("ShipStock", 1),
        ("ShipStock", 3),  # out
        ("ReceiveStock", 9),  # recovered
        ("ShipStock", 9),  # out at once: one alert
    ):
        log.command(kind, lines=lines(A=quantity))
    log.command("ReceiveStock", lines=lines(A=9))  # recovered
    log.command("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 9}])  # low
    told = log.told()
    assert [alert.fields["type"] for alert in told.alerts] == [
        "StockRecovered",
        "LowStock",
        "OutOfStock",
        "StockRecovered",
        "OutOfStock",
        "StockRecovered",
        "LowStock",
    ]
    assert told.alerts[0].key == b"LON-1/A"
    assert told.alerts[0].fields["id"] == "0-3/A"


def test_a_misrouted_command_is_forwarded_once_and_then_a_dead_letter() -> None:
    value = b'{"id":"i","warehouse":"LON-1"}'
    home = owner("LON-1", 12)
    wrong = (home + 1) % 12
    told = Oracle(TOPIC, wrong, 12, 1).fold(
        [
            Record(wrong, 7, START_MS, b"k", value, (("a", b"1"),)),
            Record(wrong, 8, START_MS, b"k", value, (("forwarded_from", b"x/1/1"),)),
        ]
    )
    assert [forward.target for forward in told.forwards] == [home]
    assert told.forwards[0].origin == f"{TOPIC}/{wrong}/7"
    assert [letter.offset for letter in told.dead_letters] == [8]
    assert not told.events


def test_murmur2_as_kafka_publishes_it() -> None:
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    for key, signed in known.items():
        assert murmur2(key) == signed & 0xFFFFFFFF


def test_times_have_milliseconds() -> None:
    assert rfc3339(START_MS + 7) == "2025-11-20T10:00:00.007Z"


@pytest.mark.parametrize("name", junk.UNREADABLE)
def test_what_nobody_can_read(name: str) -> None:
    for _, value in _made(name):
        with pytest.raises(Unreadable):
            read(value)


@pytest.mark.parametrize("name", junk.INVALID)
def test_what_is_read_and_refused(name: str) -> None:
    for base, value in _made(name):
        command = read(value)
        assert command is not None
        assert (command.id, command.warehouse) == (base["id"], base["warehouse"])
        assert command.problem


@pytest.mark.parametrize("name", junk.ODD_BUT_VALID)
def test_what_looks_odd_and_is_right(name: str) -> None:
    for _, value in _made(name):
        command = read(value)
        assert command is None or not command.problem


def _made(name: str) -> list[tuple[dict[str, Any], bytes | None]]:
    traffic = Traffic(5, 12)
    family = next(one for one in (junk.UNREADABLE, junk.INVALID, junk.ODD_BUT_VALID) if name in one)
    bases = [traffic._command() for _ in range(5)]
    return [(base, family[name](traffic.rng, base)) for base in bases]


_BEYOND_PYTHON = ("deep", "digits", "10^400", "a MiB")  # only the slow reader takes these, or tries
_SMALL = [
    name
    for name in (*junk.UNREADABLE, *junk.INVALID, *junk.ODD_BUT_VALID)
    if not any(part in name for part in _BEYOND_PYTHON)
]


@pytest.mark.parametrize("name", _SMALL)
def test_both_readers_of_json_agree(name: str) -> None:
    for _, value in _made(name):
        try:
            slow: Any = _decode_slowly((value or b"").decode())
        except (NotJson, UnicodeDecodeError):
            with pytest.raises(NotJson):
                decode(value)
        else:
            assert decode(value) == slow


def test_the_same_seed_gives_the_same_traffic() -> None:
    assert list(Traffic(3, 12).wishes(2_000)) == list(Traffic(3, 12).wishes(2_000))


EVENTS = """
StockReceived StockShipped StockAdjusted StockReserved ReservationReleased ReservationExpired
ReorderPointSet StockPolicySet ReservationExtended ReservationSuperseded ReservationConfirmed
StockBackordered StockPicked StockUnpicked StockPacked PackedShipped StockMoved CountOpened
CountRecorded CountApproved CountCancelled TransferDispatched TransferExpected TransferReceived
TransferClosed TransferSettled SupplyExpected ChannelPoolsSet
"""
CODES = """
INSUFFICIENT_STOCK RESERVATION_EXISTS RESERVATION_NOT_FOUND RESERVATION_CLOSED QUANTITY_LIMIT
INVALID_COMMAND IDEMPOTENCY_KEY_REUSED RESERVATION_CONFIRMED RESERVATION_NOT_CONFIRMED
RESERVATION_PICKED OVER_PICK NOT_PICKED NOT_PACKED MOVE_FORBIDDEN COUNT_EXISTS COUNT_NOT_FOUND
COUNT_CLOSED ACTOR_REQUIRED COUNT_LINE_UNKNOWN COUNT_LINE_FINAL COUNT_SELF_APPROVED
COUNT_INCOMPLETE TRANSFER_TO_ITSELF TRANSFER_EXISTS TRANSFER_NOT_FOUND TRANSFER_CLOSED
POLICY_CONFLICT RESERVATION_WAITING SUPPLY_CONFLICT SUPPLY_NOT_FOUND OVER_RECEIPT NOT_PROMISABLE
STOCK_OWED VERSION_CONFLICT
"""
LISTS = "filled trued_up late"


def test_traffic_meets_every_event_and_every_refusal() -> None:
    logs = faultless(Traffic(1, 4).wishes(20_000), 4)
    events = [
        json.loads(record.value or b"") for records in logs.events.values() for record in records
    ]
    met = {event.get("code", event["type"]) for event in events}
    assert not {*EVENTS.split(), *CODES.split()} - met
    assert not {*LISTS.split()} - {name for event in events for name in event}


def test_three_tenths_of_the_traffic_are_of_the_rarer_kinds() -> None:
    sent = Counter(wish.kind.split()[-1] for wish in Traffic(3, 12).wishes(20_000))
    share = sum(sent[kind] for kind in stories.MIX) / sum(sent.values())
    assert 0.25 < share < 0.35
    assert all(sent[kind] for kind in stories.MIX)


def test_traffic_has_the_shares_it_promises() -> None:
    sent = [wish.kind for wish in Traffic(3, 12).wishes(20_000)]
    share = {
        name: sum(name in kind for kind in sent) / len(sent)
        for name in ("junk", "repeated", "reused", "misrouted")
    }
    assert 0.007 < share["junk"] < 0.013
    assert 0.045 < share["repeated"] + share["reused"] < 0.055
    assert 0.18 < share["misrouted"] < 0.21
    assert share["reused"] > 0.001
