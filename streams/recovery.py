"""Brings a partition's store to the end of its changelog, and says where to go on.

Called with the partition's producer started, so that no predecessor can add to the changelog any
more: its end, read committed, is final. A store that cannot be right is set aside and rebuilt; one
that is ahead of the log means that Kafka lost what it had committed, and stops the partition.
"""

import asyncio
import contextlib
import shutil
import time
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from schemas.seqs import seq_of
from streams import stamp as stamps
from streams.exceptions import LogBehind, LogLost, StoreCorrupt, StoreError
from streams.reading import Log, fetches, log_of
from streams.replay import Replay
from streams.stamp import Stamp
from streams.store import Memory, Position, Store, set_aside
from streams.telemetry import RECOVERED_ROWS, log
from streams.topics import DELETE_RETENTION_MS, Topics

BEFORE = 64  # offsets of the events looked at first: the last one is mostly among them
STORES_BESIDE_MAX = 8  # a frozen owner on this host may hold a directory: the next one is taken


class Ends(NamedTuple):
    """Up to where a predecessor came, as the logs have it."""

    changelog: int
    seq: int  # of the last event; 0: there is none


async def recover(
    reader: AIOKafkaConsumer, topics: Topics, partition: int, path: Path, memory: Memory
) -> tuple[Store, Stamp, Ends]:
    """Open or rebuild the store at `path`: (store, stamp to go on from, what the logs hold).

    Raises LogLost, StoreError, KafkaError. Where there is no changelog yet, the stamp begins a new
    incarnation at the start of the commands.
    """
    changelog = await log_of(reader, topics.changelog, partition)
    store = await _opened(path, memory)
    try:
        reason = await _caught_up(store, changelog)
        if reason:
            log.warning("store_rebuilt", path=str(store.path), reason=reason)
            store.close()
            set_aside(store.path)
            store = Store(store.path, memory)
            reason = await _caught_up(store, changelog)
            if reason:
                raise StoreError(f"{store.path} cannot be rebuilt: {reason}")
        # only now: one that slept amid this finds more in the changelog than was there before
        commands = await log_of(reader, topics.commands, partition)
        position = store.position()
        events = await log_of(reader, topics.events, partition)
        if position is not None:
            at = _checked(position.stamp, commands)
            return store, at, Ends(changelog.end, await _last_seq(events))
        await _check_new(events)
        return store, Stamp(uuid4().bytes, commands.start, 1, 0, 0), Ends(changelog.end, 0)
    except BaseException:
        store.close()
        raise


def _checked(at: Stamp, commands: Log) -> Stamp:
    if not commands.start <= at.next_offset <= commands.end:
        raise LogLost(
            f"{commands} has offsets {commands.start} to {commands.end}, but the next one to "
            f"decide is {at.next_offset}: commands were lost, or their topic was made anew. "
            "Restore the topic, or start over with another STOCKYARD_TOPIC_PREFIX"
        )
    return at


async def _check_new(events: Log) -> None:
    """Where nothing was ever decided, there is no event either."""
    async for _ in fetches(events, events.start):
        raise LogBehind(
            f"{events} has events, but its changelog is empty: it was lost, and every command "
            "would be decided again. Restore the changelog, or start over with another "
            "STOCKYARD_TOPIC_PREFIX"
        )


async def _last_seq(events: Log) -> int:
    """Seq of the last committed event; looked for from the end backwards, past markers."""
    before, first = BEFORE, events.end
    while first > events.start:
        first = max(events.start, events.end - before)
        last: bytes | None = None
        async for records in fetches(events, first):
            last = records[-1].value if records else last
        if last is not None:
            return seq_of(last)
        before *= 2
    return 0


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
        except StoreCorrupt as error:
            log.error("store_set_aside", path=str(candidate), error=str(error))
            set_aside(candidate)
            store = Store(candidate, memory)
        except StoreError as error:
            if "lock" not in str(error).replace(str(candidate), ""):
                raise
            log.warning("store_held", path=str(candidate), error=str(error))
            continue
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


async def _caught_up(store: Store, source: Log) -> str | None:
    """Bring a store to the end of its changelog, or say why it must be rebuilt."""
    try:
        return await _catch_up(store, source)
    except StoreCorrupt as error:
        return str(error)


async def _catch_up(store: Store, source: Log) -> str | None:
    position = store.position()
    if position is None and not store.is_empty():
        return "it has rows but no position"
    reason = await _reason_to_rebuild(position, source) if position else None
    return reason or await _replay(store, source, position)


async def _reason_to_rebuild(position: Position, source: Log) -> str | None:
    if position.next_offset > source.end:
        found = await _first_stamp(source)
        if found is None or found.incarnation == position.stamp.incarnation:
            raise LogBehind(
                f"{source} ends at {source.end}, but "
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


async def _first_stamp(source: Log) -> Stamp | None:
    async for records in fetches(source, source.start):
        for record in records:
            if record.key == stamps.KEY:
                return Stamp.decode(record.value)
    return None


async def _replay(store: Store, source: Log, position: Position | None) -> str | None:
    """Bring the store to the end; or, where its log is another one, say so and write nothing.

    Begins at the store's own stamp, which must be there as it was, or else a later one.
    """
    replay, proven = Replay(store), position is None
    async for records in fetches(source, position.next_offset - 1 if position else source.start):
        if not proven:
            assert position is not None
            first = next((one for one in records if one.key == stamps.KEY), None)
            if first is not None:
                if not _continues(first, position):
                    return "it is of another log"
                proven = True
        replay.feed(records)
    RECOVERED_ROWS.inc(replay.rows)
    return None if proven else "its stamp is not in the changelog"


def _continues(first: ConsumerRecord, position: Position) -> bool:
    found, ours = Stamp.decode(first.value), position.stamp
    if first.offset == position.next_offset - 1:
        return found == ours
    return found.incarnation == ours.incarnation and found.next_seq >= ours.next_seq
