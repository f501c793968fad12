"""`bench page`: several runs' figures on one page, medians with their spread, and plots beside it.

`python -m bench.page FILE... --page docs/benchmarks.md`: each FILE is what `--json` wrote.
"""

import argparse
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import venv
from bench.child import ROOT

Document = dict[str, Any]
QUANTILES = ("p50", "p90", "p99", "p99.9", "max")
NOTHING = 0.001  # seconds, mostly: less than anybody can tell
HEAD = """\
# What was measured

Written by `python -m bench.page FILE...` from what `./stockyard bench NAME --json FILE` wrote,
{runs} file{s}, of revision {revision}. Medians; in brackets the lowest and the highest of runs.
{machine}. In each run all engines of a table had the same broker and
cores: ratios mean more than figures, as the machine is shared. Empty: not measured.
"""


def write(files: Sequence[Path], page: Path) -> None:
    """The page, and its plots in a folder of its name."""
    documents = [json.loads(file.read_text()) for file in files]
    workloads, figures = _workloads(documents), _figures(documents)
    latencies = [one["latency_ms"] for one in documents if one["latency_ms"]]
    folder = page.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    text = [_head(documents)]
    for workload, engines in workloads.items():
        speeds = {name: [one["commands_per_s"] for one in ones] for name, ones in engines.items()}
        text.append(f"\n## {workload.capitalize()}\n")
        text.append(_plot(folder, f"{workload.replace(' ', '-')}.svg", "commands/s", speeds))
        text.append(_engine_table(engines))
    text.append("\n## Figures\n")
    if latencies:
        quantiles = {name: [one[name] for one in latencies] for name in QUANTILES}
        text.append(_plot(folder, "latency.svg", "command to readable event, ms", quantiles))
    text.append(_figure_table(figures))
    page.write_text("\n".join(part.rstrip() + "\n" for part in text))


def _head(documents: list[Document]) -> str:
    machine = documents[0]["machine"]
    revision = " and ".join(sorted({one["revision"] for one in documents}))
    told = f"{machine['cores']} cores, {machine['memory_gib']} GiB, Python {machine['python']}"
    runs = len(documents)
    return HEAD.format(runs=runs, s="" if runs == 1 else "s", revision=revision, machine=told)


def _workloads(documents: list[Document]) -> dict[str, dict[str, list[Document]]]:
    """Results by workload and engine."""
    found: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
    for document in documents:
        for result in document["results"]:
            name = f"{result['engine']}, {result['guarantee']}"
            found[result["workload"]][name].append(result)
    return found


def _figures(documents: list[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        for figure in document["figures"]:
            found[figure["name"]].append(figure)
    return found


def _spread(values: Iterable[float]) -> str:
    seen = sorted(values)
    middle = _number(median(seen))
    return middle if len(seen) == 1 else f"{middle} ({_number(seen[0])} to {_number(seen[-1])})"


def _number(value: float) -> str:
    if abs(value) < NOTHING:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _engine_table(engines: dict[str, list[Document]]) -> str:
    rows = [
        "\n| engine | commands/s | CPU us a command | of the broker | MiB | right |",
        "|---|---|---|---|---|---|",
    ]
    for name, results in engines.items():
        columns = (
            "commands_per_s",
            "cpu_us_per_command",
            "broker_cpu_us_per_command",
            "rss_mib_max",
        )
        told = " | ".join(
            _spread(one[column] for one in results) if any(one[column] for one in results) else ""
            for column in columns
        )
        verdicts = {one["correct"] for one in results}
        right = "no" if False in verdicts else "yes" if True in verdicts else ""
        rows.append(f"| {name} | {told} | {right} |")
    wrong = [
        f"\nWrong: {name}: {texts[0]}"
        for name, ones in engines.items()
        if (texts := [text for one in ones for text in one["differences"]])
    ]
    return "\n".join(rows + wrong)


def _figure_table(figures: dict[str, list[Document]]) -> str:
    rows = ["\n| figure | measured | asked for | met | |", "|---|---|---|---|---|"]
    for name, ones in figures.items():
        measured = f"{_spread(one['value'] for one in ones)} {ones[0]['unit']}".strip()
        met = [one["met"] for one in ones]
        verdict = "" if None in met else f"{sum(met)} of {len(met)}" if len(met) > 1 else _yes(met)
        rows.append(
            f"| {name} | {measured} | {ones[-1]['target']} | {verdict} | {ones[-1]['note']} |"
        )
    return "\n".join(rows)


def _yes(met: list[bool]) -> str:
    return "yes" if met[0] else "no"


def _plot(folder: Path, name: str, title: str, values: dict[str, list[float]]) -> str:
    """Drawn in the environment of the peers, which has a library for that; its line on the page."""
    chosen = json.dumps({"title": title, "values": values})
    command = [venv.python(), "-m", "bench.plot", str(folder / name)]
    subprocess.run(command, cwd=ROOT, input=chosen, text=True, check=True)
    return f"![{title}]({folder.name}/{name})"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="what --json wrote")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    chosen = parser.parse_args()
    write(chosen.files, chosen.page)


if __name__ == "__main__":
    main()
