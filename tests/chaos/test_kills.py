"""The main job under SIGKILL: two workers, sink, API and database; everything compared.

STOCKYARD_CHAOS_COMMANDS=200000 STOCKYARD_CHAOS_KILLS=12 makes the full count of it.
"""

import time
from collections import Counter
from random import Random

from tests.chaos import store_rows
from tests.chaos.experiment import (
    COMMANDS,
    KILLS,
    SEED,
    compare_readers,
    stop_all,
    traffic,
    verdict,
)
from tests.chaos.installation import Installation, answers, installation
from tests.chaos.processes import Process, wait_for
from tests.chaos.traffic import Traffic

SECONDS_PER_KILL = 12.0  # so that there is work to the last kill
READY_S = 60.0
AWAY_S = 5.0  # the database, once, on top of the kills
DECIDED_S = 240.0
DOWN_S = (0.0, 0.5, 2.0, 9.0)  # how long a killed worker stays away: 9 s is past its session
WORK_S = (1.0, 5.0)  # between a restart and the next kill


def _kill_some(rng: Random, made: Installation, parts: dict[str, Process]) -> Counter[str]:
    """KILLS faults: a worker, both, or the sink; what was hit."""
    faults: Counter[str] = Counter()
    for number in range(KILLS):
        made.wait_told(1, READY_S)  # whoever was killed before is back at work
        time.sleep(rng.uniform(*WORK_S))
        kind = ("worker", "both", "sink")[number] if number < 3 else None
        kind = kind or rng.choice(("worker", "worker", "worker", "both", "sink"))
        names = {
            "worker": [rng.choice(("worker-1", "worker-2"))],
            "both": ["worker-1", "worker-2"],
            "sink": ["sink"],
        }[kind]
        for name in names:
            parts[name].kill()
            faults[f"SIGKILL of {name}"] += 1
        time.sleep(rng.choice(DOWN_S))
        for name in names:
            parts[name].start()
    return faults


def test_every_command_is_decided_once_whoever_is_killed() -> None:
    rng = Random(SEED)
    began = time.monotonic()
    with installation() as made:
        made.start_kafka()
        database = made.start_postgres()
        api, url = made.api()
        parts = {"worker-1": made.worker(1), "worker-2": made.worker(2), "sink": made.sink()}
        for process in (api, *parts.values()):
            process.start()
        wait_for("the API", READY_S, lambda: answers(f"{url}/health/ready"), 0.5)
        wishes = Traffic(SEED, made.partitions).wishes(COMMANDS)
        with traffic(made, wishes, COMMANDS / (KILLS + 1) / SECONDS_PER_KILL) as sender:
            faults = _kill_some(rng, made, parts)
            made.crash_postgres(database)
            time.sleep(AWAY_S)
            made.wait_told(1, READY_S)  # nothing of stock waits for PostgreSQL
            database.start()
        settled_ms = made.settle(DECIDED_S)
        stop_all(made, [parts["worker-1"], parts["worker-2"]])
        assert parts["sink"].alive and api.alive, f"{parts['sink'].tail()}\n{api.tail()}"
        report, logs, truth = verdict(made, min_events=COMMANDS * 9 // 10, settled_ms=settled_ms)
        store_rows.check(report, logs, made.home)
        compare_readers(report, made, logs, truth, url, [])
        stop_all(made, [parts["sink"], api])

        sent = sum(sender.sent.values())
        seconds = time.monotonic() - began
        print(f"\n{sent:,} requests in {seconds:.0f} s, faults {dict(faults)}: {report}")
        assert report.right, str(report)
        assert sent == COMMANDS
