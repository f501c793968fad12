"""Starts every part in its order, keeps all of them running, stops them in the opposite order.

`python -m local.supervisor --workers N` is one process beside `./stockyard up`, which only watches
its state; SIGTERM ends it.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from local import compose, jars, leftovers, logs
from local.exceptions import EXIT_FINAL, LocalError
from local.kafka import LOCK
from local.parts import PRIVATE, ROOT, Layout, Part
from local.ports import LOOPBACK
from local.processes import Identity, die_with
from local.state import PartState, State, hold, home, write
from local.watched import Watched
from streams.settings import domains_at_work

START_S = 170.0  # the contract's 180 s for a cold start, with time to say what was missing
CONTAINERS_S = 1_800.0  # a first start pulls a gigabyte of images, and builds and compiles one
PREPARE_TRIES = 5
LOGS_EVERY_S = 10.0


class Supervisor:
    """One installation, from its start to its end."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._state = State(Identity.of(os.getpid()), workers)
        self._watched: list[Watched] = []
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Everything; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        work = asyncio.create_task(self._start_and_watch())
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 (whatever it is, nothing may be left running)
            self._state.error = str(error) or repr(error)
            print(f"stopping: {self._state.error}", file=sys.stderr, flush=True)
        await self._stop_all()
        return 1 if self._state.error else 0

    async def _start_and_watch(self) -> None:
        leftovers.end_all(self._folder)
        self._state.domains = domains_at_work()
        write(self._folder, self._state)
        containers = await asyncio.to_thread(compose.engine_answers)
        limit_s = CONTAINERS_S if containers else START_S
        try:
            async with asyncio.timeout(limit_s):
                await (self._start_containers() if containers else self._start_processes())
        except TimeoutError:
            late = [w.why_not_ready() for w in self._watched if w.state.phase != "ready"]
            raise LocalError(
                f"not ready after {limit_s:.0f} s: {'; '.join(late)} (logs: {self._folder}/log)"
            ) from None
        self._state.phase = "ready"
        self._changed()
        while True:
            await asyncio.sleep(LOGS_EVERY_S)
            logs.bound(self._folder / "log")
            self._changed()

    async def _start_containers(self) -> None:
        stack = compose.Stack(self._folder, self._state.workers)
        self._state.containers = True
        self._state.kafka = f"{LOOPBACK}:{stack.kafka_port}"
        self._state.api = f"http://{LOOPBACK}:{stack.api_port}"
        self._state.postgres = stack.reader_dsn
        await self._start(stack.part())
        for name, port in stack.metrics_ports().items():
            self._state.parts[name] = PartState(phase="ready", metrics_port=port)

    async def _start_processes(self) -> None:
        layout = Layout(self._folder, self._state.workers)
        self._state.kafka, self._state.api = layout.kafka_address, layout.api_url
        await _all(self._start_kafka(layout), self._start_postgres(layout))
        self._state.postgres = layout.dsn("reader")
        await _all(*(self._start(part) for part in layout.ours()))

    async def _start_kafka(self, layout: Layout) -> None:
        self._state.parts["kafka"] = PartState(phase="starting")
        loop = asyncio.get_running_loop()

        def tell(ready: int, total: int) -> None:  # in the thread that downloads
            loop.call_soon_threadsafe(self._tell_jars, ready, total)

        await asyncio.to_thread(jars.fetch, LOCK, tell)
        await self._start(layout.kafka())
        await self._prepare("topics", layout.common())

    async def _start_postgres(self, layout: Layout) -> None:
        await self._start(layout.postgres())
        roles = ("owner", "writer", "reader")
        names = {PRIVATE + role.upper(): layout.dsn(role) for role in roles}
        await self._prepare("tables", layout.common() | names)

    def _tell_jars(self, ready: int, total: int) -> None:
        self._state.parts["kafka"].note = f"jars {ready}/{total}"
        self._changed()

    async def _start(self, part: Part) -> None:
        watched = Watched(part, self._folder / "log" / f"{part.name}.log", self._changed)
        self._watched.append(watched)
        self._state.parts[part.name] = watched.state
        await watched.start()

    async def _prepare(self, what: str, environment: dict[str, str]) -> None:
        """Run a step that ends by itself; raises LocalError with its last line."""
        log = self._folder / "log" / f"prepare-{what}.log"
        parent = os.getpid()
        for _ in range(PREPARE_TRIES):  # a broker may answer before it can make topics
            with log.open("ab") as opened:
                step = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "local.prepare", what),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=opened,
                    stderr=opened,
                    cwd=ROOT,
                    env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
                    preexec_fn=lambda: die_with(parent),
                )
            try:
                code = await step.wait()
            finally:
                if step.returncode is None:
                    step.kill()
            if code == 0:
                return
            if code == EXIT_FINAL:
                break
        raise LocalError(f"{what}: {logs.last_line(log)} (log: {log})")

    async def _stop_all(self) -> None:
        """Ours first, all at once; then the stores that they write to."""
        self._state.phase = "stopping"
        self._changed()
        stores = [w for w in self._watched if w.part.name in ("kafka", "postgres")]
        ours = [w for w in self._watched if w not in stores]
        await asyncio.gather(*(watched.stop() for watched in ours))
        await asyncio.gather(*(watched.stop() for watched in stores))
        self._state.phase = "stopped"
        self._changed()

    def _changed(self) -> None:
        with contextlib.suppress(OSError):  # a full disk ends no watch; soon it is written again
            write(self._folder, self._state)


async def _all(*steps: Coroutine[Any, Any, None]) -> None:
    """Run steps side by side; the first that fails ends the others and is raised itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def main() -> None:
    """Be the supervisor of STOCKYARD_HOME, unless another process is."""
    parser = argparse.ArgumentParser(prog="python -m local.supervisor", description=__doc__)
    parser.add_argument("--workers", type=int, required=True)
    folder = home()
    held = hold(folder)
    if held is None:
        sys.exit(f"another supervisor runs in {folder}")
    sys.exit(asyncio.run(Supervisor(folder, parser.parse_args().workers).run()))


if __name__ == "__main__":
    main()
