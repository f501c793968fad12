"""Reads topics to their end as any read_committed consumer would, through librdkafka."""

import time
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from tests.chaos.records import Record

READ_TIMEOUT_S = 120.0
BATCH = 10_000


def read_all(bootstrap: str, topic: str, committed: bool = True) -> dict[int, list[Record]]:
    """Every record of every partition, in the order of offsets."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "chaos-reader",  # never joined: partitions are assigned
            "isolation.level": "read_committed" if committed else "read_uncommitted",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": 8 << 20,
        }
    )
    try:
        found = consumer.list_topics(topic, timeout=10).topics[topic]
        if found.error is not None:
            raise KafkaException(found.error)
        return _drain(consumer, topic, sorted(found.partitions))
    finally:
        consumer.close()


def _drain(consumer: Consumer, topic: str, partitions: list[int]) -> dict[int, list[Record]]:
    starts = []
    for partition in partitions:
        low, _ = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        starts.append(TopicPartition(topic, partition, low))
    consumer.assign(starts)
    records: dict[int, list[Record]] = {partition: [] for partition in partitions}
    waiting = set(partitions)
    deadline = time.monotonic() + READ_TIMEOUT_S
    while waiting and time.monotonic() < deadline:
        for got in consumer.consume(BATCH, timeout=1.0):
            error = got.error()
            if error is None:
                record = _record(got)
                records[record.partition].append(record)
                continue
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            waiting.discard(int(got.partition() or 0))
    if waiting:
        raise TimeoutError(f"{topic}: partitions {sorted(waiting)} not read to their end")
    return records


def _record(got: Any) -> Record:
    headers = tuple(
        (name, value if value is None else bytes(value)) for name, value in got.headers() or ()
    )
    return Record(
        got.partition(), got.offset(), got.timestamp()[1], got.key(), got.value(), headers
    )
