"""What a seed stands for: the installation, the commands, and the faults with their times."""

from dataclasses import dataclass, replace
from random import Random

from tests.simulation.traffic import Traffic, Wish
from tests.simulation.world import drawn

FAULTS: dict[str, float] = {
    "kill": 3.0,
    "die before a write": 1.5,
    "die after a write": 1.5,
    "power cut": 1.5,
    "freeze": 3.0,
    "rebalance": 1.5,
    "cut off": 1.5,
    "EndTxn lost": 1.0,
    "EndTxn unanswered": 1.5,
    "EndTxn late": 1.5,
    "EndTxn fatal": 2.0,
    "EndTxn deadly": 1.5,
    "produce refused": 1.0,
    "disk full": 1.0,
    "broken block": 1.0,
    "clock": 1.0,
    "broker clock": 2.0,
    "compaction": 1.0,
    "markers late": 1.0,
    "marker lost": 1.0,
    "stop": 1.0,
    "old leader": 2.0,
    "hijack": 0.7,
    "sink killed": 0.7,
    "sink commit lost": 0.5,
    "sink commit unanswered": 0.7,
}
AFTER_S = 4.0  # faults go on so long behind the last command
COMMANDS_MIN, COMMANDS_MAX = 40, 80


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, whatever else does."""

    number: int
    at_s: float
    kind: str
    target: int  # of the workers, or of the partitions
    amount: float  # what it means depends on the kind; 0 to 1


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    seed: int
    partitions: int
    workers: int
    window_s: int
    commit_ms: int
    small: int  # limits of the engine: how many timers, rows and expiries are many
    noise: float
    wishes: tuple[Wish, ...]
    faults: tuple[Fault, ...]

    @property
    def end_s(self) -> float:
        """When all faults are over and everything is mended."""
        times = [*(one.at_s for one in self.wishes), *(one.at_s for one in self.faults)]
        return max(times, default=0.0) + 1.0

    def only(self, names: list[str]) -> "Plan":
        """The same with some commands (c0, c7) and faults (f2) alone; "calm": without noise."""
        wishes = [one for one in self.wishes if f"c{one.number}" in names]
        faults = [one for one in self.faults if f"f{one.number}" in names]
        noise = 0.0 if "calm" in names else self.noise
        return replace(self, wishes=tuple(wishes), faults=tuple(faults), noise=noise)

    @property
    def names(self) -> list[str]:
        """Of all that `only` can leave out."""
        faults = [f"f{one.number}" for one in self.faults]
        return faults + [f"c{one.number}" for one in self.wishes]


def plan_of(seed: int) -> Plan:
    """The run that a seed stands for."""
    rng = Random(f"{seed}/plan")
    partitions, workers = rng.choice((2, 3, 3, 4)), rng.choice((1, 2, 2, 2, 3))
    count = rng.randint(COMMANDS_MIN, COMMANDS_MAX)
    wishes = Traffic(seed, partitions).wishes(count)
    end_s = wishes[-1].at_s + AFTER_S
    faults = [
        Fault(
            number,
            round(rng.uniform(0, end_s), 4),
            drawn(FAULTS, rng),
            rng.randrange(max(workers, partitions)),
            round(rng.random(), 4),
        )
        for number in range(rng.choice((0, 1, 2, 3, 4, 6, 8)))
    ]
    return Plan(
        seed,
        partitions,
        workers,
        rng.choice((4, 4, 8, 8, 20, 3600)),
        rng.choice((0, 0, 10)),
        rng.choice((1, 1, 2, 4, 1000)),
        rng.choice((0.2, 1.0, 1.0, 4.0)),
        tuple(wishes),
        tuple(sorted(faults, key=lambda one: one.at_s)),
    )
