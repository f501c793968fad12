"""The ceiling: our input bytes in, our output bytes out, in transactions, and no logic at all.

`python -m bench.peers.ceiling KAFKA COMMANDS PREFIX COMMIT_S SHAPE...`

A shape is `topic:records per command:bytes per key:bytes per value`, measured on our engine's run.
"""

import sys
import time
from dataclasses import dataclass

from confluent_kafka import Consumer, Producer

POLLED = 10_000
WAIT_S = 0.05


@dataclass(slots=True)
class Shape:
    """As many records, as large, as our engine writes to a topic."""

    topic: str
    per_command: float
    key: bytes
    value: bytes
    owed: float = 0.0

    @classmethod
    def parse(cls, prefix: str, text: str) -> "Shape":
        """From the command line."""
        name, per_command, key_bytes, value_bytes = text.split(":")
        key, value = b"k" * int(key_bytes), b"v" * int(value_bytes)
        return cls(prefix + name, float(per_command), key, value)

    def due(self, commands: int) -> list[dict[str, bytes]]:
        """What so many commands more bring."""
        self.owed += commands * self.per_command
        count = int(self.owed)
        self.owed -= count
        return [{"key": self.key, "value": self.value}] * count


def main(kafka: str, commands: str, prefix: str, commit_s: str, *shapes: str) -> None:
    """Copy until stopped: one transaction over all partitions per commit interval."""
    outputs = [Shape.parse(prefix, text) for text in shapes]
    producer = Producer(
        {
            "bootstrap.servers": kafka,
            "transactional.id": f"{prefix}ceiling",
            "linger.ms": 5,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": f"{prefix}ceiling",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "queued.max.messages.kbytes": 65_536,
            "fetch.wait.max.ms": 10,
            "check.crcs": False,
        }
    )
    producer.init_transactions()
    consumer.subscribe([commands])
    interval_s = float(commit_s)
    while True:
        records = consumer.consume(POLLED, WAIT_S)
        if not records:
            continue
        producer.begin_transaction()
        until = time.monotonic() + interval_s
        while True:
            by_partition: dict[int, int] = {}
            for record in records:
                number = record.partition() or 0
                by_partition[number] = by_partition.get(number, 0) + 1
            for number, count in by_partition.items():
                for shape in outputs:
                    records_due = shape.due(count)
                    taken = producer.produce_batch(shape.topic, records_due, partition=number)
                    assert taken == len(records_due), "the queue holds a whole transaction"
            left_s = until - time.monotonic()
            if left_s <= 0:
                break
            records = consumer.consume(POLLED, min(left_s, WAIT_S))
        positions = consumer.position(consumer.assignment())
        producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata())
        producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
