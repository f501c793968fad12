"""`bench mixes`: commands/s of one worker on the old mix and on STOCK-1, each drained twice.

Old, full, full, old: what changes with time on a shared machine falls on both. STOCK-1's opening is
drained before and not timed; the time for what transfers bring about elsewhere is, though only what
producers sent is counted. It has no peers: they know the old mix's seven kinds of command, and
STOCK-1 has all that a producer may send.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from statistics import median

from bench.child import Child, Died, progress
from bench.drain import DRAIN_S_MAX, Used, drain, prepare
from bench.feed import feed
from bench.full_mix import FullStream, full_workload
from bench.peers.processes import OURS
from bench.report import Report, Result
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import read
from bench.verdict import Verdict
from bench.workload import Workload
from streams.topics import Topics

COMMANDS = 300_000
SHARE_MIN = 0.6
JUDGE_S_MAX = 1_200.0
OLD, FULL = "mix", "stock-1"


@dataclass(slots=True)
class Judged:
    """What the checker said."""

    right: bool
    counts: dict[str, int]
    differences: list[str]


def run(report: Report, commands: int = COMMANDS) -> None:
    """Both mixes, twice."""
    found: dict[str, list[Result]] = {OLD: [], FULL: []}
    with stage() as playing:
        for number, name in enumerate((OLD, FULL, FULL, OLD), 1):
            prefix = f"{name}-{number}."
            one = _old if name == OLD else _full
            found[name].append(one(playing, prefix, commands))
            playing.drop_topics(Topics.of("stock", prefix))
    report.results += found[OLD] + found[FULL]
    old, full = (median(one.commands_per_s for one in found[name]) for name in (OLD, FULL))
    report.add("commands/s, old mix", old, "/s")
    note = f"{full_workload().warehouses} warehouses, {full_workload().skus:,} SKUs each"
    report.add("commands/s, STOCK-1 with all commands", full, "/s", note=note)
    report.add("share of the old mix's commands/s", full / old, "", f">= {SHARE_MIN}")


def _old(playing: Stage, prefix: str, commands: int) -> Result:
    log = prepare(playing, prefix, Workload(), commands)
    return drain(playing, OURS, log, prefix).result


def _full(playing: Stage, prefix: str, commands: int) -> Result:
    stream, topics = FullStream(full_workload()), playing.make_topics(prefix)
    _open(playing, topics, prefix, stream.opening(commands))
    feed(playing.kafka, topics.commands, islice(stream.mixed(), commands))
    progress(f"stockyard drains {commands:,} commands of {FULL}")
    since_ms, broker_s = round(time.time() * 1_000), playing.broker.cpu_s()
    child = OURS.start(playing, topics.commands, prefix)
    told_on = [topics.events, topics.changelog]
    ended = playing.wait_quiet(child, told_on, commands // 2, DRAIN_S_MAX)
    used = Used.of(playing, child, broker_s)
    child.stop()
    verdict = _timed(playing, topics, since_ms)
    judged = judge(playing, prefix)
    _take(verdict, judged, ended)
    changes = sum(1 for _ in read(playing.kafka, topics.changelog, PARTITIONS))
    result = used.result(OURS, commands, verdict, changes, FULL)
    told = f"{result.commands_per_s:,.0f} commands/s, correct: {result.correct}"
    progress(f"  {told}: {judged.counts}")
    return result


def _open(
    playing: Stage, topics: Topics, prefix: str, opening: Iterable[tuple[str, bytes]]
) -> None:
    """Have it decided, and what it brings about."""
    count = feed(playing.kafka, topics.commands, opening)
    progress(f"{count:,} commands open the warehouses of {FULL}")
    child = OURS.start(playing, topics.commands, prefix)
    told_on = [topics.events, topics.changelog]
    if not playing.wait_quiet(child, told_on, count, DRAIN_S_MAX):
        raise Died(f"the opening is not decided after {DRAIN_S_MAX:.0f} s")
    child.stop()


def _timed(playing: Stage, topics: Topics, since_ms: int) -> Verdict:
    """From the first event of the measured part to the last one."""
    events = read(playing.kafka, topics.events, PARTITIONS)
    times = [record.time_ms for record in events if record.time_ms >= since_ms]
    if not times:
        raise Died("no command was decided")
    return Verdict(outcomes=len(times), first_ms=min(times), last_ms=max(times))


def _take(verdict: Verdict, judged: Judged, ended: bool) -> None:
    for difference in judged.differences:
        verdict.differs(difference)
    if not (judged.right or judged.differences):
        verdict.differs("the checker saw nothing")
    if not ended:
        verdict.differs(f"not at the end after {DRAIN_S_MAX:.0f} s")


def judge(playing: Stage, prefix: str) -> Judged:
    """Ask the checker of the chaos runs, in a process of its own."""
    child: Child = playing.start(
        "judge", [sys.executable, "-m", "bench.judge", playing.kafka, prefix]
    )
    try:
        code = child.process.wait(JUDGE_S_MAX)
    except subprocess.TimeoutExpired as error:
        raise Died(f"the checker is not through after {JUDGE_S_MAX:.0f} s") from error
    if code:
        child.check()
    return Judged(**json.loads(child.output.read_text().splitlines()[-1]))
