"""Real workers of one installation: started, frozen and killed by pid, gone when a test ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from local.processes import die_with

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 30.0
POLL_S = 0.05


def until(what: str, seconds: float, true: Callable[[], object]) -> None:
    """Poll until something holds; fails with `what` when it does not in that time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(POLL_S)


class Worker:
    """One `python -m agents`: a worker of stock, or what its arguments make of it."""

    def __init__(
        self, name: str, home: Path, environment: Mapping[str, str], *arguments: str
    ) -> None:
        self.name, self._home, self._environment = name, home, environment
        self._arguments = [*arguments, "--number", name.rpartition("-")[2]]
        self.log = home / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Worker":
        """Start it; it must not run."""
        assert self._process is None or self._process.poll() is not None
        parent = os.getpid()
        self._home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "agents", *self._arguments],
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: die_with(parent),
            )
        return self

    @property
    def pid(self) -> int:
        """Its process id, also when it has ended."""
        assert self._process is not None
        return self._process.pid

    def state(self) -> dict[str, Any]:
        """What it says of itself in its file under run/; empty before it has."""
        path = self._home / "run" / f"{self.name}.json"
        found: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
        return found if found.get("pid") == self.pid else {}

    def serving(self) -> set[int]:
        """The partitions that it decides."""
        states = self.state().get("states", {})
        return {int(number) for number, state in states.items() if state == "serving"}

    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_S)

    def terminate(self) -> int:
        """SIGTERM, and wait: its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(STOP_S)

    def wait(self, seconds: float) -> int:
        """Wait for its end: its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> None:
        """Make sure that it is gone, frozen or not."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def memory_bytes(self) -> int:
        """Its resident memory."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Its log lines of one event, over all its starts."""
        if not self.log.exists():
            return []
        lines = self.log.read_text().splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in found if line.get("event") == event]
