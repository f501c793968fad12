"""Watches the events topic for the outcomes that requests wait for; idle while nobody waits."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from api.follower import RETRY_BACKOFF_MS, RETRY_S, kafka_away
from api.problems import Problem, unavailable
from api.telemetry import WAITERS
from schemas.keyed import reader_of
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.telemetry import log
from streams.topics import Topics

WATCHES_MAX = 1_000  # each holds a connection and a few KiB
OPEN_S = 2.0  # for the end of the topic, from which on a watch sees everything
TURN_MS = 20  # aiokafka has one fetch under way per broker: a new watch waits for it to return
TURN_RECORDS = 1_000  # about 3 ms of the loop
FETCH_BYTES = 4 << 20


class Source(msgspec.Struct, gc=False):
    """The record that an event answers."""

    offset: int


class Event(msgspec.Struct, gc=False):
    """What tells whose outcome an event is."""

    if TYPE_CHECKING:
        key: str  # whatever its domain calls it
    source: Source
    command_id: str | None = None


class Watch:
    """One command's outcome, awaited: give it the record's offset, then ask for its event."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.event: asyncio.Future[bytes] = loop.create_future()
        self._seen: dict[int, bytes] = {}
        self._offset: int | None = None
        self._passed: list[tuple[int, asyncio.Future[None]]] = []
        self._position = 0

    def of(self, offset: int) -> None:
        """Say which record's outcome is awaited: other events of the id are not it."""
        self._offset = offset
        self._check()

    def see(self, source_offset: int, event: bytes) -> None:
        """Take an event of the same key and id."""
        self._seen[source_offset] = event
        self._check()

    def _check(self) -> None:
        if self._offset in self._seen and not self.event.done():
            self.event.set_result(self._seen[self._offset])

    async def passed(self, offset: int) -> None:
        """Return once all events before an offset of the events topic were looked at."""
        if self._position < offset:
            waiting = asyncio.get_running_loop().create_future()
            self._passed.append((offset, waiting))
            await waiting

    def move(self, position: int) -> None:
        """All events before `position` were looked at."""
        self._position = position
        for offset, waiting in self._passed:
            if offset <= position and not waiting.done():
                waiting.set_result(None)

    def fail(self) -> None:
        """The topic cannot be followed any more."""
        if not self.event.done():
            self.event.set_exception(kafka_away())
            self.event.exception()  # nobody may be waiting for it


Watches = dict[tuple[str, str], set[Watch]]


class Outcomes:
    """The consumer behind all watches: a partition is read while it has one, else paused."""

    def __init__(self, settings: Settings, topics: Topics, key: str) -> None:
        self._settings, self._decode = settings, reader_of(Event, key)
        self._tps = [TopicPartition(topics.events, n) for n in range(settings.partitions)]
        self._watches: dict[int, Watches] = defaultdict(dict)
        self._opening = [asyncio.Lock() for _ in self._tps]
        self._live: set[int] = set()  # partitions that are read
        self._count = 0
        self._consumer: AIOKafkaConsumer | None = None
        self._awake = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether nobody more can wait for an outcome now."""
        return self._count >= WATCHES_MAX

    @staticmethod
    def too_many() -> Problem:
        """503: too many wait."""
        return unavailable("OVERLOADED", "Too many requests wait for outcomes; ask again soon.")

    @contextlib.asynccontextmanager
    async def watch(self, partition: int, key: str, command_id: str) -> AsyncIterator[Watch]:
        """Watch for a command's outcome from now on; Problem 503 where that is not possible."""
        if self.full:
            raise self.too_many()
        watch, name = Watch(), (key, command_id)
        self._count += 1
        WAITERS.set(self._count)
        try:
            async with self._opening[partition]:
                if partition not in self._live:
                    await self._resume(partition)
                self._watches[partition].setdefault(name, set()).add(watch)
            self._awake.set()
            yield watch
        finally:
            self._count -= 1
            WAITERS.set(self._count)
            self._forget(partition, name, watch)

    def _forget(self, partition: int, name: tuple[str, str], watch: Watch) -> None:
        watches = self._watches[partition]
        same = watches.get(name, set())
        same.discard(watch)
        if not same:
            watches.pop(name, None)
        if not watches and partition in self._live and self._consumer is not None:
            self._consumer.pause(self._tps[partition])
            self._live.discard(partition)
        if not any(self._watches.values()):
            self._awake.clear()

    async def _resume(self, partition: int) -> None:
        tp, asked = self._tps[partition], self._consumer
        if asked is None:
            raise kafka_away()
        try:
            async with asyncio.timeout(OPEN_S):
                end = (await asked.end_offsets([tp]))[tp]
        except (TimeoutError, KafkaError):
            raise kafka_away() from None
        if self._consumer is None or self._consumer is not asked:
            raise kafka_away()
        asked.seek(tp, end)
        asked.resume(tp)
        self._live.add(partition)

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            try:
                await self._follow()
            except (KafkaError, OSError) as error:
                log.warning("outcomes_retry", error=repr(error))
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=TURN_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )
        reach_again(consumer)
        try:
            await consumer.start()
            ends = await consumer.end_offsets(self._tps)
            consumer.assign(self._tps)  # no await until every partition has its offset
            for tp, end in ends.items():
                consumer.seek(tp, end)
                consumer.pause(tp)
            self._consumer = consumer
            while True:
                await self._awake.wait()
                await self._turn(consumer)
        finally:
            self._consumer = None
            self._live.clear()
            for watches in self._watches.values():
                for watch in [one for same in watches.values() for one in same]:
                    watch.fail()
            await consumer.stop()

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        fetched = await consumer.getmany(timeout_ms=TURN_MS, max_records=TURN_RECORDS)
        for partition in list(self._live):
            watches = self._watches[partition]
            tp = self._tps[partition]
            for record in fetched.get(tp, ()):
                self._show(record, watches)
            position = await consumer.position(tp)
            for watch in [one for same in watches.values() for one in same]:
                watch.move(position)

    def _show(self, record: ConsumerRecord[bytes, bytes], watches: Watches) -> None:
        assert record.value is not None, "an event has a body"
        try:
            event = self._decode(record.value)
        except msgspec.MsgspecError as error:
            log.error(
                "no_event", partition=record.partition, offset=record.offset, error=str(error)
            )
            return
        if event.command_id is not None:
            for watch in watches.get((event.key, event.command_id), ()):
                watch.see(event.source.offset, record.value)
