"""Owners that change: frozen past their session, joining, leaving; and PostgreSQL away."""

import os
import signal
import time
from random import Random

from tests.chaos.experiment import (
    SEED,
    compare_readers,
    stop_all,
    traffic,
    verdict,
)
from tests.chaos.installation import answers, installation
from tests.chaos.processes import wait_for
from tests.chaos.traffic import Traffic

COMMANDS = 10_000
PER_SECOND = 500.0
FREEZES = 2
FROZEN_S = 12.0  # twice the session: the other worker has taken over by then
CHANGES = 4  # of membership
DECIDED_S = 240.0
READY_S = 60.0


def test_a_frozen_worker_that_wakes_up_writes_nothing_wrong() -> None:
    with installation() as made:
        made.start_kafka()
        workers = [made.worker(1), made.worker(2)]
        for worker in workers:
            worker.start()
        wishes = Traffic(SEED, made.partitions).wishes(COMMANDS)
        with traffic(made, wishes, PER_SECOND):
            for number in range(FREEZES):
                time.sleep(3)
                frozen = workers[number % 2]
                frozen.signal(signal.SIGSTOP)
                time.sleep(FROZEN_S)
                frozen.signal(signal.SIGCONT)
        settled_ms = made.settle(DECIDED_S)
        assert all(worker.alive for worker in workers), "a frozen worker must come back by itself"
        stop_all(workers)
        report, _, _ = verdict(made, min_events=COMMANDS * 9 // 10, settled_ms=settled_ms)
    print(f"\n{COMMANDS:,} requests, {FREEZES} SIGSTOPs of {FROZEN_S:.0f} s: {report}")
    assert report.right, str(report)


def test_workers_that_join_and_leave_in_the_midst_of_it() -> None:
    rng = Random(SEED)
    with installation() as made:
        made.start_kafka()
        steady, guest = made.worker(1), made.worker(2)
        steady.start()
        wishes = Traffic(SEED + 1, made.partitions).wishes(COMMANDS)
        with traffic(made, wishes, PER_SECOND):
            for _ in range(CHANGES):
                guest.start()
                wait_for("a guest at work", READY_S, lambda: made.owns(guest, 2))
                time.sleep(rng.uniform(0, 3))
                assert guest.stop() == 0, guest.tail()
                time.sleep(rng.uniform(0, 2))
        settled_ms = made.settle(DECIDED_S)
        stop_all([steady])
        report, _, _ = verdict(made, min_events=COMMANDS * 9 // 10, settled_ms=settled_ms)
    print(f"\n{COMMANDS:,} requests, {2 * CHANGES} changes of membership: {report}")
    assert report.right, str(report)


def test_stock_goes_on_while_postgres_is_away_and_the_audit_log_catches_up() -> None:
    with installation() as made:
        made.start_kafka()
        database = made.start_postgres()
        (api, url), sink, worker = made.api(), made.sink(), made.worker(1)
        for process in (api, sink, worker):
            process.start()
        wait_for("the API", READY_S, lambda: answers(f"{url}/health/ready"), 0.5)
        wishes = Traffic(SEED + 2, made.partitions).wishes(COMMANDS)
        with traffic(made, wishes, PER_SECOND):
            time.sleep(4)
            made.crash_postgres(database)
            time.sleep(10)
        made.wait_decided(DECIDED_S)  # nothing of stock waits for PostgreSQL
        database.start()
        settled_ms = made.settle(DECIDED_S)
        stop_all([worker])
        assert sink.alive and api.alive, f"{sink.tail()}\n{api.tail()}"
        report, logs, truth = verdict(made, min_events=COMMANDS * 9 // 10, settled_ms=settled_ms)
        compare_readers(report, made, logs, truth, url)
        stop_all([sink, api])
    print(f"\n{COMMANDS:,} requests, PostgreSQL killed and away: {report}")
    assert report.right, str(report)


def test_a_flood_of_junk_stops_nothing() -> None:
    with installation() as made:
        made.start_kafka()
        worker = made.worker(1)
        worker.start()
        wishes = Traffic(SEED + 3, made.partitions, junk_share=0.5).wishes(COMMANDS // 4)
        with traffic(made, wishes, PER_SECOND):
            pid = worker.pid
        settled_ms = made.settle(DECIDED_S)
        os.kill(pid, 0)  # the same process all along
        stop_all([worker])
        report, _, _ = verdict(made, min_events=COMMANDS // 10, settled_ms=settled_ms)
    print(f"\n{COMMANDS // 4:,} requests, half of them junk: {report}")
    assert report.right, str(report)
    assert report.counts["dead letters"] > COMMANDS // 40
