"""Topics without a broker: what a faultless engine would have left behind, to plant faults in."""

import json
import struct
from collections.abc import Iterable
from typing import Any

from tests.chaos.accounts import BESIDE, OWN_ROW
from tests.chaos.changelog import STAMP_KEY
from tests.chaos.checker import Logs
from tests.chaos.oracle import DAY_S, Oracle
from tests.chaos.records import Count, ExpectedEvent, Key, Prediction, Record, Reservation, Row
from tests.chaos.routing import owner, rfc3339
from tests.chaos.table_rows import AGAIN_MS
from tests.chaos.traffic import Wish

START_MS = 1_763_600_000_000
MS_PER_RECORD = 20
FIRST_SEQ = 1
STAMP_FORMAT = 1

Pair = tuple[bytes, bytes]
"""A key of the changelog, and its value."""


def faultless(wishes: Iterable[Wish], partitions: int) -> Logs:
    """All topics after these wishes, forwarded where they were misrouted."""
    commands = _commands(wishes, partitions)
    logs = Logs("", commands, {}, {}, {}, {})
    for partition in commands:
        oracle = Oracle(logs.topic, partition, partitions, FIRST_SEQ)
        _render(logs, oracle.fold(commands[partition]), oracle.seq)
    return logs


def _commands(wishes: Iterable[Wish], partitions: int) -> dict[int, list[Record]]:
    commands: dict[int, list[Record]] = {number: [] for number in range(partitions)}
    now_ms = START_MS

    def append(number: int, key: bytes | None, value: bytes | None, headers: Any) -> None:
        nonlocal now_ms
        now_ms += MS_PER_RECORD
        log = commands[number]
        log.append(Record(number, len(log), now_ms, key, value, tuple(headers)))

    for wish in wishes:
        number = wish.partition
        if number is None:
            number = owner((wish.key or b"").decode(), partitions)
        append(number, wish.key, wish.value, wish.headers)
    for number, log in list(commands.items()):
        topic = Logs("", {}, {}, {}, {}, {}).topic
        for forward in Oracle(topic, number, partitions, FIRST_SEQ).fold(list(log)).forwards:
            origin = ("forwarded_from", forward.origin.encode())
            append(forward.target, forward.key, forward.value, (*forward.headers, origin))
    return commands


def event_bytes(event: ExpectedEvent) -> bytes:
    """An event as an engine might write it."""
    fields = event.fields | event.may
    if event.codes:
        fields |= {"code": event.codes[0], "message": "refused"}
        fields["details"] = fields.get("details", {}) | event.among
        if event.codes == ("INVALID_COMMAND",):
            fields["details"] = {"path": "", "problem": "is wrong"}
    return json.dumps(fields).encode()


def row_pairs(key: Key, row: Row) -> list[Pair]:
    """What the changelog has of a SKU: its own row, and the balances that have no place there."""
    accounts = row.accounts
    own = [row.on_hand, row.reserved, row.reorder_point, row.version, row.allocated]
    own += [*(accounts[name] for name in OWN_ROW), row.elsewhere]
    pairs = [(_key("S", key), packed(own))]
    if row.is_beside:
        pairs.append((_key("B", key), packed([accounts[name] for name in BESIDE])))
    return pairs


def reservation_pair(key: Key, one: Reservation) -> Pair:
    """A reservation's key and bytes."""
    due_ms = {
        "open": one.expires_at_ms,
        "confirmed": one.confirmed_at_ms + AGAIN_MS,
    }.get(one.state, one.closed_at_ms + 30 * DAY_S * 1000)
    lines = [
        [sku, line.quantity, line.picked, line.packed, line.shipped]
        for sku, line in one.lines.items()
    ]
    value = packed([one.state, rfc3339(one.expires_at_ms), lines])
    return _key("r", key), due_ms.to_bytes(8, "big") + value


def count_pair(key: Key, one: Count) -> Pair:
    """A count's key and bytes."""
    is_open = one.state == "open"
    due_ms = one.opened_at_ms + AGAIN_MS if is_open else one.closed_at_ms + 30 * DAY_S * 1000
    lines = [[sku, line.book, line.counted, line.is_final] for sku, line in one.lines.items()]
    value = packed([one.state, one.tolerance, lines, one.counters])
    return _key("c", key), due_ms.to_bytes(8, "big") + value


def _key(kind: str, key: Key) -> bytes:
    return f"{kind}\0{key[0]}\0{key[1]}".encode()


def packed(value: Any) -> bytes:
    """A value in MessagePack, each of its kinds in one way of several."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return (b"\xd3" if value < 0 else b"\xcf") + (value % 2**64).to_bytes(8, "big")
    if isinstance(value, str):
        encoded = value.encode()
        return b"\xda" + len(encoded).to_bytes(2, "big") + encoded
    return b"\xdd" + len(value).to_bytes(4, "big") + b"".join(map(packed, value))


def stamp_bytes(told: Prediction, next_seq: int, partitions: int) -> bytes:
    """A stamp as the changelog has it, without ids."""
    incarnation, ids = b"i" * 16, 0
    numbers = (told.next_offset, next_seq, told.log_time_ms, partitions)
    return struct.pack(">B16sQQQIH", STAMP_FORMAT, incarnation, *numbers, ids)


def _render(logs: Logs, told: Prediction, next_seq: int) -> None:
    number = told.partition

    def log(pairs: Iterable[tuple[bytes | None, bytes | None, Any]]) -> list[Record]:
        return [
            Record(number, offset, told.log_time_ms, key, value, tuple(headers))
            for offset, (key, value, headers) in enumerate(pairs)
        ]

    logs.events[number] = log(
        (event.fields["warehouse"].encode(), event_bytes(event), ()) for event in told.events
    )
    logs.alerts[number] = log(
        (alert.key, json.dumps(alert.fields).encode(), ()) for alert in told.alerts
    )
    logs.dead_letters[number] = log(
        (letter.key, letter.value, (*letter.headers, *said_of(logs.topic, letter)))
        for letter in told.dead_letters
    )
    stamp = stamp_bytes(told, next_seq, len(logs.commands))
    pairs = [pair for key, row in told.rows.items() for pair in row_pairs(key, row)]
    pairs += [reservation_pair(*item) for item in told.reservations.items()]
    pairs += [count_pair(*item) for item in told.counts.items()]
    rows = [(key, value, ()) for key, value in pairs]
    logs.changelog[number] = log([*rows, (b"I0000", b"ids", ()), (STAMP_KEY, stamp, ())])


def said_of(topic: str, letter: Record) -> list[tuple[str, bytes]]:
    """The headers that a dead letter is given."""
    return [
        ("error", b"cannot be read"),
        ("source_topic", topic.encode()),
        ("source_partition", str(letter.partition).encode()),
        ("source_offset", str(letter.offset).encode()),
    ]
