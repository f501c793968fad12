"""A worker's consumer: fetches cut anywhere, dropped in silence, or late behind a seek.

Stands in for `BatchConsumer` and the Faust stream behind it: what a partition is offered is as
unreliable as there, and carries the same positions. The last records of a log are not dropped while
the flow is on: nothing would follow by which it could be noticed, and Faust does so at a rebalance
alone.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaConnectionError
from faust.types import TP

from streams.transport import Fetch
from tests.simulation.broker import Broker, Log
from tests.simulation.network import ask
from tests.simulation.world import here

BUFFERED_MAX = 4  # fetches on their way to the agent
DROPPED, REPEATED = 0.02, 0.01  # shares of the fetches
CUTS = {1: 1.0, 2: 1.0, 5: 2.0, 20: 2.0, 200: 3.0}  # records of a fetch at most


class Consumer:
    """What Worker uses of BatchConsumer."""

    def __init__(self, topic: str, group: Any, number: int, incarnation: int) -> None:
        self._topic, self._number, self._incarnation = topic, number, incarnation
        self._broker: Broker = here().broker
        self._group = group
        self.generation = -1
        self._assigned: set[TP] = set()
        self._paused: set[TP] = set()
        self._at: dict[TP, int] = {}
        self._handed: dict[TP, int] = {}
        self._turns: dict[TP, int] = {}
        self._stirred = asyncio.Event()
        self._queue: asyncio.Queue[tuple[int, Fetch]] = asyncio.Queue(BUFFERED_MAX)
        self.flowing = False
        self.kafka = SimpleNamespace(_coordinator=SimpleNamespace(watched=True))

    def assign(self, generation: int, partitions: Iterable[int]) -> None:
        """What the group says: positions are unknown until they are sought."""
        self.generation = generation
        self._assigned = {TP(self._topic, number) for number in partitions}
        self._at.clear()
        self._handed.clear()
        self.flowing = True
        for tp in sorted(self._assigned):
            watchers = self._log(tp).watchers
            if self._stirred.set not in watchers:
                watchers.append(self._stirred.set)
        self._stirred.set()

    def revoke(self) -> None:
        """A rebalance: nothing is handed on, and what waits is dropped without a word."""
        self.flowing = False
        while not self._queue.empty():
            self._queue.get_nowait()

    def detach(self) -> None:
        """Its process is dead."""
        for log in self._broker.logs.values():
            if self._stirred.set in log.watchers:
                log.watchers.remove(self._stirred.set)

    def _log(self, tp: TP) -> Log:
        return self._broker.logs[tp.topic, tp.partition]

    def assignment(self) -> set[TP]:
        """Partitions that the group gave this worker last."""
        return set(self._assigned)

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        """Fetch these no more."""
        self._paused.update(tps)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Fetch these again."""
        self._paused.difference_update(tps)
        self._stirred.set()

    def go_to(self, tp: TP, offset: int) -> int:
        """Fetch from an offset on; the number of this seek."""
        if tp not in self._assigned:
            raise IllegalStateError(f"{tp} is not assigned")
        self._at[tp] = self._handed[tp] = offset
        self._turns[tp] = turn = self._turns.get(tp, 0) + 1
        self._stirred.set()
        return turn

    async def commit_position(self, _tp: TP, _offset: int | None) -> None:
        """Proof of the present generation; raises KafkaError."""
        number, incarnation, generation = self._number, self._incarnation, self.generation
        await ask(lambda: self._group.prove(number, incarnation, generation))

    async def fetch(self) -> None:
        """Fetch for ever."""
        while True:
            ready = [tp for tp in sorted(self._assigned) if self._waits(tp)]
            if not ready or not self.flowing:
                self._stirred.clear()
                await self._stirred.wait()
                continue
            for tp in ready:
                await self._fetch(tp)

    def _waits(self, tp: TP) -> bool:
        log = self._log(tp)
        return tp in self._at and tp not in self._paused and self._at[tp] < log.stable

    async def _fetch(self, tp: TP) -> None:
        at, log, world = self._at.get(tp), self._log(tp), here()
        if at is None:
            return
        count = world.net.choices(list(CUTS), list(CUTS.values()))[0]
        try:
            found, behind = await ask(lambda: log.read(at, count))
        except KafkaConnectionError:
            return
        if self._at.get(tp) != at:  # it was sought while the fetch was under way
            return
        start, turn = self._handed[tp], self._turns.get(tp, 0)
        self._at[tp] = behind
        if not found:
            return
        self._handed[tp] = behind
        if not self.flowing:
            return
        if world.chance(DROPPED) and log.read(behind, 1)[0]:
            world.counts["fetches dropped"] += 1
            return
        fetch = Fetch(tp.partition, turn, start, behind, found)  # type: ignore[arg-type]
        await self._queue.put((self.generation, fetch))
        if world.chance(REPEATED):
            await self._queue.put((self.generation, fetch))

    async def events(self) -> AsyncIterator[Any]:
        """The stream of an agent: fetches of the present generation."""
        while True:
            generation, fetch = await self._queue.get()
            await asyncio.sleep(here().net.uniform(0, 0.002))
            if generation == self.generation:
                yield SimpleNamespace(message=SimpleNamespace(value=[fetch]))
