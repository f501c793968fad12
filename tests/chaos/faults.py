"""Faults of processes: killed, frozen, away; and how each is made good.

Each function does one fault: (what was hit, seconds to resume where measured during the fault).
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.chaos.cluster import BROKERS
from tests.chaos.crash_points import AT_THE_END, IN_THE_REPLAY, latest_calls
from tests.chaos.processes import Process
from tests.chaos.run import START_S, WORKERS, Hit, Run

DOWN_S = (0.0, 0.5, 2.0, 9.0)  # how long a killed worker stays away: 9 s is past its session
FROZEN_S = (13.0, 20.0)  # past the session of 6 s
BROKER_DOWN_S = (0.0, 2.0, 12.0)  # 12 s is past its session of 9 s
BROKER_FROZEN_S = (4.0, 20.0)
STRAGGLERS_S = 3.0  # for acknowledgements that were under way when the brokers died
ISR_LOST_S = (4.0, 10.0)
READER_FROZEN_S = (8.0, 20.0)
POSTGRES_AWAY_S = 60.0
CRASH_S = 90.0  # for a doomed worker to come to its step
VISITS, VISIT_S = 3, 10.0


def kill_worker(run: Run) -> Hit:
    name, down_s = run.rng.choice(run.worker_names()), run.rng.choice(DOWN_S)
    with run.gone(name):
        run.parts[name].kill()
        run.pause(down_s)
    return Hit(f"{name}, away {down_s:g} s")


def crash_point(run: Run) -> Hit:
    name = run.owner_of_some()
    steps = latest_calls(run.made.partitions // len(WORKERS))
    step = run.rng.choice(sorted(steps))
    crash = {"CHAOS_STEP": step, "CHAOS_CALL": str(run.rng.randint(1, steps[step]))}
    with run.gone(name):
        run.parts[name].kill()
        doomed = run.made.worker(int(name[-1]), crashing=crash)
        try:
            died = partial(_died_there, run, doomed, step)
            run.until(f"{name} {step}", CRASH_S, died)
        finally:
            doomed.end()
    return Hit(f"{name} {step}, call {crash['CHAOS_CALL']}")


def _died_there(run: Run, doomed: Process, step: str) -> bool:
    """Started, and again where it ended for another reason, or had nothing to replay."""
    if doomed.exit_code == -signal.SIGKILL:
        return True
    if not doomed.alive:
        doomed.start()
    elif step in AT_THE_END and run.made.owns(doomed):
        doomed.stop()
    elif step in IN_THE_REPLAY and run.made.owns(doomed):
        doomed.restart()
    return False


@contextmanager
def frozen(run: Run, name: str) -> Iterator[None]:
    """A part does nothing in this block, and knows nothing of it."""
    part = run.parts[name]
    part.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        if part.alive:
            part.signal(signal.SIGCONT)


def _freeze(run: Run, name: str, seconds: tuple[float, float]) -> str:
    frozen_s = run.rng.uniform(*seconds)
    with frozen(run, name):
        run.pause(frozen_s)
    return f"{name}, {frozen_s:.0f} s"


def freeze_worker(run: Run) -> Hit:
    return Hit(_freeze(run, run.owner_of_some(), FROZEN_S))


def freeze_broker(run: Run) -> Hit:
    return Hit(_freeze(run, f"kafka-{run.rng.choice(BROKERS)}", BROKER_FROZEN_S))


def slow_reader(run: Run) -> Hit:
    return Hit(_freeze(run, run.rng.choice(("api", "sink")), READER_FROZEN_S))


def kill_reader(run: Run) -> Hit:
    name = run.rng.choice(("api", "sink"))
    with run.gone(name):
        run.parts[name].kill()
        run.pause(run.rng.choice(DOWN_S))
    return Hit(name)


def _kill_broker(run: Run, number: int) -> Hit:
    """Work must resume while it is away."""
    name, down_s = f"kafka-{number}", run.rng.choice(BROKER_DOWN_S)
    with run.gone(name):
        run.parts[name].kill()
        run.pause(down_s)
        resumed_s = down_s + run.resumed() if down_s == max(BROKER_DOWN_S) else None
    return Hit(f"{name}, away {down_s:g} s", resumed_s)


def kill_leader(run: Run) -> Hit:
    topic = run.made.topic(run.rng.choice(("commands", "events", "changelog")))
    number = run.made.leader(topic, run.rng.randrange(run.made.partitions))
    return _kill_broker(run, number or run.rng.choice(BROKERS))


def kill_controller(run: Run) -> Hit:
    return _kill_broker(run, run.made.controller())


def kill_all_brokers(run: Run) -> Hit:
    names = [f"kafka-{number}" for number in BROKERS]
    down_s = run.rng.choice(BROKER_DOWN_S)
    with run.gone(*names):
        for name in names:
            run.parts[name].kill()
        run.pause(down_s)
    return Hit(f"all three, away {down_s:g} s")


def lose_isr(run: Run) -> Hit:
    names = [f"kafka-{number}" for number in run.rng.sample(BROKERS, 2)]
    with run.gone(*names):
        for name in names:
            run.parts[name].kill()
        run.pause(STRAGGLERS_S)
        places, decided = run.feeding.sender.acknowledged, dict(run.following.decided)
        run.pause(run.rng.uniform(*ISR_LOST_S))
        more = run.feeding.sender.acknowledged - places
        if more:
            run.find("acknowledged by one of three", f"{more} commands without {names}")
        if decided != run.following.decided:
            run.find("decided on one of three", f"{decided} became {run.following.decided}")
    return Hit(" and ".join(names))


def rebalance(run: Run) -> Hit:
    for _ in range(VISITS):
        guest = run.made.worker(WORKERS[-1] + 1)
        began = time.monotonic()
        guest.start()
        try:
            run.until("a guest at work", START_S, partial(run.made.owns, guest))
            run.pause(VISIT_S - (time.monotonic() - began))
            if code := guest.stop():
                run.find("a guest that leaves", f"ended with {code}: {guest.tail(3)}")
        finally:
            guest.end()
    return Hit(f"worker-{WORKERS[-1] + 1} came and left {VISITS} times", times=VISITS)


def kill_postgres(run: Run) -> Hit:
    """Stock does not wait for it."""
    began = time.monotonic()
    with run.gone("postgres"):
        run.made.crash_postgres(run.parts["postgres"])
        resumed_s = run.resumed()
        run.pause(POSTGRES_AWAY_S - (time.monotonic() - began))
    return Hit(f"away {POSTGRES_AWAY_S:.0f} s", resumed_s)
