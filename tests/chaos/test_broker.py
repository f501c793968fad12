"""A broker killed under two workers: Kafka may lose the markers of what it was committing then."""

from tests.chaos.experiment import SEED, stop_all, traffic, verdict
from tests.chaos.installation import installation
from tests.chaos.traffic import Traffic

SLICE = 1_200
PER_SECOND = 400.0
PARTITIONS = 5
DECIDED_S = 240.0


def test_a_broker_that_dies_and_comes_back_finds_its_workers_at_work() -> None:
    wishes = Traffic(SEED + 6, PARTITIONS).wishes(4_000)
    with installation(PARTITIONS) as made:
        broker = made.start_kafka()
        workers = [made.worker(1), made.worker(2)]
        for worker in workers:
            worker.start()
        with traffic(made, wishes, PER_SECOND):
            made.wait_told(200, DECIDED_S)
            broker.kill()
            made.await_kafka(broker)
            made.wait_told(200, DECIDED_S)
        settled_ms = made.settle(DECIDED_S)
        stop_all(made, workers)
        report, _, _ = verdict(made, min_events=3_500, settled_ms=settled_ms)
        print(f"\na broker killed: {report}")
        assert report.right, str(report)
