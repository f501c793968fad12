"""`./stockyard bench NAME`: a benchmark on a broker of its own, its peers in the same run."""

from pathlib import Path
from typing import Annotated

import typer

from bench import page, runs
from bench.__main__ import BENCHMARKS, run
from bench.child import ROOT, Died
from bench.feed import Undelivered
from local.exceptions import LocalError

PAGE = ROOT / "docs" / "benchmarks.md"
FOLDER = PAGE.with_suffix("") / "runs"
NAMES = ", ".join([*BENCHMARKS, "page"])


def bench(
    name: Annotated[str, typer.Argument(help=NAMES)],
    only: Annotated[
        list[str] | None, typer.Argument(help="with page: the benchmarks to run; all by default")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="write the figures to this file too")] = None,
    times: Annotated[int, typer.Option("--runs", help="with page: how often each is run")] = 3,
    folder: Annotated[
        Path, typer.Option(help="with page: keeps each run's figures; those there stay")
    ] = FOLDER,
) -> None:
    """Measure beside what was asked for: speed, latency, growth, recovery, audit, API, overload.

    `page` runs several, and writes docs/benchmarks.md of all that the folder has.
    """
    if only and name != "page":
        raise typer.BadParameter("one benchmark at a time, or `page` with several")
    names = [name] if name != "page" else only or list(BENCHMARKS)
    unknown = [one for one in names if one not in BENCHMARKS]
    if unknown:
        raise typer.BadParameter(f"no benchmark {unknown[0]!r}: one of {NAMES}")
    if name == "page":
        _page(names, times, folder)
        return
    try:
        run(name, json)
    except (Died, Undelivered, TimeoutError) as error:
        raise LocalError(f"the benchmark broke off: {error}") from error


def _page(names: list[str], times: int, folder: Path) -> None:
    failed = runs.measure(folder, names, times, runs.in_process)
    if not any(folder.glob("*.json")):
        raise LocalError("no benchmark came to its end: there is nothing for a page")
    page.write(folder, PAGE)
    if failed:
        told = f"{', '.join(failed)} broke off; the same command runs them again"
        raise LocalError(f"{PAGE} has what there is: {told}")
