"""`./stockyard test`: style, types, import rules and every test, then a verdict on all."""

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


def test(
    paths: Annotated[
        list[str] | None, typer.Argument(help="tests to run, and options of pytest; default: all")
    ] = None,  # noqa: PT028 (a command, no test)
) -> None:
    """Check style, types and import rules, and run every test on a real Kafka and PostgreSQL."""
    console = Console(highlight=False)
    steps = CHECKS | {"tests": [*PYTHON, "pytest", *(paths or ALL)]}
    results = {}
    for name, command in steps.items():
        console.rule(name, align="left")
        started = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        results[name] = (code, time.monotonic() - started)
    console.print(_summary(results))
    if any(code for code, _ in results.values()):
        raise typer.Exit(1)


def _summary(results: dict[str, tuple[int, float]]) -> Table:
    table = Table("check", "result", "seconds", box=None)
    for name, (code, seconds) in results.items():
        verdict = f"[red]failed ({code})[/]" if code else "[green]passed[/]"
        table.add_row(name, verdict, f"{seconds:.1f}")
    return table
