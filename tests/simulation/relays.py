"""aiokafka's consumer and producer as relays use them, over the simulated network.

The consumer is a member of a group, and goes on with what it has until it hears otherwise. The
producer queues what is sent, adds partitions, sends a batch of each at a time, asks again where no
answer comes, and knows by a fenced epoch alone that it is over.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import (
    ConcurrentTransactions,
    InvalidProducerEpoch,
    InvalidTxnState,
    KafkaConnectionError,
    KafkaError,
    NotLeaderForPartitionError,
    ProducerFenced,
    TopicAuthorizationFailedError,
)

from tests.simulation import classic
from tests.simulation.broker import ABORTED, COMMITTED, Broker, Log, Place, Sent
from tests.simulation.classic import POSITIONS
from tests.simulation.group import HEARTBEAT_S, Group
from tests.simulation.loop import PROCESS
from tests.simulation.network import BACKOFF_S, TRIES_MAX, ask, insist
from tests.simulation.world import here

T = TypeVar("T")
FETCHED = (1, 3, 10, 100)  # records of a partition at most
NOT_YET = 0.02  # share of the batches that their leader refuses for now
KEPT = 0.5  # of the rebalances: what was assigned is read on until the next assignment
AGAIN = (KafkaConnectionError, ConcurrentTransactions, NotLeaderForPartitionError)
OVER = (ProducerFenced, InvalidProducerEpoch, InvalidTxnState)


class Consumer:
    """A member of a relay's group."""

    def __init__(
        self,
        topic: str,
        *,
        group_id: str,
        isolation_level: str = "read_uncommitted",
        auto_offset_reset: str = "latest",
        **_: Any,
    ) -> None:
        world, process = here(), PROCESS.get()
        assert process is not None
        self._broker: Broker = world.broker
        self._group: Group = world.groups[group_id]
        self._topic, self._name = topic, group_id
        self._committed = isolation_level == "read_committed"
        self._from_start = auto_offset_reset == "earliest"
        self._number = world.processes.index(process)
        self._at: dict[TopicPartition, int] = {}
        self._belonging: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Join the group."""
        self._belonging = asyncio.create_task(self._belong())

    async def stop(self) -> None:
        """Leave it."""
        if self._belonging is not None:
            self._belonging.cancel()
        with contextlib.suppress(KafkaConnectionError):
            await ask(lambda: self._group.leave(self._number))

    async def _belong(self) -> None:
        group, number = self._group, self._number
        while True:
            joined = await insist(lambda: group.join(number, 0))
            generation, partitions = await joined
            known = await insist(lambda: classic.positions(self._broker, self._name))
            self._at = {tp: self._first(tp, known) for tp in self._named(partitions)}
            await self._remain(generation)
            if here().net.random() >= KEPT:
                self._at = {}

    async def _remain(self, generation: int) -> None:
        """Beat until the group says that it has gone on."""
        answer = ""
        while not answer:
            await asyncio.sleep(HEARTBEAT_S * here().net.uniform(0.9, 1.1))
            with contextlib.suppress(KafkaConnectionError):
                answer = await ask(lambda: self._group.heartbeat(self._number, 0, generation))

    def _named(self, partitions: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number) for number in sorted(partitions)]

    def _first(self, tp: TopicPartition, known: dict[Place, int]) -> int:
        start = 0 if self._from_start else self._log(tp).stable
        return known.get(tuple(tp), start)

    def _log(self, tp: TopicPartition) -> Log:
        return self._broker.logs[tuple(tp)]

    def _end(self, tp: TopicPartition) -> int:
        return self._log(tp).stable if self._committed else self._log(tp).end

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        """What has arrived of any partition, cut anywhere; nothing after the timeout."""
        step = {}
        for tp in [tp for tp, at in self._at.items() if at < self._end(tp)]:
            found = await self._fetched(tp, min(max_records, here().net.choice(FETCHED)))
            if found:
                step[tp] = found
        if not step:
            await asyncio.sleep(timeout_ms / 1000)
        return step

    async def _fetched(self, tp: TopicPartition, count: int) -> list[Any]:
        at = self._at.get(tp)
        if at is None:
            return []
        found, behind = await insist(lambda: self._log(tp).read(at, count, self._committed))
        if self._at.get(tp) != at:  # it was taken away meanwhile
            return []
        self._at[tp] = behind
        return found

    def assignment(self) -> set[TopicPartition]:
        """What the group gave it last."""
        return set(self._at)

    def last_stable_offset(self, tp: TopicPartition) -> int:
        """As the last fetch told."""
        return self._log(tp).stable

    async def position(self, tp: TopicPartition) -> int:
        """Behind what was handed on."""
        return self._at.get(tp, 0)


class Producer:
    """A transactional one."""

    def __init__(self, *, transactional_id: str, **_: Any) -> None:
        self._broker: Broker = here().broker
        self._process = PROCESS.get()
        self._name = transactional_id
        self._epoch = self._sequence = -1
        self._added: set[Place] = set()
        self._waiting: dict[Place, list[tuple[Sent, asyncio.Future[None]]]] = {}
        self._flushing: asyncio.Task[None] | None = None
        self._over: KafkaError | None = None

    async def start(self) -> None:
        """Fence whoever had the name."""
        self._epoch = await self._insist("begin", lambda: classic.begin(self._broker, self._name))

    async def stop(self) -> None:
        """Send what waits."""
        await self._flushed()

    def transaction(self) -> "Transaction":
        """Commits what is sent within, or aborts it where anything is raised."""
        return Transaction(self)

    async def _insist(self, step: str, serve: Callable[[], T]) -> T:
        """One step, asked for until it is answered; its first request may have a fate."""
        assert self._process is not None
        fate = here().cuts.fate(self._process.name, step)
        for _ in range(TRIES_MAX):
            try:
                return await ask(serve, fate)
            except AGAIN:
                fate = ""
                await asyncio.sleep(BACKOFF_S)
            except OVER as error:
                self._over = error
                raise
        raise KafkaError("no answer after so many tries")

    async def send(
        self, topic: str, value: bytes, *, key: bytes, partition: int, headers: list[Any]
    ) -> asyncio.Future[None]:
        """Queue a record; the future is done when its leader has it."""
        if self._over is not None:
            raise self._over
        future = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault((topic, partition), [])
        waiting.append(((key, value, headers), future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return future

    async def _flush(self) -> None:
        while self._waiting:
            try:
                if new := [place for place in self._waiting if place not in self._added]:
                    await self._add("add", new)
                place = here().net.choice(list(self._waiting))
                await self._produce(place, self._waiting.pop(place))
            except KafkaError as error:
                for waiting in self._waiting.values():
                    _fail(waiting, error)
                self._waiting.clear()

    async def _add(self, step: str, places: list[Place]) -> None:
        name, epoch = self._name, self._epoch
        await self._insist(step, lambda: classic.add(self._broker, name, epoch, places))
        self._added.update(places)

    async def _produce(self, place: Place, batch: list[tuple[Sent, asyncio.Future[None]]]) -> None:
        self._sequence += 1
        name, epoch, sequence = self._name, self._epoch, self._sequence
        records = [record for record, _ in batch]

        def serve() -> None:
            assert self._process is not None
            if here().cuts.refusals.get(self._process.name):
                here().cuts.refusals[self._process.name].pop(0)
                here().note(f"produce to {place[0]}/{place[1]} is refused")
                raise TopicAuthorizationFailedError
            if here().chance(NOT_YET):
                raise NotLeaderForPartitionError
            classic.append(self._broker, name, epoch, place, sequence, records)

        try:
            await self._insist("produce", serve)
        except KafkaError as error:
            _fail(batch, error)
            if isinstance(error, OVER):
                raise
        else:
            for _, future in batch:
                if not future.done():
                    future.set_result(None)

    async def _flushed(self) -> None:
        if self._flushing is not None:
            await asyncio.wait([self._flushing])

    async def send_offsets_to_transaction(
        self, reached: dict[TopicPartition, int], group: str
    ) -> None:
        """How far the group has read, if the transaction is committed."""
        await self._flushed()
        await self._add("add positions", [POSITIONS])
        self._sequence += 1
        name, epoch, sequence = self._name, self._epoch, self._sequence
        places = {tuple(tp): offset for tp, offset in reached.items()}
        await self._insist(
            "positions", lambda: classic.reach(self._broker, name, epoch, sequence, group, places)
        )

    async def end(self, outcome: str) -> None:
        """Commit or abort; nothing was begun where nothing was added."""
        await self._flushed()
        if self._over is not None:
            raise self._over
        if self._added:
            name, epoch = self._name, self._epoch
            await self._insist("end", lambda: classic.end(self._broker, name, epoch, outcome))
            self._added.clear()

    @property
    def is_over(self) -> bool:
        """Whether it can never be used again."""
        return self._over is not None


class Transaction:
    """aiokafka's context of one."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, kind: object, _error: object, _traceback: object) -> None:
        if kind is None:
            await self._producer.end(COMMITTED)
        elif not self._producer.is_over:
            await self._producer.end(ABORTED)


def _fail(batch: list[tuple[Sent, asyncio.Future[None]]], error: KafkaError) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
