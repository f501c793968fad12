"""A worker process: the product's Worker and Partitions, without Faust around them."""

import asyncio
import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agents.stock.agent import StockActor
from streams.settings import Settings
from streams.topics import Topics
from streams.worker import Worker
from tests.simulation.disk import Disk
from tests.simulation.fetching import Consumer
from tests.simulation.group import HEARTBEAT_S
from tests.simulation.loop import Life, Process
from tests.simulation.network import ask, insist
from tests.simulation.world import World, here

WITHOUT_REVOCATION = 0.3  # of the expulsions: the next assignment comes alone
STOP_S = 20.0  # of a worker that was asked to


class SimulatedWorker(Worker):
    """The real one: its application is a stand-in, and it writes no file of its state."""

    def __init__(self, settings: Settings, number: int, incarnation: int) -> None:
        self.incarnation, self._number = incarnation, number
        actor = StockActor(settings.idempotency_window_s * 1000)
        super().__init__("stock", actor, settings, f"worker-{number}")

    def _application(self) -> Any:
        consumer = Consumer(self._topics.commands, self._number, self.incarnation)
        return SimpleNamespace(
            consumer=consumer, consumer_generation_id=-1, rebalancing=False, should_stop=False
        )

    def _write_state(self) -> None:
        pass

    async def live(self) -> None:
        """Fetch, decide, and obey the group, for ever."""
        consumer: Consumer = self.app.consumer
        tasks = [asyncio.create_task(one) for one in (consumer.fetch(), self._take(consumer))]
        for task in tasks:
            task.add_done_callback(_ended)
        try:
            while not self.app.should_stop:
                await self._generation_of_ours(consumer)
        except Exception as error:
            here().violate("worker crashed", repr(error))
        for task in tasks:
            task.cancel()

    async def _generation_of_ours(self, consumer: Consumer) -> None:
        group, number, incarnation = here().group, self._number, self.incarnation
        joined = await insist(lambda: group.join(number, incarnation))
        generation, partitions = await joined
        self.app.consumer_generation_id = generation
        consumer.assign(generation, partitions)
        assigning = asyncio.create_task(self._assigned())
        answer = ""
        while not answer and not self.app.should_stop:
            await asyncio.sleep(HEARTBEAT_S * here().net.uniform(0.9, 1.1))
            with contextlib.suppress(ConnectionError):
                answer = await self._beat(generation)
        consumer.revoke()
        if not assigning.done() and here().net.random() < 0.5:
            assigning.cancel()  # as Faust does
        await asyncio.wait([assigning])
        if not assigning.cancelled():
            assigning.result()
        if answer == "rebalance" or here().net.random() >= WITHOUT_REVOCATION:
            await self._revoked()

    async def _beat(self, generation: int) -> str:
        group, number, incarnation = here().group, self._number, self.incarnation
        try:
            return await ask(lambda: str(group.heartbeat(number, incarnation, generation)))
        except Exception as error:
            raise ConnectionError from error

    def states(self) -> dict[int, str]:
        """The state of each partition that it has."""
        return {number: str(one.state) for number, one in self._partitions.items()}

    def errors(self) -> dict[int, str]:
        """What stands in each partition's way."""
        return {number: one.error for number, one in self._partitions.items() if one.error}

    def store_of(self, partition: int) -> Any:
        """The open store of a partition."""
        found = self._partitions.get(partition)
        return found._store if found is not None else None

    def unlock(self) -> None:
        """What the operating system does to a dead process's lock."""
        self._lock.close()


class Host:
    """A machine with one worker: started, killed, frozen, powered off."""

    def __init__(self, world: World, settings: Settings, number: int) -> None:
        self.world, self.settings, self.number = world, settings, number
        self.disk = Disk(world)
        self.folder: Path = settings.home / "store" / f"worker-{number}"
        self.folder.mkdir(parents=True)
        world.disks[self.folder] = self.disk
        self.skew_s = 0.0
        self.incarnation = 0
        self.process: Process | None = None
        self.worker: SimulatedWorker | None = None

    @property
    def name(self) -> str:
        """Of its process, whichever it is by now."""
        return f"worker-{self.number}"

    @property
    def up(self) -> bool:
        """Whether its worker is there, frozen or not."""
        return self.process is not None and self.process.life is not Life.DEAD

    def start(self) -> None:
        """Start a worker, if none is there."""
        if self.up:
            return
        self.incarnation += 1
        process = self.process = self.world.process(self.name)
        process.skew_s = self.skew_s
        self.world.note(f"{self.name} starts, number {self.incarnation}")
        self.world.loop.begin(process, self._main())

    async def _main(self) -> None:
        self.worker = SimulatedWorker(self.settings, self.number, self.incarnation)
        await self.worker.live()

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is None or self.process.life is Life.DEAD:
            return
        self.world.note(f"{self.name} is killed")
        self.process.life = Life.DEAD
        if self.worker is not None:
            self.worker.app.consumer.detach()
            self.worker.unlock()
            self.worker = None

    def stop(self) -> None:
        """SIGTERM."""
        if self.process is None or self.process.life is not Life.RUNNING or self.worker is None:
            return
        self.world.note(f"{self.name} is stopped")
        self.world.loop.begin(self.process, self._stop(self.worker))

    async def _stop(self, worker: SimulatedWorker) -> None:
        worker.app.should_stop = True
        worker.app.consumer.revoke()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker._shut_down(worker.app), STOP_S)
        self.kill()

    def freeze(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        process = self.process
        if process is not None and process.life is Life.RUNNING:
            self.world.note(f"{self.name} is frozen for {seconds:.3f} s")
            process.life = Life.FROZEN
            self.world.loop.outside(seconds, self.thaw, process)

    def thaw(self, process: Process) -> None:
        """SIGCONT."""
        if process.life is Life.FROZEN:
            self.world.note(f"{self.name} goes on")
            self.world.loop.thaw(process)

    def skew(self, seconds: float) -> None:
        """Set its clock so far off."""
        self.skew_s = seconds
        if self.process is not None:
            self.process.skew_s = seconds


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        here().violate("agent crashed", repr(task.exception()))


def settings_of(home: Path, partitions: int, window_s: int, commit_ms: int) -> Settings:
    """An installation's settings."""
    return Settings(home, "simulated", "", partitions, 1, window_s, commit_ms, 0, "")


TOPICS = Topics.of("stock")
