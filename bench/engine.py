"""`bench engine`: commands/s of one worker process, ours and its peers', on the same commands."""

from dataclasses import dataclass

from bench.drain import Drained, Log, drain, drain_ceiling, prepare
from bench.peers.processes import (
    FAUST_AT_LEAST,
    FAUST_EXACTLY,
    KAFKA_STREAMS,
    OURS,
    QUIX,
    Engine,
)
from bench.report import Report
from bench.stage import Stage, stage
from bench.workload import Workload

COMMANDS = 1_000_000
QUIX_SHARE, FAUST_SHARE = 0.2, 0.03  # prefixes of the same commands: a run stays about a minute
RSS_MIB_MAX = 600


@dataclass(frozen=True, slots=True)
class Goal:
    """How many times as fast as a peer."""

    peer: Engine
    times: str


GOALS = (
    Goal(KAFKA_STREAMS, ">= 3 and >= 4"),
    Goal(QUIX, ">= 5"),
    Goal(FAUST_AT_LEAST, ">= 30"),
    Goal(FAUST_EXACTLY, ">= 30"),
)
CEILING_SHARE = ">= 0.35 and >= 0.45"


def run(report: Report, commands: int = COMMANDS) -> None:
    """Measure all, the slowest first: they warm the broker for the others."""
    workload = Workload()
    with stage() as playing:
        log = prepare(playing, "faust.", workload, round(commands * FAUST_SHARE))
        speeds = {
            engine: _peer(playing, engine, log, prefix, report)
            for engine, prefix in ((FAUST_AT_LEAST, "faust-a."), (FAUST_EXACTLY, "faust-e."))
        }
        log = prepare(playing, "quix.", workload, round(commands * QUIX_SHARE))
        speeds[QUIX] = _peer(playing, QUIX, log, "quix-e.", report)
        log = prepare(playing, "all.", workload, commands)
        speeds[KAFKA_STREAMS] = _peer(playing, KAFKA_STREAMS, log, "streams.", report)
        ours = drain(playing, OURS, log, log.prefix)
        report.results.append(ours.result)
        _compare(playing, log, ours, speeds, report)


def _peer(playing: Stage, engine: Engine, log: Log, prefix: str, report: Report) -> float:
    drained = drain(playing, engine, log, prefix)
    report.results.append(drained.result)
    return drained.result.commands_per_s


def _compare(
    playing: Stage, log: Log, ours: Drained, speeds: dict[Engine, float], report: Report
) -> None:
    top = drain_ceiling(playing, log, "ceiling.", ours)
    report.results.append(top)
    speed = ours.result.commands_per_s
    report.add("commands/s, one worker process", speed, "/s")
    for goal in GOALS:
        name = f"times {goal.peer.name} ({goal.peer.guarantee})"
        report.add(name, speed / speeds[goal.peer], "x", goal.times)
    report.add("share of the ceiling", speed / top.commands_per_s, "", CEILING_SHARE)
    report.add("a worker's memory", ours.result.rss_mib_max, "MiB", f"<= {RSS_MIB_MAX}")
