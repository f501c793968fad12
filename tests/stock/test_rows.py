"""The bytes of rows and keys, which Kafka and RocksDB keep for years."""

from typing import Any

import msgspec
import pytest

from schemas.pools import Channel
from schemas.rows import (
    Balances,
    ChannelReservation,
    Count,
    CountLine,
    Policy,
    Reservation,
    ReservedLine,
    Row,
    Transfer,
    TransferLine,
    Waiter,
    WaitingLine,
)
from tables.stock import (
    balances_key,
    channels_key,
    count_key,
    decode_balances,
    decode_channels,
    decode_count,
    decode_policy,
    decode_queue,
    decode_reservation,
    decode_row,
    decode_transfer,
    due_ms,
    encode_balances,
    encode_channels,
    encode_count,
    encode_policy,
    encode_queue,
    encode_reservation,
    encode_row,
    encode_transfer,
    incoming_key,
    outgoing_key,
    policy_key,
    queue_key,
    reservation_key,
    split_key,
    stock_key,
)

NOON_MS = 1_795_004_100_000


def test_a_row_is_nine_numbers() -> None:
    row = Row(
        on_hand=10**15,
        reserved=1,
        reorder_point=2,
        version=3,
        allocated=4,
        supplier=-5,
        customer=6,
        gain_loss=-7,
        elsewhere=8,
    )

    value = encode_row(row)

    assert value.hex() == "99cf00038d7ea4c68000" + "01020304" + "fb06f908"
    assert decode_row(value) == row


def test_a_marked_row_is_ten_numbers() -> None:
    row = Row(7, 1, 2, 3, supplier=-7, marks=5)

    value = encode_row(row)

    assert value.hex() == "9a07010203" + "00f9000000" + "05"
    assert decode_row(value) == row
    assert decode_row(value) != Row(7, 1, 2, 3, supplier=-7)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x9a" + b"\0" * 9,
        b"\x9b" + b"\0" * 11,
        b"\x98" + b"\0" * 8,
        b"\0" * 32,
        b"\x99" + b"\xc0" * 9,
    ],
)
def test_bytes_that_are_no_row_are_not_read_as_one(value: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_row(value)


def test_balances_are_ten_numbers() -> None:
    balances = Balances(1, 2, 3, 4, 5, 6, 7, -8, 9, -10)

    value = encode_balances(balances)

    assert value.hex() == "9a01020304050607f809f6"
    assert decode_balances(value) == balances
    assert balances.total() == 1 + 2 + 3 + 4 + 5 + 6 + 7 - 8 + 9 - 10


@pytest.mark.parametrize(
    ("policy", "told"), [(Policy(7), "9207c0"), (Policy(0, 10**6), "9200ce000f4240")]
)
def test_a_policy_is_its_safety_stock_and_its_recover_point(policy: Policy, told: str) -> None:
    value = encode_policy(policy)

    assert value.hex() == told
    assert decode_policy(value) == policy


def test_a_reservation_begins_with_when_it_is_due() -> None:
    held = Reservation("open", "2026-11-18T12:15:00.000Z", [ReservedLine("A", 5, 3, 2, 1)])

    value = encode_reservation(held, NOON_MS)

    assert int.from_bytes(value[:8]) == due_ms(value) == NOON_MS
    assert value[8:] == b"\x93\xa4open\xb82026-11-18T12:15:00.000Z\x91\x95\xa1A\x05\x03\x02\x01"
    assert decode_reservation(value) == held


def test_a_reservation_that_waits_says_what_is_missing() -> None:
    lines: list[ReservedLine] = [WaitingLine("A", 5, missing=2), WaitingLine("B", 1)]
    held = Reservation("waiting", "2026-11-18T12:15:00.000Z", lines)

    value = encode_reservation(held, NOON_MS)

    assert value[8:] == (
        b"\x93\xa7waiting\xb82026-11-18T12:15:00.000Z"
        b"\x92\x96\xa1A\x05\x00\x00\x00\x02\x96\xa1B\x01\x00\x00\x00\x00"
    )
    assert decode_reservation(value) == held
    assert [line.shelved for line in held.lines] == [3, 1]


def test_a_queue_is_who_waits_in_order() -> None:
    first = Waiter("r", 5, 9, "2026-12-01T00:00:00Z", 7, True, "web")
    queue = [first, Waiter("s", 1, 0, None, 8, False)]

    value = encode_queue(queue)

    assert value == (
        b"\x92\x97\xa1r\x05\x09\xb42026-12-01T00:00:00Z\x07\xc3\xa3web"
        b"\x97\xa1s\x01\x00\xc0\x08\xc2\xc0"
    )
    assert decode_queue(value) == queue


def test_a_queue_of_the_release_before_is_read() -> None:
    before = b"\x91\x96\xa1r\x05\x09\xb42026-12-01T00:00:00Z\x07\xc3"

    assert decode_queue(before) == [Waiter("r", 5, 9, "2026-12-01T00:00:00Z", 7, True)]


def test_channels_are_in_their_order() -> None:
    channels = [Channel("web", 7, 1, 2, 3, True), Channel("shop")]

    value = encode_channels(channels)

    assert value == b"\x92\x96\xa3web\x07\x01\x02\x03\xc3\x96\xa4shop\xc0\x00\x00\xc0\xc2"
    assert decode_channels(value) == channels


@pytest.mark.parametrize("state", ["open", "waiting", "confirmed", "expired"])
def test_a_reservation_ends_with_its_channel(state: Any) -> None:
    lines: list[ReservedLine] = [ReservedLine("A", 5)]
    if state == "waiting":
        lines = [WaitingLine("A", 5, missing=2)]
    held = ChannelReservation(state, "2026-11-18T12:15:00.000Z", lines, "web")

    value = encode_reservation(held, NOON_MS)

    assert value[8:9] == b"\x94"
    assert value.endswith(b"\xa3web")
    assert decode_reservation(value) == held
    assert type(decode_reservation(value)) is ChannelReservation


def test_a_count_begins_with_when_it_is_due() -> None:
    lines = [CountLine("A", 5), CountLine("B", 6, 7, True)]
    count = Count("approved", 2, lines, ["ann"])

    value = encode_count(count, NOON_MS)

    assert int.from_bytes(value[:8]) == due_ms(value) == NOON_MS
    assert value[8:] == (
        b"\x94\xa8approved\x02\x92\x94\xa1A\x05\xc0\xc2\x94\xa1B\x06\x07\xc3\x91\xa3ann"
    )
    assert decode_count(value) == count


def test_a_transfer_begins_with_when_it_is_due() -> None:
    transfer = Transfer("open", "PAR-1", [TransferLine("A", 5), TransferLine("B", 0, 7)])

    value = encode_transfer(transfer, NOON_MS)

    assert int.from_bytes(value[:8]) == due_ms(value) == NOON_MS
    assert value[8:] == b"\x93\xa4open\xa5PAR-1\x92\x93\xa1A\x05\x00\x93\xa1B\x00\x07"
    assert decode_transfer(value) == transfer


def test_keys_are_kind_warehouse_and_name() -> None:
    assert stock_key("LON-1", "Ä 1") == b"S\0LON-1\0\xc3\x84 1"
    assert balances_key("LON-1", "Ä 1") == b"B\0LON-1\0\xc3\x84 1"
    assert policy_key("LON-1", "Ä 1") == b"P\0LON-1\0\xc3\x84 1"
    assert channels_key("LON-1", "Ä 1") == b"K\0LON-1\0\xc3\x84 1"
    assert queue_key("LON-1", "Ä 1") == b"Q\0LON-1\0\xc3\x84 1"
    assert reservation_key("LON-1", "order-1001") == b"r\0LON-1\0order-1001"
    assert count_key("LON-1", "aisle 7") == b"c\0LON-1\0aisle 7"
    assert outgoing_key("LON-1", "t 7") == b"t\0LON-1\0t 7"
    assert incoming_key("PAR-1", "LON-1", "t 7") == b"i\0PAR-1\0LON-1/t 7"
    assert stock_key("LON-1", "") == b"S\0LON-1\0"


@pytest.mark.parametrize("name", ["order-1001", "a\0b", "\0", "Ä 1"])
def test_a_key_is_read_back(name: str) -> None:
    assert split_key(reservation_key("LON-1", name)) == (b"r", "LON-1", name)
    assert split_key(count_key("LON-1", name)) == (b"c", "LON-1", name)
    assert split_key(outgoing_key("LON-1", name)) == (b"t", "LON-1", name)
    assert split_key(incoming_key("PAR-1", "LON-1", name)) == (b"i", "PAR-1", f"LON-1/{name}")
    assert split_key(stock_key("LON-1", name)) == (b"S", "LON-1", name)
