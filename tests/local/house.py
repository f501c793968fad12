"""One installation under test: the real script, in a home of its own, as an operator runs it."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from local.parts import ROOT
from schemas.domains import DOMAINS

COMMAND_S = 240.0
READY_AGAIN_S = 90.0
NO_DOCKER = "unix:///nowhere/docker.sock"  # local processes are what is tested here


@dataclass(frozen=True, slots=True)
class House:
    """What an operator can do with one home."""

    home: Path
    domains: str = ",".join(DOMAINS)  # at work; with stock alone it is up in half the time
    inbound: str = ""  # "1": events of other systems are taken

    def run(self, *arguments: str, succeeds: bool = True) -> str:
        """Run ./stockyard to its end; what it printed."""
        ended = subprocess.run(
            [ROOT / "stockyard", *arguments],
            cwd=self.home.parent,
            env=self.environment(),
            capture_output=True,
            check=False,
            text=True,
            timeout=COMMAND_S,
        )
        assert (ended.returncode == 0) == succeeds, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def environment(self) -> dict[str, str]:
        """What the script is told."""
        return os.environ | {
            "STOCKYARD_HOME": str(self.home),
            "STOCKYARD_DOMAINS": self.domains,
            "STOCKYARD_INBOUND": self.inbound,
            "DOCKER_HOST": NO_DOCKER,
        }

    def status(self) -> dict[str, Any]:
        """The status document."""
        document: dict[str, Any] = json.loads(self.run("status", "--json"))
        return document

    def supervisor(self) -> int:
        """The supervisor's pid."""
        state = json.loads((self.home / "run" / "state.json").read_text())
        return int(state["supervisor"]["pid"])

    def processes(self) -> list[psutil.Process]:
        """Every living process that knows this home."""
        return [process for process in psutil.process_iter() if self._knows(process)]

    def wait_ready(self) -> dict[str, Any]:
        """The status once every part is ready."""
        deadline = time.monotonic() + READY_AGAIN_S
        while not (status := self.status())["ready"]:
            assert time.monotonic() < deadline, f"not ready again: {status}"
            time.sleep(0.2)
        return status

    def _knows(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            told = process.environ().get("STOCKYARD_HOME") == str(self.home)
            return told or any(str(self.home) in word for word in process.cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False


def kill(pid: int) -> None:
    """SIGKILL, and nothing else."""
    os.kill(pid, signal.SIGKILL)
