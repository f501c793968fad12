"""Lets one engine drain prepared commands and judges what it wrote."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bench.child import Child, progress
from bench.feed import feed
from bench.oracle import NEW, Expected, Row, refold
from bench.peers.processes import OURS, Engine, ceiling
from bench.report import Result
from bench.stage import PARTITIONS, Stage
from bench.tail import Record, Tail, read
from bench.verdict import Verdict, changelog_rows, check_events, check_rows
from streams.topics import Topics

DRAIN_S_MAX = 300.0


class Commands(Protocol):
    """A workload: what is sent, always the same."""

    def commands(self, count: int) -> Iterator[tuple[str, bytes]]:
        """The first `count` commands as (warehouse, value)."""


@dataclass(slots=True)
class Log:
    """Prepared commands and what must become of them."""

    prefix: str
    topics: Topics
    count: int
    end: int
    expected: Expected


@dataclass(slots=True)
class Size:
    """How much stands on a topic."""

    records: int = 0
    key_bytes: int = 0
    value_bytes: int = 0

    def counting(self, records: Iterable[Record]) -> Iterator[Record]:
        """Pass records on, counted."""
        for record in records:
            self.records += 1
            self.key_bytes += len(record.key)
            self.value_bytes += len(record.value or b"")
            yield record

    def shape(self, topic: str, commands: int) -> str:
        """For the ceiling: records per command, and their mean sizes."""
        count = max(self.records, 1)
        sizes = f"{round(self.key_bytes / count)}:{round(self.value_bytes / count)}"
        return f"{topic}:{self.records / commands:.5f}:{sizes}"


@dataclass(slots=True)
class Drained:
    """One engine's result, and the sizes of its topics."""

    result: Result
    events: Size
    changelog: Size


def prepare(stage: Stage, prefix: str, workload: Commands, count: int) -> Log:
    """Produce the commands and ask the oracle."""
    topics = stage.make_topics(prefix)
    produced = feed(stage.kafka, topics.commands, workload.commands(count))
    progress(f"{produced:,} commands stand on {topics.commands}; the oracle decides them")
    end, expected = judge(stage, topics)
    return Log(prefix, topics, produced, end, expected)


def judge(
    stage: Stage, topics: Topics, start: Row = NEW, by_warehouse: bool = False
) -> tuple[int, Expected]:
    """The end of the commands, and what the oracle makes of them; `start`: of every row."""
    tail = Tail(stage.kafka, topics.commands, stage.partitions)
    end = tail.end()
    tail.close()
    commands = read(stage.kafka, topics.commands, stage.partitions)
    told = ((one.partition, one.time_ms, one.value or b"") for one in commands)
    return end, refold(told, start, by_warehouse)


def drain(stage: Stage, engine: Engine, log: Log, prefix: str) -> Drained:
    """Run an engine over a log to its end and compare its outcomes, rows and `seq`."""
    topics = log.topics if engine is OURS else stage.make_topics(prefix)
    progress(f"{engine.name} ({engine.guarantee}) drains {log.count:,} commands")
    expected, note = _expected(stage, engine, log)
    broker_before_s = stage.broker.cpu_s()
    child = engine.start(stage, log.topics.commands, prefix)
    changed = engine.changelog_topic(prefix, log.topics.commands)
    told_on, least = [topics.events, changed], expected.events_count
    ended = stage.wait_quiet(child, told_on, least, DRAIN_S_MAX)
    used = Used.of(stage, child, broker_before_s)
    child.stop()
    if engine is OURS:  # it may have added ticks, and closed reservations by them
        log.end, log.expected = judge(stage, log.topics)
        expected = log.expected
    events, changelog = Size(), Size()
    told = events.counting(read(stage.kafka, topics.events, PARTITIONS))
    verdict = check_events(expected, told)
    kept = read(stage.kafka, changed, PARTITIONS)
    check_rows(verdict, expected, changelog_rows(changelog.counting(kept)))
    if not ended:
        verdict.differs(f"not at the end after {DRAIN_S_MAX:.0f} s")
    commands = log.count if ended else verdict.outcomes
    result = used.result(engine, commands, verdict, changelog.records)
    result.note = note
    progress(f"  {result.commands_per_s:,.0f} commands/s, correct: {result.correct}")
    return Drained(result, events, changelog)


def _expected(stage: Stage, engine: Engine, log: Log) -> tuple[Expected, str]:
    """What an engine must write, and how that differs from the contract where it does."""
    if not engine.expires_by_warehouse:
        return log.expected, engine.note
    _, expected = judge(stage, log.topics, by_warehouse=True)
    due = log.expected.expired
    late = (due - expected.expired).total()
    note = f"{late:,} of {due.total():,} expiries were still to come at the end"
    return expected, f"{engine.note}; {note}"


def drain_ceiling(stage: Stage, log: Log, prefix: str, ours: Drained) -> Result:
    """Copy as many bytes as our engine did, without its work."""
    topics = stage.make_topics(prefix)
    progress("the ceiling copies the same bytes")
    shapes = [
        ours.events.shape("stock.events.v1", log.count),
        ours.changelog.shape("stock.changelog.v1", log.count),
    ]
    broker_before_s = stage.broker.cpu_s()
    child = ceiling(stage, log.topics.commands, prefix, shapes)
    least = ours.events.records - PARTITIONS  # a fraction may be owed at the end
    stage.wait_quiet(child, [topics.events], least, DRAIN_S_MAX)
    used = Used.of(stage, child, broker_before_s)
    child.stop()
    times = [record.time_ms for record in read(stage.kafka, topics.events, PARTITIONS)]
    verdict = Verdict(outcomes=len(times), first_ms=min(times), last_ms=max(times))
    result = used.result(None, log.count, verdict, ours.changelog.records)
    progress(f"  {result.commands_per_s:,.0f} commands/s")
    return result


@dataclass(slots=True)
class Used:
    """What a run cost."""

    rss_mib: float
    cpu_s: float
    broker_cpu_s: float

    @classmethod
    def of(cls, stage: Stage, child: Child, broker_before_s: float) -> "Used":
        """What a child has used, and the broker since then."""
        broker_s = stage.broker.cpu_s() - broker_before_s
        return cls(child.rss_mib_max(), child.cpu_s(), broker_s)

    def result(
        self,
        engine: Engine | None,
        commands: int,
        verdict: Verdict,
        changes: int,
        workload: str = "mix",
    ) -> Result:
        """With what it did."""
        return Result(
            engine=engine.name if engine else "ceiling",
            guarantee=engine.guarantee if engine else "transactions, no logic",
            commands=commands,
            commands_per_s=commands / verdict.span_s,
            correct=verdict.correct if engine else None,
            differences=verdict.told(),
            span_s=verdict.span_s,
            rss_mib_max=self.rss_mib,
            cpu_us_per_command=self.cpu_s * 1e6 / max(commands, 1),
            broker_cpu_us_per_command=self.broker_cpu_s * 1e6 / max(commands, 1),
            changelog_records_per_command=changes / max(commands, 1),
            workload=workload,
        )
