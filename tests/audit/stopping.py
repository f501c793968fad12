"""Servers that a test stops and starts again in place, their data kept."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from local.probes import Probe
from local.processes import die_with
from tests.audit.sinks import ROOT

READY_S = 120
STOP_S = 40


class Server:
    """`local.kafka` or `local.postgres` at a home and port of its own."""

    def __init__(self, module: str, home: Path, port: int, ready: Probe) -> None:
        self._command = [sys.executable, "-m", module, "--home", str(home), "--port", str(port)]
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and return when it answers."""
        process = self._spawn()
        for _ in range(READY_S * 10):
            if await self._ready(0):
                return
            assert process.poll() is None, f"{self._command} ended"
            await asyncio.sleep(0.1)
        raise AssertionError(f"{self._command} is not ready")

    def _spawn(self) -> subprocess.Popen[bytes]:
        parent = os.getpid()
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: die_with(parent),
        )
        return self._process

    async def stop(self) -> None:
        """Stop in order; harmless where it does not run."""
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, STOP_S)

    def freeze(self, frozen: bool) -> None:
        """SIGSTOP to every process of the server, or SIGCONT."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # a backend that ends at this moment
                (child.suspend if frozen else child.resume)()

    async def kill(self) -> None:
        """SIGKILL to the server itself."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            child.kill()
        await asyncio.to_thread(self._process.wait, STOP_S)
