"""Reads topics from the outside: what is committed, in order, with the broker's timestamps."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

BATCH = 10_000
WAIT_S = 1.0
ASKED_S = 10.0  # the longest that one question to the broker takes
SILENCE_S_MAX = 30.0  # nothing came although the end is not reached: the broker is gone


@dataclass(slots=True)
class Record:
    """One committed record; time_ms is the topic's kind of time."""

    partition: int
    offset: int
    time_ms: int
    key: bytes
    value: bytes | None


class Tail:
    """A reader of one topic, without a group."""

    def __init__(self, kafka: str, topic: str, partitions: int, from_end: bool = False) -> None:
        self.topic = topic
        self.consumer = Consumer(
            {
                "bootstrap.servers": kafka,
                "group.id": "bench-tail",  # required by the library; nothing is committed to it
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,
                "queued.max.messages.kbytes": 65_536,
            }
        )
        self.partitions = [
            TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(partitions)
        ]
        if from_end:
            for partition in self.partitions:
                _, partition.offset = self.consumer.get_watermark_offsets(partition, ASKED_S)
        self.consumer.assign(self.partitions)

    def end(self) -> int:
        """Sum of the partitions' last stable offsets: it stands still when nothing commits.

        0 while there is no such topic.
        """
        try:
            offsets = [self.consumer.get_watermark_offsets(p, ASKED_S) for p in self.partitions]
        except KafkaException:
            return 0
        return sum(end for _, end in offsets)

    def now(self, wait_s: float = WAIT_S) -> list[Message]:
        """What has come, at most `wait_s` later."""
        found = self.consumer.consume(BATCH, wait_s)
        return [record for record in found if record.error() is None]

    def to_end(self) -> Iterator[Record]:
        """Everything up to the present end, each partition in its order."""
        left = {partition.partition for partition in self.partitions}
        heard = time.monotonic()
        while left:
            found = self.consumer.consume(BATCH, WAIT_S)
            if found:
                heard = time.monotonic()
            elif time.monotonic() - heard > SILENCE_S_MAX:
                raise TimeoutError(f"{self.topic}: no answer from the broker")
            for record in found:
                number = record.partition()
                assert number is not None
                if record.error() is not None:
                    left.discard(number)
                    continue
                yield Record(
                    number,
                    record.offset() or 0,
                    record.timestamp()[1],
                    record.key() or b"",
                    record.value(),
                )

    def close(self) -> None:
        """Leave."""
        self.consumer.close()


def read(kafka: str, topic: str, partitions: int) -> Iterator[Record]:
    """Every committed record of a topic, then the reader is closed."""
    tail = Tail(kafka, topic, partitions)
    try:
        yield from tail.to_end()
    finally:
        tail.close()
