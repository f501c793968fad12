"""What recovery decides when it finds a store beside a log, and where the partition goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from streams import reading
from streams.exceptions import LogLost, StoreError
from streams.recovery import recover
from streams.stamp import KEY, Stamp
from streams.store import Memory, Store
from streams.topics import DELETE_RETENTION_MS, Topics
from tests.streams.world import PARTITION, Record, World, add, contents, record

TOPICS = Topics.of("counter")
HALF_S = DELETE_RETENTION_MS // 2000


class LogReader:
    """A consumer of topics that are held in memory: what recovery uses of aiokafka's."""

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = {}
        self.starts: dict[str, int] = {}
        self.ends: dict[str, int] = {}
        self.at = 0
        self.topic = ""

    def put(
        self, topic: str, records: list[Record], start: int = 0, end: int | None = None
    ) -> None:
        """A topic with these records; it ends with a marker unless told otherwise."""
        last = records[-1].offset + 2 if records else start
        self.records[topic], self.starts[topic] = records, start
        self.ends[topic] = last if end is None else end

    async def end_offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self.ends[tp.topic] for tp in tps}

    async def beginning_offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self.starts[tp.topic] for tp in tps}

    def assign(self, tps: list[TopicPartition]) -> None:
        [tp] = tps
        self.topic = tp.topic

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self.at = max(offset, self.starts[tp.topic])

    def pause(self, tp: TopicPartition) -> None:
        assert tp.topic == self.topic

    async def position(self, tp: TopicPartition) -> int:
        return self.at

    async def getmany(
        self, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Record]]:
        """Three records at a time; behind the last one there is only a marker."""
        found = [one for one in self.records[self.topic] if one.offset >= self.at][:3]
        self.at = found[-1].offset + 1 if found else self.ends[self.topic]
        return {TopicPartition(self.topic, PARTITION): found} if found else {}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[World]:
    """A partition that has decided ten commands, each in a transaction of its own."""
    made = World(tmp_path / "live")
    for offset in range(10):
        made.run([record(offset, add(f"a{offset}"))])
    yield made
    made.store.close()


def _reader(world: World) -> LogReader:
    reader = LogReader()
    reader.put(TOPICS.commands, [record(offset, b"") for offset in range(10)], end=10)
    reader.put(TOPICS.changelog, world.log.changelog)
    reader.put(TOPICS.events, [record(0, b'{"seq":10}')])
    return reader


async def _recovered(reader: LogReader, path: Path) -> tuple[Store, Stamp]:
    store, at, ends = await recover(reader, TOPICS, PARTITION, path, Memory())
    assert ends.changelog == reader.ends[TOPICS.changelog]
    return store, at


async def test_nothing_anywhere_begins_an_incarnation(tmp_path: Path) -> None:
    reader = LogReader()
    reader.put(TOPICS.commands, [], start=40, end=50)
    reader.put(TOPICS.changelog, [])
    reader.put(TOPICS.events, [], end=2)  # of a transaction that was aborted

    store, at = await _recovered(reader, tmp_path / "store")

    assert (at.next_offset, at.next_seq, at.log_time_ms) == (40, 1, 0)
    assert len(at.incarnation) == 16
    assert store.is_empty()
    store.close()


async def test_events_without_a_changelog_stop_the_partition(tmp_path: Path, live: World) -> None:
    reader = _reader(live)
    reader.put(TOPICS.changelog, [])

    with pytest.raises(LogLost, match="changelog is empty"):
        await _recovered(reader, tmp_path / "store")


async def test_a_missing_store_is_rebuilt(tmp_path: Path, live: World) -> None:
    store, at = await _recovered(_reader(live), tmp_path / "store")

    assert at == live.log.batches[-1].stamp
    assert contents(store) == contents(live.store)
    store.close()


@pytest.mark.parametrize("behind", [1, 5, 9])
async def test_a_store_that_is_behind_gets_the_tail_alone(
    tmp_path: Path, live: World, behind: int
) -> None:
    part = World(tmp_path / "store")
    for offset in range(10 - behind):
        part.run([record(offset, add(f"a{offset}"))])
    part.store.write({b"C\0mark\0": b"kept"}, [], [], *_position(part.store))
    part.store.close()

    store, at = await _recovered(_reader(live), part.path)

    assert at == live.log.batches[-1].stamp
    assert store.get(b"C\0mark\0") == b"kept", "not rebuilt"
    assert contents(live.store).items() <= contents(store).items()
    store.close()


async def test_a_store_at_the_end_is_kept(live: World) -> None:
    live.store.write({b"C\0mark\0": b"kept"}, [], [], *_position(live.store))
    live.store.close()

    live.store, at = await _recovered(_reader(live), live.path)

    assert at.next_offset == 10
    assert live.store.get(b"C\0mark\0") == b"kept"


async def test_a_compacted_log_is_taken_on_from_a_later_stamp(tmp_path: Path, live: World) -> None:
    part = World(tmp_path / "store")
    for offset in range(4):
        part.run([record(offset, add(f"a{offset}"))])
    part.store.close()
    reader = _reader(live)
    latest = {one.key: one for one in live.log.changelog}
    reader.put(TOPICS.changelog, sorted(latest.values(), key=lambda one: one.offset))

    store, at = await _recovered(reader, part.path)

    assert at == live.log.batches[-1].stamp
    assert contents(store) == contents(live.store)
    store.close()


async def test_a_log_that_ends_before_the_store_stops_the_partition(live: World) -> None:
    """Pain 15: faust#158, a position beyond the end of the log is waited for, for ever."""
    reader = _reader(live)
    reader.put(TOPICS.changelog, live.log.changelog[:6])
    live.store.close()

    with pytest.raises(LogLost, match="Kafka lost committed records"):
        await _recovered(reader, live.path)
    live.store = Store(live.path, Memory())
    assert live.store.position() is not None, "never wiped"


async def test_an_empty_log_beside_a_store_stops_the_partition(live: World) -> None:
    reader = _reader(live)
    reader.put(TOPICS.changelog, [])
    live.store.close()

    with pytest.raises(LogLost, match="Kafka lost committed records"):
        await _recovered(reader, live.path)


@pytest.mark.parametrize("longer", [False, True], ids=["shorter log", "longer log"])
async def test_a_store_of_another_incarnation_is_rebuilt(
    tmp_path: Path, live: World, longer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.streams.world.INCARNATION", b"incarnation-0002")
    other = World(tmp_path / "store")
    for offset in range(3 if longer else 12):
        other.run([record(offset, add(f"b{offset}"))])
    other.store.close()

    store, at = await _recovered(_reader(live), other.path)

    assert at == live.log.batches[-1].stamp
    assert contents(store) == contents(live.store)
    store.close()


async def test_a_store_that_went_another_way_is_rebuilt(tmp_path: Path, live: World) -> None:
    other = World(tmp_path / "store")
    for offset in range(3):
        other.run([record(offset, add(f"b{offset}", 5))])
    other.run([record(3, add("late", 7), ms=9)])
    other.store.close()

    store, _ = await _recovered(_reader(live), other.path)

    assert contents(store) == contents(live.store)
    store.close()


async def test_a_store_before_the_start_of_the_log_is_rebuilt(tmp_path: Path, live: World) -> None:
    part = World(tmp_path / "store")
    part.run([record(0, add("a0"))])
    part.store.close()
    reader = _reader(live)
    reader.put(TOPICS.changelog, [one for one in live.log.changelog if one.offset > 7], start=8)

    store, at = await _recovered(reader, part.path)

    assert at == live.log.batches[-1].stamp
    store.close()


@pytest.mark.parametrize(("old_s", "kept"), [(HALF_S - 60, True), (HALF_S + 60, False)])
async def test_a_store_that_is_old_and_behind_is_rebuilt(
    tmp_path: Path, live: World, monkeypatch: pytest.MonkeyPatch, old_s: int, kept: bool
) -> None:
    part = World(tmp_path / "store")
    part.run([record(0, add("a0"))])
    then = time.time() - old_s
    monkeypatch.setattr("streams.store.time.time", lambda: then)
    part.store.write({b"C\0mark\0": b"kept"}, [], [], *_position(part.store))
    monkeypatch.undo()
    part.store.close()

    store, _ = await _recovered(_reader(live), part.path)

    assert (store.get(b"C\0mark\0") is not None) is kept
    store.close()


async def test_rows_without_a_position_are_rebuilt(tmp_path: Path, live: World) -> None:
    store = Store(tmp_path / "store", Memory())
    store._open.put(b"C\0x\0", b"1")
    store.close()

    store, _ = await _recovered(_reader(live), tmp_path / "store")

    assert contents(store) == contents(live.store)
    store.close()


@pytest.mark.parametrize(("start", "end"), [(11, 20), (0, 9)])
async def test_a_position_outside_the_commands_stops_the_partition(
    live: World, start: int, end: int
) -> None:
    reader = _reader(live)
    reader.put(TOPICS.commands, [], start=start, end=end)
    live.store.close()

    with pytest.raises(LogLost, match="next one to decide is 10"):
        await _recovered(reader, live.path)


async def test_commands_that_came_while_it_slept_are_no_loss(
    tmp_path: Path, live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another owner has decided them meanwhile: this one will be fenced, and nothing is wrong."""
    reader = _reader(live)
    reader.put(TOPICS.commands, [], end=4)
    read = reader.getmany

    async def waking(timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
        reader.ends[TOPICS.commands] = 10
        return await read(timeout_ms, max_records)

    monkeypatch.setattr(reader, "getmany", waking)

    store, at = await _recovered(reader, tmp_path / "store")

    assert at.next_offset == 10
    store.close()


async def test_a_corrupt_store_is_set_aside_and_rebuilt(tmp_path: Path, live: World) -> None:
    path = tmp_path / "store"
    path.mkdir()
    (path / "CURRENT").write_text("nonsense")

    store, _ = await _recovered(_reader(live), path)

    assert contents(store) == contents(live.store)
    assert (tmp_path / "store.aside" / "CURRENT").read_text() == "nonsense"
    store.close()


async def test_blocks_that_break_while_recovering_are_rebuilt(tmp_path: Path, live: World) -> None:
    path = tmp_path / "store"
    store = Store(path, Memory())
    many: dict[bytes, bytes | None] = {
        b"h\0k\0%06d" % n: (1 + n).to_bytes(8, "big") + bytes(60) for n in range(20_000)
    }
    at = Stamp.decode(live.log.changelog[2].value or b"")
    store.write(many, [], [], Stamp(at.incarnation, 1, 2, 0, 4), 3)
    store.write({}, [], [], at, 3)
    store._open.flush()
    store.close()
    [table] = path.glob("*.sst")
    flipped = bytearray(table.read_bytes())
    for place in range(len(flipped) // 10, len(flipped) * 8 // 10, 1_024):
        flipped[place] ^= 1
    table.write_bytes(flipped)

    store, _ = await _recovered(_reader(live), path)

    assert contents(store) == contents(live.store)
    store.close()


async def test_a_store_that_is_held_is_built_beside_and_swept_later(
    tmp_path: Path, live: World
) -> None:
    path = tmp_path / "store"
    frozen = Store(path, Memory())

    store, _ = await _recovered(_reader(live), path)
    assert store.path == tmp_path / "store-1"
    assert contents(store) == contents(live.store)
    store.close()
    frozen.close()

    store, _ = await _recovered(_reader(live), path)
    assert store.path == path
    assert not (tmp_path / "store-1").exists()
    store.close()


async def test_a_log_that_gives_nothing_is_an_error_and_the_store_is_given_back(
    tmp_path: Path, live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = _reader(live)
    monkeypatch.setattr(reading, "STALLED_S", 0.0)
    monkeypatch.setattr(reader, "getmany", _nothing)

    with pytest.raises(StoreError, match="no record"):
        await _recovered(reader, tmp_path / "store")
    Store(tmp_path / "store", Memory()).close()


async def test_an_error_of_kafka_after_a_rebuild_is_that_error(tmp_path: Path, live: World) -> None:
    store = Store(tmp_path / "store", Memory())
    store._open.put(b"C\0x\0", b"1")
    store.close()
    reader = _reader(live)
    reader.ends[TOPICS.changelog] = 99
    reader.position = _unavailable  # type: ignore[method-assign]

    with pytest.raises(ConnectionError):
        await _recovered(reader, tmp_path / "store")
    Store(tmp_path / "store", Memory()).close()


async def _nothing(timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
    return {}


async def _unavailable(tp: TopicPartition) -> int:
    raise ConnectionError(tp)


def _position(store: Store) -> tuple[Stamp, int]:
    position = store.position()
    assert position is not None
    return position.stamp, position.next_offset


def test_the_stamps_key_sorts_with_the_notes() -> None:
    assert KEY < b"\1", "no row, timer or id is read as a stamp"
