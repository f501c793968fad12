"""`bench latency`: from a command's time to its readable event, at half of what one worker does.

Open loop: a command's time is when it was due, whether or not the sender was late. The event is
readable when a read_committed consumer has it. The commit interval is the default one: a hundred
milliseconds, as the drains have it, would be the latency. The first half minute does not count: a
broker that has never seen small transactions takes twice the processor time for them until then.

Every command due after it counts, however late its outcome comes: one that has none when patience
ends is told, and took at least until then.
"""

import json
import sys
import time
from dataclasses import dataclass, field

from bench.child import Child, progress
from bench.drain import drain, prepare
from bench.peers.processes import OURS
from bench.preload import Preload
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import Tail
from bench.worker import Worker
from bench.workload import Workload

SPEED_COMMANDS = 300_000  # drained first, to know what half is
LOADED_S = 70.0
WARM_UP_S = 30.0
LATE_S_MAX = 180.0  # after the last command was due; a backlog of the whole load is decided in that
TAKE_S = 0.002  # a batch read waits so long for more: the most it adds to a latency
INTERVAL_MS = 10  # the default of STOCKYARD_COMMIT_INTERVAL_MS
PREPARE_S = 1 / 60_000  # per command, for the sender to make them
SERIES = "01JD3Z6V9L"
P50_WANTED, P99_WANTED = "<= 30", "<= 150 and <= 100"
_ID = b'"command_id":"' + SERIES.encode()
_NUMBER = slice(len(SERIES), len(SERIES) + 16)  # of an id
_REUSED = b"IDEMPOTENCY_KEY_REUSED"


@dataclass(slots=True)
class Load:
    """A paced stream of commands, number n due at `start_s` + n / `per_s`."""

    per_s: float
    start_s: float
    child: Child

    @classmethod
    def begin(
        cls,
        playing: Stage,
        topic: str,
        per_s: float,
        seconds: float,
        skus: int,
        series: str = SERIES,
    ) -> "Load":
        """Start the sender; its first command is due when it had time to make them all."""
        start_s = time.time() + 2 + per_s * seconds * PREPARE_S
        chosen = [str(per_s), str(start_s), str(seconds), series, str(skus)]
        command = [sys.executable, "-m", "bench.pace", playing.kafka, topic, *chosen]
        return cls(per_s, start_s, playing.start("sender", command))

    def due_s(self, number: int) -> float:
        """When a command was due."""
        return self.start_s + number / self.per_s


@dataclass(slots=True)
class Latencies:
    """What was seen, in seconds; the missing ones took at least until nobody waited any more."""

    seen_s: list[float] = field(default_factory=list)
    missing: int = 0

    def quantile_ms(self, share: float) -> float:
        """One of them, by its rank."""
        ordered = sorted(self.seen_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000


def numbers(workload: Workload, first: int, total: int) -> set[int]:
    """The commands from number `first` on that must have an outcome: all but the repeats."""
    sent = enumerate(workload.commands(total))
    return {
        number
        for number, (_, value) in sent
        if number >= first and int(json.loads(value)["id"][_NUMBER]) == number
    }


def observe(tail: Tail, load: Load, due: set[int], until_s: float) -> Latencies:
    """Read events as they come and time the first outcome of each command that is due."""
    found = Latencies()
    at = len(_ID)
    while due and time.time() < until_s:
        batch = tail.now(TAKE_S)
        now_s = time.time()
        for record in batch:
            value = record.value() or b""
            place = value.find(_ID)
            if place < 0 or _REUSED in value:
                continue
            number = int(value[place + at : place + at + 16])
            if number in due:
                due.discard(number)
                found.seen_s.append(now_s - load.due_s(number))
    found.missing = len(due)
    found.seen_s += [until_s - load.due_s(number) for number in due]
    return found


def run(report: Report) -> None:
    """Drain for the speed, then load by half of it."""
    with stage() as playing:
        log = prepare(playing, "speed.", Workload(), SPEED_COMMANDS)
        speed = drain(playing, OURS, log, log.prefix).result.commands_per_s
        playing.drop_topics(log.topics)
        measure(playing, report, speed / 2)


def measure(playing: Stage, report: Report, per_s: float) -> None:
    """Latency at a load."""
    workload = Workload(series=SERIES, opened=0)
    due = numbers(workload, int(WARM_UP_S * per_s), int(per_s * LOADED_S))
    topics = playing.make_topics("latency.")
    Preload(playing.kafka, topics.changelog, workload).write()
    worker = Worker.start(playing, "latency.", home="latency", interval_ms=INTERVAL_MS)
    worker.wait_serving()
    tail = Tail(playing.kafka, topics.events, PARTITIONS, from_end=True)
    load = Load.begin(playing, topics.commands, per_s, LOADED_S, workload.skus)
    progress(f"{per_s:,.0f} commands/s for {LOADED_S:.0f} s")
    found = observe(tail, load, due, load.start_s + LOADED_S + LATE_S_MAX)
    tail.close()
    worker.child.check()
    if load.child.process.poll():
        load.child.check()
    worker.child.stop()
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)):
        report.latency_ms[name] = round(found.quantile_ms(share), 1)
    report.latency_ms["commands_per_s"] = round(per_s)
    told = f"at {per_s:,.0f} commands/s, {len(found.seen_s):,} commands"
    report.add("latency p50", report.latency_ms["p50"], "ms", P50_WANTED, told)
    report.add("latency p99", report.latency_ms["p99"], "ms", P99_WANTED, told)
    waited = f"{LATE_S_MAX:.0f} s after the last was due; they count as if they came then"
    report.add("commands without an outcome", found.missing, "", "<= 0", waited)
