"""Writes a changelog as if an engine had run for long: rows and remembered ids without the hours.

A worker restores it as it restores any changelog.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from confluent_kafka import Producer

from bench.oracle import Row
from bench.workload import Workload, sku_name
from schemas.rows import Row as Balanced
from streams import keys, stamp
from streams.ids import BUCKETS_PER_WINDOW, ENTRY_BYTES
from streams.settings import IDEMPOTENCY_WINDOW_S
from streams.stamp import Bucket, Stamp
from streams.topics import owner
from tables.stock import encode_row

ROW: Row = (1_000_000, 0, 0, 1)  # of every preloaded SKU
ROWS_PER_STAMP = 5_000
IDS_PER_RECORD = 2_000
POLL_S = 0.05
_PACKED = encode_row(Balanced(*ROW, supplier=-ROW[0]))  # all of it was bought


@dataclass(slots=True)
class Preload:
    """Puts a history into a changelog topic."""

    kafka: str
    topic: str
    workload: Workload

    def write(self, ids: int = 0) -> int:
        """Every row of the workload, and `ids` ids spread over the window; returns the rows."""
        producer = Producer(
            {
                "bootstrap.servers": self.kafka,
                "enable.idempotence": True,
                "linger.ms": 20,
                "batch.size": 1 << 20,
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        count, partitions, names = 0, self.workload.partitions, self.workload.names()
        for partition in range(partitions):
            history = _History(partition, partitions)
            send = _sender(producer, self.topic, partition)
            for name in names:
                if owner(name, partitions) != partition:
                    continue
                for first in range(0, self.workload.skus, ROWS_PER_STAMP):
                    ranks = range(first, min(first + ROWS_PER_STAMP, self.workload.skus))
                    send([(f"S\0{name}\0{sku_name(rank)}".encode(), _PACKED) for rank in ranks])
                    send([history.stamp()])
                    count += len(ranks)
            for record in history.remember(ids // partitions):
                send([record, history.stamp()])
        producer.flush()
        return count


@dataclass(slots=True)
class _History:
    """One partition's past: ids in the buckets of the window that ends now."""

    partition: int
    partitions: int
    buckets: dict[int, Bucket]
    incarnation: bytes
    now_ms: int

    def __init__(self, partition: int, partitions: int) -> None:
        self.partition, self.partitions = partition, partitions
        self.buckets = {}
        self.incarnation = os.urandom(16)
        self.now_ms = int(time.time() * 1_000)

    def stamp(self) -> tuple[bytes, bytes]:
        """At the start of the commands, with no event told yet."""
        buckets = tuple(self.buckets.values())
        at = Stamp(self.incarnation, 0, 1, self.now_ms, self.partitions, buckets)
        return stamp.KEY, at.encode()

    def remember(self, count: int) -> Iterator[tuple[bytes, bytes]]:
        """Changelog records of ids that nobody will use again."""
        window_ms = IDEMPOTENCY_WINDOW_S * 1_000
        width_ms = window_ms // BUCKETS_PER_WINDOW
        for done in range(0, count, IDS_PER_RECORD):
            started_ms = self.now_ms - window_ms + BUCKETS_PER_WINDOW * done // count * width_ms
            number = started_ms // 1_000 + 1  # a bucket has the second of its first id for a name
            bucket = self.buckets.get(number, Bucket(number, 0, 0))
            self.buckets[number] = Bucket(number, 0, bucket.next + 1)
            size = min(IDS_PER_RECORD, count - done)
            yield keys.id_record_key(number, bucket.next), os.urandom(size * ENTRY_BYTES)


def _sender(
    producer: Producer, topic: str, partition: int
) -> Callable[[list[tuple[bytes, bytes]]], None]:
    def send(records: list[tuple[bytes, bytes]]) -> None:
        for key, value in records:
            while True:
                try:
                    producer.produce(topic, value, key=key, partition=partition)
                    break
                except BufferError:
                    producer.poll(POLL_S)
        producer.poll(0)

    return send
