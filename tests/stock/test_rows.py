"""The bytes of rows and keys, which Kafka and RocksDB keep for years."""

import pytest

from schemas.rows import Reservation, ReservedLine, Row
from tables.stock import (
    decode_reservation,
    decode_row,
    due_ms,
    encode_reservation,
    encode_row,
    reservation_key,
    split_key,
    stock_key,
)


def test_a_row_is_four_numbers_of_eight_bytes() -> None:
    value = encode_row(Row(on_hand=10**15, reserved=1, reorder_point=2, version=3))

    assert value.hex() == "00038d7ea4c68000000000000000000100000000000000020000000000000003"
    assert decode_row(value) == Row(10**15, 1, 2, 3)


def test_a_reservation_begins_with_when_it_is_due() -> None:
    held = Reservation("open", "2026-11-18T12:15:00.000Z", [ReservedLine("A", 5)])

    value = encode_reservation(held, 1_795_004_100_000)

    assert int.from_bytes(value[:8]) == due_ms(value) == 1_795_004_100_000
    assert value[8:] == b"\x93\xa4open\xb82026-11-18T12:15:00.000Z\x91\x92\xa1A\x05"
    assert decode_reservation(value) == held


def test_keys_are_kind_warehouse_and_name() -> None:
    assert stock_key("LON-1", "Ä 1") == b"S\0LON-1\0\xc3\x84 1"
    assert reservation_key("LON-1", "order-1001") == b"r\0LON-1\0order-1001"
    assert stock_key("LON-1", "") == b"S\0LON-1\0"


@pytest.mark.parametrize("name", ["order-1001", "a\0b", "\0", "Ä 1"])
def test_a_key_is_read_back(name: str) -> None:
    assert split_key(reservation_key("LON-1", name)) == (b"r", "LON-1", name)
    assert split_key(stock_key("LON-1", name)) == (b"S", "LON-1", name)
