"""One simulated installation: hosts with workers, the cluster, the audit sink and its database."""

import asyncio
import contextlib
from pathlib import Path

from aiokafka.errors import ConcurrentTransactions

from tables.audit import Audited, AuditTarget
from tables.sink import Sink
from tests.simulation.broker import Broker
from tests.simulation.database import Postgres
from tests.simulation.group import Group
from tests.simulation.loop import Process
from tests.simulation.network import Cuts
from tests.simulation.plan import Plan
from tests.simulation.traffic import Wish
from tests.simulation.workers import TOPICS, Host, settings_of
from tests.simulation.world import World

NAMES = (TOPICS.commands, TOPICS.events, TOPICS.alerts, TOPICS.dead_letters, TOPICS.changelog)


class Installation:
    """Everything that a plan's run consists of."""

    def __init__(self, world: World, plan: Plan, home: Path) -> None:
        self.world, self.plan = world, plan
        world.noise = plan.noise
        self.broker = world.broker = Broker(world, NAMES, plan.partitions)
        world.group = Group(world, plan.partitions)
        world.cuts = Cuts()
        self.database = world.database = Postgres()
        world.kill = self._kill
        self.hosts = []
        for number in range(1, plan.workers + 1):
            folder = home / str(number)
            settings = settings_of(folder, plan.partitions, plan.window_s, plan.commit_ms)
            self.hosts.append(Host(world, settings, number))
        self._sink: Process | None = None

    def start(self) -> None:
        """Start workers and sink, and let the commands come at their times."""
        for index, host in enumerate(self.hosts):
            self.world.loop.outside(0.01 * index, host.start)
        self._start_sink()
        for wish in self.plan.wishes:
            self.world.loop.outside(wish.at_s, self._append, wish)

    def _append(self, wish: Wish) -> None:
        record = (wish.key, wish.value, list(wish.headers))
        offset = self.broker.produce((TOPICS.commands, wish.partition), [record])
        shown = (wish.value or b"")[:160].decode("utf-8", "backslashreplace")
        self.world.note(f"c{wish.number} at {wish.partition}/{offset}: {shown}")

    def probe(self) -> None:
        """One more record for each partition."""
        for partition in range(self.plan.partitions):
            self._append(Wish(-1, 0, partition, None, b"probe"))

    def _kill(self, name: str) -> None:
        for host in self.hosts:
            if host.name == name:
                host.kill()

    def hijack(self, partition: int) -> None:
        """Somebody else uses a partition's transactional id, once."""
        for name, known in list(self.broker.ids.items()):
            left = any(known.producer_id in log.open for log in self.broker.logs.values())
            if left and known.state == "ended":
                continue  # what only an owner may end: a foreign program makes it undecidable
            if name.endswith(f"-{partition}"):
                with contextlib.suppress(ConcurrentTransactions):
                    self.broker.init_producer(name)

    def restart_sink(self, pause_s: float) -> None:
        """End the audit sink's process, and start another one later."""
        if self._sink is not None:
            self._sink.life = type(self._sink.life).DEAD
        self._sink = None
        self.world.loop.outside(pause_s, self._start_sink)

    def _start_sink(self) -> None:
        if self._sink is None:
            process = self._sink = self.world.process("sink")
            self.world.loop.begin(process, self._carry())

    async def _carry(self) -> None:
        sink = Sink(AuditTarget([TOPICS], Audited()), "simulated", "simulated")
        try:
            await sink.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self.world.violate("sink stopped", repr(error))
