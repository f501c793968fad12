"""Topics without a broker: what a faultless engine would have left behind, to plant faults in."""

import json
import struct
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import astuple
from typing import Any

from tests.chaos.accounts import BESIDE, OWN_ROW
from tests.chaos.changelog import STAMP_KEY
from tests.chaos.checker import Logs
from tests.chaos.oracle import DAY_S, Oracle
from tests.chaos.oracle_queues import ordered
from tests.chaos.records import (
    Caused,
    Count,
    ExpectedEvent,
    Headers,
    Key,
    Prediction,
    Record,
    Reservation,
    Row,
    Transfer,
)
from tests.chaos.routing import owner, rfc3339
from tests.chaos.rules import QUANTITY_MAX
from tests.chaos.table_rows import AGAIN_MS, supplies_of
from tests.chaos.traffic import Wish

START_MS = 1_763_600_000_000
MS_PER_RECORD = 20
FIRST_SEQ = 1
STAMP_FORMAT = 1

Pair = tuple[bytes, bytes]
"""A key of the changelog, and its value."""
Sent = tuple[int, bytes, bytes, Headers]
"""A command for a partition: its number, key, value and headers."""


def faultless(
    wishes: Iterable[Wish],
    partitions: int,
    wishes_per_delivery: int = 7,
    caused: Callable[[Caused], list[Sent]] | None = None,
) -> Logs:
    """All topics after these wishes; what they bring about elsewhere comes a little later.

    `caused`: what is written of a caused command, by an engine that is not faultless.
    """
    engine = _Engine(partitions, caused or (lambda one: [caused_record(one)]))
    for count, wish in enumerate(wishes):
        number = wish.partition
        if number is None:
            number = owner((wish.key or b"").decode(), partitions)
        engine.append(number, wish.key, wish.value, wish.headers)
        if count % wishes_per_delivery == 0:
            engine.deliver()
    engine.deliver()
    for oracle in engine.oracles:
        _render(engine.logs, oracle.fold([]), oracle.seq)
    return engine.logs


class _Engine:
    """All partitions, each of which decides a record at once."""

    def __init__(self, partitions: int, caused: Callable[[Caused], list[Sent]]) -> None:
        commands: dict[int, list[Record]] = {number: [] for number in range(partitions)}
        self.logs = Logs("", commands, {}, {}, {}, {})
        topic = self.logs.topic
        self.oracles = [Oracle(topic, at, partitions, FIRST_SEQ) for at in range(partitions)]
        self.caused, self.under_way = caused, deque[Sent]()
        self.now_ms = START_MS

    def append(self, number: int, key: bytes | None, value: bytes | None, headers: Any) -> None:
        self.now_ms += MS_PER_RECORD
        log, told = self.logs.commands[number], self.oracles[number].told
        log.append(Record(number, len(log), self.now_ms, key, value, tuple(headers)))
        forwards, caused = len(told.forwards), len(told.caused)
        self.oracles[number].fold(log[-1:])
        for forward in told.forwards[forwards:]:
            origin = ("forwarded_from", forward.origin.encode())
            headers = (*forward.headers, origin)
            self.under_way.append((forward.target, forward.key, forward.value, headers))
        for one in told.caused[caused:]:
            self.under_way += self.caused(one)

    def deliver(self) -> None:
        """All that is under way, and what that brings about."""
        while self.under_way:
            self.append(*self.under_way.popleft())


def caused_record(one: Caused) -> Sent:
    """A caused command as an engine might write it."""
    lines = [
        {"sku": sku, "quantity": min(QUANTITY_MAX, quantity - told)}
        for sku, quantity in one.lines.items()
        for told in range(0, quantity, QUANTITY_MAX)
    ]
    value = json.dumps(one.fields | {"lines": lines}).encode()
    return one.target, one.key, value, (("caused_by", one.event.encode()),)


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
    marks = row.has_policy + 2 * bool(row.queue) + 4 * row.is_low + 8 * bool(row.pools)
    pairs = [(_key("S", key), packed(own + [marks] * bool(marks)))]
    if row.has_policy:
        policy = [row.safety_stock, row.recover_point] + [row.may_owe] * bool(row.may_owe)
        pairs.append((_key("P", key), packed(policy)))
    if row.queue:
        queue = [
            [
                one.reservation,
                one.missing,
                one.priority,
                one.promised,
                one.seq,
                one.partial,
                one.channel,
            ]
            for one in ordered(row.queue)
        ]
        pairs.append((_key("Q", key), packed(queue)))
    if row.pools:
        channels = [list(astuple(one)) for one in row.pools.values()]
        pairs.append((_key("K", key), packed(channels)))
    if row.coming:
        pairs.append((_key("U", key), packed([list(one) for one in supplies_of(row)])))
    if row.is_beside:
        pairs.append((_key("B", key), packed([accounts[name] for name in BESIDE])))
    return pairs


def gone_pairs(key: Key, row: Row) -> list[tuple[bytes, bytes | None]]:
    """What stands beside a SKU no more, or never did: a tombstone each."""
    kinds = (("P", row.has_policy), ("Q", row.queue), ("K", row.pools), ("U", row.coming))
    gone = [kind for kind, there in kinds if not there]
    return [(_key(kind, key), None) for kind in gone]


def reservation_pair(key: Key, one: Reservation) -> Pair:
    """A reservation's key and bytes."""
    due_ms = {
        "open": one.expires_at_ms,
        "confirmed": one.confirmed_at_ms + AGAIN_MS,
        "waiting": one.confirmed_at_ms + AGAIN_MS,
    }.get(one.state, one.closed_at_ms + 30 * DAY_S * 1000)
    lines = [
        [sku, line.quantity, line.picked, line.packed, line.shipped]
        + [line.missing] * (one.state == "waiting")
        for sku, line in one.lines.items()
    ]
    through = [] if one.channel is None else [one.channel]
    value = packed([one.state, rfc3339(one.expires_at_ms), lines, *through])
    return _key("r", key), due_ms.to_bytes(8, "big") + value


def count_pair(key: Key, one: Count) -> Pair:
    """A count's key and bytes."""
    is_open = one.state == "open"
    due_ms = one.opened_at_ms + AGAIN_MS if is_open else one.closed_at_ms + 30 * DAY_S * 1000
    lines = [[sku, line.book, line.counted, line.is_final] for sku, line in one.lines.items()]
    value = packed([one.state, one.tolerance, lines, one.counters])
    return _key("c", key), due_ms.to_bytes(8, "big") + value


def transfer_pair(kind: str, key: Key, one: Transfer) -> Pair:
    """The key and bytes of a transfer's end: kind `t` where it leaves, `i` where it arrives."""
    is_open = one.state == "open"
    due_ms = one.changed_at_ms + AGAIN_MS if is_open else one.closed_at_ms + 30 * DAY_S * 1000
    lines = [[sku, line.quantity, line.received] for sku, line in one.lines.items()]
    return _key(kind, key), due_ms.to_bytes(8, "big") + packed([one.state, one.other, lines])


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
    pairs += [transfer_pair("t", *item) for item in told.transfers.items()]
    pairs += [transfer_pair("i", *item) for item in told.arrivals.items()]
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
