"""`bench sustained`: the commands/s that all parts together keep up with for a minute.

First more than one worker can take, to see what the slowest part does; then that, a little less,
for 60 s, in which neither worker nor audit log nor history nor API may fall further behind.
"""

import time
from dataclasses import dataclass

from bench.child import Child, Died, progress
from bench.latency import INTERVAL_MS, Load
from bench.metrics import scrape, total
from bench.parts import Postgres, start_api, start_sink
from bench.preload import Preload
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.worker import Worker
from bench.workload import Workload
from streams.topics import Topics

FLOOD_PER_S, FLOOD_S = 60_000.0, 20.0
SETTLED_S = 8.0  # of the flood, not counted
HELD_S = 60.0
FIRST_SHARE, NEXT_SHARE = 0.95, 0.85
TRIES = 4
IDLE_S_MAX = 240.0  # until all lags are gone
GROWTH_S_MAX = 1.0  # of work that a lag may grow by in the minute: batches come and go


@dataclass(slots=True)
class System:
    """Every part up, and what each has done."""

    playing: Stage
    topics: Topics
    worker: Worker
    sink: tuple[Child, int]
    api: tuple[Child, int]

    def check(self) -> None:
        """Raises Died where a part ended."""
        for child in (self.worker.child, self.sink[0], self.api[0]):
            child.check()

    def done(self) -> dict[str, float]:
        """Commands or events that each part has dealt with."""
        worker, sink = scrape(self.worker.port), scrape(self.sink[1])
        written = "stockyard_sink_records_total"
        return {
            "worker": total(worker, "stockyard_commands_total"),
            "audit log": total(sink, written, 'sink="audit"'),
            "history": total(sink, written, 'sink="history"'),
            "api": total(scrape(self.api[1]), "stockyard_api_seq"),
        }

    def lags(self) -> dict[str, float]:
        """Records that each part is behind."""
        sink = scrape(self.sink[1])
        lag = "stockyard_sink_lag_records"
        return {
            "worker": total(scrape(self.worker.port), "stockyard_lag_records"),
            "audit log": total(sink, lag, 'sink="audit"'),
            "history": total(sink, lag, 'sink="history"'),
            "api": total(scrape(self.api[1]), "stockyard_api_lag_records"),
        }

    def wait_idle(self) -> None:
        """Wait until nothing is behind any more."""
        until = time.monotonic() + IDLE_S_MAX
        while max(self.lags().values()) > PARTITIONS:  # a transaction's marker each
            self.check()
            if time.monotonic() > until:
                raise Died(f"still behind after {IDLE_S_MAX:.0f} s: {self.lags()}")
            time.sleep(1)


def run(report: Report) -> None:
    """Flood, then hold."""
    with stage() as playing:
        system = _start(playing)
        per_s = FIRST_SHARE * _flood(system)
        for attempt in range(TRIES):
            system.wait_idle()
            grown = _hold(system, per_s, attempt)
            if max(grown.values()) <= per_s * GROWTH_S_MAX:
                break
            progress(f"  grew by {_told(grown)}")
            per_s *= NEXT_SHARE
        else:
            raise Died(f"no pace was held for {HELD_S:.0f} s; the last tried was {per_s:,.0f}/s")
        note = f"{HELD_S:.0f} s, one worker, audit log, history and API; grew by {_told(grown)}"
        report.add("commands/s with all parts up", per_s, "/s", note=note)


def _told(lags: dict[str, float]) -> str:
    return ", ".join(f"{name} {records:,.0f}" for name, records in lags.items())


def _start(playing: Stage) -> System:
    topics = playing.make_topics("all.")
    workload = Workload(opened=0)
    Preload(playing.kafka, topics.changelog, workload).write()
    postgres = Postgres.start(playing)
    worker = Worker.start(playing, "all.", interval_ms=INTERVAL_MS)
    worker.wait_serving()
    sink = start_sink(playing, postgres, "all.")
    api = start_api(playing, postgres, "all.")
    return System(playing, topics, worker, sink, api)


def _load(system: System, per_s: float, seconds: float, attempt: int) -> Load:
    series = f"01JD3Z6V{attempt:02d}"
    skus = Workload().skus
    return Load.begin(system.playing, system.topics.commands, per_s, seconds, skus, series)


def _flood(system: System) -> float:
    """What the slowest part did per second while more came than it could take."""
    load = _load(system, FLOOD_PER_S, FLOOD_S, 99)
    time.sleep(max(0.0, load.start_s + SETTLED_S - time.time()))
    before, began = system.done(), time.monotonic()
    time.sleep(FLOOD_S - SETTLED_S)
    after, seconds = system.done(), time.monotonic() - began
    speeds = {name: (after[name] - before[name]) / seconds for name in after}
    progress(f"flooded, per second: {_told(speeds)}")
    load.child.process.wait()
    return min(speeds.values())


def _hold(system: System, per_s: float, attempt: int) -> dict[str, float]:
    """How much each lag grew in the minute."""
    load = _load(system, per_s, HELD_S + SETTLED_S, attempt)
    progress(f"{per_s:,.0f} commands/s for {HELD_S:.0f} s")
    time.sleep(max(0.0, load.start_s + SETTLED_S - time.time()))
    before = _mean_lags(system)
    time.sleep(max(0.0, load.start_s + SETTLED_S + HELD_S - 3 - time.time()))
    after = _mean_lags(system)
    system.check()
    load.child.process.wait()
    return {name: after[name] - before[name] for name in after}


def _mean_lags(system: System) -> dict[str, float]:
    seen = []
    for _ in range(5):
        seen.append(system.lags())
        time.sleep(0.3)
    return {name: sum(one[name] for one in seen) / len(seen) for name in seen[0]}
