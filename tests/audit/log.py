"""Writes event logs as the engine does: transactions, some aborted, of realistic events."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from confluent_kafka import Consumer, Producer, TopicPartition

from streams.settings import Settings
from streams.topics import Topics, ensure_topics

PARTITIONS = 3
WAREHOUSES = ("LON-1", "PAR-2", "NYC-3")  # one per partition, by its index: routing is not tested
RECORDED = "2026-11-20T10:00:02.{:03d}Z"

Letter = tuple[bytes | None, bytes | None, list[tuple[str, str | bytes | None]]]


@dataclass
class EventLog:
    """One installation's topics, and the next seq of each partition."""

    kafka: str
    prefix: str
    seqs: list[int] = field(default_factory=lambda: [1] * PARTITIONS)
    ids: Iterator[int] = field(default_factory=count)

    @property
    def topics(self) -> Topics:
        return Topics.of("stock", self.prefix)

    @property
    def settings(self) -> Settings:
        return Settings(Path(), self.kafka, self.prefix, PARTITIONS, 1, 100, 10, 0, "127.0.0.1")

    async def make(self) -> None:
        await ensure_topics(self.settings, self.topics)

    async def make_with_times_of_producers(self) -> None:
        """The same topics, but a record keeps the time its producer gives it."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        names = (self.topics.events, self.topics.dead_letters)
        await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
        await admin.close()

    def event(self, partition: int, **changes: object) -> bytes:
        """The next event of a partition: two lines, an outcome."""
        seq, number = self.seqs[partition], next(self.ids)
        self.seqs[partition] += 1
        line = {"quantity": 6, "on_hand": 100, "reserved": 6, "available": 94, "version": 7}
        event = {
            "type": "StockReserved",
            "id": f"{partition}-{seq}",
            "partition": partition,
            "seq": seq,
            "command_id": f"command-{number}",
            "warehouse": WAREHOUSES[partition],
            "lines": [{"sku": f"SKU-{number % 7}"} | line, {"sku": "SKU-ALL"} | line],
            "reservation": f"order-{number}",
            "expires_at": "2026-11-20T10:15:02Z",
            "time": "2026-11-20T10:00:00Z",
            "recorded_at": RECORDED.format(min(seq, 999)),
            "source": {"partition": partition, "offset": seq},
        }
        return json.dumps(event | changes, separators=(",", ":")).encode()

    def write(self, transactions: int, events: int, aborted_every: int = 0) -> None:
        """Transactions of so many events over all partitions; every n-th is aborted at first."""
        producer = self.producer()
        for number in range(transactions):
            if aborted_every and number % aborted_every == 0:
                producer.begin_transaction()
                for partition in range(PARTITIONS):
                    self.send(producer, partition, b'{"seq":"of an aborted transaction"}')
                producer.flush()
                producer.abort_transaction()
            producer.begin_transaction()
            for index in range(events):
                partition = index % PARTITIONS
                self.send(producer, partition, self.event(partition))
            producer.commit_transaction()

    def producer(self) -> Producer:
        """A transactional producer that has begun."""
        producer = Producer(
            {
                "bootstrap.servers": self.kafka,
                "transactional.id": f"{self.prefix}engine",
                "linger.ms": 5,
            }
        )
        producer.init_transactions()
        return producer

    def send(
        self, producer: Producer, partition: int, value: bytes | None, time_ms: int = 0
    ) -> None:
        """One record of the events topic, inside the producer's transaction."""
        key = WAREHOUSES[partition].encode()
        producer.produce(self.topics.events, value, key, partition, timestamp=time_ms)
        producer.poll(0)

    def bury(self, *letters: Letter) -> None:
        """Dead letters into partition 0: (key, value, headers)."""
        producer = Producer({"bootstrap.servers": self.kafka, "message.max.bytes": 4 << 20})
        for key, value, headers in letters:
            producer.produce(self.topics.dead_letters, value, key, 0, headers=headers)
        assert producer.flush(10) == 0

    def read(self, topic: str) -> dict[tuple[Any, Any], tuple[Any, ...]]:
        """What librdkafka reads, committed: (partition, offset) -> (time, key, value)."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.kafka,
                "group.id": "unused",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
            }
        )
        consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        found: dict[tuple[Any, Any], tuple[Any, ...]] = {}
        ended = 0
        while ended < PARTITIONS:
            for record in consumer.consume(10_000, 1.0):
                if record.error() is not None:
                    ended += 1
                    continue
                place = (record.partition(), record.offset())
                found[place] = (record.timestamp()[1], record.key(), record.value())
        consumer.close()
        return found
