"""500 seeds of the simulation, and the same seed is the same run."""

import json
import os
import subprocess
import sys
from collections import Counter

from local.parts import ROOT
from schemas.domains import STOCK
from tests.simulation.campaign import judged
from tests.simulation.plan import FAULTS, RELAYING, WORLDS, domains_of, plan_of

SEEDS = 500
PROCESSES = 2
SEEN = {  # for each seed, at the least
    "commands read": 60,
    "events": 40,
    "audit rows": 40,
    "alerts": 2,
    "repeats": 3,
    "outcomes anew": 0.2,
    "forwards": 2,
    "dead letters": 1,
    "ticks": 2,
    "reservations": 1,
    "balances": 0.5,
    "counts": 0.3,
    "transfers": 0.2,
    "arrivals": 0.2,
    "caused commands": 0.4,
    "supplies": 0.1,
    "days promised": 0.1,
    "late": 0.01,
    "levels owed": 0.05,
    "trued_up": 0.01,
    "fetches dropped": 0.05,
}
HOSTED = {  # for each seed that hosts other domains, at the least
    "hosted": 1,
    "relayed": 8,
    "events of finance": 2,
    "events of locations": 1,
    "events of orders": 0.5,
    "events of catalog": 0.5,
    "events of lots": 2,
}
PLANS = 3_000  # a fault of relays is drawn for one seed in some hundred
SAME = ("--seeds=12", "--first=40", "--processes=1", "--json")


def test_no_seed_violates_anything() -> None:
    verdicts = list(judged(range(SEEDS), PROCESSES))

    wrong = [(one.seed, one.violations[0]) for one in verdicts if not one.right]
    assert not wrong, "\n".join(
        f"./stockyard simulate --seed {seed}: {sort}: {text[:300]}"
        for seed, (sort, text) in sorted(wrong)
    )
    assert len(verdicts) == SEEDS
    assert sum(one.virtual_s for one in verdicts) > 10 * SEEDS, "time passes, faults have theirs"
    seen = sum((one.counts for one in verdicts), Counter[str]())
    assert {sort for sort, least in SEEN.items() if seen[sort] < least * SEEDS} == set(), seen
    hosts = sum(domains_of(seed) != (STOCK,) for seed in range(SEEDS))
    assert hosts >= 15
    assert {sort for sort, least in HOSTED.items() if seen[sort] < least * hosts} == set(), seen


def test_the_seeds_draw_every_fault_many_times() -> None:
    drawn = [fault.kind for seed in range(SEEDS) for fault in plan_of(seed).faults]

    assert {kind for kind in FAULTS if drawn.count(kind) < 15} == set()


def test_the_seeds_draw_every_world_and_every_fault_of_relays() -> None:
    hosted = [seed for seed in range(PLANS) if domains_of(seed) != (STOCK,)]
    drawn = [fault.kind for seed in hosted for fault in plan_of(seed).faults]

    assert {domains_of(seed) for seed in hosted} == set(WORLDS)
    assert {kind for kind in RELAYING if drawn.count(kind) < 5} == set()


def test_a_seed_is_the_same_run_in_any_process() -> None:
    traces = [_traced(str(hashes)) for hashes in (1, 2)]

    assert traces[0] == traces[1]


def _traced(hash_seed: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *SAME],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        text=True,
    )
    return str(json.loads(ended.stdout)["trace"])
