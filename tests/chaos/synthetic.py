"""Topics without a broker: what a faultless engine would have left behind, to plant faults in."""

import json
import struct
from collections.abc import Iterable
from typing import Any

from tests.chaos.changelog import STAMP_KEY
from tests.chaos.checker import Logs
from tests.chaos.oracle import DAY_S, Oracle, owner, rfc3339
from tests.chaos.records import ExpectedEvent, Prediction, Record, Reservation, Row
from tests.chaos.traffic import Wish

START_MS = 1_763_600_000_000
MS_PER_RECORD = 20
FIRST_SEQ = 1
STAMP_FORMAT = 1


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
        fields.setdefault("details", {})
        if event.codes == ("INVALID_COMMAND",):
            fields["details"] = {"path": "", "problem": "is wrong"}
    return json.dumps(fields).encode()


def row_bytes(row: Row) -> bytes:
    """A stock row's 32 bytes."""
    return struct.pack(">QQQQ", row.on_hand, row.reserved, row.reorder_point, row.version)


def reservation_bytes(reservation: Reservation) -> bytes:
    """A reservation's bytes."""
    due = reservation.expires_at_ms
    if reservation.state != "open":
        due = reservation.closed_at_ms + 30 * DAY_S * 1000
    packed = b"\x93" + _text(reservation.state) + _text(rfc3339(reservation.expires_at_ms))
    packed += b"\xdd" + len(reservation.lines).to_bytes(4, "big")
    for sku, quantity in reservation.lines.items():
        packed += b"\x92" + _text(sku) + b"\xcf" + quantity.to_bytes(8, "big")
    return due.to_bytes(8, "big") + packed


def _text(text: str) -> bytes:
    encoded = text.encode()
    return b"\xda" + len(encoded).to_bytes(2, "big") + encoded


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
    rows = [(f"S\0{w}\0{s}".encode(), row_bytes(row), ()) for (w, s), row in told.rows.items()]
    held = [
        (f"r\0{w}\0{name}".encode(), reservation_bytes(one), ())
        for (w, name), one in told.reservations.items()
    ]
    logs.changelog[number] = log([*rows, *held, (b"I0000", b"ids", ()), (STAMP_KEY, stamp, ())])


def said_of(topic: str, letter: Record) -> list[tuple[str, bytes]]:
    """The headers that a dead letter is given."""
    return [
        ("error", b"cannot be read"),
        ("source_topic", topic.encode()),
        ("source_partition", str(letter.partition).encode()),
        ("source_offset", str(letter.offset).encode()),
    ]
