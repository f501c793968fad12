"""Faults by seed, one after another, on real brokers and workers; then everything is compared."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.chaos import history, store_rows
from tests.chaos.checker import Report
from tests.chaos.cluster import cluster
from tests.chaos.experiment import compare_readers, verdict
from tests.chaos.installation import keep_logs
from tests.chaos.isolation import Isolation, NotPossible
from tests.chaos.kinds import Kind, deck
from tests.chaos.processes import NotReady
from tests.chaos.reads import Read, check_reads
from tests.chaos.realtime import Observed, check_acknowledged, check_order, check_seen
from tests.chaos.run import Run, Tell
from tests.chaos.tally import Outcome, Tally

PARTITIONS = 6  # two for each worker
QUIET_S = (0.5, 3.0)  # between two faults
DECIDED_MIN = 0.8  # of what was sent: else the run proves nothing


def possible(kinds: Sequence[Kind], isolation: Isolation) -> tuple[list[Kind], dict[str, str]]:
    """What can be injected here, and why the rest cannot."""
    lacks = {"network": isolation.no_network, "mounts": isolation.no_mounts}
    refused = {kind.name: lacks[kind.needs] for kind in kinds if lacks.get(kind.needs)}
    return [kind for kind in kinds if kind.name not in refused], refused


@contextmanager
def running(isolation: Isolation, seed: int, tell: Tell) -> Iterator[Run]:
    """All parts at work, under traffic; gone afterwards, the logs of a violation kept."""
    with cluster(PARTITIONS, isolation, seed) as made:
        run = None
        try:
            run = Run(made, isolation, seed, tell)
            yield run
        except BaseException as failure:
            failure.add_note(f"logs of the processes: {keep_logs(made.home)}")
            raise
        finally:
            if run is not None:
                run.end()


def inject_all(run: Run, kinds: Sequence[Kind], seconds: float, tally: Tally) -> None:
    """One after another, each kind by its weight, until the time is over."""
    cards: list[Kind] = []
    for _ in _until(run, seconds):
        cards = cards or deck(run.rng, list(kinds))
        inject(run, cards.pop(), tally)


def inject_lacking(
    run: Run, kinds: Sequence[Kind], seconds: float, tally: Tally, lack: Mapping[str, int]
) -> None:
    """The same with what is lacking alone, each kind by how much of it; until nothing is."""
    for _ in _until(run, seconds):
        left = [(kind, lack.get(kind.name, 0) - tally.times[kind.name]) for kind in kinds]
        lacking = {kind: count for kind, count in left if count > 0}
        if not lacking:
            return
        inject(run, run.rng.choices(list(lacking), list(lacking.values()))[0], tally)


def _until(run: Run, seconds: float) -> Iterator[None]:
    """Turns, with a quiet gap after each, until the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        run.pause(run.rng.uniform(*QUIET_S))


def inject(run: Run, kind: Kind, tally: Tally) -> None:
    """One fault, and the resumption of work after it."""
    began = time.monotonic()
    try:
        hit = kind.inject(run)
        after_s = run.resumed()
        run.whole()
    except NotPossible as error:
        tally.not_possible[kind.name] = str(error)
        run.tell(f"{kind.name}: not possible here: {error}")
        return
    except NotReady as late:
        run.find("does not resume", f"{kind.name}: {late}")
        return
    resumed_s = after_s if hit.resumed_s is None else hit.resumed_s
    tally.injected(kind.name, resumed_s, hit.times)
    took_s = time.monotonic() - began
    run.tell(f"{kind.name}: {hit.what}; resumed after {resumed_s:.1f} s; {took_s:.0f} s in all")


def settle(run: Run) -> int | None:
    """No more commands; all decided, workers stopped. ms since the epoch when all was quiet."""
    settled_ms = None
    try:
        settled_ms = run.settle()
    except (NotReady, RuntimeError) as error:
        run.find("undecided after healing", f"{error}; {run.states()}")
    run.stop_workers()
    return settled_ms


def judge(run: Run, settled_ms: int | None, folder: Path | None = None) -> tuple[Report, Outcome]:
    """The topics against the oracle, the readers against both; the workers are stopped.

    The history goes into a folder, which is made.
    """
    report, logs, truth = verdict(run.made, min_events=1, settled_ms=settled_ms)
    store_rows.check(report, logs, run.made.home)
    reads: list[Read] = []
    try:
        compare_readers(report, run.made, logs, truth, run.url, reads)
    except (NotReady, httpx.HTTPError) as error:
        report.differ("readers", f"{type(error).__name__}: {error}")
    reading = run.reading
    reading.finish()
    report.counts["reads under faults"] = reading.answered
    if not reading.answered:
        report.differ("progress", "no read was answered")
    report.counts["reads put off"] = reading.refused
    report.counts["reads unanswered"] = reading.unanswered
    for sort, text in run.findings:
        report.differ(sort, text)
    requests, seen, sent = run.feeding.sender.requests, run.following.seen.copy(), run.feeding.sent
    observed = Observed(requests, seen, reading.reads + reads)
    decided = check_acknowledged(report, requests, logs, truth)
    check_order(report, requests, logs, seen)
    check_seen(report, seen, logs)
    check_reads(report, observed.reads, logs)
    if decided < DECIDED_MIN * sent:
        report.differ("progress", f"{decided} of {sent} commands were decided")
    if folder is not None:
        about = {"seed": run.seed, "began": run.began, "verdict": str(report)}
        try:
            history.write(folder, logs, observed, about)
        except OSError as error:
            report.differ("no history", f"{folder}: {error}")
    return report, Outcome(sent, decided, sum(report.found.values()))


def whole_run(
    kinds: Sequence[Kind],
    minutes: float,
    seed: int,
    isolation: Isolation,
    tell: Tell,
    folder: Path,
    about: dict[str, object],
    lack: Mapping[str, int] | None = None,
) -> tuple[Report, Tally]:
    """Everything, from the start of the brokers to the verdict; the history goes into a folder.

    `about` says on what it runs. `lack`: faults of each kind that are due, and no others.
    """
    chosen, refused = possible(kinds, isolation)
    tally = Tally(not_possible=refused)
    folder.mkdir(parents=True)
    with running(isolation, seed, tell) as run:
        tell(f"all parts at work; seed {seed}")
        if lack is not None:
            inject_lacking(run, chosen, minutes * 60, tally, lack)
        elif chosen:
            inject_all(run, chosen, minutes * 60, tally)
        tell("healed; waiting until all is decided")
        settled_ms = settle(run)
        report, outcome = judge(run, settled_ms, folder)
        tell(f"history: {folder}")
        ran = {"began": run.began, "minutes": minutes, "seed": seed}
        tally.add_outcome(ran | about, outcome, run.ended)
        if not report.right:
            kept = keep_logs(run.made.home)
            (kept / "verdict.txt").write_text(f"{report}\n")
            tell(f"{report}\nthis and the logs of the processes: {kept}")
    return report, tally
