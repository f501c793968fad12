"""Draws runs with their spread: `python -m bench.plot FILE.svg`, in the environment of the peers.

Reads {"kind": "bars" or "curve", "title": ..., "values": {name: [a value per run]}} from standard
input; the names of a curve are numbers.
"""

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

OURS, OTHERS = "#1a7f37", "#8c959f"
INCHES_WIDE, INCHES_A_BAR, INCHES_HIGH = 8.5, 0.42, 3.2


def main(file: Path) -> None:
    """One plot."""
    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "stockyard", "svg.fonttype": "none", "font.size": 10}
    from matplotlib import pyplot as plt

    asked = json.load(sys.stdin)
    values: dict[str, list[float]] = asked["values"]
    is_curve = asked["kind"] == "curve"
    high = INCHES_HIGH if is_curve else 0.9 + INCHES_A_BAR * len(values)
    figure, axes = plt.subplots(figsize=(INCHES_WIDE, high))
    (_curve if is_curve else _bars)(axes, values)
    axes.set_title(asked["title"], loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None, "Creator": None})


def _bars(axes: Any, values: dict[str, list[float]]) -> None:
    """Horizontal, the first one at the top."""
    names = list(values)[::-1]
    middle, spread = _spread([values[name] for name in names])
    colours = [OURS if name.startswith("stockyard") else OTHERS for name in names]
    bars = axes.barh(names, middle, xerr=spread, color=colours, capsize=3)
    digits = 0 if max(middle) >= 100 else 1
    axes.bar_label(bars, [f"{value:,.{digits}f}" for value in middle], padding=6)
    axes.margins(x=0.12)


def _curve(axes: Any, values: dict[str, list[float]]) -> None:
    """Over a logarithmic axis, from 0 up."""
    middle, spread = _spread(list(values.values()))
    axes.errorbar([int(name) for name in values], middle, spread, color=OURS, marker="o", capsize=3)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)


def _spread(seen: list[list[float]]) -> tuple[list[float], list[list[float]]]:
    """Medians, and how far the lowest and the highest lie from them."""
    middle = [median(values) for values in seen]
    low = [m - min(values) for m, values in zip(middle, seen, strict=True)]
    high = [max(values) - m for m, values in zip(middle, seen, strict=True)]
    return middle, [low, high]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
