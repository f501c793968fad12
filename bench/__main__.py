"""`python -m bench NAME`: runs one benchmark and tells what it found."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import (
    api,
    audit,
    engine,
    flash,
    growth,
    latency,
    mixes,
    order,
    overload,
    recovery,
    saga,
    scale,
    sustained,
)
from bench.child import Died, progress
from bench.feed import Undelivered
from bench.report import Report

BENCHMARKS: dict[str, Callable[[Report], None]] = {
    "engine": engine.run,
    "mixes": mixes.run,
    "flash": flash.run,
    "latency": latency.run,
    "order": order.run,
    "saga": saga.run,
    "growth": growth.run,
    "scale": scale.run,
    "recovery": recovery.run,
    "audit": audit.run,
    "sustained": sustained.run,
    "api": api.run,
    "overload": overload.run,
}


def run(name: str, file: Path | None) -> Report:
    """Run a benchmark by its name; the report is shown, and written where a file is named."""
    report = Report(name)
    began = time.monotonic()
    progress(f"bench {name}")
    BENCHMARKS[name](report)
    report.show()
    if file is not None:
        report.write(file)
    progress(f"done in {time.monotonic() - began:.0f} s")
    return report


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="./stockyard bench", description=__doc__)
    parser.add_argument("name", choices=list(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    chosen = parser.parse_args()
    try:
        run(chosen.name, chosen.json)
    except (Died, Undelivered, TimeoutError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
