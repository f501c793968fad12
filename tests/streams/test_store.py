"""A partition's bytes on disk: whole transactions, one owner, and no silence over broken bytes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rocksdict import Options, Rdict

from streams import keys
from streams.exceptions import StoreCorrupt, StoreError
from streams.stamp import Bucket, Stamp
from streams.store import Memory, Store, set_aside
from tests.streams.world import contents

ROOT = Path(__file__).resolve().parents[2]
STAMP = Stamp(b"incarnation-0001", 7, 8, 900, 4, (Bucket(5, 0, 1),))
HOLD = b"""
import sys, time
from pathlib import Path
from streams.store import Memory, Store
store = Store(Path(sys.argv[1]), Memory())
print("held", flush=True)
time.sleep(60)
"""
FULL = b"""
import resource, sys
from pathlib import Path
from streams.stamp import Stamp
from streams.store import Memory, Store
store = Store(Path(sys.argv[1]), Memory())
store.write({b"C\\0k\\0": bytes(100_000)}, [], [], Stamp(bytes(16), 7, 8, 900, 4, ()), 12)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
store.close()
print("closed", flush=True)
"""


def _timed(due: int) -> bytes:
    return due.to_bytes(8, "big") + b"rest"


def _filled(path: Path, rows: int = 20_000) -> None:
    """A store whose rows and timers fill many blocks, closed."""
    store = Store(path, Memory())
    many: dict[bytes, bytes | None] = {
        b"h\0k\0%06d" % n: _timed(1_000 + n) + n.to_bytes(60, "big") for n in range(rows)
    }
    store.write(many, [], [], STAMP, 10)
    store._open.flush()
    store.close()


def _only(path: Path, pattern: str) -> Path:
    [found] = path.glob(pattern)
    return found


def test_a_new_store_is_empty_and_has_no_position(store: Store) -> None:
    assert store.is_empty()
    assert store.position() is None
    assert store.get(b"C\0k\0") is None
    assert store.get_many([]) == []


def test_a_write_is_there_with_its_position(store: Store) -> None:
    one = keys.id_key(5, b"one")
    store.write({b"C\0k\0": b"1", b"C\0gone\0": None}, [(one, b"x")], [], STAMP, 12)

    assert store.get_many([b"C\0k\0", b"C\0gone\0", one]) == [b"1", None, b"x"]
    position = store.position()
    assert position is not None
    assert (position.next_offset, position.stamp) == (12, STAMP)
    assert not store.is_empty()


def test_a_timed_row_has_a_timer_and_a_stale_one_goes(store: Store) -> None:
    row = b"h\0k\0a"
    store.write({row: _timed(1_000)}, [], [], STAMP, 1)
    assert contents(store, b"T") == {keys.timer_key(1_000, row): row}

    store.write({row: _timed(2_000)}, [], [keys.timer_key(1_000, row)], STAMP, 2)
    assert contents(store, b"T") == {keys.timer_key(2_000, row): row}

    store.write({row: None}, [], [keys.timer_key(2_000, row)], STAMP, 3)
    assert contents(store) == {}


def test_dropped_buckets_go_as_a_range(store: Store) -> None:
    first = Stamp(STAMP.incarnation, 1, 1, 1, 4, (Bucket(5, 0, 1), Bucket(6, 0, 1)))
    store.write({}, [(keys.id_key(5, b"a"), b"1"), (keys.id_key(6, b"a"), b"2")], [], first, 1)

    later = Stamp(STAMP.incarnation, 2, 1, 1, 4, (Bucket(6, 0, 1), Bucket(8, 0, 1)))
    store.write({}, [(keys.id_key(7, b"a"), b"3"), (keys.id_key(8, b"a"), b"4")], [], later, 2)

    assert contents(store, b"I").keys() == {keys.id_key(number, b"a") for number in (6, 7, 8)}, (
        "what is below the oldest that lives"
    )


def test_a_bucket_that_comes_and_goes_in_one_write_is_not_kept(store: Store) -> None:
    store.write({b"S\0k\0": b"1"}, [], [], Stamp(STAMP.incarnation, 1, 1, 1, 4, ()), 1)

    later = Stamp(STAMP.incarnation, 2, 1, 1, 4, (Bucket(6, 0, 1),))
    store.write({}, [(keys.id_key(5, b"a"), b"3"), (keys.id_key(6, b"a"), b"4")], [], later, 2)

    assert contents(store, b"I").keys() == {keys.id_key(6, b"a")}


def test_the_first_write_of_a_store_leaves_its_memtable_the_filter(store: Store) -> None:
    def entries() -> int:
        return int(store._open.property_int_value("rocksdb.num-entries-active-mem-table") or 0)

    before = entries()
    stamp = Stamp(STAMP.incarnation, 1, 1, 1, 4, (Bucket(5, 0, 1),))
    store.write({}, [(keys.id_key(5, b"a"), b"1")], [], stamp, 1)

    assert entries() - before == 2, "the id and the position: no range deletion, which ends it"


class _Counting(Memory):
    """Keeps the options that a store was opened with last: RocksDB counts in them."""

    def options(self) -> Options:
        self.last = super().options()
        self.last.enable_statistics()
        return self.last

    def count(self, name: str) -> int:
        """One of RocksDB's counters."""
        [line] = [one for one in self.last.get_statistics().splitlines() if f".{name} " in one]
        return int(line.split()[-1])


def test_one_that_was_there_is_opened_with_the_memory_that_all_share(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", Memory())
    ids = [(keys.id_key(5, n.to_bytes(16, "big")), bytes(14)) for n in range(0, 20_000, 2)]
    store.write({}, ids, [], STAMP, 1)
    store.close()

    memory = _Counting()
    store = Store(tmp_path / "store", memory)
    opened = memory.cache.get_usage()
    unknown = [keys.id_key(5, n.to_bytes(16, "big")) for n in range(1, 20_000, 2)]
    assert store.get_many(unknown) == [None] * 10_000
    assert memory.count("bloom.filter.useful") > 9_500, "a filter of 10 bits errs with 1 %"
    assert None not in store.get_many([key for key, _ in ids])
    assert memory.cache.get_usage() - opened > 10_000 * 14, "its blocks, in no cache of its own"
    store.close()


def test_a_table_of_new_ids_does_not_overlap_older_buckets(store: Store) -> None:
    for number in (5, 6):
        stamp = Stamp(STAMP.incarnation, 1, 1, 1, 4, (Bucket(5, 0, 1), Bucket(number, 0, 1)))
        store.write({b"S\0k\0": b"1"}, [(keys.id_key(number, b"a"), b"1")], [], stamp, number)
        store._open.flush()

    newest = max(store._open.live_files(), key=lambda table: str(table["name"]))
    assert newest["start_key"] == keys.id_key(6, b"a")


def test_scan_is_ordered_and_stops_before_its_end(store: Store) -> None:
    store.write({b"C%d" % n: b"" for n in (3, 1, 2, 4)}, [], [], STAMP, 1)

    assert [key for key, _ in store.scan(b"C2", b"C4")] == [b"C2", b"C3"]


def test_it_is_the_same_after_a_kill(tmp_path: Path) -> None:
    script = HOLD.replace(
        b'print("held"',
        b"from streams.stamp import Stamp\n"
        b"store.write({b'C': b'1'}, [], [], Stamp(b'i' * 16, 3, 1, 1, 4), 5)\n"
        b'print("held"',
    )
    process = _process(script, tmp_path / "store")
    process.kill()
    process.wait()

    store = Store(tmp_path / "store", Memory())
    position = store.position()
    assert store.get(b"C") == b"1"
    assert position is not None
    assert position.next_offset == 5
    store.close()


def test_one_that_another_process_holds_is_refused(tmp_path: Path) -> None:
    process = _process(HOLD, tmp_path / "store")
    try:
        with pytest.raises(StoreError, match="lock") as refused:
            Store(tmp_path / "store", Memory())
        assert not isinstance(refused.value, StoreCorrupt)
    finally:
        process.kill()
        process.wait()


def test_a_closed_one_says_so_and_closes_again(store: Store) -> None:
    store.close()
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.get(b"C")


def test_one_of_another_version_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", Memory())
    store._open.put(keys.NOTES + b"format", b"stockyard-0")
    store.close()

    with pytest.raises(StoreCorrupt, match="version"):
        Store(tmp_path / "store", Memory())
    Rdict(str(tmp_path / "store"), Options(raw_mode=True)).close()  # its lock is given back


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    foreign = Rdict(str(tmp_path / "store"), Options(raw_mode=True))
    foreign.put(b"their", b"bytes")
    foreign.close()

    with pytest.raises(StoreCorrupt, match="version"):
        Store(tmp_path / "store", Memory())


def _without(pattern: str) -> Callable[[Path], None]:
    return lambda path: _only(path, pattern).unlink()


def _halved(path: Path) -> None:
    table = _only(path, "*.sst")
    table.write_bytes(table.read_bytes()[: table.stat().st_size // 2])


def _no_manifest_content(path: Path) -> None:
    _only(path, "MANIFEST-*").write_bytes(b"nonsense")


def _a_file(path: Path) -> None:
    set_aside(path)
    path.write_bytes(b"a file where a directory was")


@pytest.mark.parametrize(
    "harm",
    [
        _without("MANIFEST-*"),
        _without("CURRENT"),
        _without("*.sst"),
        _halved,
        _no_manifest_content,
    ],
    ids=["no manifest", "no CURRENT", "no table", "half a table", "foreign manifest"],
)
def test_one_that_lacks_parts_is_corrupt(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    path = tmp_path / "store"
    _filled(path)
    harm(path)

    with pytest.raises(StoreCorrupt):
        Store(path, Memory())
    set_aside(path)
    store = Store(path, Memory())
    assert store.is_empty()
    store.close()


def test_a_file_in_its_place_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store"
    _filled(path, rows=1)
    _a_file(path)

    with pytest.raises(StoreError):
        Store(path, Memory())


def test_a_flipped_bit_is_found_by_whatever_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "store"
    _filled(path)
    table = _only(path, "*.sst")
    flipped = bytearray(table.read_bytes())
    for at in range(len(flipped) // 10, len(flipped) * 9 // 10, 1_024):
        flipped[at] ^= 1
    table.write_bytes(flipped)

    store = Store(path, Memory())
    with pytest.raises(StoreCorrupt):
        list(store.scan(b"", keys.NOTES))
    with pytest.raises(StoreCorrupt):
        store.get_many([b"h\0k\0%06d" % n for n in range(20_000)])
    with pytest.raises(StoreCorrupt):
        _ = [store.get(b"h\0k\0%06d" % n) for n in range(20_000)]
    store.close()


def test_one_that_is_set_aside_is_kept_for_a_person_but_only_one(tmp_path: Path) -> None:
    path = tmp_path / "store"
    for content in ("first", "second"):
        path.mkdir()
        (path / "file").write_text(content)
        set_aside(path)

    assert not path.exists()
    assert (tmp_path / "store.aside" / "file").read_text() == "second"


def _process(script: bytes, path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", script.decode(), str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_store_without_space_can_still_be_given_back(tmp_path: Path) -> None:
    command: list[str | bytes] = [sys.executable, "-c", FULL, str(tmp_path / "store")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)

    assert "store_not_flushed" in done.stdout + done.stderr
    assert "closed" in done.stdout.splitlines(), done.stderr
    again = Store(tmp_path / "store", Memory())
    position = again.position()
    again.close()
    assert position is not None
    assert position.next_offset == 12
