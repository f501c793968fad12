"""What a seed stands for: the installation, the commands, and the faults with their times."""

from dataclasses import dataclass, replace
from random import Random

from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from tests.simulation.trades import trades
from tests.simulation.traffic import Traffic, Wish
from tests.simulation.world import drawn

HOSTED = 0.05  # share of the seeds that host other domains beside stock: one takes twice as long
WORLDS: dict[tuple[str, ...], float] = {
    (STOCK, ORDERS): 3.0,
    (STOCK, FINANCE): 2.0,
    (STOCK, FINANCE, ORDERS): 2.0,
    (STOCK, LOTS): 3.0,
    (STOCK, FINANCE, LOTS): 1.0,
    (STOCK, FINANCE, LOCATIONS): 1.0,
    (STOCK, LOCATIONS): 1.0,
    (STOCK, CATALOG): 0.5,
    (STOCK, FINANCE, LOCATIONS, ORDERS, CATALOG, LOTS): 1.0,
}
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
    "marker lost": 2.0,
    "stop": 1.0,
    "old leader": 2.0,
    "hijack": 0.7,
    "sink killed": 0.7,
    "sink commit lost": 0.5,
    "sink commit unanswered": 0.7,
}
RELAYING: dict[str, float] = {  # what happens to relays, where there are some
    "relay kill": 3.0,
    "relay away": 3.0,
    "relay freeze": 4.0,
    "relay cut off": 1.5,
    "relay stop": 1.0,
    "relay rebalance": 3.0,
    "relay refused": 3.0,
    "relay positions": 2.0,
    "relay step lost": 1.0,
    "relay step unanswered": 1.5,
    "relay step late": 2.0,
    "relay step fatal": 4.0,
    "relay step deadly": 2.0,
}
AFTER_S, SOON_S = 4.0, 0.5  # faults go on so long behind the last command, and those of relays
COMMANDS_MIN, COMMANDS_MAX = 40, 80
BESIDE_MIN, BESIDE_MAX = 5, 20  # commands of stock alone, where there are other domains
TARGETS = 1_000  # among many machines
ALWAYS_S, BRIEF_S = 3_600, 60  # windows of ids: what is told twice beyond one counts twice
AWAY_S = 75.0  # so long no relay works, at times: longer than the brief window


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
    domains: tuple[str, ...] = (STOCK,)
    each: int = 1  # workers of every other domain
    policies: int = 0  # processes of the policies

    @property
    def end_s(self) -> float:
        """When all faults are over and everything is mended."""
        times = [one.at_s for one in self.wishes]
        times += [one.at_s + AWAY_S * (one.kind == "relay away") for one in self.faults]
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


def domains_of(seed: int) -> tuple[str, ...]:
    """What a seed's installation hosts."""
    rng = Random(f"{seed}/domains")
    found: tuple[str, ...] = drawn(WORLDS, rng) if rng.random() < HOSTED else (STOCK,)
    return found


def plan_of(seed: int) -> Plan:
    """The run that a seed stands for."""
    domains = domains_of(seed)
    return _alone(seed) if domains == (STOCK,) else _hosted(seed, domains)


def _alone(seed: int) -> Plan:
    rng = Random(f"{seed}/plan")
    partitions, workers = rng.choice((2, 3, 3, 4)), rng.choice((1, 2, 2, 2, 3))
    count = rng.randint(COMMANDS_MIN, COMMANDS_MAX)
    wishes = Traffic(seed, partitions).wishes(count)
    end_s = wishes[-1].at_s + AFTER_S
    faults = _faults(
        rng, rng.choice((0, 1, 2, 3, 4, 6, 8)), end_s, FAULTS, max(workers, partitions)
    )
    return Plan(
        seed,
        partitions,
        workers,
        rng.choice((4, 4, 8, 8, 20, 3600)),
        rng.choice((0, 0, 10)),
        rng.choice((1, 1, 2, 4, 1000)),
        rng.choice((0.2, 1.0, 1.0, 4.0)),
        tuple(wishes),
        faults,
    )


def _hosted(seed: int, domains: tuple[str, ...]) -> Plan:
    rng = Random(f"{seed}/hosted")
    partitions = rng.choice((1, 2, 2, 3))
    wishes = Traffic(seed, partitions).wishes(rng.randint(BESIDE_MIN, BESIDE_MAX))
    wishes += trades(seed, domains, partitions)
    wishes = [replace(one, number=n) for n, one in enumerate(sorted(wishes, key=_when))]
    last_s = wishes[-1].at_s
    faults = _faults(rng, rng.choice((0, 0, 1, 2, 3, 5)), last_s + AFTER_S, FAULTS, TARGETS)
    if len(domains) > 1 + (CATALOG in domains):
        faults += _faults(rng, rng.choice((0, 2, 3, 4, 6)), last_s + SOON_S, RELAYING, TARGETS)
    return Plan(
        seed,
        partitions,
        rng.choice((1, 1, 2)),
        rng.choice((ALWAYS_S, BRIEF_S)),
        rng.choice((0, 0, 10)),
        rng.choice((1, 2, 4, 1000)),
        rng.choice((0.2, 1.0, 1.0, 4.0)),
        tuple(wishes),
        tuple(replace(one, number=n) for n, one in enumerate(sorted(faults, key=_when))),
        domains,
        rng.choice((1, 1, 1, 2)),
        rng.choice((1, 1, 2)),
    )


def _when(one: Wish | Fault) -> float:
    return one.at_s


def _faults(
    rng: Random, count: int, end_s: float, kinds: dict[str, float], targets: int
) -> tuple[Fault, ...]:
    faults = [
        Fault(
            number,
            round(rng.uniform(0, end_s), 4),
            drawn(kinds, rng),
            rng.randrange(targets),
            round(rng.random(), 4),
        )
        for number in range(count)
    ]
    return tuple(sorted(faults, key=lambda one: one.at_s))
