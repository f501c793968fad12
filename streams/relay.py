"""A relay: carries what one domain's events mean to another into that one's commands.

A policy says what an event means; it is pure, and knows both languages. The commands are sent, and
then the position behind their events is kept; what a predecessor told beyond its last position is
found in the log of commands itself, see `streams.told`. Two of whom one takes the other for dead
may both tell a step: that does no harm, as a command has the id of its event.
"""

import asyncio
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec
from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    TopicPartition,
)
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from prometheus_client import Counter, Gauge, start_http_server

from streams.deadlines import stop
from streams.engine import CAUSED
from streams.exceptions import ConfigurationError, StoreError, Unreachable
from streams.reading import Readers
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.telemetry import defect, log
from streams.told import Mark, Told
from streams.topics import MESSAGE_BYTES_MAX, Topics, check_topics, owner

Policy = Callable[[bytes], Sequence[tuple[str, str, bytes]]]
"""What an event means to another domain: commands, each as (key, id of the event, bytes).

Raises msgspec.ValidationError where the event is of a type that it does not know.
"""

SESSION_MS, HEARTBEAT_MS = 6_000, 1_500
TURN_MS, TURN_RECORDS = 200, 2_000
FETCH_BYTES = 4 << 20
BATCH_BYTES = 256 << 10
MARKS_S = 30.0  # so often marks move: a successor reads what was sent to the target since

READ = Counter("stockyard_relay_events_total", "Events read", ["relay"])
SENT = Counter("stockyard_relay_commands_total", "Commands that they became", ["relay"])
LAG = Gauge("stockyard_relay_lag_records", "Events that wait", ["relay", "partition"])

_MARKS = re.compile(r"[0-9]{1,19}(,[0-9]{1,19})*")
Step = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]
Command = tuple[int, Mark, str, str, bytes]
"""(partition of its event, mark, key, id of the event, bytes)."""


async def carry(relays: Sequence["Relay"], settings: Settings) -> None:
    """Run relays until SIGTERM, or until one of them fails."""
    start_http_server(settings.metrics_port, settings.host)
    work = asyncio.gather(*(relay.run() for relay in relays))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        log.info("relays_stopped")


class Relay(ConsumerRebalanceListener):
    """Carries the events of one domain to the actors of another, as a policy has it."""

    def __init__(
        self, source: str, target: str, policy: Policy, settings: Settings, readers: Readers
    ) -> None:
        self._events = Topics.of(source, settings.topic_prefix).events
        self._target = Topics.of(target, settings.topic_prefix)
        self._policy, self._settings = policy, settings
        self._name = f"{source}-to-{target}"
        self._told = Told(self._name, self._target.commands, settings.partitions, readers)
        self._ours: set[TopicPartition] = set()  # those that were looked into; new with each gift
        self._marked_at = 0.0

    async def run(self) -> None:
        """Carry until cancelled. Raises ConfigurationError, Unreachable where Kafka goes away."""
        await check_topics(self._settings, self._target)
        consumer, producer = self._consumer(), self._producer()
        try:
            await producer.start()
            await consumer.start()
            log.info("relay_started", relay=self._name)
            while True:
                step = await consumer.getmany(timeout_ms=TURN_MS, max_records=TURN_RECORDS)
                ours = await self._looked_into(consumer)
                if step := {tp: records for tp, records in step.items() if tp in ours}:
                    await self._carry(consumer, producer, step, ours)
                if time.monotonic() - self._marked_at > MARKS_S:
                    await self._move_marks(consumer, ours)
                await self._tell_lag(consumer)
        except (KafkaError, StoreError) as error:
            raise Unreachable(f"Kafka took no more of {self._name}: {error!r}") from error
        finally:
            await stop(consumer)
            await stop(producer)

    async def on_partitions_assigned(self, _given: set[TopicPartition]) -> None:
        """They are looked into before anything is told of them."""
        self._ours = set()

    async def on_partitions_revoked(self, _taken: set[TopicPartition]) -> None:
        """Whoever has one meanwhile may tell of it."""
        self._ours = set()

    async def _looked_into(self, consumer: AIOKafkaConsumer) -> set[TopicPartition]:
        """What we were given, once it is known what was told beyond its positions."""
        ours = self._ours
        given = consumer.assignment() - ours
        if given:
            ends = await consumer.end_offsets(given)
            keeper = consumer._coordinator  # noqa: SLF001 - it tells what is kept beside
            kept = await keeper.fetch_committed_offsets(given)
            behind = [tp for tp in given if (kept[tp].offset if tp in kept else 0) < ends[tp]]
            if behind:
                marks = [kept[tp].metadata if tp in kept else "" for tp in behind]
                await self._told.look(_least(marks))
            else:
                await self._told.move_marks()
            ours |= given
        return ours

    async def _carry(
        self,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        step: Step,
        ours: set[TopicPartition],
    ) -> None:
        commands = self._meant_by(step)
        await asyncio.gather(*(self._send(producer, home, commands[home]) for home in commands))
        reached = {tp: records[-1].offset + 1 for tp, records in step.items()}
        await self._keep(consumer, ours, reached)
        READ.labels(self._name).inc(sum(map(len, step.values())))
        SENT.labels(self._name).inc(sum(map(len, commands.values())))

    def _meant_by(self, step: Step) -> dict[int, list[Command]]:
        """What is to be told, by partition of the commands, in order."""
        commands: dict[int, list[Command]] = defaultdict(list)
        for (_, source), records in step.items():
            for record in records:
                for number, (key, cause, value) in enumerate(self._meant(record.value)):
                    home, mark = owner(key, self._settings.partitions), (record.offset, number)
                    if self._told.is_new(source, home, mark):
                        commands[home].append((source, mark, key, cause, value))
        return commands

    def _meant(self, value: bytes | None) -> Sequence[tuple[str, str, bytes]]:
        try:
            return () if value is None else self._policy(value)
        except msgspec.ValidationError as error:  # it is JSON: what it says must not be skipped
            raise ConfigurationError(
                f"{self._name}: an event is of a type that this policy does not know ({error}): "
                "start the policies from the release that the workers are of"
            ) from error
        except Exception as error:  # noqa: BLE001 - the next events are not to blame
            defect("policy", error, value)
            return ()

    async def _send(
        self, producer: AIOKafkaProducer, home: int, commands: Sequence[Command]
    ) -> None:
        """Batch by batch: nothing may stand behind one that was refused."""
        sent = 0
        while sent < len(commands):
            batch, first = producer.create_batch(), sent
            for source, mark, key, cause, value in commands[first:]:
                headers = [(CAUSED, cause.encode()), self._told.header(source, mark)]
                if not batch.append(timestamp=None, key=key.encode(), value=value, headers=headers):
                    break
                sent += 1
            await (await producer.send_batch(batch, self._target.commands, partition=home))
            for source, mark, *_ in commands[first:sent]:
                self._told.note(source, home, mark)

    async def _keep(
        self,
        consumer: AIOKafkaConsumer,
        ours: set[TopicPartition],
        reached: Mapping[TopicPartition, int],
    ) -> None:
        """Keep positions with the marks; not of what was taken away meanwhile."""
        if ours is self._ours:
            marks = ",".join(map(str, self._told.marks))
            with suppress(CommitFailedError, IllegalStateError):
                await consumer.commit({tp: (offset, marks) for tp, offset in reached.items()})

    async def _move_marks(self, consumer: AIOKafkaConsumer, ours: set[TopicPartition]) -> None:
        """Between two steps, nothing is under way."""
        self._marked_at = time.monotonic()
        with suppress(IllegalStateError):
            reached = {tp: await consumer.position(tp) for tp in ours}
            if not any(self._told.beyond(tp.partition, at) for tp, at in reached.items()):
                await self._told.move_marks()
                await self._keep(consumer, ours, reached)

    async def _tell_lag(self, consumer: AIOKafkaConsumer) -> None:
        for tp in consumer.assignment():
            end = consumer.last_stable_offset(tp)
            if end is not None:
                behind = end - await consumer.position(tp)
                LAG.labels(self._name, str(tp.partition)).set(max(0, behind))

    def _consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            group_id=f"{self._settings.topic_prefix}{self._name}",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        consumer.subscribe([self._events], listener=self)
        reach_again(consumer)
        return consumer

    def _producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=MESSAGE_BYTES_MAX,
            retry_backoff_ms=5,
            linger_ms=0,
        )
        reach_again(producer)
        return producer


def _least(kept: Sequence[str]) -> list[int]:
    """Of each place the least mark; none where any of them has none."""
    marks = [one.split(",") if _MARKS.fullmatch(one) else [] for one in kept]
    return [min(map(int, column)) for column in zip(*marks, strict=False)]
