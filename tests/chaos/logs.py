"""Reads topics to their end as any read_committed consumer would, through librdkafka."""

import time
from typing import Any, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)

from tests.chaos.changelog import STAMP_KEY, stamp_of
from tests.chaos.records import Headers, Record

READ_TIMEOUT_S = 120.0
BATCH = 10_000
POLL_S = 0.2
RECONNECT_MS = 500  # a broker that is back is met this soon
NOT_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._TRANSPORT,
)


def read_all(bootstrap: str, topic: str, committed: bool = True) -> dict[int, list[Record]]:
    """Every record of every partition, in the order of offsets."""
    consumer = reader(bootstrap, committed)
    try:
        return _drain(consumer, topic, _partitions(consumer, topic))
    finally:
        consumer.close()


def reader(bootstrap: str, committed: bool = True) -> Consumer:
    """A consumer without a group, to which partitions are assigned."""
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "chaos-reader",  # never joined: partitions are assigned
            "isolation.level": "read_committed" if committed else "read_uncommitted",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "log_level": 2,
            "fetch.message.max.bytes": 8 << 20,
            "reconnect.backoff.max.ms": RECONNECT_MS,
        }
    )


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    found = consumer.list_topics(topic, timeout=10).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)
    return sorted(found.partitions)


def _drain(consumer: Consumer, topic: str, partitions: list[int]) -> dict[int, list[Record]]:
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    records: dict[int, list[Record]] = {partition: [] for partition in partitions}
    waiting = set(partitions)
    deadline = time.monotonic() + READ_TIMEOUT_S
    while waiting and time.monotonic() < deadline:
        for got in consumer.consume(BATCH, timeout=POLL_S):
            error = got.error()
            if error is None:
                record = record_of(got)
                records[record.partition].append(record)
                continue
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            waiting.discard(int(got.partition() or 0))
    if waiting:
        raise TimeoutError(f"{topic}: partitions {sorted(waiting)} not read to their end")
    return records


def record_of(got: Any) -> Record:
    """What librdkafka consumed, as the checker has it."""
    return Record(
        got.partition(), got.offset(), got.timestamp()[1], got.key(), got.value(), _headers(got)
    )


def _headers(got: Any) -> Headers:
    """A record's headers; none of them where a name is no UTF-8, which this client cannot show."""
    try:
        given = got.headers() or ()
        return tuple((name, value if value is None else bytes(value)) for name, value in given)
    except (UnicodeDecodeError, SystemError):  # the first may come a step late, or in the second
        return ()


def count(bootstrap: str, topic: str) -> int | None:
    """Offsets used by now in all partitions; None where a new broker does not yet lead them."""
    consumer = reader(bootstrap)
    try:
        places = [TopicPartition(topic, number) for number in _partitions(consumer, topic)]
        return sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
    except KafkaException as error:
        if error.args[0].code() in NOT_YET:
            return None
        raise
    finally:
        consumer.close()


class Progress:
    """Follows commands and changelog, to tell when everything is decided."""

    def __init__(self, bootstrap: str, commands: str, changelog: str) -> None:
        self._commands, self._changelog = commands, changelog
        self._consumer = reader(bootstrap)
        self._last: dict[int, int] = {}
        self._decided: dict[int, int] = {}
        self._at_end: set[tuple[str, int]] = set()
        self._expected = 0

    def __enter__(self) -> Self:
        starts = [
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic in (self._commands, self._changelog)
            for partition in _partitions(self._consumer, topic)
        ]
        self._expected = len(starts)
        self._consumer.assign(starts)
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def all_decided(self) -> bool:
        """Whether, as far as was read, no record waits behind its partition's stamp."""
        for got in self._consumer.consume(BATCH, timeout=POLL_S):
            self._take(got)
        return len(self._at_end) == self._expected and not self.behind()

    def behind(self) -> dict[int, str]:
        """Partitions with undecided records."""
        return {
            partition: f"{last + 1 - self._decided.get(partition, 0)} before {last + 1}"
            for partition, last in sorted(self._last.items())
            if last >= self._decided.get(partition, 0)
        }

    def _take(self, got: Any) -> None:
        place = (got.topic(), got.partition())
        if got.error() is not None:
            if got.error().code() in NOT_YET:
                return
            if got.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(got.error())
            self._at_end.add(place)
            return
        self._at_end.discard(place)
        if place[0] == self._commands:
            self._last[place[1]] = got.offset()
        elif got.key() == STAMP_KEY:
            self._decided[place[1]] = stamp_of(got.value()).next_offset
