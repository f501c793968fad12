"""Partitions that change their owner: frozen past its session, joining, leaving; and junk."""

import os
import signal
import time
from random import Random

from tests.chaos.experiment import COMMANDS, KILLS, SEED, stop_all, traffic, verdict
from tests.chaos.installation import Installation, installation
from tests.chaos.processes import Process, wait_for
from tests.chaos.traffic import Traffic

FREEZES, CHANGES = max(1, KILLS // 3), KILLS
FROZEN_S = 12.0  # twice the session: the other worker has taken over by then
FREEZE_S, CHANGE_S = FROZEN_S + 3, 8.0  # how long one of each takes, so that there is work to do
DECIDED_S = 240.0
READY_S = 60.0


def _freeze(made: Installation, frozen: Process) -> None:
    made.wait_told(1, READY_S)
    frozen.signal(signal.SIGSTOP)
    time.sleep(FROZEN_S)
    frozen.signal(signal.SIGCONT)
    time.sleep(2)


def _visit(made: Installation, guest: Process, stay_s: float) -> None:
    guest.start()
    wait_for("a guest at work", READY_S, lambda: made.owns(guest))
    time.sleep(stay_s)
    stop_all(made, [guest])


def test_partitions_change_hands_and_nobody_writes_what_is_not_his() -> None:
    rng = Random(SEED)
    count = COMMANDS // 2
    with installation() as made:
        made.start_kafka()
        workers, guest = [made.worker(1), made.worker(2)], made.worker(3)
        for worker in workers:
            worker.start()
        wishes = Traffic(SEED + 1, made.partitions).wishes(count)
        with traffic(made, wishes, count / (FREEZES * FREEZE_S + CHANGES * CHANGE_S)):
            for number in range(FREEZES):
                _freeze(made, workers[number % 2])
            for _ in range(CHANGES):
                _visit(made, guest, rng.uniform(0, 3))
        settled_ms = made.settle(DECIDED_S)
        assert all(one.alive for one in workers), "a frozen worker comes back by itself"
        stop_all(made, workers)
        report, _, _ = verdict(made, min_events=count * 9 // 10, settled_ms=settled_ms)
        print(f"\n{count:,} requests, {FREEZES} SIGSTOPs, {CHANGES} visits of a guest: {report}")
        assert report.right, str(report)


def test_a_flood_of_junk_stops_nothing() -> None:
    count = COMMANDS // 10
    with installation() as made:
        made.start_kafka()
        worker = made.worker(1)
        worker.start()
        wishes = Traffic(SEED + 3, made.partitions, junk_share=0.5).wishes(count)
        with traffic(made, wishes, 500.0):
            pid = worker.pid
        settled_ms = made.settle(DECIDED_S)
        os.kill(pid, 0)  # the same process all along
        stop_all(made, [worker])
        report, _, _ = verdict(made, min_events=count // 2, settled_ms=settled_ms)
        print(f"\n{count:,} requests, half of them junk: {report}")
        assert report.right, str(report)
        assert report.counts["dead letters"] > count // 10
