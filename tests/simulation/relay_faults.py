"""What goes wrong with relays: they die at any step, sleep, are taken for dead, and forget."""

from random import Random

from tests.simulation import classic
from tests.simulation.installation import Installation, relay_of
from tests.simulation.plan import Fault

STEPS = ("begin", "add", "produce", "add positions", "positions", "end", "end")
RESTART_S, FROZEN_S, CUT_S = 8.0, 15.0, 9.0
FORGOTTEN = 0.3  # of the positions that are set back: all of them


def carry_out_on_relays(fault: Fault, there: Installation) -> None:
    """One fault of a process of the policies, of a relay's group or of its positions."""
    kind, amount, world = fault.kind.removeprefix("relay "), fault.amount, there.world
    if not there.policies:
        return
    process = there.policies[fault.target % len(there.policies)]
    source, target = there.ends[fault.target // 2 % len(there.ends)]
    if kind == "kill":
        process.kill()
        world.loop.outside(amount * RESTART_S, process.start)
    elif kind == "stop":
        process.stop()
        world.loop.outside(1 + amount * RESTART_S, process.start)
    elif kind == "freeze":
        process.freeze(amount * FROZEN_S)
    elif kind == "cut off":
        world.cuts.cut.add(process.name)
        world.loop.outside(amount * CUT_S, world.cuts.cut.discard, process.name)
    elif kind == "refused":
        world.cuts.refusals.setdefault(process.name, []).append("refused")
    elif kind == "rebalance":
        world.groups[relay_of(source, target)].rebalance()
    elif kind == "positions":
        _set_back(there, source, target, Random(amount))
    else:
        step = STEPS[int(amount * len(STEPS))]
        world.cuts.steps.setdefault(process.name, []).append((step, kind.removeprefix("step ")))
        world.loop.outside(1 + amount * RESTART_S, process.start)


def _set_back(there: Installation, source: str, target: str, rng: Random) -> None:
    """Positions are lost, or are those of a while ago; then the group is formed anew."""
    group, topic = relay_of(source, target), there.topics[source].events
    known = classic.positions(there.broker, group)
    kept = 0.0 if rng.random() < FORGOTTEN else rng.random()
    reached = {
        (topic, number): int(known.get((topic, number), 0) * kept)
        for number in range(there.plan.partitions)
    }
    there.world.note(f"{group} is set back to {sorted(reached.items())}")
    classic.put_back(there.broker, group, reached)
    there.world.groups[group].rebalance()
