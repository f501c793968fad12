"""Faults of the machine under a worker: a clock that is wrong, and a disk whose calls fail."""

import errno
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from tests.chaos.processes import Process
from tests.chaos.run import START_S, Hit, Run
from tests.chaos.shim import Clock, failing

MINUTES_S, DAY_S = 300, 86_400
CLOCK_S = (4.0, 10.0)
TOLD_S = 60.0  # between a line of a worker's log and now, on a busy machine
STAMP = re.compile(r'"timestamp": "([^"]+)"')


@contextmanager
def _by_a_clock(run: Run, wrong_s: int) -> Iterator[tuple[str, Process, Clock]]:
    """A worker that lives by a wrong clock meanwhile, and says so in its log."""
    name = run.owner_of_some()
    clock = Clock(run.made.home, wrong_s)
    with run.instead(name, run.made.worker(int(name[-1]), shim=clock.variables)) as worker:
        run.until(f"{name} with partitions", START_S, partial(run.made.owns, worker))
        _see(run, worker, wrong_s)
        yield name, worker, clock


def _see(run: Run, worker: Process, wrong_s: int) -> None:
    told = datetime.fromisoformat(STAMP.findall(worker.log.read_text())[-1]).timestamp()
    if abs(told - time.time() - wrong_s) > TOLD_S:
        run.find("a fault without effect", f"{worker.name}: its clock is not {wrong_s} s wrong")


def _work_on(run: Run) -> float:
    run.pause(run.rng.uniform(*CLOCK_S))
    return run.resumed()


def clock_ahead(run: Run) -> Hit:
    """It works on: what it writes has the log's time, and nothing expires before its own."""
    wrong_s = run.rng.choice((MINUTES_S, DAY_S))
    with _by_a_clock(run, wrong_s) as (name, _, _):
        resumed_s = _work_on(run)
    return Hit(f"{name}, {wrong_s} s", resumed_s)


def clock_behind(run: Run) -> Hit:
    """By more than five minutes its partitions stop, until a person sets the clock."""
    wrong_s, resumed_s = run.rng.choice((MINUTES_S, DAY_S)), None
    with _by_a_clock(run, -wrong_s) as (name, _, _):
        if wrong_s == DAY_S:
            run.until(f"{name} stopped", START_S, partial(_stopped, run, name))
        else:
            resumed_s = _work_on(run)
    return Hit(f"{name}, {wrong_s} s", resumed_s)


def _stopped(run: Run, name: str) -> bool:
    return set(run.state(name).get("states", {}).values()) == {"stopped"}


def clock_back(run: Run) -> Hit:
    """A step while it works, by no more than it bears."""
    with _by_a_clock(run, MINUTES_S) as (name, _, clock):
        run.resumed()
        clock.set(-MINUTES_S)
        resumed_s = _work_on(run)
    return Hit(f"{name}, from {MINUTES_S} s ahead to {MINUTES_S} s behind", resumed_s)


CALLS = {  # the latest to fail first: opening one store makes so many, and each batch a write
    "write": 80,
    "fsync": 3,
    "fdatasync": 3,
    "rename": 2,
    "unlink": 2,
}
FAILURES = (1, 5)
FAIL_S = 60.0


def failing_calls(run: Run) -> Hit:
    name, call = run.owner_of_some(), run.rng.choice(sorted(CALLS))
    error = run.rng.choice((errno.EIO, errno.ENOSPC))
    first, count = run.rng.randint(1, CALLS[call]), run.rng.choice(FAILURES)
    home = run.made.home
    shim = failing(home, call, error, first, count, home / "store" / name)
    with run.instead(name, run.made.worker(int(name[-1]), shim=shim)) as worker:
        before = worker.told("chaos: ")
        run.until(f"{name}: {call} {first}", FAIL_S, lambda: worker.told("chaos: ") > before)
        resumed_s = run.resumed()
        met = worker.told("chaos: ") - before
    return Hit(f"{name}, {errno.errorcode[error]} at {call} {first}: {met} of {count}", resumed_s)
