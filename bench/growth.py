"""`bench growth`: what ten thousand to ten million rows, or 20,000,000 ids, cost one worker.

Each variant's tables are restored from a changelog first, then the worker is restarted and drains
prepared commands: throughput with the store on disk, not fresh from a restore.
"""

import time

from bench.child import progress
from bench.drain import Log, judge
from bench.feed import feed
from bench.preload import ROW, Preload
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import read
from bench.verdict import check_events
from bench.worker import Worker
from bench.workload import Workload

COMMANDS = 500_000
WAREHOUSES = 16
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
MANY_IDS = 20_000_000
DRAIN_S_MAX = 300.0
SETTLED_S_MAX, IDLE_S, IDLE_SHARE = 180.0, 5.0, 0.1  # of a core: heartbeats and reports take less
FALL_BY_ROWS_MAX, FALL_BY_IDS_MAX = 40, 15  # percent
RSS_MIB_MAX = 600
REBUILD_MIN = 150_000  # rows/s


def run(report: Report) -> None:
    """More and more rows, then few rows with many ids."""
    with stage() as playing:
        few, *_, many = [_variant(playing, report, f"rows-{rows}.", rows, 0) for rows in ROWS]
        ids = _variant(playing, report, "ids.", ROWS[0], MANY_IDS)
    fall = "throughput lost with {} instead of {}"
    name = fall.format(f"{ROWS[-1]:,} rows", f"{ROWS[0]:,}")
    report.add(name, 100 * (1 - many / few), "%", f"<= {FALL_BY_ROWS_MAX}", _speeds(few, many))
    name = fall.format(f"{MANY_IDS:,} ids remembered", "none")
    report.add(name, 100 * (1 - ids / few), "%", f"<= {FALL_BY_IDS_MAX}", _speeds(few, ids))


def _speeds(before: float, after: float) -> str:
    return f"{before:,.0f} and {after:,.0f} commands/s"


def _variant(playing: Stage, report: Report, prefix: str, rows: int, ids: int) -> float:
    """Commands/s with so many rows and ids; memory and rebuild are reported on the way."""
    workload = Workload(skus=rows // WAREHOUSES, opened=0)
    topics = playing.make_topics(prefix)
    progress(f"{rows:,} rows and {ids:,} ids are written to the changelog")
    count = Preload(playing.kafka, topics.changelog, workload).write(ids)
    worker = Worker.start(playing, prefix, home=prefix)
    rebuilt_s = worker.wait_serving()
    per_s = (count + ids) / rebuilt_s
    progress(f"rebuilt in {rebuilt_s:.1f} s, start of the process included: {per_s:,.0f} rows/s")
    _settle(worker)
    rss_mib = worker.child.rss_mib_max()
    worker.child.stop()
    what = f"{rows:,} rows, {ids:,} ids"
    if count + ids > REBUILD_MIN:
        name = f"cold rebuild, {what}"
        report.add(name, per_s, "rows/s", f">= {REBUILD_MIN}", f"{rebuilt_s:.1f} s, with the start")
    feed(playing.kafka, topics.commands, workload.commands(COMMANDS))
    end, expected = judge(playing, topics, ROW)
    log = Log(prefix, topics, COMMANDS, end, expected)
    speed, drain_rss_mib = _drain(playing, report, log, what)
    most_mib = max(rss_mib, drain_rss_mib)
    report.add(f"a worker's memory, {what}", most_mib, "MiB", f"<= {RSS_MIB_MAX}")
    playing.drop_topics(topics)
    return speed


def _settle(worker: Worker) -> None:
    """Wait until the store has compacted what the restore left: it does so in the background."""
    until, before_s = time.monotonic() + SETTLED_S_MAX, -1.0
    while worker.child.cpu_s() - before_s > IDLE_SHARE * IDLE_S and time.monotonic() < until:
        before_s = worker.child.cpu_s()
        time.sleep(IDLE_S)


def _drain(playing: Stage, report: Report, log: Log, what: str) -> tuple[float, float]:
    worker = Worker.start(playing, log.prefix, home=log.prefix)
    least = log.expected.events_count
    began = time.monotonic()
    playing.wait_quiet(worker.child, [log.topics.events], least, DRAIN_S_MAX)
    progress(f"drained in {time.monotonic() - began:.1f} s, with the start")
    rss_mib = worker.child.rss_mib_max()
    worker.child.stop()
    _, log.expected = judge(playing, log.topics, ROW)
    verdict = check_events(log.expected, read(playing.kafka, log.topics.events, PARTITIONS))
    speed = log.count / verdict.span_s
    report.add(f"commands/s, {what}", speed, "/s")
    report.add(f"differences, {what}", verdict.differences, "", "<= 0", "; ".join(verdict.told()))
    return speed, rss_mib
