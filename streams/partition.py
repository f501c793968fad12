"""Drives one owned partition: recover, decide, commit, apply; and again from the log on any error.

While transaction N commits, N+1 is decided on top of it, and sent only when N has ended. Whatever
fails between a fetch and a confirmed commit drops both: the producer is closed, the store is
brought to the end of the changelog, and the partition goes on from its stamp. Nothing is ever
guessed.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from streams import telemetry
from streams.actor import Actor
from streams.deadlines import STEP_S
from streams.engine import Batch, Engine, Record
from streams.exceptions import ClockAhead, Defect, LogBehind, LogLost, StoreCorrupt, StreamsError
from streams.inbox import Inbox
from streams.reading import Readers
from streams.recovery import recover
from streams.settings import Settings
from streams.stamp import Stamp
from streams.store import Memory, Store, set_aside
from streams.telemetry import log
from streams.topics import Topics
from streams.transaction import TransactionalProducer
from streams.transport import Fetch

RETRY_S = (0.05, 0.2, 1.0, 3.0)  # between two tries to open, the last one again and again
# then a changelog that is too short is looked at once more: a leader that was replaced shows an old
# one. Nobody else writes there, so a loss is still seen; commands would grow over theirs
CONFIRM_S = 5.0
STEADY_S = 10.0  # after so long without an error the next one counts as the first
UNOWNED_RETRY_S = 1.0  # until the group says that the partition is ours after all
TICK_S = 1.0
# a transaction has a price whatever it carries: at most half of a partition's time goes into
# them, so that batches grow with the load instead of their number, up to a tenth of a second
REST = 1.0  # of a transaction's time, before the next begins
REST_S_MAX = 0.1
YIELDS = 2  # of the loop between two steps: an answer takes several rounds to be taken in


class State(StrEnum):
    """Where a partition stands; `stopped` needs a person, `unowned` a new assignment."""

    OPENING = "opening"
    SERVING = "serving"
    SUSPENDED = "suspended"
    UNOWNED = "unowned"
    STOPPED = "stopped"


class Unowned(StreamsError):
    """Another worker has this partition by now."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a partition needs of its worker."""

    settings: Settings
    topics: Topics
    group: str
    directory: Path
    memory: Memory
    readers: Readers
    prove: Callable[[int], Awaitable[None]]  # raises Unowned unless the group says it is ours
    seek: Callable[[int, int], int]  # (partition, offset) -> number of the seek
    flow: Callable[[int, bool], None]  # whether the partition is fetched
    tick: Callable[[int], Awaitable[None]]
    turn: asyncio.Lock  # one of the worker's partitions decides at a time


class Partition:
    """One partition while it is assigned to this worker."""

    def __init__(self, number: int, actor: Actor, around: Surroundings) -> None:
        self.number, self._actor, self._around = number, actor, around
        self.state = State.OPENING
        self.error = ""
        self._inbox = Inbox(lambda offset: around.seek(number, offset))
        self._producer: TransactionalProducer | None = None
        self._store: Store | None = None
        self._engine: Engine | None = None
        self._suspending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._committing: asyncio.Task[None] | None = None
        self._told_to = 0  # seq of the last event that a predecessor told
        self._doubted_at: float | None = None  # the changelog has been too short since
        self._began = 0.0
        self._took_s = 0.0  # by the last transaction

    def start(self) -> None:
        """Open, or go on after a rebalance that left this partition here."""
        assert self._task is None or self._task.done(), "suspend comes before start"
        self._suspending.clear()
        self._task = asyncio.create_task(self._run(), name=f"partition-{self.number}")

    @property
    def next_offset(self) -> int:
        """The record to be decided next, while serving."""
        assert self._engine is not None
        return self._engine.next_offset

    @property
    def undecided(self) -> int:
        """Offsets that were fetched but not yet decided."""
        return max(0, self._inbox.expected - self.next_offset)

    def store_bytes(self) -> int:
        """Size of the store, while serving."""
        return self._store.size_bytes() if self._store else 0

    def offer(self, fetch: Fetch) -> None:
        """Take a fetch, if it is the next one; stop the flow when enough is waiting."""
        if self.state is State.SERVING:
            self._inbox.put(fetch)
            if self._inbox.full:
                self._around.flow(self.number, False)

    def lost(self) -> None:
        """The consumer's position is not in the topic: open anew, which says what is wrong."""
        self._inbox.fail(StreamsError("the position is out of the topic's range"))

    async def suspend(self) -> None:
        """Let a running commit end, drop what is undecided or unsent; keep producer and store."""
        self._suspending.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=STEP_S)
            if not done:
                self._task.cancel()
                await asyncio.wait([self._task])
                await self._discard()
        if self.state is not State.STOPPED:
            self._enter(State.SUSPENDED)

    async def close(self) -> None:
        """Give up producer and store."""
        await self.suspend()
        await self._discard()
        self._enter(State.UNOWNED)
        for gauge in (telemetry.LAG_RECORDS, telemetry.LAG_SECONDS, telemetry.SEQ):
            with contextlib.suppress(KeyError):
                gauge.remove(str(self.number))

    async def _discard(self) -> None:
        self._engine = None
        self._inbox.clear()
        producer, self._producer = self._producer, None
        store, self._store = self._store, None
        if store is not None:
            store.close()
        if producer is not None:
            await producer.stop()

    def _enter(self, state: State, error: str = "") -> None:
        for one in State:
            telemetry.STATE.labels(str(self.number), one).set(one is state)
        self.state, self.error = state, error

    async def _run(self) -> None:
        failures, opened = 0, time.monotonic()
        while not self._suspending.is_set():
            try:
                if self._engine is None:
                    opened = time.monotonic()
                    await self._open()
                    self._doubted_at = None
                await self._serve()
            except (ProducerFenced, InvalidProducerEpoch, Unowned) as error:
                log.warning("partition_unowned", partition=self.number, error=str(error))
                await self._discard()
                self._enter(State.UNOWNED, str(error))
                await self._wait(UNOWNED_RETRY_S)
            except (LogLost, ClockAhead, Defect) as error:
                doubted_s = self._doubt() if isinstance(error, LogBehind) else CONFIRM_S
                if doubted_s >= CONFIRM_S:
                    return await self._stop(error)
                await self._fail(error)
                await self._wait(CONFIRM_S - doubted_s)
            except Exception as error:
                failures = 0 if time.monotonic() - opened > STEADY_S else failures
                await self._fail(error)
                await self._wait(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1
        return None

    def _doubt(self) -> float:
        """Note that the changelog is too short; for how long it is by now, whatever cut a wait."""
        now = time.monotonic()
        if self._doubted_at is None:
            self._doubted_at = now
        return now - self._doubted_at

    async def _fail(self, error: Exception) -> None:
        telemetry.FAILURES.labels(type(error).__name__).inc()
        log.warning("batch_dropped", partition=self.number, error=repr(error))
        self._enter(State.OPENING, repr(error))
        self._around.flow(self.number, False)
        path = self._store.path if self._store else None
        await self._discard()
        if isinstance(error, StoreCorrupt) and path is not None:
            set_aside(path)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._suspending.wait(), seconds)

    async def _stop(self, error: Exception) -> None:
        log.error("partition_stopped", partition=self.number, remedy=str(error))
        self._around.flow(self.number, False)
        await self._discard()
        self._enter(State.STOPPED, str(error))

    async def _open(self) -> None:
        around, began = self._around, time.monotonic()
        self._enter(State.OPENING, self.error)
        around.flow(self.number, False)
        async with around.readers.borrow() as reader:
            await around.prove(self.number)
            try:
                at = await self._recovered(reader)
            except LogLost:
                # one that slept amid this sees the work of its successor
                await around.prove(self.number)
                raise
        self._resume(self._checked(at))
        telemetry.RECOVERY.observe(time.monotonic() - began)
        log.info("partition_open", partition=self.number, seq=at.next_seq, offset=at.next_offset)

    async def _recovered(self, reader: AIOKafkaConsumer) -> Stamp:
        """Fence and end the predecessor, then bring the store to the end of the changelog."""
        around = self._around
        self._producer = TransactionalProducer(
            around.settings.kafka, around.topics, around.group, self.number
        )
        await self._producer.start()
        path = around.directory / f"{around.topics.commands}-{self.number}"
        self._store, at, ends = await recover(
            reader, around.topics, self.number, path, around.memory
        )
        self._producer.changelog_end, self._told_to = ends
        if ends.seq >= at.next_seq:
            log.error("torn_transaction", partition=self.number, seq=at.next_seq, told_to=ends.seq)
        return at

    def _checked(self, at: Stamp) -> Stamp:
        partitions = self._around.settings.partitions
        if at.partitions not in (0, partitions):
            raise LogLost(
                f"partition {self.number} was written with {at.partitions} partitions, not "
                f"{partitions}: warehouses would change their owner. Set STOCKYARD_PARTITIONS="
                f"{at.partitions}"
            )
        return replace(at, partitions=partitions)

    def _resume(self, at: Stamp) -> None:
        assert self._store is not None
        window_s = self._around.settings.idempotency_window_s
        self._engine = Engine(
            self._actor,
            self._around.topics.commands,
            self.number,
            self._store,
            at,
            window_s,
            self._told_to,
        )
        self._inbox.reset(at.next_offset)
        self._enter(State.SERVING)
        self._around.flow(self.number, True)

    async def _serve(self) -> None:
        if self.state is State.SUSPENDED:
            assert self._store is not None
            position = self._store.position()
            if position is None:
                return await self._discard()
            self._resume(position.stamp)
        try:
            while not self._suspending.is_set():
                fetches = await self._next()
                if fetches:
                    await self._pass_on(fetches)
        finally:
            await self._settle()
        return None

    async def _next(self) -> list[Fetch]:
        """What has arrived, once the commit interval has passed; ticks while something is due."""
        await self._wake()
        if self._committing is not None and self._committing.done():
            committed, self._committing = self._committing, None
            committed.result()
        if self._suspending.is_set():
            return []
        if not self._inbox.arrived.is_set():
            await self._tick()
            return []
        rest_s = min(REST_S_MAX, REST * self._took_s)
        interval_s = max(self._around.settings.commit_interval_ms / 1000, rest_s)
        pause = self._began + interval_s - time.monotonic()
        if pause > 0 and not self._inbox.full:
            await self._wait(pause)
        fetches = self._inbox.take()
        self._around.flow(self.number, True)
        return fetches

    async def _wake(self) -> None:
        if self._inbox.arrived.is_set():
            return
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._inbox.arrived.wait()),
            asyncio.ensure_future(self._suspending.wait()),
        ]
        try:
            committing = [self._committing] if self._committing is not None else []
            await asyncio.wait(
                [*waiting, *committing], timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for one in waiting:
                one.cancel()

    async def _pass_on(self, fetches: list[Fetch]) -> None:
        records: Sequence[Record] = [record for fetch in fetches for record in fetch.records]
        while records and not self._suspending.is_set():
            batch = await self._decide(records, fetches[-1].end)
            if batch is None:
                return
            append_ms = records[len(records) - len(batch.rest) - 1].timestamp
            if self._committing is not None:
                await asyncio.wait([self._committing])
                committed, self._committing = self._committing, None
                committed.result()
            self._began = time.monotonic()
            self._committing = asyncio.create_task(self._commit(batch, append_ms))
            records = batch.rest

    async def _decide(self, records: Sequence[Record], end: int) -> Batch | None:
        """A batch, in steps: what came from Kafka meanwhile need not wait until all is decided."""
        engine = self._engine
        assert engine is not None
        async with self._around.turn:
            if self._suspending.is_set():
                return None
            for _ in engine.deciding(records, end, int(time.time() * 1000)):
                for _ in range(YIELDS):
                    await asyncio.sleep(0)
        return engine.batch

    async def _commit(self, batch: Batch, append_ms: int) -> None:
        producer, store, engine = self._producer, self._store, self._engine
        assert producer is not None and store is not None and engine is not None
        began = time.monotonic()
        next_offset = await producer.commit(batch)
        self._took_s = time.monotonic() - began
        telemetry.TRANSACTION.observe(self._took_s)
        store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, next_offset)
        engine.applied(batch)
        telemetry.count(self.number, batch, append_ms)

    async def _settle(self) -> None:
        """Let the commit under way end; unless it does so well, nothing here can be kept."""
        committing, self._committing = self._committing, None
        if committing is None:
            return
        try:
            await asyncio.wait([committing], timeout=STEP_S)
        finally:
            if not committing.done():
                committing.cancel()
                await asyncio.wait([committing])
            if committing.cancelled() or committing.exception() is not None:
                await self._discard()

    async def _tick(self) -> None:
        assert self._engine is not None
        due = self._engine.next_due_ms()
        idle = time.monotonic() - self._inbox.last_arrival >= TICK_S
        if idle and self._committing is None and due is not None and due <= time.time() * 1000:
            self._inbox.last_arrival = time.monotonic()
            await self._around.tick(self.number)
