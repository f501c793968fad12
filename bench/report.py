"""What was measured, beside what was asked for: a table to read and JSON to keep."""

import json
import operator
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.provenance import machine, revision

FILE_WIDTH = 140  # where the output is no terminal
AND = " and "  # between the targets of a figure, the nearer one first
_COMPARE: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}


@dataclass(slots=True)
class Result:
    """One engine's drain of the prepared commands; `correct` is None where nothing is decided."""

    engine: str
    guarantee: str
    commands: int
    commands_per_s: float
    correct: bool | None
    differences: list[str]
    span_s: float
    rss_mib_max: float
    cpu_us_per_command: float
    broker_cpu_us_per_command: float
    changelog_records_per_command: float
    workload: str = "mix"
    note: str = ""  # what the verdict means, where that needs telling


@dataclass(slots=True)
class Figure:
    """One number with its target, as the README quotes it."""

    name: str
    value: float
    unit: str
    target: str = ""  # ">= 3", "<= 30", or ">= 3 and >= 4"; empty: reported, not judged
    note: str = ""

    @property
    def met(self) -> list[bool]:
        """Whether each of the targets is reached."""
        wanted = [one.split() for one in self.target.split(AND)] if self.target else []
        return [_COMPARE[sign](self.value, float(limit)) for sign, limit in wanted]


@dataclass(slots=True)
class Report:
    """Everything one benchmark found."""

    bench: str  # its name
    results: list[Result] = field(default_factory=list)
    latency_ms: dict[str, float] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, target: str = "", note: str = "") -> None:
        """Note a figure."""
        self.figures.append(Figure(name, value, unit, target, note))

    def document(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "bench": self.bench,
            "results": [asdict(result) for result in self.results],
            "latency_ms": self.latency_ms,
            "figures": [asdict(figure) | {"met": figure.met} for figure in self.figures],
            "revision": revision(),
            "machine": machine(),
        }

    def write(self, file: Path) -> None:
        """Keep it."""
        file.write_text(json.dumps(self.document(), indent=2) + "\n")

    def show(self) -> None:
        """Print it."""
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = FILE_WIDTH
        if self.results:
            console.print(_results(self.results))
        if self.figures:
            console.print(_figures(self.figures))
        for result in self.results:
            for told in [*result.differences, result.note]:
                if told:
                    console.print(f"{result.engine} ({result.guarantee}): {told}", markup=False)


def _results(results: list[Result]) -> Table:
    costs = ("CPU us", "broker us", "MiB")
    table = Table(
        "workload", "engine", "guarantee", "commands", "commands/s", "correct", *costs, box=None
    )
    verdicts = {True: "[green]yes[/]", False: "[red]no[/]", None: "-"}
    for result in results:
        table.add_row(
            result.workload,
            result.engine,
            result.guarantee,
            f"{result.commands:,}",
            f"{result.commands_per_s:,.0f}",
            verdicts[result.correct],
            f"{result.cpu_us_per_command:.1f}",
            f"{result.broker_cpu_us_per_command:.1f}",
            f"{result.rss_mib_max:.0f}",
        )
    return table


def _figures(figures: list[Figure]) -> Table:
    table = Table("figure", "measured", "target", "", "note", box=None)
    marks = {True: "[green]met[/]", False: "[red]missed[/]"}
    for figure in figures:
        value = f"{figure.value:,.0f}" if abs(figure.value) >= 100 else f"{figure.value:.2f}"
        measured = f"{value} {figure.unit}"
        verdicts = AND.join(marks[one] for one in figure.met)
        table.add_row(figure.name, measured, figure.target, verdicts, figure.note)
    return table
