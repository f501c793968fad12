"""Reads the inbound topics in a group: a turn is written, then its position is kept."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CommitFailedError, IllegalStateError

from api.deliveries.positions import committed
from api.inbound import telemetry
from api.inbound.taking import Place, Taking, Written
from schemas.inbound import INBOUND_DEAD_LETTERS, inbound_of
from streams.deadlines import STEP_S, stop, within
from streams.exceptions import ConfigurationError
from streams.rebootstrap import reach_again
from streams.records import TolerantRecords
from streams.settings import Settings
from streams.telemetry import log
from streams.topics import DEAD_LETTER_BYTES_MAX, Topics, check_topics
from tables.reader import partitions_of

GROUP = "inbound"
SESSION_MS, HEARTBEAT_MS = 6_000, 1_500
TURN_MS, TURN_RECORDS = 200, 1_000
FETCH_BYTES = 1 << 20  # of a partition at once; a larger record comes all the same
BATCH_BYTES = 256 << 10
TAKEN_S = 60.0  # for a batch; then all is read again from the position that was kept

fetcher.MemoryRecords = TolerantRecords  # a header with an odd name stops nothing


class Session:
    """From joining the group to the first failure, or until it is told to end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._inbound = inbound_of(settings.domains)
        self._taking = Taking(settings, self._inbound)
        self._topics = {settings.topic_prefix + one.name: one for one in self._inbound}
        self._kept: dict[TopicPartition, int] = {}
        self._consumer, self._producer = self._new_consumer(), self._new_producer()

    async def run(self, ending: asyncio.Event) -> None:
        """Take events until it is to end.

        Raises ConfigurationError where topics are missing or are others, Unreachable, Indefinite
        or KafkaError where Kafka goes away.
        """
        try:
            for one in self._inbound:
                topics = Topics.of(one.domain, self._settings.topic_prefix)
                await check_topics(self._settings, topics)
            await self._producer.start()
            await self._consumer.start()
            await self._check_partitions()
            await self._tell_expired()
            self._consumer.subscribe(sorted(self._topics))  # to wait for a topic would be for ever
            log.info("inbound_started", topics=sorted(self._topics))
            while not ending.is_set():
                await self._turn()
                telemetry.OUTAGE.set(0)
        finally:
            await stop(self._producer)
            await stop(self._consumer)

    async def _turn(self) -> None:
        turn = await self._consumer.getmany(timeout_ms=TURN_MS, max_records=TURN_RECORDS)
        written: defaultdict[Place, list[Written]] = defaultdict(list)
        for records in turn.values():
            self._taking.take(records, written)
            await asyncio.sleep(0)  # a full turn takes longer than a session: let heartbeats go
        await asyncio.gather(*(self._write(place, written[place]) for place in written))
        await within(STEP_S, self._keep(), "the position of inbound events")
        await within(STEP_S, self._tell_lag(), "the lag of inbound events")

    async def _write(self, place: Place, records: Sequence[Written]) -> None:
        """Batch by batch: nothing may stand before what it came after."""
        (topic, partition), sent = place, 0
        while sent < len(records):
            batch = self._producer.create_batch()
            for key, value, headers in records[sent:]:
                if not batch.append(timestamp=None, key=key, value=value, headers=headers):
                    break
                sent += 1
            taken = await self._producer.send_batch(batch, topic, partition=partition)
            await within(TAKEN_S, taken, f"{topic}/{partition}")

    async def _keep(self) -> None:
        """Keep the positions that moved: all before them is written, by whomever.

        Not while the group is being shared out anew: what was not kept is read and sent again.
        """
        with suppress(CommitFailedError, IllegalStateError):
            at = {one: await self._consumer.position(one) for one in self._consumer.assignment()}
            moved = {
                one: position for one, position in at.items() if self._kept.get(one) != position
            }
            if moved:
                await self._consumer.commit(moved)
                self._kept |= moved

    async def _tell_lag(self) -> None:
        lags: Counter[str] = Counter()
        with suppress(IllegalStateError):
            for one in self._consumer.assignment():
                end = self._consumer.last_stable_offset(one)
                if end is not None:
                    lags[one.topic] += max(0, end - await self._consumer.position(one))
        for topic, inbound in self._topics.items():
            telemetry.LAG.labels(inbound.name).set(lags[topic])

    async def _tell_expired(self) -> None:
        """Say what nobody took in time: the topics are not kept for ever."""
        kept = await committed(self._settings, self._settings.topic_prefix + GROUP)
        ours = [one for one in kept if one.topic in self._topics]
        starts = await self._consumer.beginning_offsets(ours) if ours else {}
        for one, start in starts.items():
            if kept[one] < start:
                where = f"{one.topic}/{one.partition}"
                log.error("expired_before_taken", at=where, lost=[kept[one], start])

    async def _check_partitions(self) -> None:
        """Raise ConfigurationError unless there is a dead letter's partition for each of theirs."""
        topics = [*self._topics, self._settings.topic_prefix + INBOUND_DEAD_LETTERS]
        counts = Counter(one.topic for one in await partitions_of(self._consumer, topics))
        for topic, count in counts.items():
            if count != self._settings.partitions:
                raise ConfigurationError(
                    f"topic {topic} has {count} partitions, not {self._settings.partitions}: set "
                    f"STOCKYARD_PARTITIONS={count}, or use another STOCKYARD_TOPIC_PREFIX"
                )

    def _new_consumer(self) -> AIOKafkaConsumer:
        made = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            group_id=self._settings.topic_prefix + GROUP,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # what is read again has no effect again
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        reach_again(made)
        return made

    def _new_producer(self) -> AIOKafkaProducer:
        made = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=DEAD_LETTER_BYTES_MAX,
            linger_ms=0,
        )
        reach_again(made)
        return made
