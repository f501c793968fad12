"""Sends commands to the partition of their key; an answer means that Kafka has them."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from api.bodies import Sent
from api.problems import Problem, unavailable
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.telemetry import log
from streams.topics import MESSAGE_BYTES_MAX, Topics, owner

SEND_S = 5.0  # the send and Kafka's answer
STOP_S = 2.0
RETRY_AFTER_S = 2


def not_taken() -> Problem:
    """503: Kafka did not confirm the command."""
    detail = (
        "Kafka did not confirm the command. It may have been taken all the same: repeat it with "
        "the same id, it is decided once."
    )
    return unavailable("KAFKA_UNAVAILABLE", detail, RETRY_AFTER_S)


class Intake:
    """One idempotent producer, made when it is needed and again after an error that ends it."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        self._settings, self._topic = settings, topics.commands
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, sent: Sent) -> tuple[int, int]:
        """Write a command; (partition, offset) of its record. Problem 503 where that is unknown."""
        partition = owner(sent.key, self._settings.partitions)
        named = {"key": sent.key, "command_id": sent.id, "correlation_id": sent.correlation_id}
        producer = None
        try:
            async with asyncio.timeout(SEND_S):
                producer = await self._started()
                written = await producer.send_and_wait(
                    self._topic, sent.value, key=sent.key.encode(), partition=partition
                )
        except TimeoutError:  # it goes on trying: what it has is written once Kafka is back
            log.warning("command_unconfirmed", **named)
            raise not_taken() from None
        except (KafkaError, OSError) as error:
            log.warning("command_not_sent", **named, error=repr(error))
            await self._discard(producer)
            raise not_taken() from error
        return partition, written.offset

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._settings.kafka,
                    enable_idempotence=True,
                    acks="all",
                    linger_ms=0,
                    max_request_size=MESSAGE_BYTES_MAX,
                )
                reach_again(producer)
                try:
                    await producer.start()
                except BaseException:
                    await _stop(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None and producer is self._producer:
            self._producer = None
            await _stop(producer)

    async def close(self) -> None:
        """Close the connections; what is not confirmed yet gets a moment."""
        await self._discard(self._producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    task = asyncio.ensure_future(producer.stop())
    await asyncio.wait([task], timeout=STOP_S)
    if not task.done():
        task.cancel()
