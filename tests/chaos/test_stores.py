"""Stores that are not what their changelog says are found, whichever of their bytes differ."""

import struct
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from rocksdict import Options, Rdict

from tests.chaos import damage, store_rows
from tests.chaos.changelog import STAMP_KEY
from tests.chaos.checker import Logs, Report
from tests.chaos.records import Record
from tests.chaos.store_rows import BUCKET, DIGEST, POSITION, STAMP_HEAD
from tests.chaos.synthetic import faultless
from tests.chaos.traffic import Traffic

PARTITIONS = 2
NUMBER = 1_700_000_000  # of a bucket
IDS_KEY = b"I" + struct.pack(">IQ", NUMBER, 0)
ENTRIES = [bytes([n]) * 30 for n in range(40)]

Pairs = dict[bytes, bytes]


@pytest.fixture(scope="module")
def logs() -> Logs:
    """A changelog whose ids and stamp are as an engine writes them."""
    made = faultless(Traffic(31, PARTITIONS, skus=50).wishes(600), PARTITIONS)
    for partition, records in made.changelog.items():
        rows = [one for one in records if one.key not in (STAMP_KEY, b"I0000")]
        head = (records[-1].value or b"")[: STAMP_HEAD.size - 2]
        stamp = head + struct.pack(">H", 1) + BUCKET.pack(NUMBER, 0, 1)
        last = Record(partition, len(rows) + 1, 0, STAMP_KEY, stamp)
        ids = Record(partition, len(rows), 0, IDS_KEY, b"".join(ENTRIES))
        made.changelog[partition] = [*rows, ids, last]
    return made


def _pairs(records: list[Record]) -> Pairs:
    """What a store has of them."""
    pairs = {b"~format": b"any"}
    log_time_ms = struct.unpack_from(">Q", records[-1].value or b"", 33)[0]
    for record in records[:-2]:
        key, value = record.key or b"", record.value or b""
        pairs[key] = value
        if key[:1].islower() and int.from_bytes(value[:8], "big") > log_time_ms:
            pairs[b"T" + value[:8] + key.split(b"\0", 2)[2] + b"\0" + key] = key
    for entry in ENTRIES:
        pairs[IDS_KEY[:5] + entry[:DIGEST]] = entry[DIGEST:]
    behind = POSITION.pack(records[-1].offset + 1, 0)
    return pairs | {b"~position": behind + (records[-1].value or b"")}


def _write(path: Path, pairs: Pairs) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Rdict(str(path), Options(raw_mode=True))
    for key, value in pairs.items():
        store[key] = value
    store.flush()
    store.close()


def _checked(logs: Logs, home: Path, spoil: Callable[[Pairs], None] = lambda pairs: None) -> Report:
    for partition, records in logs.changelog.items():
        pairs = _pairs(records)
        if partition == 0:
            spoil(pairs)
        _write(home / f"store/worker-1/stock.commands.v1-{partition}", pairs)
    report = Report()
    store_rows.check(report, logs, home)
    return report


def test_stores_that_are_their_changelog_are_right(tmp_path: Path, logs: Logs) -> None:
    report = _checked(logs, tmp_path)
    assert not report.found, str(report)
    assert report.counts["stores"] == PARTITIONS
    assert report.counts["rows in stores"] > 100


def _first(pairs: Pairs, kind: bytes) -> bytes:
    return next(key for key in sorted(pairs) if key.startswith(kind))


def _lose_row(pairs: Pairs) -> None:
    del pairs[_first(pairs, b"S\0")]


def _change_row(pairs: Pairs) -> None:
    pairs[_first(pairs, b"S\0")] += b"!"


def _keep_row(pairs: Pairs) -> None:
    """One that the changelog has buried, or that was never committed."""
    pairs[b"S\0LON-1\0nobody-has-it"] = b"row"


def _lose_id(pairs: Pairs) -> None:
    del pairs[_first(pairs, b"I")]


def _lose_timer(pairs: Pairs) -> None:
    del pairs[_first(pairs, b"T")]


def _ahead(pairs: Pairs) -> None:
    """It has what was never committed, or what Kafka has lost."""
    position = pairs[b"~position"]
    (offset,) = struct.unpack_from(">Q", position)
    pairs[b"~position"] = struct.pack(">Q", offset + 3) + position[8:]


def _other_stamp(pairs: Pairs) -> None:
    position = bytearray(pairs[b"~position"])
    position[POSITION.size + 17 + 7] ^= 1  # its next offset of the commands
    pairs[b"~position"] = bytes(position)


@pytest.mark.parametrize(
    "spoil", [_lose_row, _change_row, _keep_row, _lose_id, _lose_timer, _ahead, _other_stamp]
)
def test_a_store_that_is_not_is_found(
    tmp_path: Path, logs: Logs, spoil: Callable[[Pairs], None]
) -> None:
    report = _checked(logs, tmp_path, spoil)
    assert set(report.found) == {"store"}, str(report)


def test_a_partition_whose_last_store_is_not_there_is_found(tmp_path: Path, logs: Logs) -> None:
    report = Report()
    store_rows.check(report, logs, tmp_path)
    assert report.found == {"store": PARTITIONS}


def test_what_was_left_behind_is_compared_as_far_as_it_is_readable(
    tmp_path: Path, logs: Logs
) -> None:
    """A broken store, an empty one and one of another log are nobody's; an old one is looked at."""
    left = tmp_path / "store/worker-2"
    _write(left / "stock.commands.v1-0", _pairs(logs.changelog[1]) | _foreign(logs))
    _write(left / "stock.commands.v1-1", {})
    flipped = tmp_path / "store/worker-3/stock.commands.v1-1"
    _write(flipped, _pairs(logs.changelog[1]))
    damage.flip_tables(Random(1), flipped)
    (left / "stock.commands.v1-0-1").mkdir()
    (left / "stock.commands.v1-0-1/CURRENT").write_text("no manifest of ours\n")
    report = _checked(logs, tmp_path)
    assert not report.found, str(report)
    assert report.counts["stores of another log"] == 1
    assert report.counts["stores not readable"] == 2


def _foreign(logs: Logs) -> Pairs:
    position = bytearray(_pairs(logs.changelog[1])[b"~position"])
    position[POSITION.size + 1] ^= 1  # of its incarnation
    return {b"~position": bytes(position)}
