"""Many seeds over some processes, and every planted bug until it is caught."""

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from tests.simulation.plan import plan_of
from tests.simulation.planted import BUGS
from tests.simulation.planted.patching import Bug
from tests.simulation.run import run

SEEDS_AT_ONCE = 5  # by one process, between two reports
CAUGHT_SHARE = 0.95  # of the planted bugs
PLANTED_SEEDS_MAX = 150  # tried on one bug


@dataclass(frozen=True)
class Verdict:
    """What one seed came to, small enough to be sent from process to process."""

    seed: int
    violations: tuple[tuple[str, str], ...]
    digest: str
    commands: int
    faults: int
    steps: int
    virtual_s: float
    counts: Counter[str]

    @property
    def right(self) -> bool:
        """Whether nothing was violated."""
        return not self.violations


@dataclass(frozen=True)
class Catch:
    """How a planted bug fared."""

    bug: str
    sort: str  # the check that caught it; empty: none did
    seeds: int
    seconds: float
    text: str = ""


def judge(seed: int) -> Verdict:
    """Run one seed."""
    outcome = run(plan_of(seed))
    return Verdict(
        seed,
        tuple(outcome.violations),
        outcome.digest,
        len(outcome.plan.wishes),
        len(outcome.plan.faults),
        outcome.steps,
        outcome.virtual_s,
        outcome.counts,
    )


def judge_all(seeds: list[int]) -> list[Verdict]:
    """Run some, and free what they left."""
    verdicts = [judge(seed) for seed in seeds]
    gc.collect()
    return verdicts


def catch(name: str, first: int) -> Catch:
    """Try one planted bug on seed after seed; one that fails by itself proves nothing."""
    bug: Bug = next(bug for bug in BUGS if bug.name == name)
    began = time.monotonic()
    for tried, seed in enumerate(range(first, first + PLANTED_SEEDS_MAX), 1):
        outcome = run(plan_of(seed), [bug.plant])
        if not outcome.right and run(plan_of(seed)).right:
            sort, text = outcome.violations[0]
            gc.collect()
            return Catch(name, sort, tried, time.monotonic() - began, text)
    return Catch(name, "", PLANTED_SEEDS_MAX, time.monotonic() - began)


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.disable) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def judged(seeds: Iterable[int], processes: int) -> Iterator[Verdict]:
    """The verdicts of all seeds, as they come."""
    everything = list(seeds)
    parts = [everything[at : at + SEEDS_AT_ONCE] for at in range(0, len(everything), SEEDS_AT_ONCE)]
    with _pool(processes) as pool:
        running: set[Future[list[Verdict]]] = {pool.submit(judge_all, part) for part in parts}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield from one.result()


def caught(
    names: Iterable[str], processes: int, told: Callable[[Catch], None], first: int = 0
) -> list[Catch]:
    """Every named bug, each told as soon as its fate is known; in the order of the names."""
    with _pool(processes) as pool:
        running = {name: pool.submit(catch, name, first) for name in names}
        for one in running.values():
            one.add_done_callback(lambda done: told(done.result()))
        return [one.result() for one in running.values()]
