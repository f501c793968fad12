"""`./stockyard up`: everything started, and watched until Ctrl-C."""

import io
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from cli.progress import Progress
from local.exceptions import LocalError
from local.start import ensure_up, stop
from local.state import State, home, living

WORKERS_MAX = 64
WATCH_S = 0.5


def up(
    workers: Annotated[int, typer.Option(min=1, max=WORKERS_MAX, help="worker processes")] = 1,
    detach: Annotated[bool, typer.Option("--detach", help="return when all is ready")] = False,
) -> None:
    """Start Kafka, PostgreSQL, workers, audit sink and API; what dies is started again.

    Without --detach it stays, tells what happens, and Ctrl-C stops everything. Called again it
    changes nothing. Needs no docker; data under STOCKYARD_HOME, loopback only.
    """
    console = Console(highlight=False)
    folder = home()
    before = living(folder)
    if before is not None and before.phase == "ready":
        console.print(f"it is up already, with {_count(before.workers)}", soft_wrap=True)
        _tell_doors(console, before)
        return
    started = time.monotonic()
    _on_signals()
    progress = Progress(console)
    try:
        state = ensure_up(workers, progress)
    except KeyboardInterrupt:
        _stop(console, folder)
        raise typer.Exit(130) from None
    console.print(f"[bold green]ready[/] in {time.monotonic() - started:.1f} s", soft_wrap=True)
    _tell_doors(console, state)
    if not detach:
        _watch(console, folder, progress)


def _watch(console: Console, folder: Path, progress: Progress) -> None:
    console.print("Ctrl-C stops it", style="dim")
    try:
        while (state := living(folder)) is not None and state.phase == "ready":
            progress(state)
            time.sleep(WATCH_S)
    except KeyboardInterrupt:
        _stop(console, folder)
        return
    if state is None:
        raise LocalError(f"the supervisor is gone: see {folder}/log/supervisor.log; up again")


def _stop(console: Console, folder: Path) -> None:
    console.print("stopping")
    stop(folder)
    console.print("stopped")


def _tell_doors(console: Console, state: State) -> None:
    console.print(f"  API        {state.api}/docs", soft_wrap=True)
    console.print(f"  Kafka      {state.kafka}", soft_wrap=True)


def _count(workers: int) -> str:
    return f"{workers} worker" + ("s" if workers > 1 else "")


def _on_signals() -> None:
    """SIGTERM means the same as Ctrl-C, once."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
