"""aiokafka's producers over the simulated network, beneath the real TransactionalProducer.

As there: batches are sent at once, in order per partition, and again after retriable errors; a
failed batch fails its future, and `commit_transaction` commits all the same. Its sender is the
product's, which asks the coordinator once: what was not answered is an error.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from aiokafka.errors import ConcurrentTransactions, KafkaConnectionError, KafkaError

from streams import transaction
from streams.deadlines import Indefinite
from streams.topics import Topics
from tests.simulation.broker import ABORTED, COMMITTED, Broker, Place, Sent
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


class Builder:
    """A record batch in the making."""

    def __init__(self) -> None:
        self.records: list[Sent] = []

    def append(
        self, *, key: bytes | None, value: bytes | None, timestamp: Any, headers: Any
    ) -> object | None:
        """Take a record; None when the batch is full."""
        if len(self.records) >= BUILDER_RECORDS:
            return None
        self.records.append((key, value, list(headers)))
        return self


class Metadata:
    """Where a batch landed."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class Client:
    """What TransactionalProducer uses of AIOKafkaProducer, of its sender and of its state."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._broker, self._name, self._process = broker, name, PROCESS.get()
        self._epoch = -1
        self._sequence = 0
        self._last: dict[Place, asyncio.Task[Metadata]] = {}
        self._sending: list[asyncio.Task[Metadata]] = []
        self._added: list[Place] = []
        self._closed = False
        self.producer_id = -1
        self.commits_last: bool | None = None
        self._txn_manager = self._sender = self.client = self

    async def start(self) -> None:
        """InitProducerId, until the coordinator has ended the predecessor's transaction."""
        self.commits_last = await insist(lambda: self._broker.commits_last(self._name))
        self.producer_id, self._epoch = await insist(lambda: self._broker.init_producer(self._name))

    async def partitions_for(self, _topic: str) -> set[int]:
        """Numbers of a topic's partitions."""
        return set(range(self._broker.partitions))

    async def begin_transaction(self) -> None:
        """Nothing is asked of the coordinator yet."""
        self._sending.clear()
        self._last.clear()
        self._added.clear()

    def maybe_add_partition_to_txn(self, tp: Any) -> None:
        """Make a partition part of the transaction without sending anything there."""
        self._added.append((tp.topic, tp.partition))

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
        name, epoch, broker = self._name, self._epoch, self._broker
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
                return await ask(lambda: self._broker.add_partition(self._name, self._epoch, place))
            except ConcurrentTransactions:
                await asyncio.sleep(BACKOFF_S)
        return None

    async def commit_transaction(self) -> None:
        """Wait for all batches, however they ended, then EndTxn."""
        await self._end(COMMITTED)

    async def abort_transaction(self) -> None:
        """The same with the other outcome."""
        await self._end(ABORTED)

    async def _end(self, outcome: str) -> None:
        if self._sending:
            await asyncio.wait(self._sending)
        for place in self._added:
            await self._add(place)
        if not self._sending and not self._added:
            return
        assert self._process is not None
        name, epoch, broker = self._name, self._epoch, self._broker
        fates = here().cuts.endings.get(self._process.name)
        fate = fates.pop(0) if fates else ""
        if fate:
            here().note(f"EndTxn of {name} is {fate}")
        try:
            await ask(lambda: broker.end(name, epoch, outcome), fate)
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


async def unended(client: Client, producer_id: int, places: list[Any]) -> list[Any]:
    """Which of the partitions have an open transaction of this producer."""
    logs = here().broker.logs
    return await ask(lambda: [one for one in places if producer_id in logs[one].open])


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
