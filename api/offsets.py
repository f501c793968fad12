"""The end of a topic as it is now, and whether everything up to an end has been decided."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from api.follower import ANSWER_S, RETRY_BACKOFF_MS, Follower, kafka_away
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.topics import Topics

PATIENCE_S = 0.1  # a record is decided within that; only then is it worth asking for markers
PROBE_MS = 50


class Offsets:
    """Asks Kafka for ends. Its consumers are started by the first who asks."""

    def __init__(self, settings: Settings, topics: Topics, follower: Follower) -> None:
        self._settings, self._topics, self._follower = settings, topics, follower
        self._all = [TopicPartition(topics.commands, n) for n in range(settings.partitions)]
        self._starting = asyncio.Lock()
        self._consumers: dict[str, AIOKafkaConsumer] = {}
        self._probing = asyncio.Lock()
        self._bare: dict[int, tuple[int, int]] = {}  # offsets known to hold markers only

    async def close(self) -> None:
        """Close the connections."""
        for consumer in self._consumers.values():
            await consumer.stop()

    async def event_end(self, partition: int) -> int:
        """End of a partition of events, what is not yet committed included; Problem 503."""
        tp = TopicPartition(self._topics.events, partition)
        return (await self._ends([tp]))[tp]

    async def decided(self, key: str) -> int:
        """Wait until all commands that are there now for a key are decided: the seq then.

        They are in the partition that owns it, or misrouted in any other and about to be forwarded.
        So first all partitions must be decided up to where they end now; what was misrouted is in
        the owner's partition then, whose end is asked for again, and waited for. Ends are those of
        the log itself, not of its committed part: the forwarding transaction's marker may reach the
        changelog, which the follower reads, before it reaches the commands.

        A stamp stops behind the last record, an end lies behind markers too. Where only those are
        between the two, nothing is undecided; a reader that skips them finds out.
        """
        ends = await self._ends(self._all)
        owner = self._follower.of(key)
        others = [tp for tp in ends if tp.partition != owner.partition]
        await asyncio.gather(*(self._decided_to(tp, ends[tp]) for tp in others))
        own = self._all[owner.partition]
        await self._decided_to(own, (await self._ends([own]))[own])
        return owner.seq

    async def _decided_to(self, tp: TopicPartition, end: int) -> None:
        replica = self._follower.replicas[tp.partition]
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await replica.decided_to(end)
            except TimeoutError:
                if not await self._is_bare(tp, replica.decided, end):
                    continue
            return

    async def _is_bare(self, tp: TopicPartition, start: int, end: int) -> bool:
        """Whether [start, end) has markers and aborted records only."""
        known = self._bare.get(tp.partition)
        if known is not None and known[0] <= start and end <= known[1]:
            return True
        consumer = await self._consumer("read_committed")
        async with self._probing:
            consumer.assign([tp])
            consumer.seek(tp, start)
            records = await consumer.getmany(timeout_ms=PROBE_MS, max_records=1)
            bare = not records and await consumer.position(tp) >= end
        if bare:
            self._bare[tp.partition] = start, end
        return bare

    async def _ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        consumer = await self._consumer("read_uncommitted")
        try:
            async with asyncio.timeout(ANSWER_S):
                ends: dict[TopicPartition, int] = await consumer.end_offsets(list(partitions))
        except (TimeoutError, KafkaError):
            raise kafka_away() from None
        return ends

    async def _consumer(self, isolation: str) -> AIOKafkaConsumer:
        async with self._starting:
            if isolation not in self._consumers:
                consumer = AIOKafkaConsumer(
                    bootstrap_servers=self._settings.kafka,
                    isolation_level=isolation,
                    enable_auto_commit=False,
                    auto_offset_reset="none",
                    fetch_max_wait_ms=PROBE_MS // 2,
                    retry_backoff_ms=RETRY_BACKOFF_MS,
                )
                reach_again(consumer)
                try:
                    async with asyncio.timeout(ANSWER_S):
                        await consumer.start()
                except (TimeoutError, KafkaError):
                    await consumer.stop()
                    raise kafka_away() from None
                self._consumers[isolation] = consumer
            return self._consumers[isolation]
