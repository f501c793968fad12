"""Puts commands on the commands topic, each where a Java producer would put it."""

from collections.abc import Iterable

from confluent_kafka import Message, Producer

POLLED_EVERY = 4_096  # records between two looks at the delivery reports


class Undelivered(Exception):
    """The broker did not take a command; the run is void."""


def feed(kafka: str, topic: str, commands: Iterable[tuple[str, bytes]]) -> int:
    """Produce every (warehouse, value) with key = warehouse; returns how many."""
    failures: list[str] = []

    def report(error: object, _record: Message) -> None:
        if error is not None:
            failures.append(str(error))

    producer = Producer(
        {
            "bootstrap.servers": kafka,
            "partitioner": "murmur2_random",  # librdkafka's own default is another hash
            "acks": "all",
            "enable.idempotence": True,  # keeps the order, also over retries
            "linger.ms": 20,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 500_000,
        },
        on_delivery=report,
    )
    count = 0
    for count, (warehouse, value) in enumerate(commands, 1):
        while True:
            try:
                producer.produce(topic, value, key=warehouse)
                break
            except BufferError:
                producer.poll(0.05)
        if count % POLLED_EVERY == 0:
            producer.poll(0)
    producer.flush()
    if failures:
        raise Undelivered(f"{len(failures)} of {count} commands: {failures[0]}")
    return count
