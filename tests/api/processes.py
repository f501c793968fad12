"""Processes under test: started, asked, stopped or killed, each in a tenant of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.ports import free_port
from streams.settings import Settings
from tests.stores import Database

READY_S = 40.0
STOP_S = 15.0
TAIL_LINES = 40
STARTED = "sink started"  # by one of audit log and histories: repeats are not logged


class Process:
    """A `python -m ...` of this checkout."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        self.log = log
        self._is_asked_to_end = False
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=os.environ | environment,
                stdout=output,
                stderr=output,
            )

    @classmethod
    def module(cls, name: str, log: Path, **options: Any) -> "Process":
        """A module with `--name value` options."""
        arguments = [name]
        for option, value in options.items():
            arguments += [f"--{option}", str(value)]
        return cls(arguments, log, {})

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, timeout_s: float = STOP_S) -> int:
        """The exit code, once it has ended."""
        self._is_asked_to_end = True
        return self._process.wait(timeout_s)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def refuse_death(self) -> None:
        """Fail, with its log, where it has ended and nobody here asked it to."""
        code = None if self._is_asked_to_end else self._process.poll()
        assert code is None, f"{self.log.stem} ended by itself, with {code}: {tail(self.log)}"

    def until_logged(self, words: str) -> None:
        """Wait until it has said something, in a log of its own."""
        deadline = time.monotonic() + READY_S
        while words not in self.log.read_text():
            self.refuse_death()
            assert time.monotonic() < deadline, f"never {words!r}: {tail(self.log)}"
            time.sleep(0.05)

    def stop(self) -> int:
        """Ask it to end, unless it has died; its exit code."""
        self.refuse_death()
        if self.is_running():
            self.send(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.wait()
            raise

    def kill(self) -> None:
        """End it without asking."""
        self._is_asked_to_end = True
        self.send(signal.SIGKILL)
        self.wait()


class Api(Process):
    """An API, and a client of it."""

    def __init__(self, log: Path, environment: dict[str, str], port: int) -> None:
        super().__init__(["api"], log, environment)
        self.address = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.address, timeout=40)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(path, **options)

    def until_ready(self) -> "Api":
        """Wait until it can answer everything."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            try:
                if self.get("/health/ready").status_code == 200:
                    return self
            except httpx.TransportError:
                self.refuse_death()
            time.sleep(0.1)
        raise AssertionError(f"not ready: {tail(self.log)}")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def reach(api: Api, partition: int, seq: int) -> None:
    """Wait until an API shows an event's effects."""
    answer = api.get("/v1/stock?limit=1", headers={"X-Min-Position": f"{partition}:{seq}"})
    assert answer.status_code == 200, answer.text


class Installation:
    """One tenant: its topics exist, its processes are started here."""

    def __init__(self, settings: Settings, postgres: Database) -> None:
        self.settings, self.postgres = settings, postgres
        self._started: list[Process] = []

    def environment(self) -> dict[str, str]:
        """What every process of it reads."""
        settings = self.settings
        return {
            "STOCKYARD_HOME": str(settings.home),
            "STOCKYARD_KAFKA": settings.kafka,
            "STOCKYARD_TOPIC_PREFIX": settings.topic_prefix,
            "STOCKYARD_PARTITIONS": str(settings.partitions),
            "STOCKYARD_IDEMPOTENCY_WINDOW_S": str(settings.idempotency_window_s),
            "STOCKYARD_DOMAINS": ",".join(settings.domains),
        } | self.postgres.variables()

    def refuse_deaths(self) -> None:
        """Fail, with its log, where a process has ended and nobody here asked it to."""
        for process in self._started:
            process.refuse_death()

    def logs(self) -> list[tuple[str, str]]:
        """The name and the last lines of each log, for the report of a failure."""
        return [(log.name, tail(log)) for log in sorted(self.settings.home.glob("*.log"))]

    def start_api(self, **changes: str) -> Api:
        """An API that is starting; `changes` are environment variables."""
        port = free_port()
        environment = self.environment() | {"STOCKYARD_API_PORT": str(port)} | changes
        process = Api(self.settings.home / "api.log", environment, port)
        self._started.append(process)
        return process

    def api(self) -> Api:
        """An API that is ready."""
        return self.start_api().until_ready()

    def worker(self) -> Process:
        """A worker, starting."""
        return self._agents("worker")

    def worker_of(self, domain: str) -> Process:
        """A worker of another domain, starting."""
        return self._agents(domain, "--domain", domain)

    def finance(self) -> Process:
        """A worker of finance, starting."""
        return self.worker_of("finance")

    def policies(self) -> Process:
        """What tells finance of stock, starting."""
        return self._agents("policies", "--policies")

    def _agents(self, name: str, *arguments: str) -> Process:
        return self._start(name, "agents", *arguments, "--number", "1")

    def _start(self, name: str, *arguments: str) -> Process:
        log = self.settings.home / f"{name}.log"
        self._started.append(Process([*arguments], log, self.environment()))
        return self._started[-1]

    def orders(self) -> Process:
        """A worker of orders, starting."""
        return self.worker_of("orders")

    def lots(self) -> Process:
        """A worker of lots, starting."""
        return self.worker_of("lots")

    def locations(self) -> Process:
        """A worker of locations, starting."""
        return self.worker_of("locations")

    def catalog(self) -> Process:
        """A worker of the catalogue, starting."""
        return self.worker_of("catalog")

    @contextmanager
    def at_work(self, names: Iterable[str]) -> Iterator[dict[str, Process]]:
        """Some of its processes, by their methods' names, for a while; the sink has started."""
        with ExitStack() as started:
            processes: dict[str, Process] = {}
            for name in names:
                processes[name] = getattr(self, name)()
                started.callback(processes[name].stop)
            if "sink" in processes:
                processes["sink"].until_logged(STARTED)
            yield processes

    def sink(self) -> Process:
        """The audit sink and the history, starting: it says so with STARTED."""
        return self._start("sink", "tables")
