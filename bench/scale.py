"""`bench scale`: throughput and cost with 1 to 64 partitions, and with 1 to 4 workers, each pinned.

A worker keeps to one core, as many workers as cores at most to themselves: where there are fewer
cores than workers and broker, they share them, and the figures show that and no more. The workers
start together on prepared commands; the first rebalances are part of the time.
"""

import os
from dataclasses import dataclass, replace

from bench.child import progress
from bench.drain import Commands, judge
from bench.feed import feed
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import read
from bench.verdict import check_events
from bench.worker import Worker
from bench.workload import Workload

COMMANDS = 300_000
WAREHOUSES = 64  # so that each of the most partitions has one
PARTITION_COUNTS = (1, 4, 12, 64)
WORKER_COUNTS = (2, 3, 4)  # beside the one of the partitions
DRAIN_S_MAX = 300.0


@dataclass(frozen=True, slots=True)
class _Variant:
    partitions: int
    workers: int

    def __str__(self) -> str:
        return f"{self.partitions} partitions, {self.workers} workers"


def run(report: Report) -> None:
    """First partitions with one worker, then workers with the usual partitions."""
    variants = [_Variant(count, 1) for count in PARTITION_COUNTS]
    variants += [_Variant(PARTITIONS, count) for count in WORKER_COUNTS]
    with stage() as playing:
        for variant in variants:
            _measure(replace(playing, partitions=variant.partitions), report, variant)


def _measure(playing: Stage, report: Report, variant: _Variant) -> None:
    workload: Commands = Workload(warehouses=WAREHOUSES, partitions=variant.partitions)
    prefix = f"scale{variant.partitions}x{variant.workers}."
    topics = playing.make_topics(prefix)
    count = feed(playing.kafka, topics.commands, workload.commands(COMMANDS))
    _, expected = judge(playing, topics)
    progress(f"{variant} drain {count:,} commands")
    workers = [_pinned(playing, prefix, number) for number in range(variant.workers)]
    first, told_on = workers[0].child, [topics.events, topics.changelog]
    ended = playing.wait_quiet(first, told_on, expected.events_count, DRAIN_S_MAX)
    cpu_s = sum(worker.child.cpu_s() for worker in workers)
    for worker in workers:
        worker.child.stop()
    _, expected = judge(playing, topics)  # with the ticks of the workers
    verdict = check_events(expected, read(playing.kafka, topics.events, playing.partitions))
    if not ended:
        verdict.differs(f"not at the end after {DRAIN_S_MAX:.0f} s")
    playing.drop_topics(topics)
    report.add(f"commands/s, {variant}", count / verdict.span_s, "/s")
    cost = cpu_s * 1e6 / count
    report.add(f"the workers' CPU-s for a million commands, {variant}", cost, "s")
    wrong = "; ".join(verdict.told())
    report.add(f"differences, {variant}", verdict.differences, "", "<= 0", wrong)


def _pinned(playing: Stage, prefix: str, number: int) -> Worker:
    worker = Worker.start(playing, prefix, number + 1, home=prefix)
    os.sched_setaffinity(worker.child.pid, {number % (os.cpu_count() or 1)})
    return worker
