"""aiokafka's producers over the simulated network, beneath the real TransactionalProducer.

As there: batches are sent at once, in order per partition, and again after retriable errors; a
failed batch fails its future, and `commit_transaction` commits all the same. Its sender is the
product's, which asks the coordinator once: what was not answered is an error.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from aiokafka.errors import (
    ConcurrentTransactions,
    KafkaConnectionError,
    KafkaError,
    NotLeaderForPartitionError,
)

from streams import transaction
from streams.deadlines import Indefinite
from streams.topics import Topics
from streams.unended import Last
from tests.simulation.broker import COMMITTED, Broker, Place, Sent
from tests.simulation.loop import PROCESS
from tests.simulation.network import ask
from tests.simulation.world import here

BACKOFF_S = 0.005
TRIES_MAX = 2_000
BUILDER_RECORDS = 40  # small, so that a transaction has several batches per partition

T = TypeVar("T")


async def insist(serve: Callable[[], T], fates: list[str] | None = None) -> T:
    """Ask until there is an answer that is not «try again»."""
    for _ in range(TRIES_MAX):
        try:
            return await ask(serve, fates.pop(0) if fates else "")
        except (ConcurrentTransactions, KafkaConnectionError):
            await asyncio.sleep(BACKOFF_S)
    raise KafkaError("no answer after so many tries")


class Records:
    """What a builder appends to."""

    def __init__(self) -> None:
        self.taken: list[Sent] = []

    def append(
        self, _offset: int, _timestamp: Any, key: bytes | None, value: bytes | None, headers: Any
    ) -> object | None:
        """Take a record; None when the batch is full."""
        if len(self.taken) >= BUILDER_RECORDS:
            return None
        self.taken.append((key, value, list(headers)))
        return self


class Builder:
    """A record batch in the making; its parts have the names of aiokafka's."""

    def __init__(self) -> None:
        self._builder = Records()
        self._relative_offset = 0
        self.closed = False

    def append(self, *, key: Any, value: Any, timestamp: Any, headers: Any) -> object | None:
        """Take a record; None when the batch is full."""
        made = self._builder.append(self._relative_offset, timestamp, key, value, headers)
        if made is None:
            self.close()
        else:
            self._relative_offset += 1
        return made

    def close(self) -> None:
        """It is sent as it is."""
        self.closed = True

    @property
    def records(self) -> list[Sent]:
        """What it holds."""
        return self._builder.taken


class Metadata:
    """Where a batch landed."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class Client:
    """What TransactionalProducer uses of AIOKafkaProducer, of its sender and of its state."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._broker, self.transactional_id, self._process = broker, name, PROCESS.get()
        self._epoch = -1
        self._sequence = 0
        self._last: dict[Place, asyncio.Task[Metadata]] = {}
        self._sending: list[asyncio.Task[Metadata]] = []
        self._closed = False
        self.producer_id = -1
        self.settle: Any = None
        self._txn_manager = self._sender = self.client = self.cluster = self

    async def start(self) -> None:
        """InitProducerId, once what the predecessor left has ended; both are asked again."""
        for _ in range(TRIES_MAX):
            try:
                if await self.settle(0):
                    self.producer_id, self._epoch = await ask(
                        lambda: self._broker.init_producer(self.transactional_id)
                    )
                    return
            except (ConcurrentTransactions, KafkaConnectionError, NotLeaderForPartitionError):
                pass
            await asyncio.sleep(BACKOFF_S)

    async def _wait_on_metadata(self, _topic: str) -> None:
        """All topics are known."""

    def partitions_for_topic(self, _topic: str) -> set[int]:
        """Numbers of a topic's partitions."""
        return set(range(self._broker.partitions))

    async def begin_transaction(self) -> None:
        """Nothing is asked of the coordinator yet."""
        self._sending.clear()
        self._last.clear()

    def create_batch(self) -> Builder:
        """An empty batch."""
        return Builder()

    async def send_batch(self, builder: Builder, topic: str, *, partition: int) -> Any:
        """Queue a batch behind those of its partition; a future of where it landed."""
        place = (topic, partition)
        self._sequence += 1
        sent = self._deliver(place, builder.records, self._sequence, self._last.get(place))
        task = asyncio.ensure_future(sent)
        self._last[place] = task
        self._sending.append(task)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _deliver(
        self, place: Place, records: list[Sent], sequence: int, before: Any
    ) -> Metadata:
        name, epoch, broker = self.transactional_id, self._epoch, self._broker
        if before is not None:
            await asyncio.wait([before])
        else:
            await self._add(place)
        assert self._process is not None
        refusals = here().cuts.refusals.get(self._process.name)
        if refusals:
            here().note(f"produce to {place[0]}/{place[1]} is refused")
            raise _refusal(refusals.pop(0))
        return Metadata(
            await insist(lambda: broker.transact(name, epoch, place, sequence, records))
        )

    async def _add(self, place: Place) -> None:
        """AddPartitionsToTxn: «not yet» is asked again, a broken connection is not."""
        for _ in range(TRIES_MAX):
            try:
                return await ask(
                    lambda: self._broker.add_partition(self.transactional_id, self._epoch, place)
                )
            except ConcurrentTransactions:
                await asyncio.sleep(BACKOFF_S)
        return None

    async def commit_transaction(self) -> None:
        """Wait for all batches, however they ended, then EndTxn."""
        if self._sending:
            await asyncio.wait(self._sending)
        if not self._sending:
            return
        assert self._process is not None
        name, epoch, broker = self.transactional_id, self._epoch, self._broker
        fates = here().cuts.endings.get(self._process.name)
        fate = fates.pop(0) if fates else ""
        if fate:
            here().note(f"EndTxn of {name} is {fate}")
        try:
            await ask(lambda: broker.end(name, epoch, COMMITTED), fate)
        except (ConcurrentTransactions, KafkaConnectionError) as error:
            raise Indefinite("the coordinator would not end the transaction") from error

    async def end(self) -> None:
        """Nothing more is sent; what is under way may still arrive."""
        for task in self._sending:
            task.cancel()


class _Refused(KafkaError):  # type: ignore[misc]
    retriable = False


class _TooLarge(KafkaError):  # type: ignore[misc]
    retriable = False


def _refusal(fate: str) -> Exception:
    return _TooLarge() if fate == "too large" else _Refused()


class Producer(transaction.TransactionalProducer):
    """The real one, on the client above."""

    def __init__(self, _bootstrap: str, topics: Topics, group: str, partition: int) -> None:
        self._topics, self._partition = topics, partition
        self._producer: Any = Client(here().broker, f"{group}-{topics.commands}-{partition}")
        self._sender: Any = self._producer
        self._sender.settle = self._settled


async def last_transaction(client: Client, _coordinator: int, name: str) -> Last:
    """What the coordinator knows of an id."""
    return await ask(lambda: client._broker.last_transaction(name))


async def unended(client: Client, producer_id: int, places: list[Any]) -> dict[Any, int]:
    """Which of the partitions have an open transaction of this producer."""
    return dict.fromkeys(await ask(lambda: client._broker.open_of(producer_id, places)), 0)


async def end_unended(client: Client, last: Last, left: dict[Any, int], commits: bool) -> None:
    """Write the markers that are missing, one by one."""
    for place in left:
        await ask(partial(client._broker.write_markers, last, [place], commits))


class Ticker:
    """What a worker uses of AIOKafkaProducer to append ticks."""

    def __init__(self, **_: Any) -> None:
        self._broker: Broker = here().broker

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect."""

    async def send(self, topic: str, value: bytes, partition: int) -> None:
        """Queue a tick; whether it arrives is not waited for."""
        records: list[Sent] = [(None, value, [])]
        await ask(lambda: self._broker.produce((topic, partition), records))
