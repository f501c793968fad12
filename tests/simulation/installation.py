"""One simulated installation: hosts with workers, the cluster, the audit sink and its database."""

import asyncio
import contextlib
from dataclasses import astuple
from pathlib import Path

from aiokafka.errors import ConcurrentTransactions

from agents.composition import policies_of
from schemas.domains import STOCK
from streams.topics import Topics
from tables.audit import Audited, AuditTarget
from tables.sink import Sink
from tests.simulation.broker import Broker
from tests.simulation.database import Postgres
from tests.simulation.group import Group
from tests.simulation.loop import Process
from tests.simulation.machines import Machine
from tests.simulation.network import Cuts
from tests.simulation.plan import Plan
from tests.simulation.policies import Policies
from tests.simulation.traffic import Wish
from tests.simulation.workers import Host, settings_of
from tests.simulation.world import World


def relay_of(source: str, target: str) -> str:
    """A relay's name, which is its group's."""
    return f"{source}-to-{target}"


class Installation:
    """Everything that a plan's run consists of."""

    def __init__(self, world: World, plan: Plan, home: Path) -> None:
        self.world, self.plan = world, plan
        world.noise = plan.noise
        self.topics = {domain: Topics.of(domain) for domain in plan.domains}
        names = [name for topics in self.topics.values() for name in astuple(topics)]
        self.broker = world.broker = Broker(world, names, plan.partitions)
        world.cuts = Cuts()
        self.database = world.database = Postgres()
        world.kill = self._kill
        self.hosts: list[Host] = []
        for domain in plan.domains:
            world.groups[domain] = Group(world, plan.partitions, domain)
            for number in range(1, 1 + (plan.workers if domain == STOCK else plan.each)):
                settings = settings_of(home / f"{domain}-{number}", plan)
                self.hosts.append(Host(world, settings, domain, number))
        self.ends = list(policies_of(plan.domains)) if len(plan.domains) > 1 else []
        for source, target in self.ends:
            name = relay_of(source, target)
            world.groups[name] = Group(world, plan.partitions, name)
        numbers = range(1, 1 + plan.policies if self.ends else 1)
        settings = settings_of(home / "policies", plan)
        self.policies = [Policies(world, settings, number) for number in numbers]
        self.machines: list[Machine] = [*self.hosts, *self.policies]
        self._sink: Process | None = None

    def start(self) -> None:
        """Start workers and sink, and let the commands come at their times."""
        for index, machine in enumerate(self.machines):
            self.world.loop.outside(0.01 * index, machine.start)
        self._start_sink()
        for wish in self.plan.wishes:
            self.world.loop.outside(wish.at_s, self._append, wish)

    def _append(self, wish: Wish) -> None:
        record = (wish.key, wish.value, list(wish.headers))
        topic = self.topics[wish.domain].commands
        offset = self.broker.produce((topic, wish.partition), [record])
        shown = (wish.value or b"")[:160].decode("utf-8", "backslashreplace")
        place = f"{wish.partition}/{offset}"
        self.world.note(
            f"c{wish.number} at {'' if wish.domain == STOCK else wish.domain}{place}: {shown}"
        )

    def probe(self) -> None:
        """One more record for each partition."""
        for domain in self.plan.domains:
            for partition in range(self.plan.partitions):
                self._append(Wish(-1, 0, partition, None, b"probe", (), domain))

    def owners(self, domain: str, partition: int) -> list[Host]:
        """Who decides a partition."""
        return [one for one in self.hosts if one.domain == domain and one.serving(partition)]

    def _kill(self, name: str) -> None:
        for machine in self.machines:
            if machine.name == name:
                machine.kill()

    def hijack(self, partition: int) -> None:
        """Somebody else uses a partition's transactional id, once."""
        for name, known in list(self.broker.ids.items()):
            left = any(known.producer_id in log.open for log in self.broker.logs.values())
            if left and (known.state == "ended" or known.gone):
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
        sink = Sink(AuditTarget(self.topics.values(), Audited()), "simulated", "simulated")
        try:
            await sink.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self.world.violate("sink stopped", repr(error))
