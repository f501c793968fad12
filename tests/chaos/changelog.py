"""The changelog, read by its format anew: a partition's final rows, reservations and stamp."""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from tests.chaos.records import Record, Row

STAMP_KEY = b"\0stamp"
_STAMP = struct.Struct(">B16sQQQI")  # what follows is the engine's own
_STOCK = struct.Struct(">QQQQ")
_IDS = b"I"
_INTEGERS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}  # MessagePack's sizes, by first byte
_TEXTS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAYS = {0xDC: 2, 0xDD: 4}

T = TypeVar("T")


class Held(NamedTuple):
    """A reservation's row."""

    due_ms: int  # its expiry while it is open; when its id is free again once it is not
    state: str
    expires_at: str
    lines: dict[str, int]


class Stamp(NamedTuple):
    """Where a partition stands after a transaction."""

    incarnation: bytes
    next_offset: int
    next_seq: int
    log_time_ms: int
    partitions: int


@dataclass(slots=True)
class Table:
    """One partition's changelog, folded."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    reservations: dict[tuple[str, str], Held] = field(default_factory=dict)
    stamp: Stamp | None = None
    problems: list[str] = field(default_factory=list)


def stamp_of(value: bytes) -> Stamp:
    """A stamp from its record's value."""
    return Stamp(*_STAMP.unpack_from(value)[1:])  # behind the format's number


def fold(records: Iterable[Record]) -> Table:
    """Replay a partition's records, a transaction at a time; problems are told, not raised."""
    table = Table()
    pending: list[Record] = []
    for record in records:
        if record.key != STAMP_KEY:
            pending.append(record)
            continue
        assert record.value is not None
        stamp = stamp_of(record.value)
        _check_stamp(table, stamp, record.offset)
        table.stamp = stamp
        for one in pending:
            _apply(table, one)
        pending.clear()
    if pending:
        table.problems.append(f"{len(pending)} records behind the last stamp: a torn transaction")
    return table


def _check_stamp(table: Table, stamp: Stamp, offset: int) -> None:
    before = table.stamp
    if before is None:
        return
    if stamp.incarnation != before.incarnation or stamp.partitions != before.partitions:
        table.problems.append(f"offset {offset}: stamp of another incarnation")
    for name in ("next_offset", "next_seq", "log_time_ms"):
        if getattr(stamp, name) < getattr(before, name):
            table.problems.append(
                f"offset {offset}: {name} went back from {getattr(before, name)} "
                f"to {getattr(stamp, name)}"
            )


def _apply(table: Table, record: Record) -> None:
    key, value = record.key, record.value
    if key is None:
        table.problems.append(f"offset {record.offset}: a record without key")
        return
    kind, _, rest = key.partition(b"\0")
    if kind[:1] == _IDS:
        return
    if kind not in (b"S", b"r"):
        table.problems.append(f"offset {record.offset}: unknown kind of row {key!r}")
        return
    warehouse, _, identity = rest.decode().partition("\0")
    if kind == b"S":
        _put(table.rows, (warehouse, identity), value, _row)
    else:
        _put(table.reservations, (warehouse, identity), value, _reservation)


def _put(
    into: dict[tuple[str, str], T],
    key: tuple[str, str],
    value: bytes | None,
    read: Callable[[bytes], T],
) -> None:
    if value is None:
        into.pop(key, None)
    else:
        into[key] = read(value)


def _row(value: bytes) -> Row:
    return Row(*_STOCK.unpack(value))


def _reservation(value: bytes) -> Held:
    (state, expires_at, lines), end = _unpacked(value, 8)
    assert end == len(value), "bytes behind a reservation"
    due_ms = int.from_bytes(value[:8], "big")
    return Held(due_ms, state, expires_at, dict(lines))


def _unpacked(value: bytes, at: int) -> tuple[Any, int]:
    """One MessagePack value of the kinds that a reservation has: (it, where the next begins)."""
    first, at = value[at], at + 1
    if first < 0x80:
        return first, at
    if first in _INTEGERS:
        size = _INTEGERS[first]
        return int.from_bytes(value[at : at + size], "big"), at + size
    if 0xA0 <= first < 0xC0 or first in _TEXTS:
        length, at = _length(value, at, first & 0x1F, _TEXTS.get(first, 0))
        return value[at : at + length].decode(), at + length
    assert 0x90 <= first < 0xA0 or first in _ARRAYS, f"unexpected MessagePack 0x{first:02x}"
    length, at = _length(value, at, first & 0x0F, _ARRAYS.get(first, 0))
    items = []
    for _ in range(length):
        item, at = _unpacked(value, at)
        items.append(item)
    return items, at


def _length(value: bytes, at: int, short: int, size: int) -> tuple[int, int]:
    return (int.from_bytes(value[at : at + size], "big"), at + size) if size else (short, at)
