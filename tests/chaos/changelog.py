"""The changelog, read by its format anew: a partition's final rows and stamp."""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from tests.chaos.accounts import BESIDE
from tests.chaos.messagepack import unpack
from tests.chaos.records import CountLine, Key, Pool, Record, ReservedLine, TransferLine, Waiting

STAMP_KEY = b"\0stamp"
_STAMP = struct.Struct(">B16sQQQI")  # what follows is the engine's own
_IDS = b"I"

T = TypeVar("T")


class StockRow(NamedTuple):
    """A SKU's own row."""

    on_hand: int
    reserved: int
    reorder_point: int
    version: int
    allocated: int
    supplier: int
    customer: int
    gain_loss: int
    elsewhere: int
    marks: int = 0  # 1: a policy, 2: somebody waits, 4: low by its recover point, 8: channels

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Policy(NamedTuple):
    """How a SKU is to be kept."""

    safety_stock: int
    recover_point: int | None
    may_owe: int = 0


class Supply(NamedTuple):
    """What is to come of a SKU by one supply."""

    supply: str
    due: str
    quantity: int


class Held(NamedTuple):
    """A reservation's row."""

    due_ms: int  # its expiry while it is open; when its id is free again once it is over
    state: str
    expires_at: str
    lines: dict[str, ReservedLine]
    channel: str | None = None


class Counting(NamedTuple):
    """A count's row."""

    due_ms: int
    state: str
    tolerance: int
    lines: dict[str, CountLine]
    counters: list[str]


class Travelling(NamedTuple):
    """A transfer's row, at either end."""

    due_ms: int
    state: str
    other: str  # the warehouse at the other end
    lines: dict[str, TransferLine]


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

    rows: dict[Key, StockRow] = field(default_factory=dict)
    balances: dict[Key, dict[str, int]] = field(default_factory=dict)
    policies: dict[Key, Policy] = field(default_factory=dict)
    queues: dict[Key, list[Waiting]] = field(default_factory=dict)
    supplies: dict[Key, list[Supply]] = field(default_factory=dict)
    channels: dict[Key, list[Pool]] = field(default_factory=dict)
    reservations: dict[Key, Held] = field(default_factory=dict)
    counts: dict[Key, Counting] = field(default_factory=dict)
    transfers: dict[Key, Travelling] = field(default_factory=dict)
    arrivals: dict[Key, Travelling] = field(default_factory=dict)
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
    if kind not in (b"S", b"B", b"P", b"Q", b"K", b"U", b"r", b"c", b"t", b"i"):
        table.problems.append(f"offset {record.offset}: unknown kind of row {key!r}")
        return
    warehouse, _, identity = rest.decode().partition("\0")
    place = warehouse, identity
    if kind == b"S":
        _put(table.rows, place, value, _row)
    elif kind == b"B":
        _put(table.balances, place, value, _balances)
    elif kind == b"P":
        _put(table.policies, place, value, lambda told: Policy(*unpack(told)))
    elif kind in (b"Q", b"K", b"U"):
        _put_list(table, kind, place, value)
    elif kind == b"r":
        _put(table.reservations, place, value, _reservation)
    elif kind == b"c":
        _put(table.counts, place, value, _count)
    else:
        ends = table.transfers if kind == b"t" else table.arrivals
        _put(ends, place, value, _transfer)


def _put_list(table: Table, kind: bytes, place: Key, value: bytes | None) -> None:
    if kind == b"Q":
        _put(table.queues, place, value, lambda told: [Waiting(*one) for one in unpack(told)])
    elif kind == b"U":
        _put(table.supplies, place, value, lambda told: [Supply(*one) for one in unpack(told)])
    else:
        _put(table.channels, place, value, lambda told: [Pool(*one) for one in unpack(told)])


def _put(into: dict[Key, T], key: Key, value: bytes | None, read: Callable[[bytes], T]) -> None:
    if value is None:
        into.pop(key, None)
    else:
        into[key] = read(value)


def _row(value: bytes) -> StockRow:
    return StockRow(*unpack(value))


def _balances(value: bytes) -> dict[str, int]:
    return dict(zip(BESIDE, unpack(value), strict=True))


def _reservation(value: bytes) -> Held:
    state, expires_at, lines, *channel = unpack(value, 8)
    held = {sku: ReservedLine(*numbers) for sku, *numbers in lines}
    assert len(held) == len(lines), "a SKU is named twice"
    return Held(_due_ms(value), state, expires_at, held, *channel)


def _count(value: bytes) -> Counting:
    state, tolerance, lines, counters = unpack(value, 8)
    counted = {sku: CountLine(*rest) for sku, *rest in lines}
    assert len(counted) == len(lines), "a SKU is named twice"
    return Counting(_due_ms(value), state, tolerance, counted, counters)


def _transfer(value: bytes) -> Travelling:
    state, other, lines = unpack(value, 8)
    sent = {sku: TransferLine(*numbers) for sku, *numbers in lines}
    assert len(sent) == len(lines), "a SKU is named twice"
    return Travelling(_due_ms(value), state, other, sent)


def _due_ms(value: bytes) -> int:
    return int.from_bytes(value[:8], "big")
