"""A worker process: the product's Worker and Partitions, without Faust around them."""

import asyncio
import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agents.composition import actor_of
from schemas.domains import STOCK
from streams.settings import Settings
from streams.topics import Topics
from streams.worker import Worker
from tests.simulation.disk import Disk
from tests.simulation.fetching import Consumer
from tests.simulation.group import HEARTBEAT_S, Group
from tests.simulation.loop import Life
from tests.simulation.machines import Machine
from tests.simulation.network import ask, insist
from tests.simulation.plan import Plan
from tests.simulation.world import World, here

KINDS = {STOCK: "worker"}  # what the processes of a domain are called, where not after it

WITHOUT_REVOCATION = 0.3  # of the expulsions: the next assignment comes alone
STOP_S = 20.0  # of a worker that was asked to


class SimulatedWorker(Worker):
    """The real one: its application is a stand-in, and it writes no file of its state."""

    def __init__(
        self, domain: str, settings: Settings, name: str, number: int, incarnation: int
    ) -> None:
        self.incarnation, self._number = incarnation, number
        self._members: Group = here().groups[domain]
        actor = actor_of(domain, settings.idempotency_window_s * 1000)
        super().__init__(domain, actor, settings, name)

    def _application(self) -> Any:
        topic, members = self._topics.commands, self._members
        consumer = Consumer(topic, members, self._number, self.incarnation)
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
        group, number, incarnation = self._members, self._number, self.incarnation
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
        group, number, incarnation = self._members, self._number, self.incarnation
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


class Host(Machine):
    """A machine with one worker, and a disk of its own."""

    def __init__(self, world: World, settings: Settings, domain: str, number: int) -> None:
        super().__init__(world, settings, KINDS.get(domain, domain), number)
        self.domain = domain
        self.disk = Disk(world)
        self.folder: Path = settings.home / "store" / self.name
        self.folder.mkdir(parents=True)
        world.disks[self.folder] = self.disk
        self.worker: SimulatedWorker | None = None

    async def work(self) -> None:
        """Host the domain's actor."""
        settings, incarnation = self.settings, self.incarnation
        self.worker = SimulatedWorker(self.domain, settings, self.name, self.number, incarnation)
        await self.worker.live()

    def buried(self) -> None:
        """Its connections and its lock are gone."""
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

    def serving(self, partition: int) -> bool:
        """Whether it has a partition, and decides it."""
        return self.worker is not None and self.worker.states().get(partition) == "serving"

    def store_of(self, partition: int) -> Any:
        """The open store of a partition."""
        assert self.worker is not None
        return self.worker.store_of(partition)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        here().violate("agent crashed", repr(task.exception()))


def settings_of(home: Path, plan: Plan) -> Settings:
    """An installation's settings."""
    kept = plan.window_s, plan.commit_ms
    return Settings(home, "simulated", "", plan.partitions, 1, *kept, 0, "", plan.domains)


TOPICS = Topics.of(STOCK)
