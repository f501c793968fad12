"""Commands going in without end, and how far they are decided: what a run under faults watches."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, Message, TopicPartition

from tests.chaos.changelog import STAMP_KEY, stamp_of
from tests.chaos.logs import BATCH, POLL_S, reader, record_of
from tests.chaos.realtime import Request, Sight, digest_of
from tests.chaos.records import Record
from tests.chaos.traffic import Delivery, Sender, Traffic, Wish

PER_SECOND = 120.0  # three brokers, three workers and all readers share two cores with this
STEP_S = 0.1
BURST_EVERY_S = (4.0, 12.0)
BURST = 600
JOIN_S = 120.0


class RecordingSender(Sender):
    """Remembers each command with its times, and where a broker said that it has it."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        super().__init__(bootstrap, topic)
        self.requests: list[Request] = []
        self.acknowledged = 0
        self.ends: dict[int, int] = {}

    def _delivery(self, wish: Wish) -> Delivery:
        request = Request(wish.key, wish.value, time.monotonic_ns())
        self.requests.append(request)
        return partial(self._answered, request)

    def _answered(self, request: Request, error: KafkaError | None, record: Message) -> None:
        self._delivered(error, record)
        if error is not None:
            return
        partition, offset = record.partition(), record.offset()
        assert partition is not None
        request.acknowledged_ns, request.partition = time.monotonic_ns(), partition
        self.acknowledged += 1
        if offset is None or offset < 0:  # a retry, when a broker already had it
            return
        request.offset = offset
        self.ends[partition] = max(offset + 1, self.ends.get(partition, 0))


class Feeding(threading.Thread):
    """Sends by seed, with bursts, until `finish`, which raises what went wrong."""

    def __init__(self, bootstrap: str, topic: str, seed: int, partitions: int) -> None:
        super().__init__(name="feeding", daemon=True)
        self.sender = RecordingSender(bootstrap, topic)
        self._traffic, self._rng = Traffic(seed, partitions), Random(seed + 1)
        self._finishing = threading.Event()
        self._failure: Exception | None = None

    def run(self) -> None:
        try:
            self.sender.send(self._paced())
        except Exception as failure:  # noqa: BLE001 - raised where it is finished
            self._failure = failure

    def _paced(self) -> Iterator[Wish]:
        burst_at = time.monotonic() + self._rng.uniform(*BURST_EVERY_S)
        while not self._finishing.wait(STEP_S):
            count = int(PER_SECOND * STEP_S)
            if time.monotonic() > burst_at:
                count, burst_at = BURST, time.monotonic() + self._rng.uniform(*BURST_EVERY_S)
            yield from self._traffic.wishes(count)

    def finish(self) -> None:
        """No more; and wait until the brokers have it all."""
        self.stop()
        self.check()
        self.sender.flush()

    def check(self) -> None:
        """Raise what went wrong there."""
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """No more."""
        self._finishing.set()
        self.join(JOIN_S)

    @property
    def sent(self) -> int:
        """Commands given to the producer."""
        return sum(self.sender.sent.values())


class Following(threading.Thread):
    """Reads as it is committed: the changelog's stamps, and events, which it tells at once."""

    def __init__(
        self,
        bootstrap: str,
        changelog: str,
        events: str,
        partitions: int,
        tell: Callable[[Record], None],
    ) -> None:
        super().__init__(name="following", daemon=True)
        self.seen: list[Sight] = []
        self._tell = tell
        self._events = events
        self.decided: dict[int, int] = dict.fromkeys(range(partitions), 0)
        self._consumer = reader(bootstrap)
        self._consumer.assign(
            [
                TopicPartition(topic, number, OFFSET_BEGINNING)
                for topic in (changelog, events)
                for number in range(partitions)
            ]
        )
        self._finishing = threading.Event()

    def run(self) -> None:
        while not self._finishing.is_set():
            try:
                found = self._consumer.consume(BATCH, timeout=POLL_S)
            except KafkaException:
                continue  # brokers are away: that is what this is for
            now_ns = time.monotonic_ns()
            for got in found:
                if got.error() is not None:
                    continue
                record = record_of(got)
                if got.topic() == self._events:
                    place = (record.partition, record.offset)
                    self.seen.append(Sight(*place, now_ns, digest_of(record.value)))
                    self._tell(record)
                elif record.key == STAMP_KEY and record.value is not None:
                    self.decided[record.partition] = stamp_of(record.value).next_offset

    def reached(self, ends: dict[int, int]) -> bool:
        """Whether all up to there is decided, and in each partition something behind it too."""
        return all(self.decided[partition] > end for partition, end in ends.items())

    def finish(self) -> None:
        """Close the consumer."""
        self._finishing.set()
        self.join(JOIN_S)
        self._consumer.close()
