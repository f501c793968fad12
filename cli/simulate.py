"""`./stockyard simulate`: the engine under every fault that a seed can draw, without a cluster."""

import subprocess
import sys
from typing import Annotated

import typer

from local.parts import ROOT


def simulate(
    seeds: Annotated[int, typer.Option(help="how many to run")] = 10_000,
    first: Annotated[int, typer.Option(help="the first of them")] = 0,
    seed: Annotated[int | None, typer.Option(help="run this one again")] = None,
    only: Annotated[str, typer.Option(help="of that one, these parts: c3,c7,f1,calm")] = "",
    planted: Annotated[bool, typer.Option(help="plant bugs, and see each caught")] = False,
    processes: Annotated[int, typer.Option(help="side by side")] = 2,
    json: Annotated[bool, typer.Option(help="tell programs, not people")] = False,
) -> None:
    """Run workers, cluster, disks and clocks in one process by seed; exit 1 at a violation.

    ./stockyard simulate --seeds 500 --first 7

    ./stockyard simulate --seed 42    (one again; where it fails, shrunk and shown)

    ./stockyard simulate --planted    (every planted bug, until a check catches it)
    """
    arguments = [f"--seeds={seeds}", f"--first={first}", f"--processes={processes}"]
    arguments += [f"--seed={seed}"] if seed is not None else []
    arguments += [f"--only={only}"] if only else []
    arguments += [name for name, on in (("--planted", planted), ("--json", json)) if on]
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)
