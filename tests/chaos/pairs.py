"""Two faults at once: one while a broker or a worker is frozen, past sessions perhaps."""

import time

from tests.chaos.cluster import BROKERS
from tests.chaos.faults import BROKER_FROZEN_S, frozen, kill_reader, kill_worker
from tests.chaos.foreign import hijacked
from tests.chaos.run import Hit, Run
from tests.chaos.store_faults import damaged

AMID = (kill_reader, kill_worker, damaged, hijacked)  # no broker: two are needed


def two_at_once(run: Run) -> Hit:
    held = run.rng.choice((f"kafka-{run.rng.choice(BROKERS)}", run.owner_of_some()))
    amid, least_s = run.rng.choice(AMID), run.rng.uniform(*BROKER_FROZEN_S)
    began = time.monotonic()
    with frozen(run, held):
        what = amid(run).what
        run.pause(least_s - (time.monotonic() - began))
        held_s = time.monotonic() - began
    return Hit(f"{held} frozen for {held_s:.0f} s, {amid.__name__} amid it: {what}")
