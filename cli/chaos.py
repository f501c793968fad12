"""`./stockyard chaos`: faults by seed on real brokers and workers, then everything compared."""

import json as encoding
import signal
import sys
import time
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from local.exceptions import LocalError
from local.jars import fetch
from local.kafka import LOCK
from local.provenance import machine, revision
from tests.chaos.control import control
from tests.chaos.counts import lacking
from tests.chaos.harness import whole_run
from tests.chaos.isolation import Isolation, NotPossible, isolate
from tests.chaos.kinds import Kind, by_name
from tests.chaos.tally import COLUMNS, Tally, kept, merge


def chaos(
    minutes: Annotated[float, typer.Option(min=0.1, help="of faults, without start and end")] = 10,
    seed: Annotated[int | None, typer.Option(help="the same faults and commands again")] = None,
    faults: Annotated[str, typer.Option(help="these kinds alone, with commas between")] = "",
    listed: Annotated[bool, typer.Option("--list", help="the kinds of faults, and no run")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the result as JSON")] = False,
    as_control: Annotated[
        bool, typer.Option("--control", help="a naive worker instead, which must be found wrong")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="add the counts to this file, and write them as .md beside")
    ] = None,
    toward: Annotated[
        float, typer.Option(min=0, max=1, help="only what --report lacks of this share of the full")
    ] = 0,
    histories: Annotated[
        Path, typer.Option(help="where the run's history goes, in a folder of its own")
    ] = Path("histories"),
) -> None:
    """Inject faults into three brokers and three workers under traffic; exit 1 for any violation.

    Everything runs in a directory and, for root, in namespaces of its own, and is gone afterwards.
    What stays is the history: what clients saw, and all topics. `python -m tests.chaos.history
    FOLDER` checks them again.

    Examples: `chaos --minutes 2`, `chaos --seed 7 --faults kill-worker,kill-leader`,
    `chaos --minutes 30 --report chaos.json`, `chaos --report chaos.json --toward 0.2` (until a
    fifth of the full counts is there), `chaos --list`, `chaos --control`.
    """
    if listed:
        _list(as_json)
        return
    drawn = SystemRandom().randrange(1_000_000) if seed is None else seed
    if as_control:
        _control(drawn)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and clean up
    folder = histories / f"{time.strftime('%Y-%m-%dT%H%M%S')}-seed-{drawn}"
    kinds, lack = _chosen(faults), _lacking(toward, report)
    about: dict[str, object] = {"revision": revision(), "machine": machine()}
    verdict, tally = whole_run(kinds, minutes, drawn, _alone(), _tell, folder, about, lack)
    if as_json:
        print(encoding.dumps(tally.plain() | {"seed": drawn, "verdict": str(verdict)}, indent=1))
    else:
        _show(tally, str(verdict))
    if report:
        _tell(f"with the runs before: {merge(report, tally)}")
    if not verdict.right:
        raise typer.Exit(1)


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _alone() -> Isolation:
    """Isolated, and Kafka's jars are there: no process of the run could fetch them."""
    fetch(LOCK)
    return isolate()


def _lacking(toward: float, report: Path | None) -> dict[str, int] | None:
    if not toward:
        return None
    if report is None:
        raise typer.BadParameter("--toward counts on from a --report")
    lack = lacking(kept(report).times, toward)
    _tell(f"lacking: {', '.join(f'{kind} {count}' for kind, count in lack.items()) or 'nothing'}")
    if not lack:
        raise typer.Exit(0)
    return lack


def _control(seed: int) -> None:
    try:
        found = control(seed, _alone(), _tell)
    except NotPossible as error:
        raise LocalError(f"the control is not possible here: {error}") from error
    print(found)
    if found.right:
        raise LocalError("a naive worker was found right: the checker does not see what it should")
    print("the control was torn, and that was found")


def _chosen(names: str) -> list[Kind]:
    kinds = by_name()
    if not names:
        return list(kinds.values())
    unknown = [name for name in names.split(",") if name not in kinds]
    if unknown:
        raise typer.BadParameter(f"no fault {', '.join(unknown)}: --list names them all")
    return [kinds[name] for name in names.split(",")]


def _list(as_json: bool) -> None:
    kinds = by_name()
    if as_json:
        print(encoding.dumps({name: kind.what for name, kind in kinds.items()}, indent=1))
        return
    table = Table("fault", "what is done", "needs", box=None)
    for name, kind in kinds.items():
        table.add_row(name, kind.what, f"root, {kind.needs}" if kind.needs else "")
    Console().print(table)


def _show(tally: Tally, verdict: str) -> None:
    console = Console(highlight=False, soft_wrap=True, file=sys.stdout)
    table = Table("fault", *COLUMNS, box=None)
    for row in tally.table():
        table.add_row(*row)
    for kind, why in sorted(tally.not_possible.items()):
        table.add_row(kind, "not possible here", why)
    console.print(table)
    for name, count in sorted(tally.ended.items()):
        console.print(f"{name}, by itself: {count}", markup=False)
    console.print(verdict, markup=False)
    console.print(str(tally), style="bold", markup=False)
