"""Draws bars with their spread: `python -m bench.plot FILE.svg`, in the environment of the peers.

Reads {"title": ..., "values": {name: [a value per run]}} from standard input.
"""

import json
import sys
from pathlib import Path
from statistics import median

import matplotlib as mpl

OURS, OTHERS = "#1a7f37", "#8c959f"
INCHES_WIDE, INCHES_A_BAR = 8.5, 0.42


def main(file: Path) -> None:
    """One plot of horizontal bars."""
    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "stockyard", "svg.fonttype": "none", "font.size": 10}
    from matplotlib import pyplot as plt

    asked = json.load(sys.stdin)
    names = list(asked["values"])[::-1]
    seen = [asked["values"][name] for name in names]
    middle = [median(values) for values in seen]
    low = [m - min(values) for m, values in zip(middle, seen, strict=True)]
    high = [max(values) - m for m, values in zip(middle, seen, strict=True)]
    figure, axes = plt.subplots(figsize=(INCHES_WIDE, 0.9 + INCHES_A_BAR * len(names)))
    colours = [OURS if name.startswith("stockyard") else OTHERS for name in names]
    bars = axes.barh(names, middle, xerr=[low, high], color=colours, capsize=3)
    axes.bar_label(bars, [f"{value:,.0f}" for value in middle], padding=6)
    axes.set_title(asked["title"], loc="left")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
