"""Workers' stores against the changelog: each is, byte for byte, the log up to its own stamp.

Read by their format anew, with RocksDB alone, once the workers have stopped. A store that was left
behind (its partition moved on, or its files were damaged) is nobody's: it is compared as far as it
can be read. But one store of each partition stands at the end of its changelog.
"""

import re
import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rocksdict import AccessType, Options, Rdict

from tests.chaos.changelog import STAMP_KEY, stamp_of
from tests.chaos.checker import Logs, Report
from tests.chaos.records import Record

TIMER, IDS, NOTES = b"T", b"I", b"~"
_PLACE = re.compile(r"\.v1-([0-9]+)(?:-[0-9]+)?$")  # a second one was made while the first was held
POSITION = struct.Struct(">QQ")  # next offset of the changelog, when it was written
STAMP_HEAD = struct.Struct(">B16sQQQIH")
BUCKET = struct.Struct(">IQQ")
ID_START = len(IDS) + 4  # and the number of a bucket
DIGEST, ENTRY = 16, 30
TOLD_BYTES = 80

Pairs = dict[bytes, bytes]


@dataclass(slots=True)
class Kept:
    """What a store holds."""

    next_offset: int
    stamp: bytes
    rows: Pairs = field(default_factory=dict)
    ids: Pairs = field(default_factory=dict)
    timers: Pairs = field(default_factory=dict)


def check(report: Report, logs: Logs, home: Path) -> None:
    """Compare all stores below a home; their workers have stopped."""
    found: dict[int, list[tuple[str, Kept]]] = {partition: [] for partition in logs.changelog}
    broken: dict[int, list[str]] = {partition: [] for partition in logs.changelog}
    for path in sorted(home.glob("store/*/*")):
        place = _PLACE.search(path.name)
        if place is None or not (path / "CURRENT").exists():
            continue
        where = f"{path.parent.name}/{path.name}"
        try:
            kept = read(path)
        except Exception as error:  # noqa: BLE001 - rocksdict raises no narrower one
            report.counts["stores not readable"] += 1
            broken[int(place[1])].append(f"{where}: {error}")
            continue
        if kept is not None:
            found[int(place[1])].append((where, kept))
    for partition, changelog in logs.changelog.items():
        told = "; ".join([f"partition {partition}", *broken[partition]])
        compare(report, told, found[partition], changelog)


def read(path: Path) -> Kept | None:
    """Everything in a store; None where it is new."""
    options, access = Options(raw_mode=True), AccessType.read_only(False)
    store = Rdict(str(path), options, access_type=access)
    try:
        position = store.get(NOTES + b"position")
        if position is None:
            return None
        kept = Kept(POSITION.unpack_from(position)[0], position[POSITION.size :])
        for key, value in _everything(store):
            if key[:1] == TIMER:
                kept.timers[key] = value
            elif key[:1] == IDS:
                kept.ids[key] = value
            elif key[:1] != NOTES:
                kept.rows[key] = value
    finally:
        store.close()
    return kept


def _everything(store: Any) -> Iterator[tuple[bytes, bytes]]:
    cursor = store.iter()
    cursor.seek_to_first()
    while cursor.valid():
        yield cursor.key(), cursor.value()
        cursor.next()
    cursor.status()  # it ends in silence at a broken block: only this raises


def compare(
    report: Report, where: str, stores: list[tuple[str, Kept]], changelog: list[Record]
) -> None:
    """A partition's stores, each with what its changelog was at the store's stamp."""
    stamps = [at for at, one in enumerate(changelog) if one.key == STAMP_KEY]
    behind = [changelog[at].offset + 1 for at in stamps]
    folded, done = Kept(0, b""), 0
    at_the_end = not stamps
    for name, kept in sorted(stores, key=lambda one: one[1].next_offset):
        if stamps and stamp_of(kept.stamp).incarnation != _incarnation(changelog[stamps[-1]]):
            report.counts["stores of another log"] += 1  # a fault has put it there
            continue
        at = bisect_left(behind, kept.next_offset)
        if at == len(behind) or behind[at] != kept.next_offset:
            report.differ("store", f"{name}: no stamp of its changelog ends at {kept.next_offset}")
            continue
        for record in changelog[done : stamps[at] + 1]:
            _apply(folded, record)
        done = stamps[at] + 1
        for problem in _differences(kept, folded):
            report.differ("store", f"{name}: {problem}")
        report.counts["stores"] += 1
        report.counts["rows in stores"] += len(kept.rows)
        at_the_end = at_the_end or at == len(stamps) - 1
    if not at_the_end:
        report.differ("store", f"{where}: no store stands at the end of its changelog")


def _incarnation(stamp: Record) -> bytes:
    assert stamp.value is not None
    return stamp_of(stamp.value).incarnation


def _apply(folded: Kept, record: Record) -> None:
    key, value = record.key or b"", record.value
    if key == STAMP_KEY:
        folded.stamp = value or b""
    elif key[:1] == IDS:
        for at in range(0, len(value or b""), ENTRY):
            entry = (value or b"")[at : at + ENTRY]
            folded.ids[key[:ID_START] + entry[:DIGEST]] = entry[DIGEST:]
    elif value is None:
        folded.rows.pop(key, None)
    else:
        folded.rows[key] = value


def _differences(kept: Kept, folded: Kept) -> Iterator[str]:
    if kept.stamp != folded.stamp:
        yield f"its stamp is {kept.stamp!r}, in the changelog {folded.stamp!r}"
        return
    yield from _unlike("row", kept.rows, folded.rows)
    living = _living_ids(folded)
    if living is not None:
        yield from _unlike("id", kept.ids, living)
    yield from _timer_faults(kept)


def _unlike(sort: str, have: Pairs, want: Pairs) -> Iterator[str]:
    for key in sorted(have.keys() | want.keys()):
        if have.get(key) != want.get(key):
            told = (_short(have.get(key)), _short(want.get(key)))
            yield f"{sort} {_short(key)} is {told[0]}, in the changelog {told[1]}"


def _short(value: bytes | None) -> str:
    return "missing" if value is None else repr(value[:TOLD_BYTES])


def _living_ids(folded: Kept) -> Pairs | None:
    """Those of the stamp's buckets; None while one of them is being dropped, record by record."""
    count = STAMP_HEAD.unpack_from(folded.stamp)[-1]
    places = range(STAMP_HEAD.size, STAMP_HEAD.size + count * BUCKET.size, BUCKET.size)
    buckets = [BUCKET.unpack_from(folded.stamp, at) for at in places]
    if any(first for _, first, _ in buckets):
        return None
    living = {number for number, _, _ in buckets}
    return {
        key: value
        for key, value in folded.ids.items()
        if int.from_bytes(key[len(IDS) : ID_START], "big") in living
    }


def _timer_faults(kept: Kept) -> Iterator[str]:
    """Every row that will be due has its timer. One that its row has outlived means nothing."""
    now_ms = stamp_of(kept.stamp).log_time_ms
    for key, value in kept.rows.items():
        if not b"a" <= key[:1] <= b"z" or int.from_bytes(value[:8], "big") <= now_ms:
            continue
        identity = key.split(b"\0", 2)[2]
        if kept.timers.get(TIMER + value[:8] + identity + b"\0" + key) != key:
            yield f"row {_short(key)} will be due, and has no timer"
