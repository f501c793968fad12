"""The control: through the same checker, a naive worker is right while nothing dies, then wrong."""

from tests.chaos.experiment import SEED, traffic, verdict
from tests.chaos.installation import installation
from tests.chaos.traffic import Traffic

COMMANDS = 2_400
PER_SECOND = 400.0
KILLS = 1
SOME = 500  # events: after the first of them, before its first commit of offsets
DECIDED_S = 120.0


def _run(kills: int) -> str:
    with installation(partitions=4) as made:
        made.start_kafka()
        worker = made.naive_worker()
        worker.start()
        with traffic(made, Traffic(SEED, 4).wishes(COMMANDS), PER_SECOND):
            for _ in range(kills):
                made.wait_told(SOME, DECIDED_S)
                worker.restart()
        made.wait_decided(DECIDED_S)
        worker.kill()
        report, _, _ = verdict(made, min_events=COMMANDS // 2)
    return str(report)


def test_a_naive_worker_that_never_dies_is_found_right() -> None:
    told = _run(kills=0)
    assert told.startswith("RIGHT"), told


def test_a_naive_worker_that_dies_is_found_wrong() -> None:
    told = _run(kills=KILLS)
    print(f"\ncontrol, {KILLS} kills of a naive worker: {told.splitlines()[0]}")
    assert told.startswith("WRONG"), told
    assert "second outcome" in told
