"""`bench recovery`: how long a partition is without decisions after its worker got SIGKILL.

Commands come at a steady pace to every partition. The time runs from the kill to the moment when
each partition that lost its worker has told an outcome again, readable by a committed reader.
"""

import time
from dataclasses import dataclass, field

from bench.child import Died, progress
from bench.latency import Load
from bench.preload import Preload
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import Tail
from bench.worker import Worker
from bench.workload import Workload

WAREHOUSES = 16
ROWS = (10_000, 1_000_000)
PER_S = 1_000.0
LOADED_S = 240.0
KILLS = 3  # the slowest counts
SETTLED_S = 5.0  # between two kills
GIVEN_UP_S = 60.0
TAKE_S = 0.01
INTERVAL_MS = 10
RESTARTED_S_MAX, TAKEN_OVER_S_MAX = 3, 10


def run(report: Report) -> None:
    """Restart and takeover, at few rows and at many."""
    with stage() as playing:
        for rows in ROWS:
            prefix = f"r{rows}."
            workload = Workload(skus=rows // WAREHOUSES, opened=0)
            topics = playing.make_topics(prefix)
            Preload(playing.kafka, topics.changelog, workload).write()
            trial = _Trial(playing, prefix, workload.skus)
            trial.begin(topics.commands, topics.events)
            what = f"{rows:,} rows"
            slowest_s = max(trial.restart() for _ in range(KILLS))
            report.add(f"same worker again, {what}", slowest_s, "s", f"<= {RESTARTED_S_MAX}")
            slowest_s = trial.take_over("engine")
            name = f"another worker takes over, {what}"
            report.add(name, slowest_s, "s", f"<= {TAKEN_OVER_S_MAX}", "on the same host")
            slowest_s = trial.take_over("elsewhere")
            note = "its tables are rebuilt first"
            report.add(f"another host takes over, {what}", slowest_s, "s", note=note)
            trial.end()


@dataclass(slots=True)
class _Trial:
    """A loaded topic, the worker to be killed, and a reader of its events."""

    playing: Stage
    prefix: str
    skus: int
    worker: Worker = field(init=False)
    tail: Tail = field(init=False)
    load: Load = field(init=False)
    number: int = 1
    home: str = "engine"

    def begin(self, commands: str, events: str) -> None:
        """Load every partition and let the worker serve them."""
        self.worker = self._start(1, self.home)
        self.worker.wait_serving()
        self.load = Load.begin(self.playing, commands, PER_S, LOADED_S, self.skus)
        self.tail = Tail(self.playing.kafka, events, PARTITIONS, from_end=True)
        self._settle(max(0.0, self.load.start_s - time.time()) + SETTLED_S)

    def _start(self, number: int, home: str) -> Worker:
        where = self.prefix + home
        return Worker.start(self.playing, self.prefix, number, where, INTERVAL_MS)

    def restart(self) -> float:
        """SIGKILL, and the same worker again at once."""
        lost = self.worker.serving()
        killed_s = time.time()
        self.worker.child.kill()
        self.worker = self._start(self.number, self.home)
        return self._until_told(lost, killed_s)

    def take_over(self, home: str) -> float:
        """A second worker joins, then the first is killed and stays away."""
        other = self._start(self.number + 1, home)
        other.wait_serving(PARTITIONS // 2)
        self._settle(SETTLED_S)
        lost = self.worker.serving()
        killed_s = time.time()
        self.worker.child.kill()
        self.worker, self.number, self.home = other, self.number + 1, home
        return self._until_told(lost, killed_s)

    def _until_told(self, lost: set[int], killed_s: float) -> float:
        if not lost:
            raise Died(f"{self.worker.child.name} served no partition before the kill")
        silent, slowest_s = set(lost), 0.0
        while silent:
            self.worker.child.check()
            for record in self.tail.now(TAKE_S):
                told_ms, number = record.timestamp()[1], record.partition()
                if number in silent and told_ms > killed_s * 1_000:
                    silent.discard(number)
                    slowest_s = time.time() - killed_s
            if time.time() - killed_s > GIVEN_UP_S:
                raise Died(f"partitions {sorted(silent)} were silent for {GIVEN_UP_S:.0f} s")
        progress(f"{len(lost)} partitions told outcomes again after {slowest_s:.2f} s")
        self._settle(SETTLED_S)
        return slowest_s

    def _settle(self, seconds: float) -> None:
        until = time.time() + seconds
        while time.time() < until:
            self.tail.now(TAKE_S)

    def end(self) -> None:
        """Stop what runs."""
        self.load.child.stop()
        self.worker.child.stop()
        self.tail.close()
