"""One installation on the session's broker, as its neighbours see it: commands in, outcomes out."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.domains import KEYS, STOCK
from streams import stamp as stamps
from streams.settings import Settings
from streams.stamp import Stamp
from streams.topics import MESSAGE_BYTES_MAX, Topics, ensure_topics, owner
from tests.integration.processes import Worker, until

READY_S = 40.0
DRAIN_S = 60.0
READ_S = 30.0


@dataclass
class Installation:
    """Topics of their own, a home of its own, and any number of workers."""

    kafka: str
    home: Path
    partitions: int = 4
    prefix: str = field(default_factory=lambda: f"i{uuid4().hex[:8]}.")
    environment: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = (STOCK,)
    workers: dict[str, Worker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.topics = Topics.of(STOCK, self.prefix)
        for domain in self.domains:
            asyncio.run(ensure_topics(self.settings, Topics.of(domain, self.prefix)))

    @property
    def settings(self) -> Settings:
        """What its processes read from their environment."""
        return Settings(
            self.home,
            self.kafka,
            self.prefix,
            self.partitions,
            1,
            86_400,
            10,
            0,
            "127.0.0.1",
            self.domains,
        )

    def worker(self, number: int, **changed: str) -> Worker:
        """A worker that is not started; `changed` replaces variables, without STOCKYARD_."""
        return self.process(f"worker-{number}", **changed)

    def process(self, name: str, *arguments: str, **changed: str) -> Worker:
        """Any `python -m agents`, not started; the end of its name is its number."""
        variables = {
            "STOCKYARD_HOME": str(self.home),
            "STOCKYARD_KAFKA": self.kafka,
            "STOCKYARD_TOPIC_PREFIX": self.prefix,
            "STOCKYARD_PARTITIONS": str(self.partitions),
            "STOCKYARD_IDEMPOTENCY_WINDOW_S": "86400",
            "STOCKYARD_DOMAINS": ",".join(self.domains),
            **self.environment,
            **{f"STOCKYARD_{name}": value for name, value in changed.items()},
        }
        self.workers[name] = Worker(name, self.home, variables, *arguments)
        return self.workers[name]

    def started(self, number: int = 1, **changed: str) -> Worker:
        """A worker that has started."""
        return self.worker(number, **changed).start()

    def serve(self, *workers: Worker) -> None:
        """Wait until these workers have all partitions among them."""
        every = set(range(self.partitions))
        until(
            f"{len(workers)} workers serve all partitions",
            READY_S,
            lambda: (
                set.union(*(one.serving() for one in workers)) == every
                and all(one.serving() for one in workers)
                and sum(len(one.serving()) for one in workers) == len(every)
            ),
        )

    def close(self) -> None:
        """End every worker."""
        for worker in self.workers.values():
            worker.stop()

    def warehouse_of(self, partition: int) -> str:
        """A warehouse that a partition owns."""
        return next(
            name
            for name in (f"W{n}" for n in range(10_000))
            if owner(name, self.partitions) == partition
        )

    @cached_property
    def producer(self) -> Producer:
        """A client that shares no code with the workers'."""
        return Producer(
            {
                "bootstrap.servers": self.kafka,
                "partitioner": "murmur2_random",
                "message.max.bytes": MESSAGE_BYTES_MAX,
            }
        )

    def send(self, commands: Iterable[Mapping[str, Any]]) -> int:
        """Commands to their owners, confirmed by the broker: how many."""
        count = 0
        for command in commands:
            self.put(json.dumps(command).encode(), key=command["warehouse"])
            count += 1
        self.flush()
        return count

    def put(self, value: bytes | None, **where: Any) -> None:
        """Any record on the topic of commands; `flush` waits for it."""
        while True:
            try:
                self.producer.produce(self.topics.commands, value, on_delivery=_confirm, **where)
            except BufferError:
                self.producer.poll(0.1)
            else:
                return

    def put_to(self, domain: str, command: Mapping[str, Any]) -> None:
        """A command to the owner in another domain; `flush` waits for it."""
        topic = Topics.of(domain, self.prefix).commands
        value, key = json.dumps(command).encode(), command[KEYS[domain]]
        self.producer.produce(topic, value, key=key, on_delivery=_confirm)
        self.producer.poll(0)

    def flush(self) -> None:
        """Wait until the broker has confirmed what was put."""
        assert self.producer.flush(READ_S) == 0, "the broker does not take our records"

    def read(self, topic: str) -> list[Message]:
        """All committed records of a topic, partition by partition."""
        return read(self.kafka, topic, self.partitions)

    def events(self, domain: str = STOCK) -> dict[int, list[dict[str, Any]]]:
        """Committed events by partition, in their order; their `seq` must have no gap."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for record in self.read(Topics.of(domain, self.prefix).events):
            value = record.value()
            assert value is not None
            found[record.partition() or 0].append(json.loads(value))
        for partition, events in found.items():
            seqs = [event["seq"] for event in events]
            assert seqs == list(range(1, len(seqs) + 1)), f"seq of partition {partition}"
        return dict(found)

    def all_events(self, domain: str = STOCK) -> list[dict[str, Any]]:
        """The same, in one list."""
        return [event for events in self.events(domain).values() for event in events]

    def stamps(self) -> dict[int, Stamp]:
        """The last stamp of every partition."""
        return {
            record.partition() or 0: Stamp.decode(record.value() or b"")
            for record in tail(self.kafka, self.topics.changelog, self.partitions)
            if record.key() == stamps.KEY
        }

    def rows(self, domain: str = STOCK) -> dict[bytes, bytes]:
        """What the changelog holds, without stamps and ids."""
        found: dict[bytes, bytes] = {}
        for record in self.read(Topics.of(domain, self.prefix).changelog):
            key, value = record.key() or b"", record.value()
            if key == stamps.KEY or key.startswith(b"I"):
                continue
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
        return found

    def decided(self) -> bool:
        """Whether nothing on the topic of commands waits, forwarded and caused ones included."""
        done = self.stamps()  # first: what was decided by now has caused all that it will
        ends: dict[int, int] = {}
        for record in tail(self.kafka, self.topics.commands, self.partitions):
            ends[record.partition() or 0] = (record.offset() or 0) + 1
        return all(
            number in done and done[number].next_offset >= end for number, end in ends.items()
        )

    def drain(self, seconds: float = DRAIN_S) -> None:
        """Wait until every command is decided."""
        until("every command is decided", seconds, self.decided)

    def delete_topic(self, topic: str) -> None:
        """Delete a topic, and wait until the broker has forgotten it."""
        admin = AdminClient({"bootstrap.servers": self.kafka})
        for done in admin.delete_topics([topic]).values():
            done.result()
        until(f"{topic} is gone", READ_S, lambda: topic not in admin.list_topics().topics)


def headers(record: Message) -> dict[str, str]:
    """A record's headers as text; one without a value is left out."""
    given = record.headers() or []
    pairs = given.items() if isinstance(given, dict) else given
    return {name: bytes(value).decode() for name, value in pairs if isinstance(value, bytes)}


def _confirm(error: KafkaError | None, _record: Message) -> None:
    assert error is None, error


def read(kafka: str, topic: str, partitions: int) -> list[Message]:
    """All committed records of a topic as it is now."""
    return _read(kafka, [TopicPartition(topic, number, 0) for number in range(partitions)])


def tail(kafka: str, topic: str, partitions: int, count: int = 20) -> list[Message]:
    """At least the last committed record of each partition that has any."""
    where = []
    consumer = _consumer(kafka)
    for number in range(partitions):
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), READ_S)
        where.append(TopicPartition(topic, number, max(low, high - count)))
    consumer.close()
    found = _read(kafka, where)
    lacking = {one.partition for one in where if one.offset > 0}
    lacking -= {record.partition() for record in found}
    more = tail(kafka, topic, partitions, 50 * count) if lacking and count < 10_000 else []
    return found + more


def _consumer(kafka: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": f"reader-{uuid4().hex}",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 10,
            "auto.offset.reset": "earliest",
        }
    )


def _read(kafka: str, where: list[TopicPartition]) -> list[Message]:
    consumer = _consumer(kafka)
    consumer.assign(where)
    found: list[Message] = []
    open_partitions = {one.partition for one in where}
    while open_partitions:
        polled = consumer.consume(10_000, 1.0 if not found else 0.1)
        for record in polled:
            error = record.error()
            if error is None:
                found.append(record)
            elif error.code() == KafkaError._PARTITION_EOF:
                open_partitions.discard(record.partition() or 0)
            else:
                raise AssertionError(error)
    consumer.close()
    return found
