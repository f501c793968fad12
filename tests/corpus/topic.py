"""Sends the corpus's records to Kafka, interleaved, and knows where each of them stands."""

import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from confluent_kafka import KafkaError, Message, Producer

from tests.chaos.oracle import owner
from tests.corpus.case import Case, Step, Stored, done
from tests.integration.installation import Installation
from tests.integration.odd_headers import put_named

PACKED_BYTES_MAX = 20_000_000
FLUSH_S = 60.0
Place = tuple[int, int]  # (partition, offset)


class Sent(NamedTuple):
    """A step on its way."""

    case: Case
    number: int
    step: Step


@dataclass
class Topic:
    """Produces steps, and knows where each of them stands."""

    installation: Installation
    places: dict[tuple[str, int], Place] = field(default_factory=dict)
    _producers: dict[str, Producer] = field(default_factory=dict)

    async def send(self, cases: Iterable[Case], seed: int) -> None:
        """All steps, the cases interleaved, each case in its order."""
        odd = AIOKafkaProducer(bootstrap_servers=self.installation.kafka)
        await odd.start()
        for sent in _interleaved(cases, seed):
            if any(isinstance(name, bytes) for name, _ in sent.step.headers):
                await self._put_odd(odd, sent)
            else:
                self._put(sent)
        await odd.stop()
        for producer in self._producers.values():
            assert producer.flush(FLUSH_S) == 0, "the broker does not take our records"

    def _producer(self, packed: str) -> Producer:
        if packed not in self._producers:
            self._producers[packed] = Producer(
                {
                    "bootstrap.servers": self.installation.kafka,
                    "message.max.bytes": PACKED_BYTES_MAX,
                    "compression.type": packed or "none",
                    "linger.ms": 5,
                    "log_level": 2,  # it outlives the broker for a moment
                }
            )
        return self._producers[packed]

    def _target(self, sent: Sent) -> tuple[bytes | None, int]:
        """Key and partition of a step's record."""
        home = owner(sent.case.id, self.installation.partitions)
        partition = (home + max(sent.step.partition, 0)) % self.installation.partitions
        key = sent.case.id.encode() if sent.step.key == b"warehouse" else sent.step.key
        return key, partition

    def _put(self, sent: Sent) -> None:
        key, partition = self._target(sent)
        value = sent.step.value
        if value is not None and sent.step.padding:
            value += b" " * sent.step.padding

        def delivered(error: KafkaError | None, record: Message) -> None:
            assert error is None, f"{sent.case.id}: {error}"
            self.places[sent.case.id, sent.number] = partition, int(record.offset() or 0)

        producer = self._producer(sent.step.packed)
        while True:
            try:
                producer.produce(
                    self.installation.topics.commands,
                    value,
                    key,
                    partition,
                    on_delivery=delivered,
                    headers=list(sent.step.headers),  # type: ignore[arg-type]
                )
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)

    async def _put_odd(self, producer: AIOKafkaProducer, sent: Sent) -> None:
        key, partition = self._target(sent)
        headers = [
            (name if isinstance(name, bytes) else name.encode(), value)
            for name, value in sent.step.headers
        ]
        topic = self.installation.topics.commands
        offset = await put_named(producer, topic, partition, sent.step.value, headers, key)
        self.places[sent.case.id, sent.number] = partition, offset


def good_cases(count: int) -> list[Case]:
    """Good commands to stand among the cases: every one must be decided."""
    made = []
    for number in range(count):
        case_id = f"good-{number:04}"
        line = {"sku": "G", "quantity": 1}
        body = {"type": "ReceiveStock", "id": case_id, "warehouse": case_id, "lines": [line]}
        step = Step(json.dumps(body).encode(), done("StockReceived"))
        made.append(Case(case_id, "good", "kafka", (step,), rows=(Stored("G", 1),)))
    return made


def _interleaved(cases: Iterable[Case], seed: int) -> Iterator[Sent]:
    rng = Random(seed)
    streams = []
    for case in cases:
        times = sorted(rng.random() for _ in case.steps)
        sent = (Sent(case, number, step) for number, step in enumerate(case.steps))
        streams.append(
            [(at, one.case.id, one.number, one) for at, one in zip(times, sent, strict=True)]
        )
    for *_, one in heapq.merge(*streams):
        yield one
