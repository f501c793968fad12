"""Runs benchmarks several times, each in a process of its own, and keeps what each found in a file.

A folder has `engine-1.json` and so on. What is there is not measured again: a series that broke off
goes on where it was, and a folder that is new begins anew.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.child import ROOT, progress
from local.processes import die_with_parent

RunOne = Callable[[str, Path], bool]


def measure(folder: Path, names: Sequence[str], runs: int, run_one: RunOne) -> list[str]:
    """All first runs, then all second ones: what changes with time falls on all. Tells what failed.

    `run_one` takes a benchmark's name and the file to write; false where it broke off.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(name, folder / f"{name}-{run}.json") for run in range(1, runs + 1) for name in names]
    left = [(name, file) for name, file in wanted if not file.exists()]
    progress(f"{len(wanted) - len(left)} of {len(wanted)} runs are in {folder} already")
    failed = []
    for place, (name, file) in enumerate(left, 1):
        progress(f"{file.stem}: {place} of {len(left)}")
        unfinished = file.with_suffix(".part")
        if run_one(name, unfinished):
            unfinished.rename(file)
        else:
            failed.append(file.stem)
            progress(f"{file.stem} broke off")
    return failed


def in_process(name: str, file: Path) -> bool:
    """One benchmark, as `python -m bench` runs it; what it says is seen as it comes."""
    command = [sys.executable, "-m", "bench", name, "--json", str(file.resolve())]
    done = subprocess.run(command, cwd=ROOT, check=False, preexec_fn=die_with_parent)
    return done.returncode == 0
