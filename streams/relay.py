"""A relay: carries what one domain's events mean to another into that one's commands.

A policy says what an event means; it is pure, and knows both languages. Each step is one
transaction: what is sent, and how far the events were read. A step that is told twice all the same
(a relay that was taken for dead) does no harm: the command has the id of its event.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge, start_http_server

from streams.deadlines import stop
from streams.engine import CAUSED
from streams.exceptions import ConfigurationError, Unreachable
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.telemetry import defect, log
from streams.topics import MESSAGE_BYTES_MAX, Topics, check_topics, owner

Policy = Callable[[bytes], Sequence[tuple[str, str, bytes]]]
"""What an event means to another domain: commands, each as (key, id of the event, bytes).

Raises msgspec.ValidationError where the event is of a type that it does not know.
"""

SESSION_MS, HEARTBEAT_MS = 6_000, 1_500
TIMEOUT_MS = 10_000  # of a transaction: a successor waits no longer for one that was left open
TURN_MS, TURN_RECORDS = 200, 2_000
FETCH_BYTES = 4 << 20

READ = Counter("stockyard_relay_events_total", "Events read", ["relay"])
SENT = Counter("stockyard_relay_commands_total", "Commands that they became", ["relay"])
LAG = Gauge("stockyard_relay_lag_records", "Events that wait", ["relay", "partition"])

Step = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]


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


class Relay:
    """Carries the events of one domain to the actors of another, as a policy has it."""

    def __init__(
        self, source: str, target: str, policy: Policy, settings: Settings, number: int
    ) -> None:
        self._events = Topics.of(source, settings.topic_prefix).events
        self._target = Topics.of(target, settings.topic_prefix)
        self._policy, self._settings = policy, settings
        self._name = f"{source}-to-{target}"
        self._group = f"{settings.topic_prefix}{self._name}"
        self._transactional_id = f"{self._group}-{number}"

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
                if step:
                    await self._carry(producer, step)
                await self._tell_lag(consumer)
        except KafkaError as error:
            raise Unreachable(f"Kafka took no more of {self._name}: {error!r}") from error
        finally:
            await stop(consumer)
            await stop(producer)

    async def _carry(self, producer: AIOKafkaProducer, step: Step) -> None:
        sent, read = [], 0
        async with producer.transaction():
            for records in step.values():
                for record in records:
                    read += 1
                    wishes = self._meant(record.value)
                    sent += [await self._send(producer, *wish) for wish in wishes]
            if sent:
                await asyncio.gather(*sent)
            reached = {tp: records[-1].offset + 1 for tp, records in step.items() if records}
            await producer.send_offsets_to_transaction(reached, self._group)
        READ.labels(self._name).inc(read)
        SENT.labels(self._name).inc(len(sent))

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
        self, producer: AIOKafkaProducer, key: str, cause: str, command: bytes
    ) -> asyncio.Future[object]:
        sending: asyncio.Future[object] = await producer.send(
            self._target.commands,
            command,
            key=key.encode(),
            partition=owner(key, self._settings.partitions),
            headers=[(CAUSED, cause.encode())],
        )
        return sending

    async def _tell_lag(self, consumer: AIOKafkaConsumer) -> None:
        for tp in consumer.assignment():
            end = consumer.last_stable_offset(tp)
            if end is not None:
                behind = end - await consumer.position(tp)
                LAG.labels(self._name, str(tp.partition)).set(max(0, behind))

    def _consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            self._events,
            bootstrap_servers=self._settings.kafka,
            group_id=self._group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        reach_again(consumer)
        return consumer

    def _producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            transactional_id=self._transactional_id,
            transaction_timeout_ms=TIMEOUT_MS,
            max_request_size=MESSAGE_BYTES_MAX,
            retry_backoff_ms=5,
            linger_ms=0,
        )
        reach_again(producer)
        return producer
