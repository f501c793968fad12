"""`bench audit`: how fast the sink writes stored events to PostgreSQL, engine stopped."""

import time

from bench.child import Child, Died, progress
from bench.feed import feed
from bench.metrics import scrape, total
from bench.parts import Postgres, start_sink
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import read
from bench.worker import Worker
from bench.workload import Workload
from streams.topics import Topics

EVENTS = 1_000_000
COMMANDS = EVENTS * 102 // 100  # two in a hundred are repeats and tell nothing
DECIDED_S_MAX = 300.0
WRITTEN_S_MAX = 300.0
POLL_S = 0.1
PER_S_MIN = 60_000
WRITTEN = "stockyard_sink_records_total"


def run(report: Report) -> None:
    """Let the worker tell the events, stop it, start the sink."""
    with stage() as playing:
        topics = playing.make_topics("audit.")
        count = _events(playing, topics)
        postgres = Postgres.start(playing)
        progress(f"the sink drains {count:,} events")
        sink, port = start_sink(playing, postgres, "audit.")
        log_per_s = _drained(sink, port, 'sink="audit"', count)
        history_s = time.monotonic()
        _until(sink, port, 'sink="history"', count)
        history_s = time.monotonic() - history_s
        told = f"{count:,} events, engine stopped"
        report.add("audit log drains", log_per_s, "events/s", f">= {PER_S_MIN}", told)
        report.add("history is complete after it by", history_s, "s", note=told)
        report.add("the sink's memory", sink.rss_mib_max(), "MiB")


def _events(playing: Stage, topics: Topics) -> int:
    feed(playing.kafka, topics.commands, Workload().commands(COMMANDS))
    worker = Worker.start(playing, "audit.")
    progress("the worker decides them")
    least = int(COMMANDS * 0.98)
    if not playing.wait_quiet(worker.child, [topics.events], least, DECIDED_S_MAX):
        raise Died(f"the worker did not decide {COMMANDS:,} commands in {DECIDED_S_MAX:.0f} s")
    worker.child.stop()
    return sum(1 for _ in read(playing.kafka, topics.events, PARTITIONS))


def _drained(sink: Child, port: int, label: str, count: int) -> float:
    """Events/s from the first written to the last."""
    first = _until(sink, port, label, 1)
    began = time.monotonic()
    _until(sink, port, label, count)
    return (count - first) / (time.monotonic() - began)


def _until(sink: Child, port: int, label: str, count: int) -> float:
    until = time.monotonic() + WRITTEN_S_MAX
    while (written := total(scrape(port), WRITTEN, label)) < count:
        sink.check()
        if time.monotonic() > until:
            raise Died(f"the sink wrote {written:,.0f} of {count:,} in {WRITTEN_S_MAX:.0f} s")
        time.sleep(POLL_S)
    return written
