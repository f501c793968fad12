"""`./stockyard test`: style, types, import rules and every test, then a verdict on all.

By night: file by file the property tests, with a hundred times as many examples.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from local.parts import ROOT

PYTHON = [sys.executable, "-m"]
CHECKS = {
    "style": [*PYTHON, "ruff", "check", "."],
    "format": [*PYTHON, "ruff", "format", "--check", "."],
    "types": [*PYTHON, "mypy"],
    "types of the script": [*PYTHON, "mypy", "stockyard"],
    "imports": [str(Path(sys.executable).with_name("lint-imports"))],
}
# most tests wait for processes more than they compute; each part has brokers of its own
ALL = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]  # in tests/conftest.py's order

PROPERTIES = ROOT / "docs" / "properties.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::\w+)?`")
NIGHTLY_EXAMPLES = "100000"  # of each; 1,000 in an everyday run


def test(
    paths: Annotated[
        list[str] | None, typer.Argument(help="tests to run, and options of pytest; default: all")
    ] = None,  # noqa: PT028 (a command, no test)
    nightly: Annotated[
        bool,
        typer.Option("--nightly", help="only the property tests, of 100,000 examples each"),
    ] = False,  # noqa: PT028 (a command, no test)
) -> None:
    """Check style, types and import rules, and run every test on a real Kafka and PostgreSQL."""
    console = Console(highlight=False)
    if nightly:
        steps = {name: [*PYTHON, "pytest", "-v", name] for name in paths or properties()}
        environment = os.environ | {"STOCKYARD_EXAMPLES": NIGHTLY_EXAMPLES}
    else:
        steps = CHECKS | {"tests": [*PYTHON, "pytest", *(paths or ALL)]}
        environment = dict(os.environ)
    results = {}
    for number, (name, command) in enumerate(steps.items(), 1):
        console.rule(f"{number} of {len(steps)}: {name}", align="left")
        started = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode
        results[name] = (code, time.monotonic() - started)
    console.print(_summary(results))
    if any(code for code, _ in results.values()):
        raise typer.Exit(1)


def properties() -> list[str]:
    """The files of tests that docs/properties.md names, once each."""
    return list(dict.fromkeys(NAMED.findall(PROPERTIES.read_text(encoding="utf-8"))))


def _summary(results: dict[str, tuple[int, float]]) -> Table:
    table = Table("check", "result", "seconds", box=None)
    for name, (code, seconds) in results.items():
        verdict = f"[red]failed ({code})[/]" if code else "[green]passed[/]"
        table.add_row(name, verdict, f"{seconds:.1f}")
    return table
