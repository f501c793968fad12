"""A broker in memory for one partition: a commit can hang, fail, be fenced, or end unseen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced

from streams import partition
from streams.engine import Batch
from streams.exceptions import StreamsError
from streams.partition import Partition, State, Surroundings, Unowned
from streams.recovery import Ends, _open
from streams.replay import Replay
from streams.settings import Settings
from streams.stamp import Stamp
from streams.store import Memory, Store
from streams.topics import Topics
from streams.transport import Fetch
from tests.streams.counter import CounterActor
from tests.streams.world import INCARNATION, PARTITION, PARTITIONS, WINDOW_S, Log, record

SOON_S = 10.0


class Producer:
    """One owner's producer: a later one fences it."""

    def __init__(self, broker: "Broker") -> None:
        self.broker, self.stopped = broker, False
        self.changelog_end: int | None = None

    async def start(self) -> None:
        self.broker.producers.append(self)

    async def commit(self, batch: Batch) -> int:
        """Send and commit: what may go wrong comes first, as it is set on the broker."""
        self.broker.sending.append(batch)
        await self.broker.open_for_commits.wait()
        if self.broker.producers[-1] is not self or self.stopped:
            raise self.broker.fenced()
        if self.broker.failures:
            raise self.broker.failures.pop(0)
        behind = self.broker.log.commit(batch)
        if self.broker.unseen:
            raise self.broker.unseen.pop(0)
        return behind

    async def stop(self) -> None:
        self.stopped = True


class Broker:
    """The commands, what is committed, and the faults to come."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.log = folder, Log()
        self.commands: list[bytes | None] = []
        self.producers: list[Producer] = []
        self.sending: list[Batch] = []
        self.stores: list[Store] = []
        self.failures: list[Exception] = []  # before a commit takes effect
        self.unseen: list[Exception] = []  # after it has
        self.unowned = 0  # proofs that fail
        self.lost: Exception | None = None  # what recovery finds
        self.open_for_commits, self.open_for_recovery = asyncio.Event(), asyncio.Event()
        self.open_for_commits.set()
        self.open_for_recovery.set()
        self.ticks = 0
        self.flowing = False
        self._position, self._turn = 0, 0
        monkeypatch.setattr(partition, "TransactionalProducer", lambda *_: Producer(self))
        monkeypatch.setattr(partition, "recover", self._recover)
        monkeypatch.setattr(partition, "RETRY_S", (0.001,))
        monkeypatch.setattr(partition, "UNOWNED_RETRY_S", 0.001)
        monkeypatch.setattr(partition, "TICK_S", 0.05)
        monkeypatch.setattr(partition, "CONFIRM_S", 0.05)
        self.partition = Partition(PARTITION, CounterActor(), self._surroundings())

    def fenced(self) -> Exception:
        """What a producer gets that another one has replaced."""
        error: Exception = ProducerFenced()
        return error

    def deliver(self, count: int = 1_000) -> None:
        """Hand on the next records as one fetch, as the consumer would from where it stands."""
        start = self._position
        taken = self.commands[start : start + count]
        if taken:
            self._position = start + len(taken)
            records = [record(start + n, value) for n, value in enumerate(taken)]
            self.partition.offer(Fetch(0, self._turn, start, self._position, records))

    async def until(self, true: Callable[[], object], deliver: bool = False) -> None:
        """Wait until something holds, and deliver what is wanted meanwhile if told so."""
        async with asyncio.timeout(SOON_S):
            while not true():
                if deliver and self.flowing:
                    self.deliver()
                await asyncio.sleep(0.002)

    async def serving(self) -> None:
        """Wait until the partition serves."""
        await self.until(lambda: self.partition.state is State.SERVING)

    async def decided(self) -> None:
        """Deliver all commands, and wait until they are committed and applied."""
        await self.until(self._committed, deliver=True)
        await self.until(self._applied)

    def _committed(self) -> bool:
        batches = self.log.batches
        return bool(batches) and batches[-1].stamp.next_offset == len(self.commands)

    def _applied(self) -> bool:
        position = self.stores[-1].position() if self.stores[-1]._db else None
        return position is not None and position.stamp.next_offset == len(self.commands)

    async def _recover(
        self, _reader: Any, _topics: Topics, number: int, path: Path, memory: Memory
    ) -> tuple[Store, Stamp, Ends]:
        assert number == PARTITION
        await self.open_for_recovery.wait()
        if self.lost is not None:
            raise self.lost
        store = _open(path, memory)
        self.stores.append(store)
        position = store.position()
        start = position.next_offset - 1 if position else 0
        Replay(store).feed([one for one in self.log.changelog if one.offset >= start])
        position = store.position()
        at = position.stamp if position else Stamp(INCARNATION, 0, 1, 0, 0)
        return store, at, Ends(self.log.end, at.next_seq - 1)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            settings=Settings(self.folder, "", "", PARTITIONS, 1, WINDOW_S, 0, 0, ""),
            topics=Topics.of("counter"),
            group="counter-agents",
            directory=self.folder,
            memory=Memory(),
            readers=self,  # type: ignore[arg-type]
            prove=self._prove,
            seek=self._seek,
            flow=self._flow,
            tick=self._tick,
            turn=asyncio.Lock(),
        )

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[None]:
        """What recovery would read with."""
        yield None

    async def _prove(self, _number: int) -> None:
        if self.unowned:
            self.unowned -= 1
            raise Unowned("another worker has it")

    def _seek(self, _number: int, offset: int) -> int:
        self._position = offset
        self._turn += 1
        return self._turn

    def _flow(self, _number: int, on: bool) -> None:
        self.flowing = on

    async def _tick(self, _number: int) -> None:
        self.ticks += 1


class Indefinite(StreamsError):
    """A commit whose answer was lost."""
