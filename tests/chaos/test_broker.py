"""A broker killed under two workers, again and again: it may lose the markers of what it commits.

About two kills of three find a transaction whose markers are skipped; see decision 0002.
"""

from tests.chaos.experiment import SEED, stop_all, traffic, verdict
from tests.chaos.installation import installation
from tests.chaos.traffic import Traffic

KILLS = 2
PER_SECOND = 200.0
PARTITIONS = 5
DECIDED_S = 240.0


def test_a_broker_that_dies_and_comes_back_finds_its_workers_at_work() -> None:
    wishes = Traffic(SEED + 6, PARTITIONS).wishes(6_000)
    with installation(PARTITIONS) as made:
        broker = made.start_kafka()
        workers = [made.worker(1), made.worker(2)]
        for worker in workers:
            worker.start()
        with traffic(made, wishes, PER_SECOND):
            for _ in range(KILLS):
                made.wait_told(300, DECIDED_S)
                broker.kill()
                made.await_kafka(broker)
            made.wait_told(200, DECIDED_S)
        settled_ms = made.settle(DECIDED_S)
        stop_all(made, workers)
        report, _, _ = verdict(made, min_events=5_000, settled_ms=settled_ms)
        print(f"\na broker killed {KILLS} times: {report}")
        assert report.right, str(report)
