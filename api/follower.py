"""Follows a domain's changelog into this host's replicas: what reads of its state answer from."""

import asyncio
import fcntl
from io import TextIOWrapper

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from api.exceptions import HomeInUse
from api.problems import Problem, unavailable
from api.replica import Replica
from streams.exceptions import StoreCorrupt, StoreError, Unreachable
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.store import Memory
from streams.telemetry import log
from streams.topics import Topics, check_topics, owner

RETRY_S = 1.0  # after Kafka did not answer, or a replica had to be given up
RETRY_BACKOFF_MS = 500  # aiokafka logs four lines for each try while Kafka is away
TURN_MS = 250  # how long a turn waits for records
TURN_RECORDS = 1_000  # about 3 ms of the loop, which answers requests in between
REBUILD_RECORDS = 5_000  # while a replica is not caught up, and so cannot answer
FETCH_BYTES = 8 << 20
ANSWER_S = 2.0  # Kafka is away when a metadata request takes longer
LOCK_TRIES = 12  # half a second each: an API that is being stopped gives its lock back by then


def kafka_away() -> Problem:
    """503: Kafka does not answer."""
    return unavailable("KAFKA_UNAVAILABLE", "Kafka does not answer; ask again soon.", 2)


class Follower:
    """All partitions' replicas, and the one consumer that feeds them."""

    def __init__(self, settings: Settings, domain: str) -> None:
        self._settings, self._topics = settings, Topics.of(domain, settings.topic_prefix)
        memory, home = Memory(), settings.home / "api"
        self.domain = domain
        self.replicas = [
            Replica(number, home / f"{domain}-{number}", memory)
            for number in range(settings.partitions)
        ]
        self._home = home
        self._lock: TextIOWrapper | None = None
        self._consumer: AIOKafkaConsumer | None = None

    @property
    def caught_up(self) -> bool:
        """Whether every replica has reached the end that was there when it was opened."""
        return all(replica.caught_up for replica in self.replicas)

    def of(self, key: str) -> Replica:
        """The replica that has the rows of a key."""
        return self.replicas[owner(key, self._settings.partitions)]

    async def reached(self, partition: int, seq: int) -> None:
        """Return once the effects of an event are in the replica."""
        await self.replicas[partition].reached(seq)

    def lag_records(self, replica: Replica) -> int | None:
        """Changelog records, markers included, that wait to be read; None while unknown."""
        try:
            end = self._consumer and self._consumer.last_stable_offset(self._tp(replica))
        except (KafkaError, AssertionError):
            return None
        return None if end is None else max(0, end - replica.next_offset)

    def fetched_ms(self) -> int:
        """When Kafka last answered for the partition that waits longest; 0 before it did."""
        if self._consumer is None:
            return 0
        try:
            return int(
                min(self._consumer.last_poll_timestamp(self._tp(one)) for one in self.replicas)
            )
        except (TypeError, AssertionError):  # none yet, or not assigned yet
            return 0

    async def check_kafka(self) -> None:
        """Return when Kafka answers; Problem 503 when it does not."""
        if self._consumer is None:
            raise kafka_away()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._consumer.end_offsets([self._tp(self.replicas[0])])
        except (TimeoutError, KafkaError):
            raise kafka_away() from None

    async def run(self) -> None:
        """Follow for ever; raises ConfigurationError where a person must act."""
        await self._take_lock()
        try:
            while True:
                try:
                    await self._follow()
                except (KafkaError, Unreachable, StoreError, OSError) as error:
                    log.warning("follower_retries", error=repr(error))
                await asyncio.sleep(RETRY_S)
        finally:
            for replica in self.replicas:
                replica.close()
            assert self._lock is not None
            self._lock.close()

    async def _take_lock(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        self._lock = (self._home / f"{self.domain}.lock").open("w")
        for _ in range(LOCK_TRIES):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                await asyncio.sleep(0.5)
            else:
                return
        raise HomeInUse(
            f"{self._home} is in use by another API process: stop that one, or give this one "
            "another STOCKYARD_HOME"
        )

    async def _follow(self) -> None:
        await check_topics(self._settings, self._topics)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",  # an offset out of range is a replica to rebuild
            max_partition_fetch_bytes=FETCH_BYTES,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )
        reach_again(consumer)
        try:
            await consumer.start()
            self._consumer = consumer  # before, it can be asked nothing
            offsets = await self._open(self.replicas)
            consumer.assign(list(offsets))  # no await until every partition has its offset
            self._seek(offsets)
            while True:
                await self._turn(consumer)
        finally:
            self._consumer = None
            await consumer.stop()

    def _tp(self, replica: Replica) -> TopicPartition:
        return TopicPartition(self._topics.changelog, replica.partition)

    async def _open(self, replicas: list[Replica]) -> dict[TopicPartition, int]:
        """Open replicas against the changelog as it is: where to read each of them on from."""
        assert self._consumer is not None
        begins = await self._consumer.beginning_offsets([self._tp(one) for one in replicas])
        ends = await self._consumer.end_offsets([self._tp(one) for one in replicas])
        offsets = {}
        for replica in replicas:
            tp = self._tp(replica)
            offsets[tp] = replica.open(begins[tp], ends[tp])
            await asyncio.sleep(0)
        return offsets

    def _seek(self, offsets: dict[TopicPartition, int]) -> None:
        assert self._consumer is not None
        for tp, offset in offsets.items():
            self._consumer.seek(tp, offset)

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        records_max = TURN_RECORDS if self.caught_up else REBUILD_RECORDS
        try:
            fetched = await consumer.getmany(timeout_ms=TURN_MS, max_records=records_max)
        except OffsetOutOfRangeError as error:
            for tp in error.args[0]:
                await self._renew(self.replicas[tp.partition], repr(error))
            return
        for replica in self.replicas:
            try:
                tp = self._tp(replica)
                replica.feed(fetched.get(tp, ()), await consumer.position(tp))
            except StoreError as error:
                await self._renew(replica, str(error), isinstance(error, StoreCorrupt))
            except Exception as error:  # noqa: BLE001 - a copy that cannot go on is made anew
                await self._renew(replica, repr(error))
        await asyncio.sleep(0)

    async def _renew(self, replica: Replica, flaw: str, corrupt: bool = True) -> None:
        """Open a replica again, from nothing where it is corrupt."""
        log.warning("replica_reopened", partition=replica.partition, reason=flaw, corrupt=corrupt)
        replica.close()
        if corrupt:
            replica.set_aside()
        await asyncio.sleep(RETRY_S)
        self._seek(await self._open([replica]))
