"""Follows an installation while the demo runs: what was decided, what lags, which alerts came."""

import asyncio
import time
from collections import Counter, deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams import stamp as stamps
from streams.settings import Settings
from streams.stamp import Stamp
from streams.topics import Topics

ALERTS_KEPT = 5
STAMP_WITHIN = 50  # the last stamp is this near to the changelog's end: before it, a marker
RATE_S = 2.0  # the commands/s shown are those of so many seconds
LOOK_S = 0.2
WAIT_MS = 100


class Told(msgspec.Struct):
    """What is read of an event or an alert."""

    type: str
    code: str = ""
    warehouse: str = ""
    sku: str = ""
    available: int = 0


_told = msgspec.json.Decoder(Told).decode


class Watch:
    """Counts from the topics, of what was committed since it was entered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = Topics.of("stock", settings.topic_prefix)
        self._stamps: dict[int, Stamp] = {}
        self._ends: dict[int, int] = {}  # of the commands
        self._past: deque[tuple[float, int]] = deque()  # (when, decided until then)
        self.events: Counter[str] = Counter()
        self.rejections: Counter[str] = Counter()
        self.alerts: Counter[str] = Counter()
        self.dead_letters = 0
        self.last_alerts: deque[Told] = deque(maxlen=ALERTS_KEPT)

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await self._consumer.start()
        topics = self._topics
        followed = self._sources(
            topics.events, topics.alerts, topics.dead_letters, topics.changelog
        )
        starts = await self._consumer.beginning_offsets(followed)
        ends = await self._consumer.end_offsets(followed)
        self._consumer.assign(followed)
        for source in followed:
            back = STAMP_WITHIN if source.topic == topics.changelog else 0
            self._consumer.seek(source, max(starts[source], ends[source] - back))
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._consumer.stop()

    def _sources(self, *topics: str) -> list[TopicPartition]:
        numbers = range(self._settings.partitions)
        return [TopicPartition(topic, number) for topic in topics for number in numbers]

    async def _follow(self) -> None:
        looked = 0.0
        commands = self._sources(self._topics.commands)
        while True:
            for source, records in (await self._consumer.getmany(timeout_ms=WAIT_MS)).items():
                for record in records:
                    self._take(source.topic, record)
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                ends = await self._consumer.end_offsets(commands)
                self._ends = {source.partition: end for source, end in ends.items()}
                self._past.append((looked, self.decided))
                while looked - self._past[0][0] > RATE_S:
                    self._past.popleft()

    def _take(self, topic: str, record: "ConsumerRecord[Any, Any]") -> None:
        if topic == self._topics.changelog:
            if record.key == stamps.KEY:
                self._stamps[record.partition] = Stamp.decode(record.value)
        elif topic == self._topics.dead_letters:
            self.dead_letters += 1
        elif topic == self._topics.events:
            told = _told(record.value)
            self.events[told.type] += 1
            if told.code:
                self.rejections[told.code] += 1
        else:
            told = _told(record.value)
            self.alerts[told.type] += 1
            self.last_alerts.appendleft(told)

    @property
    def decided(self) -> int:
        """Records decided in all partitions, since they were made."""
        return sum(stamp.next_offset for stamp in self._stamps.values())

    @property
    def rate(self) -> float:
        """Records decided per second, lately."""
        if len(self._past) < 2:
            return 0.0
        (then, before), (now, after) = self._past[0], self._past[-1]
        return (after - before) / (now - then)

    @property
    def lag(self) -> int:
        """Records that wait to be decided."""
        return sum(max(0, end - self._next(number)) for number, end in self._ends.items())

    def _next(self, partition: int) -> int:
        stamp = self._stamps.get(partition)
        return stamp.next_offset if stamp is not None else 0

    def has_decided(self, last: dict[int, int]) -> bool:
        """Whether the records up to these offsets are decided, by partition."""
        return all(self._next(partition) > offset for partition, offset in last.items())

    def positions(self) -> dict[int, int]:
        """Seq of the last event, by partition that has one."""
        return {number: stamp.next_seq - 1 for number, stamp in self._stamps.items()}
