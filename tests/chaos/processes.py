"""Real processes of one installation, started and killed by pid; none outlives the test."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
STOP_S = 30.0
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class NotReady(Exception):
    """Something did not come about in its time; says what its log ended with."""


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, seconds: float, ready: Callable[[], bool], pause_s: float = 0.1) -> float:
    """Poll until it is so; the seconds it took. Raises NotReady."""
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > seconds:
            raise NotReady(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause_s)
    return time.monotonic() - began


def die_with_parent() -> None:
    """In a new child, before exec: a SIGKILL of ours is one of it."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Process:
    """One process that can be killed, frozen and started again."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        inside: Sequence[str] = (),
    ) -> None:
        self.name, self.arguments, self.environment, self.log = name, arguments, environment, log
        self.inside = inside  # the command that enters a namespace first
        self.kills = 0
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it must not be running."""
        assert not self.alive, f"{self.name} runs already"
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | dict(self.environment)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [*self.inside, sys.executable, *self.arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs (or is frozen)."""
        return self._child is not None and self._child.poll() is None

    def ended(self) -> bool:
        """Whether it was started and is gone."""
        return self.exit_code is not None

    @property
    def exit_code(self) -> int | None:
        """How it ended; negative: by that signal."""
        return self._child.poll() if self._child is not None else None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._child is not None, f"{self.name} was never started"
        return self._child.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self._child is not None
        if self.alive:
            self.kills += 1
            self._child.kill()
        self._child.wait(STOP_S)

    def restart(self) -> None:
        """SIGKILL and start again."""
        self.kill()
        self.start()

    def stop(self) -> int:
        """SIGTERM, and wait; its exit code. Raises NotReady where it does not end."""
        assert self._child is not None
        if self.alive:
            self._child.terminate()
        try:
            return self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(STOP_S)
            raise NotReady(f"{self.name} did not stop: {self.tail()}") from None

    def end(self) -> None:
        """Whatever its state: gone."""
        if self._child is not None and self.alive:
            self._child.kill()
            self._child.wait(STOP_S)

    def told(self, text: str) -> int:
        """How often its log has this text."""
        return self.log.read_text(errors="replace").count(text) if self.log.exists() else 0

    def tail(self, count: int = 15) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(line[:2_000] for line in lines[-count:])
