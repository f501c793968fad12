"""Compares what an engine wrote with what the oracle says it must have written."""

import json
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.oracle import REUSED, Expected, Row
from bench.tail import Record

OUR_FIRST_BYTE = 0x99  # an array of nine; the highest byte of a quantity is 0
_PLAIN = struct.Struct(">QQQQ")
SHOWN = 5  # differences told; the rest is only counted


@dataclass(slots=True)
class Verdict:
    """The differences found, and when the outcomes were appended."""

    differences: int = 0
    shown: list[str] = field(default_factory=list)
    outcomes: int = 0
    first_ms: int = 0
    last_ms: int = 0

    @property
    def correct(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def span_s(self) -> float:
        """From the first outcome's append time to the last one's."""
        return max(self.last_ms - self.first_ms, 1) / 1_000

    def told(self) -> list[str]:
        """The first differences, and how many more there are."""
        more = self.differences - len(self.shown)
        return [*self.shown, f"and {more} more"] if more else list(self.shown)

    def differs(self, what: str) -> None:
        """Note one difference."""
        self.differences += 1
        if len(self.shown) < SHOWN:
            self.shown.append(what)


def check_events(expected: Expected, events: Iterable[Record]) -> Verdict:
    """Exactly one right outcome per command, `seq` without gap, the rows after the last event."""
    verdict = Verdict()
    outcomes: dict[tuple[str, str], str] = {}
    reused: Counter[tuple[str, str]] = Counter()
    expired: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[str, str], tuple[int, int, int]] = {}
    last_seq: dict[int, int] = {}
    first_ms, last_ms = 1 << 62, 0
    for record in events:
        event = json.loads(record.value or b"{}")
        first_ms, last_ms = min(first_ms, record.time_ms), max(last_ms, record.time_ms)
        seq, partition, warehouse = event["seq"], record.partition, event["warehouse"]
        before = last_seq.get(partition)
        if seq not in (0, 1) if before is None else seq != before + 1:
            verdict.differs(f"partition {partition}: seq {seq} after {before}")
        last_seq[partition] = seq
        for line in event.get("lines", ()):
            rows[warehouse, line["sku"]] = (line["on_hand"], line["reserved"], line["version"])
        if event["type"] == "ReservationExpired":
            expired[warehouse, event["reservation"]] += 1
            continue
        identity = warehouse, event["command_id"]
        code = event.get("code")
        outcome = f"{event['type']}/{code}" if code else event["type"]
        if outcome == REUSED:
            reused[identity] += 1
        elif identity in outcomes:
            verdict.differs(f"{identity}: a second outcome, {outcome} after {outcomes[identity]}")
        else:
            outcomes[identity] = outcome
    verdict.first_ms, verdict.last_ms, verdict.outcomes = first_ms, last_ms, len(outcomes)
    _compare(verdict, "outcome", expected.outcomes, outcomes)
    _compare(verdict, "reused id", expected.reused, reused)
    _compare(verdict, "expiry", expected.expired, expired)
    told = {key: (row[0], row[1], row[3]) for key, row in expected.rows.items()}
    _compare(verdict, "row by events", told, rows)
    return verdict


def check_rows(verdict: Verdict, expected: Expected, rows: dict[tuple[str, str], Row]) -> None:
    """The rows that stand in the engine's changelog at the end."""
    _compare(verdict, "row in the changelog", expected.rows, rows)


def _compare(
    verdict: Verdict, what: str, expected: Mapping[Any, object], found: Mapping[Any, object]
) -> None:
    for key in expected.keys() | found.keys():
        if expected.get(key) != found.get(key):
            verdict.differs(f"{what} {key}: {found.get(key)} instead of {expected.get(key)}")


def changelog_rows(records: Iterable[Record]) -> dict[tuple[str, str], Row]:
    """The stock rows that a changelog ends with; all engines here name them as we do."""
    rows: dict[tuple[str, str], Row] = {}
    for record in records:
        owner, found, key = record.key.rpartition(b"S\0")
        if found and (not owner or owner.endswith(b"|")) and record.value is not None:
            warehouse, sku = key.decode().split("\0", 1)
            rows[warehouse, sku] = _row(record.value)
    return rows


def _row(value: bytes) -> Row:
    """Its first four numbers: in our bytes, or in the peers' that keep no accounts."""
    if value[0] == OUR_FIRST_BYTE:
        on_hand, reserved, reorder_point, version, *_ = msgspec.msgpack.decode(value)
        return on_hand, reserved, reorder_point, version
    return _PLAIN.unpack(value)
