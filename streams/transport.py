"""Faust's consumer, replaced: whole fetches instead of messages, committed records only.

It runs in the application's own loop, so that a heartbeat shows that the loop which decides is
alive. Each message is one fetch of one partition, with the positions before and behind it: whoever
takes the fetches sees at once if one was dropped on the way (by Faust's flow control, a changed
generation, a rebalance), and seeks back. Offsets are never taken from the group: `perform_seek`
leaves them to the partitions, which know their stamps.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message

from streams.deadlines import stop
from streams.engine import Record
from streams.rebootstrap import reach_again
from streams.records import TolerantRecords
from streams.telemetry import log

FETCH_BYTES = 1 << 20  # of one partition at a time; a larger message still comes, alone
FETCH_WAIT_MS = 500
METADATA_MS = 10_000  # a topic that was made anew is met this soon, and then refused
# the client fetches ahead: what it has when its turn comes is as old as the turn before, and the
# answer to its next request brings the rest in some milliseconds
FRESH_S = 0.02
RECORDS_MAX = 2_000  # of one request, two a turn: 200 ms of decisions at the most

fetcher.MemoryRecords = TolerantRecords


class Fetch(msgspec.Struct):
    """Records of one partition, and the consumer's positions before and behind them."""

    partition: int
    turn: int  # number of the seek that it was fetched behind
    start: int
    end: int
    records: Sequence[Record]


def keep_raw(fetched: Iterable[Any]) -> None:
    """Spare aiokafka's copy of each record into a ConsumerRecord: a tenth of a command's time.

    What it has parsed has the same offset, timestamp, key, value and headers.
    """
    for result in fetched:
        if isinstance(result, FetchResult):
            result._partition_records._consumer_record = lambda _tp, record: record


class _Listener(ConsumerRebalanceListener):
    def __init__(self, consumer: "BatchConsumer") -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._consumer.app.on_rebalance_start()
        await self._guarded(self._consumer.on_partitions_revoked, set(revoked))

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        generation = self._consumer.kafka._coordinator.generation
        self._consumer.app.consumer_generation_id = generation
        await self._guarded(self._consumer.on_partitions_assigned, set(assigned), generation)

    async def _guarded(self, call: Callable[..., Any], *arguments: Any) -> None:
        """Aiokafka would log the exception and consume on; a worker that failed here must end."""
        try:
            await call(*arguments)
        except Exception as error:
            log.exception("rebalance_failed")
            await self._consumer.crash(error)


class BatchConsumer(faust_consumer.Consumer):
    """Consumes fetches for Faust's streams; see the module."""

    RebalanceListener: ClassVar[Any] = _Listener
    consumer_stopped_errors: ClassVar[tuple[type[BaseException], ...]] = (
        driver.ConsumerStoppedError,
    )
    kafka: AIOKafkaConsumer

    #: Set by the worker: brings every assigned partition to its stamp.
    seek_partitions: ClassVar[Callable[[], Any]]
    #: Set by the worker: a partition's position is not in its topic.
    position_lost: ClassVar[Callable[[int], None]]
    #: Set by the worker: its partitions decide one after another.
    turn: ClassVar[asyncio.Lock]

    async def on_start(self) -> None:
        conf = self.app.conf
        self._resumed = asyncio.Event()
        self._was_ahead = False  # something had been fetched before it was asked for
        self._handed: dict[TP, int] = {}  # position behind the last fetch
        self._turns: dict[TP, int] = {}  # how often it was sought
        self.kafka = AIOKafkaConsumer(
            bootstrap_servers=driver.server_list(self.transport.url, self.transport.default_port),
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[StickyPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="none",  # an offset out of range must be noticed
            isolation_level="read_committed",
            max_poll_interval_ms=86_400_000,  # a partition may be rebuilt for hours
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            metadata_max_age_ms=METADATA_MS,
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            retry_backoff_ms=50,
        )
        reach_again(self.kafka)
        await self.kafka.start()

    async def on_stop(self) -> None:
        if hasattr(self, "kafka"):
            await stop(self.kafka)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """Yield one message for all that came with one answer: its value is a list of Fetch."""
        answer, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        fetches = self._fetches(answer)
        if fetches and self._was_ahead and active:
            fetches += self._fetches(await self._getmany(active, FRESH_S))
        if not fetches or self.should_stop or not self.flow_active:
            return  # what is dropped here is missed behind it, and fetched again
        carrier = TP(next(iter(answer)).topic, fetches[-1].partition)
        yield carrier, self._message(carrier, fetches, generation)

    def _fetches(self, answer: Any) -> list[Fetch]:
        """An answer's records, with the positions before and behind each partition's."""
        fetches = []
        for tp, records in (answer or {}).items():
            start, turn = self._handed.get(tp, -1), self._turns.get(tp, 0)
            end = self._handed[tp] = self._position(tp)
            if records:
                fetches.append(Fetch(tp.partition, turn, start, end, records))
        return fetches

    def _message(self, tp: TP, fetches: list[Fetch], generation: int) -> Message:
        last = fetches[-1].records[-1]
        return Message(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            1,
            (),
            None,
            fetches,
            0,
            tp=tp,
            generation_id=generation,  # without it the stream drops the event silently
        )

    def _position(self, tp: TP) -> int:
        return int(self.kafka._subscription.subscription.assignment.state_value(tp).position)

    async def _wait_next_records(self, timeout: float) -> tuple[Any, set[TP]]:
        """Faust sleeps a second where every partition has enough waiting; this wakes at once."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        active = set(self._get_active_partitions())  # Faust's own changes while we wait
        if active:
            async with type(self).turn:  # a fetch has a price: one each time that all have decided
                pass
            self._was_ahead = bool(self.kafka._fetcher._records)
            return await self._getmany(active, timeout), active
        self._resumed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._resumed.wait(), timeout)
        return {}, active

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Fetch these again."""
        super().resume_partitions(tps)
        self._resumed.set()

    def behind(self, tp: TP) -> int:
        """Offsets of a partition that are not yet fetched."""
        return max(0, (self.highwater(tp) or 0) - self._position(tp))

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        own = self.kafka._fetcher
        keep_raw(own._records.values())
        try:
            with own._subscriptions.fetch_context():
                return await own.fetched_records(
                    active_partitions, timeout=timeout, max_records=RECORDS_MAX
                )
        except OffsetOutOfRangeError as error:
            for tp in error.args[0]:
                type(self).position_lost(tp.partition)
        except NoOffsetForPartitionError:
            pass  # assigned a moment ago, not yet sought
        return {}

    async def _add_gap(self, *_: Any) -> None:
        """Offsets between two fetches are no gap."""

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Faust's offsets mean nothing here: the stamp in the changelog is the position."""
        return False

    async def perform_seek(self) -> None:
        """Every assignment ends here: bring its partitions to their stamps."""
        await type(self).seek_partitions()

    def go_to(self, tp: TP, offset: int) -> int:
        """Fetch from an offset on; the number of this seek, which fetches behind it carry."""
        self.kafka.seek(tp, offset)
        self._handed[tp] = offset
        self._read_offset[tp] = None
        self._turns[tp] = turn = self._turns.get(tp, 0) + 1
        return turn

    async def commit_position(self, tp: TP, offset: int | None) -> None:
        """Commit a position to the group, or the one it has: proof of the present generation."""
        there = TopicPartition(tp.topic, tp.partition)
        if offset is None:
            offset = await self.kafka.committed(there) or 0
        await self.kafka.commit({there: OffsetAndMetadata(offset, "")})

    async def subscribe(self, topics: Iterable[str]) -> None:
        self.kafka.subscribe(topics=sorted(set(topics)), listener=_Listener(self))

    def assignment(self) -> set[TP]:
        return {TP(tp.topic, tp.partition) for tp in self.kafka.assignment()}

    def highwater(self, tp: TP) -> int | None:
        known: int | None = self.kafka.highwater(tp)
        return known

    def topic_partitions(self, topic: str) -> int | None:
        known: int | None = self.kafka._coordinator._metadata_snapshot.get(topic)
        return known

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        return dict(await self.kafka.beginning_offsets(partitions))

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        return dict(await self.kafka.end_offsets(partitions))

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        return False

    async def seek_to_committed(self) -> Mapping[TP, int]:
        return {}

    async def _seek(self, partition: TP, offset: int) -> None:
        self.go_to(partition, offset)

    async def position(self, tp: TP) -> int | None:
        return int(await self.kafka.position(tp))

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        for tp, offset in partitions.items():
            self.go_to(tp, offset)

    async def create_topic(self, topic: str, *_: Any, **__: Any) -> None:
        raise AssertionError(f"{topic}: topics are made before workers start")

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int:
        raise AssertionError(f"{topic}: Faust produces nothing here")

    def _to_message(self, tp: TP, record: Any) -> Any:
        raise AssertionError("fetches are handed on whole")


class Transport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer: ClassVar[Any] = BatchConsumer
