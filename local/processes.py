"""Processes that we start: they die with us, and are known again by pid and start time."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import psutil

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
SAME_START_S = 2.0  # psutil's start times of one process differ with the clock's corrections
POLL_S = 0.05

UTF_8 = {"LC_ALL": "C.UTF-8"}  # else Java takes no path with letters beyond ASCII

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for certain: its pid may be another's later, with another start time."""

    pid: int
    started: float  # seconds since the epoch, as the system tells

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Identity of a living process; raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    def lives(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return self._process() is not None

    def signal(self, number: int) -> None:
        """Send a signal where it still runs."""
        process = self._process()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) > SAME_START_S:
                return None
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel for this signal when the parent dies, by SIGKILL too; Linux only.

    Kept over exec, dropped over a change of user. Elsewhere nothing happens: `down` and the next
    `up` then end what was left, by pid and start time.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def die_with(parent: int) -> None:
    """In a new child, before exec: follow this parent, also if it died a moment ago."""
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)


def run_step(
    command: list[str],
    *,
    text: str = "",
    environment: Mapping[str, str] | None = None,
    setup: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a step that ends by itself; none of its processes outlives us, unless by our SIGKILL."""
    step = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env={**os.environ, **(environment or {})},
        process_group=0,
        preexec_fn=setup,
    )
    try:
        output, _ = step.communicate(text)
    finally:
        if step.poll() is None:
            os.killpg(step.pid, signal.SIGKILL)
            step.wait()
    return subprocess.CompletedProcess(command, step.returncode, output)


def end_on_sigterm() -> None:
    """Let SIGTERM end this process by SystemExit, so that what it waits for is ended too."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))


def end(processes: Iterable[Identity], patience_s: float) -> None:
    """SIGTERM to all that live, SIGKILL to those left when patience ends."""
    living = [process for process in processes if process.lives()]
    for process in living:
        process.signal(signal.SIGTERM)
    if not wait_gone(living, patience_s):
        for process in living:
            process.signal(signal.SIGKILL)
        wait_gone(living, patience_s)


def wait_gone(processes: Iterable[Identity], patience_s: float) -> bool:
    """Whether all of them are gone before patience ends."""
    waited = list(processes)
    deadline = time.monotonic() + patience_s
    while any(process.lives() for process in waited):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
