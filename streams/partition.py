"""Drives one owned partition: recover, decide, commit, apply; and again from the log on any error.

While transaction N commits, N+1 is decided on top of it, and sent only when N has ended. Whatever
fails between a fetch and a confirmed commit drops both: the producer is closed, the store is
brought to the end of the changelog, and the partition goes on from its stamp. Nothing is ever
guessed.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from streams import telemetry
from streams.actor import Actor
from streams.engine import Batch, Engine
from streams.exceptions import ClockAhead, LogLost, StreamsError
from streams.recovery import Readers, recover
from streams.settings import Settings
from streams.stamp import Stamp
from streams.store import Memory, Store
from streams.telemetry import log
from streams.topics import Topics
from streams.transaction import STEP_S, TransactionalProducer
from streams.transport import Fetch

FETCHES_MAX = 2  # waiting for decision; then the partition is not fetched any further
RETRY_S = (0.05, 0.2, 1.0, 3.0)  # between two tries to open, the last one again and again
UNOWNED_RETRY_S = 1.0  # until the group says that the partition is ours after all
TICK_S = 1.0


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
    seek: Callable[[int, int], None]
    flow: Callable[[int, bool], None]  # whether the partition is fetched
    tick: Callable[[int], Awaitable[None]]


class Partition:
    """One partition while it is assigned to this worker."""

    def __init__(self, number: int, actor: Actor, around: Surroundings) -> None:
        self.number, self._actor, self._around = number, actor, around
        self.state = State.OPENING
        self.error = ""
        self._producer: TransactionalProducer | None = None
        self._store: Store | None = None
        self._engine: Engine | None = None
        self._inbox: list[Fetch] = []
        self._expected = 0  # where the next fetch must start: none may be missing
        self._arrived = asyncio.Event()
        self._suspending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._committing: asyncio.Task[None] | None = None
        self._began = 0.0
        self._last_arrival = time.monotonic()

    def start(self) -> None:
        """Open, or go on after a rebalance that left this partition here."""
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
        return max(0, self._expected - self.next_offset)

    def store_bytes(self) -> int:
        """Size of the store, while serving."""
        return self._store.size_bytes() if self._store else 0

    def offer(self, fetch: Fetch) -> None:
        """Take a fetch, if it is the next one; stop the flow when enough is waiting."""
        if self.state is not State.SERVING:
            return  # opening ends in a seek
        if fetch.start != self._expected:
            log.info("fetch_dropped", partition=self.number, at=fetch.start, want=self._expected)
            self._around.seek(self.number, self._expected)
            return
        self._expected = fetch.end
        self._inbox.append(fetch)
        self._last_arrival = time.monotonic()
        self._arrived.set()
        if len(self._inbox) >= FETCHES_MAX:
            self._around.flow(self.number, False)

    async def suspend(self) -> None:
        """Let a running commit end, drop what is undecided or unsent; keep producer and store."""
        self._suspending.set()
        self._arrived.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=STEP_S)
            if not done:
                self._task.cancel()
                await asyncio.wait([self._task])
                await self._discard()
        if self.state not in (State.STOPPED, State.UNOWNED):
            self._enter(State.SUSPENDED)

    async def close(self) -> None:
        """Give up producer and store; `suspend` first."""
        await self._discard()
        self._enter(State.UNOWNED)
        for gauge in (telemetry.LAG_RECORDS, telemetry.LAG_SECONDS, telemetry.SEQ):
            with contextlib.suppress(KeyError):
                gauge.remove(str(self.number))

    async def _discard(self) -> None:
        self._engine = None
        self._inbox.clear()
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()
        if self._store is not None:
            store, self._store = self._store, None
            store.close()

    def _enter(self, state: State, error: str = "") -> None:
        for one in State:
            telemetry.STATE.labels(str(self.number), one).set(one is state)
        self.state, self.error = state, error

    async def _run(self) -> None:
        failures = 0
        while not self._suspending.is_set():
            try:
                if self._engine is None:
                    await self._open()
                failures = 0
                await self._serve()
            except (ProducerFenced, InvalidProducerEpoch, Unowned) as error:
                log.warning("partition_unowned", partition=self.number, error=str(error))
                await self._discard()
                self._enter(State.UNOWNED, str(error))
                await self._wait(UNOWNED_RETRY_S)
            except (LogLost, ClockAhead) as error:
                await self._end(State.STOPPED, error)
                return
            except Exception as error:
                telemetry.FAILURES.labels(type(error).__name__).inc()
                log.warning("batch_dropped", partition=self.number, error=repr(error))
                self._enter(State.OPENING, repr(error))
                await self._discard()
                await self._wait(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._suspending.wait(), seconds)

    async def _end(self, state: State, error: Exception) -> None:
        log.error("partition_ended", partition=self.number, state=state, error=str(error))
        self._around.flow(self.number, False)
        await self._discard()
        self._enter(state, str(error))

    async def _open(self) -> None:
        around, began = self._around, time.monotonic()
        self._enter(State.OPENING, self.error)
        around.flow(self.number, False)
        async with around.readers.borrow() as reader:
            await around.prove(self.number)
            topics = around.topics
            self._producer = TransactionalProducer(
                around.settings.kafka, topics, around.group, self.number
            )
            await self._producer.start()
            self._store, at = await recover(
                reader,
                TopicPartition(topics.changelog, self.number),
                TopicPartition(topics.commands, self.number),
                around.directory / f"{topics.commands}-{self.number}",
                around.memory,
            )
        self._resume(self._checked(at))
        telemetry.RECOVERY.observe(time.monotonic() - began)
        log.info("partition_open", partition=self.number, seq=at.next_seq, offset=at.next_offset)

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
        around = self._around
        assert self._store is not None
        window_ms = around.settings.idempotency_window_s * 1000
        self._engine = Engine(
            self._actor, around.topics.commands, self.number, self._store, at, window_ms
        )
        self._inbox.clear()
        self._arrived.clear()
        self._expected = at.next_offset
        around.seek(self.number, at.next_offset)
        self._enter(State.SERVING)
        around.flow(self.number, True)

    async def _serve(self) -> None:
        if self.state is State.SUSPENDED:
            assert self._store is not None
            position = self._store.position()
            if position is None:
                self._engine = None
                return await self._discard()
            self._resume(position.stamp)
        try:
            while not self._suspending.is_set():
                fetches = await self._next()
                if fetches:
                    await self._pass_on(fetches)
        finally:
            await self._settle()

    async def _next(self) -> list[Fetch]:
        """What has arrived, once the commit interval has passed; ticks while something is due."""
        waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._arrived.wait())]
        if self._committing is not None:
            waiting.append(self._committing)
        try:
            await asyncio.wait(waiting, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting[0].cancel()
        if self._committing is not None and self._committing.done():
            committed, self._committing = self._committing, None
            committed.result()
        if not self._arrived.is_set():
            await self._tick()
            return []
        pause = self._began + self._around.settings.commit_interval_ms / 1000 - time.monotonic()
        if pause > 0 and len(self._inbox) < FETCHES_MAX:
            await asyncio.sleep(pause)
        fetches, self._inbox = self._inbox, []
        self._arrived.clear()
        self._around.flow(self.number, True)
        return fetches

    async def _pass_on(self, fetches: list[Fetch]) -> None:
        assert self._engine is not None
        records = [record for fetch in fetches for record in fetch.records]
        batch = self._engine.decide(records, fetches[-1].end, int(time.time() * 1000))
        if self._committing is not None:
            committing, self._committing = self._committing, None
            await committing
        self._began = time.monotonic()
        self._committing = asyncio.create_task(self._commit(batch, records[-1].timestamp))

    async def _commit(self, batch: Batch, append_ms: int) -> None:
        assert self._producer is not None and self._store is not None and self._engine is not None
        began = time.monotonic()
        next_offset = await self._producer.commit(batch)
        telemetry.TRANSACTION.observe(time.monotonic() - began)
        self._store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, next_offset)
        self._engine.applied(batch)
        telemetry.count(self.number, batch, append_ms)

    async def _settle(self) -> None:
        """Wait for the commit under way; its error is ours unless another one is raised already."""
        if self._committing is None:
            return
        committing, self._committing = self._committing, None
        done, _ = await asyncio.wait([committing], timeout=STEP_S)
        if not done:
            committing.cancel()
            await asyncio.wait([committing])
        failed = committing.cancelled() or committing.exception() is not None
        if failed or not self._suspending.is_set():
            await self._discard()

    async def _tick(self) -> None:
        assert self._engine is not None
        due = self._engine.next_due_ms()
        idle = time.monotonic() - self._last_arrival >= TICK_S
        if idle and self._committing is None and due is not None and due <= time.time() * 1000:
            self._last_arrival = time.monotonic()
            await self._around.tick(self.number)
