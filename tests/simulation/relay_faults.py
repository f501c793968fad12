"""What goes wrong with relays: they die at any step, sleep, are taken for dead, and forget."""

from random import Random

from tests.simulation.installation import Installation, relay_of
from tests.simulation.plan import AWAY_S, Fault

STEPS = ("produce", "produce", "keep")
RESTART_S, FROZEN_S, CUT_S = 8.0, 15.0, 9.0
ARRIVED_S = 0.7  # by then what the dead one sent is there
FORGOTTEN = 0.3  # of the positions that are set back: all of them


def carry_out_on_relays(fault: Fault, there: Installation) -> None:
    """One fault of a process of the policies, of a relay's group or of its positions."""
    kind, amount, world = fault.kind.removeprefix("relay "), fault.amount, there.world
    if not there.policies:
        return
    process = there.policies[fault.target % len(there.policies)]
    source, target = there.ends[fault.target // 2 % len(there.ends)]
    if kind in ("kill", "away"):
        for one in there.policies if kind == "away" else [process]:
            one.kill()
            world.loop.outside(
                AWAY_S if kind == "away" else ARRIVED_S + amount * RESTART_S, one.start
            )
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
    group = relay_of(source, target)
    known = there.broker.positions.get(group, {})
    kept = 0.0 if rng.random() < FORGOTTEN else rng.random()
    reached = {place: (int(at * kept), "") for place, (at, _) in known.items()} if kept else {}
    there.world.note(f"{group} is set back to {sorted(reached.items())}")
    there.broker.positions[group] = reached
    there.world.groups[group].rebalance()
