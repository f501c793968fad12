"""`./stockyard bench NAME`: a benchmark on a broker of its own, its peers in the same run."""

from pathlib import Path
from typing import Annotated

import typer

from bench.__main__ import BENCHMARKS, run
from bench.child import Died
from bench.feed import Undelivered
from local.exceptions import LocalError

NAMES = ", ".join([*BENCHMARKS, "all"])


def bench(
    name: Annotated[str, typer.Argument(help=NAMES)],
    json: Annotated[Path | None, typer.Option(help="write the figures to this file too")] = None,
) -> None:
    """Measure beside what was asked for: speed, latency, growth, recovery, audit, API, overload."""
    if name not in BENCHMARKS and name != "all":
        raise typer.BadParameter(f"no benchmark {name!r}: one of {NAMES}")
    try:
        run(name, json)
    except (Died, Undelivered, TimeoutError) as error:
        raise LocalError(f"the benchmark broke off: {error}") from error
