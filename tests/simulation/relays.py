"""aiokafka's consumer and producer as relays use them, over the simulated network.

The consumer is a member of a group, and goes on with what it has until it hears otherwise; what it
keeps of its positions counts while it is of the present generation. The producer sends a batch of
each partition at a time, and asks again where no answer comes: a batch counts once.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
    UnknownMemberIdError,
)

from tests.simulation.broker import Broker, Log, Place, Sent
from tests.simulation.group import HEARTBEAT_S, Group
from tests.simulation.loop import PROCESS
from tests.simulation.network import BACKOFF_S, TRIES_MAX, ask, insist
from tests.simulation.world import here

FETCHED = (1, 3, 10, 100)  # records of a partition at most
NOT_YET = 0.02  # share of the batches that their leader refuses for now
KEPT = 0.5  # of the rebalances: what was assigned is read on until the next assignment
BATCH_RECORDS = (1, 2, 5)  # a batch is full then


class Consumer:
    """A member of a relay's group."""

    def __init__(
        self,
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
        self._topic, self._name = "", group_id
        self._told: Any = None
        self._coordinator = self
        self._generation = -1
        self._committed = isolation_level == "read_committed"
        self._from_start = auto_offset_reset == "earliest"
        self._number = world.processes.index(process)
        self._at: dict[TopicPartition, int] = {}
        self._belonging: asyncio.Task[None] | None = None

    def subscribe(self, topics: list[str], listener: Any) -> None:
        """Read this topic, and tell of what is given and taken."""
        [self._topic], self._told = topics, listener

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
            self._generation, partitions = await joined
            tps = self._named(partitions)
            known = await self.fetch_committed_offsets(tps)
            self._at = {tp: self._first(tp, known) for tp in tps}
            await self._told.on_partitions_assigned(set(self._at))
            await self._remain(self._generation)
            await self._told.on_partitions_revoked(set(self._at))
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

    def _first(self, tp: TopicPartition, known: dict[TopicPartition, Any]) -> int:
        start = 0 if self._from_start else self._log(tp).stable
        return known[tp].offset if tp in known else start

    async def fetch_committed_offsets(self, tps: Iterable[TopicPartition]) -> dict[Any, Any]:
        """What the group keeps, as its coordinator answers."""
        kept = await insist(lambda: dict(self._broker.positions.get(self._name, {})))
        return {
            tp: SimpleNamespace(offset=kept[tuple(tp)][0], metadata=kept[tuple(tp)][1])
            for tp in tps
            if tuple(tp) in kept
        }

    async def end_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Where reading ends by now."""
        return await insist(lambda: {tp: self._end(tp) for tp in tps})

    async def commit(self, reached: dict[TopicPartition, tuple[int, str]]) -> None:
        """Keep positions for the group, with what is said beside them."""
        if not reached:
            raise ValueError("nothing to commit")
        if not self._at.keys() >= reached.keys():
            raise IllegalStateError("not assigned")
        generation, places = self._generation, {tuple(tp): at for tp, at in reached.items()}

        def serve() -> None:
            self._group.prove(self._number, 0, generation)
            self._broker.positions.setdefault(self._name, {}).update(places)

        process = PROCESS.get()
        assert process is not None
        fate = here().cuts.fate(process.name, "keep")
        for _ in range(TRIES_MAX):
            try:
                return await ask(serve, fate)
            except KafkaConnectionError:
                fate = ""
                await asyncio.sleep(BACKOFF_S)
            except (IllegalGenerationError, UnknownMemberIdError) as error:
                raise CommitFailedError from error
        raise KafkaError("no answer after so many tries")

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


class Batch:
    """Records that go together."""

    def __init__(self) -> None:
        self.records: list[Sent] = []
        self._most = here().net.choice(BATCH_RECORDS)

    def append(self, *, timestamp: None, key: bytes, value: bytes, headers: list[Any]) -> bool:
        """Whether one more had room."""
        if len(self.records) == self._most:
            return False
        self.records.append((key, value, headers))
        return True


class Producer:
    """An idempotent one."""

    def __init__(self, *, enable_idempotence: bool, **_: Any) -> None:
        assert enable_idempotence
        self._broker: Broker = here().broker
        self._process = PROCESS.get()
        self._id = next(self._broker.producers)
        self._sequence = 0

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect; what is under way may still arrive."""

    def create_batch(self) -> Batch:
        """An empty one."""
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Any:
        """A future that is done when the leader has it."""
        self._sequence += 1
        return asyncio.ensure_future(
            self._produce((topic, partition), self._sequence, batch.records)
        )

    async def _produce(self, place: Place, sequence: int, records: list[Sent]) -> None:
        assert self._process is not None
        name = self._process.name

        def serve() -> None:
            if here().cuts.refusals.get(name):
                here().cuts.refusals[name].pop(0)
                here().note(f"produce to {place[0]}/{place[1]} is refused")
                raise TopicAuthorizationFailedError
            if here().chance(NOT_YET):
                raise NotLeaderForPartitionError
            self._broker.produce_once(place, self._id, sequence, records)

        fate = here().cuts.fate(name, "produce")
        for _ in range(TRIES_MAX):
            try:
                return await ask(serve, fate)
            except (KafkaConnectionError, NotLeaderForPartitionError):
                fate = ""
                await asyncio.sleep(BACKOFF_S)
        raise KafkaError("no answer after so many tries")
