"""Brings a partition's store to the end of its changelog, and says where to go on.

Called with the partition's producer started, so that no predecessor can add to the changelog any
more: its end, read committed, is final. A store that cannot be right is set aside and rebuilt; one
that is ahead of the log means that Kafka lost what it had committed, and stops the partition.
"""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams import stamp as stamps
from streams.exceptions import LogLost, StoreError
from streams.replay import Replay
from streams.stamp import Stamp
from streams.store import Memory, Position, Store, set_aside
from streams.telemetry import RECOVERED_ROWS, log
from streams.topics import DELETE_RETENTION_MS

RECORDS_MAX = 20_000  # replayed at a time: 100 ms in which the loop does nothing else
FETCH_WAIT_MS = 200
STALLED_S = 30.0  # without a single record while there should be some
FETCH_BYTES = 8 << 20
AT_ONCE = 4  # recoveries side by side: each holds some fetches in memory
STORES_BESIDE_MAX = 8  # a frozen owner on this host may hold a directory: the next one is taken


@dataclass(frozen=True, slots=True)
class Log:
    """A changelog partition as it stands."""

    reader: AIOKafkaConsumer
    partition: TopicPartition
    start: int
    end: int


class Readers:
    """Consumers of committed records, without a group: lent to some recoveries at a time.

    Making one costs as much as a short recovery, so it is passed on while others wait.
    """

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._free: list[AIOKafkaConsumer] = []
        self._wanted = 0

    @contextlib.asynccontextmanager
    async def borrow(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A started consumer; it is stopped when nobody waits for it, or after an error."""
        self._wanted += 1
        try:
            async with self._slots:
                reader = self._free.pop() if self._free else await self._started()
                try:
                    yield reader
                except BaseException:
                    await reader.stop()
                    raise
                self._free.append(reader)
        finally:
            self._wanted -= 1
            while len(self._free) > self._wanted:
                await self._free.pop().stop()

    async def _started(self) -> AIOKafkaConsumer:
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # seek_to_beginning after assign loses against latest
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=10,  # a fetch at the end would hold up the next partition
        )
        await reader.start()
        return reader


async def recover(
    reader: AIOKafkaConsumer,
    changelog: TopicPartition,
    commands: TopicPartition,
    path: Path,
    memory: Memory,
) -> tuple[Store, Stamp]:
    """Open or rebuild the store at `path`: (store, stamp to go on from).

    Raises LogLost, StoreError, KafkaError. Where there is no changelog yet, the stamp begins a new
    incarnation at the start of the commands.
    """
    ends = await reader.end_offsets([changelog, commands])
    starts = await reader.beginning_offsets([changelog, commands])
    source = Log(reader, changelog, starts[changelog], ends[changelog])
    store = await _opened(path, memory)
    try:
        store = await _catch_up(store, source, memory)
        position = store.position()
        at = position.stamp if position else None
        return store, _checked(at, commands, starts[commands], ends[commands])
    except BaseException:
        store.close()
        raise


def _checked(at: Stamp | None, commands: TopicPartition, start: int, end: int) -> Stamp:
    if at is None:
        return Stamp(uuid4().bytes, start, 1, 0, 0)
    if not start <= at.next_offset <= end:
        raise LogLost(
            f"{commands.topic}/{commands.partition} has offsets {start} to {end}, but the next "
            f"one to decide is {at.next_offset}: commands were lost, or their topic was made anew. "
            "Restore the topic, or start over with another STOCKYARD_TOPIC_PREFIX"
        )
    return at


async def _opened(path: Path, memory: Memory) -> Store:
    opening = asyncio.ensure_future(asyncio.to_thread(_open, path, memory))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        (await opening).close()  # or its lock would stay with us
        raise


def _open(path: Path, memory: Memory) -> Store:
    """The first directory that is not held by another process; a broken one is set aside."""
    for candidate in _places(path):
        try:
            store = Store(candidate, memory)
        except StoreError as error:
            if "LOCK" in str(error) or "lock hold" in str(error):
                log.warning("store_held", path=str(candidate), error=str(error))
                continue
            if "No space" in str(error) or not candidate.exists():
                raise
            log.error("store_set_aside", path=str(candidate), error=str(error))
            set_aside(candidate)
            store = Store(candidate, memory)
        if candidate == path:
            _sweep(path, memory)
        return store
    raise StoreError(f"{path} and {STORES_BESIDE_MAX - 1} beside it are held by other processes")


def _places(path: Path) -> list[Path]:
    return [path, *(path.with_name(f"{path.name}-{n}") for n in range(1, STORES_BESIDE_MAX))]


def _sweep(path: Path, memory: Memory) -> None:
    """Remove what was built beside while the first directory was held, if it is free by now."""
    for beside in filter(Path.exists, _places(path)[1:]):
        with contextlib.suppress(StoreError):
            Store(beside, memory).close()
            shutil.rmtree(beside, ignore_errors=True)


async def _catch_up(store: Store, source: Log, memory: Memory) -> Store:
    position = store.position()
    if position is not None:
        reason = await _reason_to_rebuild(position, source)
        reason = reason or await _replay(store, source, position)
    elif store.is_empty():
        reason = await _replay(store, source, None)
    else:
        reason = "it has rows but no position"
    if not reason:
        return store
    log.warning("store_rebuilt", path=str(store.path), reason=reason)
    store.close()
    set_aside(store.path)
    store = Store(store.path, memory)
    failed = await _replay(store, source, None)
    assert failed is None, "an empty store takes any changelog"
    return store


async def _reason_to_rebuild(position: Position, source: Log) -> str | None:
    if position.next_offset > source.end:
        found = await _first_stamp(source)
        if found is None or found.incarnation == position.stamp.incarnation:
            raise LogLost(
                f"{source.partition.topic}/{source.partition.partition} ends at {source.end}, but "
                f"{position.next_offset} was committed: Kafka lost committed records. Restore the "
                "topic; or, to start over from what it has, remove this worker's store"
            )
        return "it is of another log"
    if position.next_offset < source.start:
        return "the changelog no longer reaches back to it"
    behind = position.next_offset + 1 < source.end  # the last offset is a transaction's marker
    age_ms = time.time() * 1000 - position.written_at_ms
    if behind and age_ms > DELETE_RETENTION_MS / 2:
        return "it is so old that deletions may have left the changelog"
    return None


async def _fetches(source: Log, offset: int) -> AsyncIterator[list[ConsumerRecord]]:
    """Everything from an offset to the end; raises StoreError when it stops coming."""
    reader, seen = source.reader, time.monotonic()
    reader.assign([source.partition])
    reader.seek(source.partition, offset)
    while await reader.position(source.partition) < source.end:
        fetched = await reader.getmany(timeout_ms=FETCH_WAIT_MS, max_records=RECORDS_MAX)
        for records in fetched.values():
            seen = time.monotonic()
            yield records
        if time.monotonic() - seen > STALLED_S:
            raise StoreError(f"{source.partition}: no record for {STALLED_S:.0f} s, before its end")


async def _first_stamp(source: Log) -> Stamp | None:
    async for records in _fetches(source, source.start):
        if found := _stamp_in(records):
            return found
    return None


def _stamp_in(records: Iterable[ConsumerRecord]) -> Stamp | None:
    return next((Stamp.decode(one.value) for one in records if one.key == stamps.KEY), None)


async def _replay(store: Store, source: Log, position: Position | None) -> str | None:
    """Bring the store to the end; or, where its log is another one, say so and write nothing.

    Begins at the store's own stamp, which must be there, or a later one of the same incarnation.
    """
    replay, proven = Replay(store), position is None
    async for records in _fetches(source, position.next_offset - 1 if position else source.start):
        if not proven and (found := _stamp_in(records)):
            assert position is not None
            if found.incarnation != position.stamp.incarnation:
                return "it is of another log"
            proven = True
        replay.feed(records)
    RECOVERED_ROWS.inc(replay.rows)
    return None if proven else "its stamp is not in the changelog"
