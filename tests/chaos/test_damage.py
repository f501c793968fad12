"""What a worker finds on its disk after the worst: rebuilt from the log by itself, and exact."""

import random
import shutil
from pathlib import Path

from tests.chaos import store_rows
from tests.chaos.damage import DAMAGES, stores
from tests.chaos.experiment import SEED, stop_all, traffic, verdict
from tests.chaos.installation import Installation, installation
from tests.chaos.processes import Process
from tests.chaos.traffic import Traffic

SLICE = 1_200
PER_SECOND = 400.0
PARTITIONS = 5
DECIDED_S = 240.0


def _stores(made: Installation) -> list[Path]:
    used = stores(made.home / "store")
    assert len(used) == PARTITIONS, f"a store for each partition: {used}"
    return used


def _work(made: Installation, worker: Process, wishes: Traffic) -> None:
    worker.start()
    with traffic(made, wishes.wishes(SLICE), PER_SECOND):
        pass
    made.wait_decided(DECIDED_S)


def test_a_damaged_store_is_rebuilt_and_nothing_is_lost() -> None:
    rng = random.Random(SEED)
    wishes = Traffic(SEED + 5, PARTITIONS, skus=300)
    with installation(PARTITIONS) as made:
        made.start_kafka()
        worker = made.worker(1)
        _work(made, worker, wishes)
        old = made.home / "old"
        worker.kill()
        shutil.copytree(made.home / "store", old)
        for begin in range(0, len(DAMAGES), PARTITIONS):
            for damage, store in zip(DAMAGES[begin:], _stores(made), strict=False):
                damage(rng, store)
            _work(made, worker, wishes)
            worker.kill()
        shutil.rmtree(made.home / "store")
        shutil.copytree(old, made.home / "store")  # a backup is put back
        _work(made, worker, wishes)
        stop_all(made, [worker])
        report, logs, _ = verdict(made, min_events=3 * SLICE)
        store_rows.check(report, logs, made.home)
        print(f"\n{len(DAMAGES) + 1} sorts of damage: {report}")
        assert report.right, str(report)
        assert report.counts["stores"] == PARTITIONS
