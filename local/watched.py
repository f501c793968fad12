"""Keeps one part running: starts it, sees it become ready, starts it again when it dies."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from local.exceptions import EXIT_AGAIN, EXIT_FINAL, LocalError
from local.logs import last_line
from local.parts import ROOT, Part
from local.processes import Identity, die_with
from local.state import PartState, Phase

SETTLED_S = 60.0  # having lived this long, a part's next death counts as its first
BACK_OFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)  # a first death costs no wait: resume within 3 s
PROBE_S = 0.1


class Watched:
    """A part and the task that keeps it alive."""

    def __init__(self, part: Part, log: Path, changed: Callable[[], None]) -> None:
        self.part = part
        self.state = PartState(port=part.port, metrics_port=part.metrics_port)
        self._log = log
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # ready for the first time, or refused for good
        self._begun = time.monotonic()

    async def start(self) -> None:
        """Start it and return when it is ready; raises LocalError where it will never be."""
        self._begun = time.monotonic()
        self._keeper = asyncio.create_task(self._keep(), name=self.part.name)
        await self._settled.wait()
        if self.state.phase == "refused":
            raise LocalError(
                f"{self.part.name} does not start: {self.state.note} (log: {self._log})"
            )

    async def stop(self) -> None:
        """SIGTERM, patience, SIGKILL; returns when it is gone."""
        if self._keeper is None:
            return
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper
        process = self._process
        if process is not None and process.returncode is None:
            self._tell("stopping", "")
            _signal(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self.part.stop_s)
            except TimeoutError:
                _signal(process, signal.SIGKILL)
                await process.wait()
        self.state.identity = None
        self._tell("stopped", "")

    def why_not_ready(self) -> str:
        """What the operator should know of a part that takes too long."""
        return f"{self.part.name}: {self.state.note or last_line(self._log) or 'says nothing'}"

    async def _keep(self) -> None:
        deaths = 0
        while True:
            started = time.monotonic()
            try:
                code = await self._run_once()
                note = last_line(self._log) or f"ended with exit code {code}"
            except OSError as error:  # no process or no file to be had: later there may be
                code, note = EXIT_AGAIN, f"cannot be started: {error}"
            self.state.identity = None
            if code == EXIT_FINAL:
                self._tell("refused", note)
                self._settled.set()
                return
            deaths = 1 if time.monotonic() - started > SETTLED_S else deaths + 1
            self.state.restarts += 1
            self._tell("restarting", f"exit code {code}: {note}")
            await asyncio.sleep(BACK_OFF_S[min(deaths, len(BACK_OFF_S)) - 1])

    async def _run_once(self) -> int:
        self._tell("starting", self.state.note)
        parent = os.getpid()
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self.part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=self.part.environ(),
                start_new_session=True,
                preexec_fn=lambda: die_with(parent),
            )
        self._process = process
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended at once
            self.state.identity = Identity.of(process.pid)
        self._changed()
        readiness = asyncio.create_task(self._see_ready(process.pid))
        try:
            return await process.wait()
        finally:
            readiness.cancel()

    async def _see_ready(self, pid: int) -> None:
        while not await self.part.ready(pid):  # noqa: ASYNC110 (another process, no event)
            await asyncio.sleep(PROBE_S)
        if self.state.ready_after_s is None:
            self.state.ready_after_s = round(time.monotonic() - self._begun, 1)
        self._tell("ready", "")
        self._settled.set()

    def _tell(self, phase: Phase, note: str) -> None:
        self.state.phase, self.state.note = phase, note
        self._changed()


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
