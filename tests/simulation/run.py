"""One run of a plan, from an empty installation to the verdict."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation import checks
from tests.simulation.faults import carry_out, mend
from tests.simulation.installation import Installation
from tests.simulation.loop import Spinning, bury
from tests.simulation.plan import Plan
from tests.simulation.relay_faults import carry_out_on_relays
from tests.simulation.seams import simulated
from tests.simulation.world import World, enter, leave

HEALED_S_MAX = 100.0  # a rebalance, no leader for long, the longest pause between two tries
LOOK_S = 0.5
FAST = Path("/dev/shm")

Planted = Callable[[], AbstractContextManager[object]]


@dataclass
class Outcome:
    """What a run came to."""

    plan: Plan
    violations: list[tuple[str, str]]
    digest: str
    trace: list[str]
    steps: int
    virtual_s: float
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def right(self) -> bool:
        """Whether nothing was violated."""
        return not self.violations

    @property
    def sorts(self) -> list[str]:
        """Which checks found something, in the order in which they did."""
        return list(dict.fromkeys(sort for sort, _ in self.violations))


def run(plan: Plan, planted: Iterable[Planted] = ()) -> Outcome:
    """Run a plan on the product, with bugs planted in it where some are given."""
    world = World(plan.seed)
    fast = FAST if FAST.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="simulation-", dir=fast) as folder, ExitStack() as on:
        home = Path(folder)
        enter(world)
        on.callback(leave)
        on.enter_context(simulated(world, home, plan.small))
        for one in planted:
            on.enter_context(one())
        installation = Installation(world, plan, home)
        try:
            _drive(installation)
        except Spinning as error:
            world.violate("spinning", str(error))
        if not world.violations:
            for sort, text in checks.compare(installation):
                world.violate(sort, text)
        for (topic, partition), log in sorted(installation.broker.logs.items()):
            for entry in log.entries:
                world.note(f"{topic}/{partition} {entry}")
        outcome = Outcome(
            plan,
            list(world.violations),
            world.digest(),
            list(world.trace),
            world.loop.steps,
            world.loop.now,
            world.counts,
        )
        bury(world.loop, world.processes)
        world.loop.close()
    return outcome


def _drive(there: Installation) -> None:
    loop, plan = there.world.loop, there.plan
    there.start()
    for fault in plan.faults:
        is_relays = fault.kind.startswith("relay ")
        act = carry_out_on_relays if is_relays else carry_out
        loop.outside(fault.at_s, act, fault, there)
    loop.run_while(lambda: not there.world.violations, plan.end_s)
    loop.outside(0, mend, there)
    give_up = plan.end_s + HEALED_S_MAX
    why = "not mended"
    while why and loop.now < give_up and not there.world.violations:
        loop.run_while(lambda: not there.world.violations, loop.now + LOOK_S)
        why = checks.undecided(there)
    if why and not there.world.violations:
        there.world.violate("no progress", why)
