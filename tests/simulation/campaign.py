"""Many seeds over some processes, and every planted bug until it is caught."""

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice

from tests.simulation.plan import domains_of, plan_of
from tests.simulation.planted import BUGS
from tests.simulation.planted.patching import Bug, Stale
from tests.simulation.run import run
from tests.simulation.shrink import Shrinking

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
    """Run one seed; an error of the simulation itself is told with its seed."""
    try:
        outcome = run(plan_of(seed))
    except Exception as error:
        broken = ("the simulation broke", repr(error))
        return Verdict(seed, (broken,), "", 0, 0, 0, 0.0, Counter())
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


def stale() -> list[str]:
    """What no longer fits the product's source, of all planted bugs."""
    found = []
    for bug in BUGS:
        try:
            with bug.plant():
                pass
        except Stale as error:
            found.append(f"{bug.name}: {error}")
    return found


def shrunk(name: str, first: int) -> tuple[int, list[str], bool]:
    """Shrink what a bug makes of the first seed that fails by it.

    The commands it had, the names that are left, and whether these alone fail in the same way.
    """
    bug = next(bug for bug in BUGS if bug.name == name)
    runs = (run(plan_of(seed), [bug.plant]) for seed in seeds_of(bug, first))
    failing = next(outcome for outcome in runs if not outcome.right)
    shrinking = Shrinking(failing, [bug.plant])
    best = shrinking.run()
    again = run(failing.plan.only(shrinking.names), [bug.plant])
    return len(failing.plan.wishes), shrinking.names, again.digest == best.digest


def seeds_of(bug: Bug, first: int) -> Iterator[int]:
    """Those that can show it, and no more than it may take."""
    hosted = (seed for seed in count(first) if set(bug.hosts) <= set(domains_of(seed)))
    return islice(hosted, PLANTED_SEEDS_MAX)


def catch(name: str, first: int) -> Catch:
    """Try one planted bug on seed after seed; one that fails by itself proves nothing."""
    bug: Bug = next(bug for bug in BUGS if bug.name == name)
    began = time.monotonic()
    for tried, seed in enumerate(seeds_of(bug, first), 1):
        outcome = run(plan_of(seed), [bug.plant])
        if not outcome.right and run(plan_of(seed)).right:
            sort, text = outcome.violations[0]
            gc.collect()
            return Catch(name, sort, tried, time.monotonic() - began, text)
    return Catch(name, "", PLANTED_SEEDS_MAX, time.monotonic() - began)


@contextmanager
def pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes: the product as plain Python, whatever the caller has made of it."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.disable) as made:
        try:
            yield made
        except BaseException:
            made.shutdown(wait=False, cancel_futures=True)
            raise


def judged(seeds: Iterable[int], processes: int) -> Iterator[Verdict]:
    """The verdicts of all seeds, as they come."""
    everything = list(seeds)
    parts = [everything[at : at + SEEDS_AT_ONCE] for at in range(0, len(everything), SEEDS_AT_ONCE)]
    with pool(processes) as there:
        running: set[Future[list[Verdict]]] = {there.submit(judge_all, part) for part in parts}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield from one.result()


def caught(
    names: Iterable[str], processes: int, told: Callable[[Catch], None], first: int = 0
) -> list[Catch]:
    """Every named bug, each told as soon as its fate is known; in the order of the names."""
    with pool(processes) as there:
        running = {name: there.submit(catch, name, first) for name in names}
        for one in running.values():
            one.add_done_callback(lambda done: told(done.result()))
        return [one.result() for one in running.values()]
