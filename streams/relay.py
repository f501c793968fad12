"""A relay: carries what one domain's events mean to another into that one's commands.

A policy says what an event means; it is pure, and knows both languages. The commands are sent, and
then the position behind their events is kept; what a predecessor told beyond its last position is
found in the log of commands itself, see `streams.told`. Two of whom one takes the other for dead
may both tell a step: that does no harm, as a command has the id of its event.
"""

import asyncio
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

from streams.deadlines import Indefinite, stop, within
from streams.engine import CAUSED
from streams.exceptions import ConfigurationError, StoreError, Unreachable
from streams.reading import Readers
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.spared import collect_seldom
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
TAKEN_S = 60.0  # a batch is not tried for longer: once it was forgotten it would count again
HAND_OVER_S = 4.0  # less than a session: the group does not wait longer
IDLE_MS = 86_400_000  # a look may last, and the heartbeats go on
MARKS_S = 30.0  # so often marks move: a successor reads what was sent to the target since

READ = Counter("stockyard_relay_events_total", "Events read", ["relay"])
SENT = Counter("stockyard_relay_commands_total", "Commands that they became", ["relay"])
LAG = Gauge("stockyard_relay_lag_records", "Events that wait", ["relay", "partition"])

Ours = dict[TopicPartition, int]
"""Positions of what was given and looked into, behind what was carried."""
Step = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]
Command = tuple[int, Mark, str, str, bytes]
"""(partition of its event, mark, key, id of the event, bytes)."""


async def carry(relays: Sequence["Relay"], settings: Settings) -> None:
    """Run relays until SIGTERM, or until one of them fails."""
    collect_seldom()
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
        self._ours: Ours | None = None  # a new one with each gift
        self._turn = asyncio.Lock()
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
                async with self._turn:
                    if (ours := self._ours) is not None:
                        await self._take(consumer, producer, step, ours)
        except (KafkaError, StoreError, Indefinite) as error:
            raise Unreachable(f"Kafka took no more of {self._name}: {error!r}") from error
        finally:
            await stop(producer)  # first: a successor looks at what was told when we leave
            await stop(consumer)

    async def on_partitions_assigned(self, _given: set[TopicPartition]) -> None:
        """They are looked into before anything is told of them."""
        self._ours = {}

    async def on_partitions_revoked(self, _taken: set[TopicPartition]) -> None:
        """Whoever has one next may tell of it, once our turn has ended, or has had its time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER_S), self._turn:
                pass
        self._ours = None

    async def _take(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, step: Step, ours: Ours
    ) -> None:
        """One turn: what we were given is looked into, and what has come is carried."""
        if given := consumer.assignment() - ours.keys():
            ours |= await self._looked_into(consumer, given)
        for tp, records in step.items():
            if records[0].offset < ours.get(tp, 0):
                raise Unreachable(_lost(tp, records[0].offset, ours[tp]))
        if step := {tp: records for tp, records in step.items() if tp in ours}:
            await self._carry(consumer, producer, step, ours)
        if time.monotonic() - self._marked_at > MARKS_S:
            await self._move_marks(consumer, ours)
        await self._tell_lag(consumer)

    async def _looked_into(
        self, consumer: AIOKafkaConsumer, given: set[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Positions of what we were given, once it is known what was told beyond them."""
        keeper = consumer._coordinator  # noqa: SLF001 - `committed` drops the metadata
        kept = await keeper.fetch_committed_offsets(given)
        ends = await consumer.end_offsets(given)  # behind the positions, whoever kept them
        reached = {tp: kept[tp].offset if tp in kept else 0 for tp in given}
        for tp in given:
            if reached[tp] > ends[tp]:
                raise Unreachable(_lost(tp, ends[tp], reached[tp]))
        behind = [tp for tp in given if reached[tp] < ends[tp]]
        if behind:
            await self._told.look([kept[tp].metadata or "" if tp in kept else "" for tp in behind])
        return reached

    async def _carry(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, step: Step, ours: Ours
    ) -> None:
        commands = self._meant_by(step)
        await asyncio.gather(*(self._send(producer, home, commands[home]) for home in commands))
        reached = {tp: records[-1].offset + 1 for tp, records in step.items()}
        ours |= reached
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
            taken = await producer.send_batch(batch, self._target.commands, partition=home)
            await within(TAKEN_S, taken, f"{self._target.commands}/{home}")
            for source, mark, *_ in commands[first:sent]:
                self._told.note(source, home, mark)

    async def _keep(
        self, consumer: AIOKafkaConsumer, ours: Ours, reached: Mapping[TopicPartition, int]
    ) -> None:
        """Keep positions with the marks; not of what was taken away meanwhile."""
        if reached and ours is self._ours:
            marks = self._told.text()
            with suppress(CommitFailedError, IllegalStateError):
                await consumer.commit({tp: (offset, marks) for tp, offset in reached.items()})

    async def _move_marks(self, consumer: AIOKafkaConsumer, ours: Ours) -> None:
        """To the ends, so that who looks later reads less: nothing is under way between two steps.

        Not while anything has been told beyond our positions.
        """
        self._marked_at = time.monotonic()
        with suppress(IllegalStateError):
            reached = {tp: await consumer.position(tp) for tp in ours}
            if not any(self._told.beyond(tp.partition, at) for tp, at in reached.items()):
                ends = await consumer.end_offsets(self._told.homes)
                self._told.marks = [ends[home] for home in self._told.homes]
                await self._keep(consumer, ours, reached)

    async def _tell_lag(self, consumer: AIOKafkaConsumer) -> None:
        ends = {tp: consumer.last_stable_offset(tp) for tp in consumer.assignment()}
        with suppress(IllegalStateError):
            for tp, end in ends.items():
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
            max_poll_interval_ms=IDLE_MS,
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


def _lost(tp: TopicPartition, found: int, known: int) -> str:
    return (
        f"{tp.topic}/{tp.partition} goes on at {found}, but was carried to {known}: Kafka lost "
        "events, or shows an old state; restore the topic if this does not end"
    )
