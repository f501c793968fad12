"""One page of all results: for each benchmark what it does, medians with their spread, and plots.

It is made of the files that a folder has, each what one run of a benchmark wrote.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from bench import venv
from bench.__main__ import BENCHMARKS
from bench.child import ROOT
from bench.report import AND

Document = dict[str, Any]
Named = dict[str, list[Document]]  # one of each run
Draw = Callable[[str, str, str, Mapping[str, list[float]]], str]
"""(file, "bars" or "curve", title, values of the runs by name) to its line on the page."""

QUANTILES = ("p50", "p90", "p99", "p99.9", "max")
NOTHING = 0.001  # seconds, mostly: less than anybody can tell
ROWS = re.compile(r"commands/s, ([\d,]+) rows, 0 ids")
BARS = {  # of figures, by their common beginning
    "scale": ("commands/s, ", "commands/s"),
    "recovery": ("", "seconds without decisions"),
}
HEAD = """\
# What was measured

Written by `./stockyard bench page` from {files} runs, of revision {revision}.
Medians; in brackets the lowest and the highest of runs. {machine}.
In each run all engines of a table had the same broker and cores: ratios mean more than figures, as
the machine is shared. Where two figures are asked for, what is met is told of each. Empty: not
measured.
"""
ENGINES = """
| engine | commands | commands/s | CPU us a command | of the broker | MiB | right |
|---|---|---|---|---|---|---|"""
FIGURES = """
| figure | measured | asked for | met | |
|---|---|---|---|---|"""


def write(folder: Path, page: Path) -> None:
    """The page, and its plots in a folder of its name."""
    plots = page.with_suffix("")
    plots.mkdir(parents=True, exist_ok=True)
    documents = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

    def draw(name: str, kind: str, title: str, values: Mapping[str, list[float]]) -> str:
        _plot(plots / name, kind, title, values)
        return f"![{title}]({plots.name}/{name})\n"

    page.write_text(render(documents, draw))


def render(documents: list[Document], draw: Draw) -> str:
    """The page's text: a section for each benchmark that was run, in their order."""
    found: Named = defaultdict(list)
    for document in documents:
        found[document["bench"]].append(document)
    sections = [_section(name, found[name], draw) for name in BENCHMARKS if name in found]
    text = [_head(documents), *sections]
    return "\n".join(part.rstrip() + "\n" for part in text)


def _head(documents: list[Document]) -> str:
    machine = documents[0]["machine"]
    revision = " and ".join(sorted({one["revision"] for one in documents}))
    told = f"{machine['cores']} cores, {machine['memory_gib']} GiB, Python {machine['python']}"
    return HEAD.format(files=len(documents), revision=revision, machine=told)


def _section(name: str, documents: list[Document], draw: Draw) -> str:
    """What the benchmark does, its engines by their workload, its figures."""
    about = (sys.modules[BENCHMARKS[name].__module__].__doc__ or "").strip()
    runs = f"{len(documents)} run{'' if len(documents) == 1 else 's'}."
    parts = [f"\n## {name}\n", f"{about}\n", f"{runs}\n"]
    for workload, engines in _workloads(documents).items():
        speeds = {one: [run["commands_per_s"] for run in ones] for one, ones in engines.items()}
        file = f"{name}-{workload.replace(' ', '-')}.svg"
        parts.append(draw(file, "bars", f"{workload}: commands/s", speeds))
        parts.append(_engine_table(engines) + "\n")
    latencies = [one["latency_ms"] for one in documents if one["latency_ms"]]
    if latencies:
        quantiles = {one: [run[one] for run in latencies] for one in QUANTILES}
        parts.append(draw(f"{name}.svg", "bars", "command to readable event, ms", quantiles))
    figures = _figures(documents)
    parts.append(_figure_plot(name, figures, draw))
    parts.append(_figure_table(figures))
    return "\n".join(part for part in parts if part)


def _workloads(documents: list[Document]) -> dict[str, Named]:
    """Results by workload and engine."""
    found: dict[str, Named] = defaultdict(lambda: defaultdict(list))
    for document in documents:
        for result in document["results"]:
            name = f"{result['engine']}, {result['guarantee']}"
            found[result["workload"]][name].append(result)
    return found


def _figures(documents: list[Document]) -> Named:
    found: Named = defaultdict(list)
    for document in documents:
        for figure in document["figures"]:
            found[figure["name"]].append(figure)
    return found


def _figure_plot(name: str, figures: Named, draw: Draw) -> str:
    values = {one: [run["value"] for run in ones] for one, ones in figures.items()}
    if name == "growth":
        found = [(match[1], ones) for one, ones in values.items() if (match := ROWS.match(one))]
        curve = {rows.replace(",", ""): ones for rows, ones in found}
        return draw("growth.svg", "curve", "commands/s by rows", curve)
    if name in BARS:
        start, title = BARS[name]
        bars = {one[len(start) :]: ones for one, ones in values.items() if one.startswith(start)}
        return draw(f"{name}.svg", "bars", title, bars)
    return ""


def _spread(values: Iterable[float]) -> str:
    seen = sorted(values)
    middle = _number(median(seen))
    return middle if len(seen) == 1 else f"{middle} ({_number(seen[0])} to {_number(seen[-1])})"


def _number(value: float) -> str:
    if abs(value) < NOTHING:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _engine_table(engines: Named) -> str:
    rows = [ENGINES]
    columns = ("commands_per_s", "cpu_us_per_command", "broker_cpu_us_per_command", "rss_mib_max")
    for name, results in engines.items():
        told = [
            _spread(one[column] for one in results) if any(one[column] for one in results) else ""
            for column in columns
        ]
        verdicts = {one["correct"] for one in results}
        right = "no" if False in verdicts else "yes" if True in verdicts else ""
        count = f"{results[0]['commands']:,}"
        rows.append(f"| {' | '.join([name, count, *told, right])} |")
    wrong = [
        f"\nWrong: {name}: {texts[0]}"
        for name, ones in engines.items()
        if (texts := [text for one in ones for text in one["differences"]])
    ]
    notes = [f"\n{name}: {ones[-1]['note']}." for name, ones in engines.items() if ones[-1]["note"]]
    return "\n".join([*rows, *wrong, *notes])


def _figure_table(figures: Named) -> str:
    rows = [FIGURES]
    for name, ones in figures.items():
        measured = f"{_spread(one['value'] for one in ones)} {ones[0]['unit']}".strip()
        of_each = zip(*(one["met"] for one in ones), strict=True)  # target by target
        verdict = AND.join(_met(runs) for runs in of_each)
        rows.append(
            f"| {name} | {measured} | {ones[-1]['target']} | {verdict} | {ones[-1]['note']} |"
        )
    return "\n".join(rows)


def _met(runs: tuple[bool, ...]) -> str:
    if len(runs) > 1:
        return f"{sum(runs)} of {len(runs)}"
    return "yes" if runs[0] else "no"


def _plot(file: Path, kind: str, title: str, values: Mapping[str, list[float]]) -> None:
    """Drawn in the environment of the peers, which has a library for that."""
    chosen = json.dumps({"kind": kind, "title": title, "values": values})
    command = [venv.python(), "-m", "bench.plot", str(file)]
    subprocess.run(command, cwd=ROOT, input=chosen, text=True, check=True)
