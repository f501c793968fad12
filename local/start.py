"""Brings one home up and down, from outside: starts the supervisor, follows its state, ends it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local import compose, leftovers
from local.exceptions import LocalError
from local.parts import ROOT, delivering
from local.processes import wait_gone
from local.state import State, hold, home, is_ours, living, make, read

POLL_S = 0.1
STOP_S = 75.0  # the parts' own patience, one after the other
# from a supervisor's start to the first state it writes: what was left behind is ended before
BIRTH_S = 15.0 + 2 * leftovers.PATIENCE_S

Follow = Callable[[State], None]
"""Called again and again while it starts."""


def ensure_up(workers: int = 1, follow: Follow = lambda state: None) -> State:
    """The state of a running installation, started where it is not up; ready when it returns.

    Raises LocalError with what went wrong and what to do about it.
    """
    folder = home()
    make(folder)
    state = living(folder)
    if state is None or state.phase == "stopping":
        if state is not None:
            wait_gone([state.supervisor], STOP_S)
        _begin(folder, workers)
    return _until_ready(folder, follow)


def stop(folder: Path, *, volumes: bool = False) -> bool:
    """End the supervisor and every part; whether there was anything to end.

    With `volumes` the containers' data goes too.
    """
    state = _supervised(folder)
    if state is not None:
        state.supervisor.signal(signal.SIGTERM)
        if not wait_gone([state.supervisor], STOP_S):
            state.supervisor.signal(signal.SIGKILL)
    left = leftovers.end_all(folder)
    if compose.is_used(folder):
        compose.down(folder, volumes=volumes)
    for file in (folder / "run").glob("*.json"):
        file.unlink()
    return state is not None or left > 0


def purge(folder: Path) -> None:
    """Delete a stopped home's data; raises LocalError where the directory is none of ours."""
    if not is_ours(folder):
        raise LocalError(f"{folder} was never started by stockyard: nothing is deleted there")
    shutil.rmtree(folder)


def _begin(folder: Path, workers: int) -> None:
    """Start a supervisor, in a session of its own; it lives on when we end."""
    log = folder / "log" / "supervisor.log"
    with log.open("ab") as opened:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.supervisor", "--workers", str(workers)],
            stdin=subprocess.DEVNULL,
            stdout=opened,
            stderr=opened,
            cwd=ROOT,
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "STOCKYARD_HOME": str(folder)}
            | delivering(),
            start_new_session=True,
        )
    deadline = time.monotonic() + BIRTH_S
    while living(folder) is None and process.poll() is None:
        if time.monotonic() > deadline:
            raise LocalError(f"the supervisor says nothing; see {log}")
        time.sleep(POLL_S)


def _until_ready(folder: Path, follow: Follow) -> State:
    while True:
        state = read(folder)
        if state is None:
            raise LocalError(f"the supervisor did not start; see {folder}/log/supervisor.log")
        follow(state)
        if state.phase == "ready":
            return state
        if state.phase == "stopped" or not state.supervisor.lives():
            wait_gone([state.supervisor], STOP_S)  # it has told why, and is about to end
            raise LocalError(
                state.error or f"stopped while starting; see {folder}/log/supervisor.log"
            )
        time.sleep(POLL_S)


def _supervised(folder: Path) -> State | None:
    """The state of the living supervisor, awaited where one has only just been started."""
    if not is_ours(folder):
        return None
    deadline = time.monotonic() + BIRTH_S
    while (state := living(folder)) is None and time.monotonic() < deadline:
        held = hold(folder)
        if held is not None:
            os.close(held)
            return None
        time.sleep(POLL_S)
    return state
