"""A whole installation for one experiment: its own home, ports, broker, database and processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from tests.chaos.checker import Logs
from tests.chaos.logs import Progress, count, read_all
from tests.chaos.oracle import DAY_S
from tests.chaos.processes import ROOT, NotReady, Process, free_port, wait_for

TOPICS = {  # by the contract's table
    "commands": {"message.timestamp.type": "LogAppendTime"},
    "events": {"retention.ms": "-1"},
    "alerts": {},
    "dead-letters": {"max.message.bytes": str(4 << 20)},
    "changelog": {"cleanup.policy": "compact"},
}
READY_S = 120.0
DUE_SETTLE_S = 7.0  # the longest of the short reservations, and a few ticks


class Installation:
    """Everything of one experiment. Use `installation()`, which cleans up."""

    def __init__(self, home: Path, partitions: int, window_s: int = 30 * DAY_S) -> None:
        self.home, self.partitions, self.window_s = home, partitions, window_s
        self.prefix = "chaos."
        self.kafka = f"127.0.0.1:{free_port()}"
        self.processes: list[Process] = []
        self._common = {
            "STOCKYARD_HOME": str(home),
            "STOCKYARD_KAFKA": self.kafka,
            "STOCKYARD_TOPIC_PREFIX": self.prefix,
            "STOCKYARD_PARTITIONS": str(partitions),
            "STOCKYARD_IDEMPOTENCY_WINDOW_S": str(window_s),
            "STOCKYARD_METRICS_PORT": "0",
            "STOCKYARD_DOMAINS": "stock",
        }
        self.postgres_host, self._postgres_port = "127.0.0.1", 0

    def topic(self, name: str) -> str:
        """Full name of one of the five topics."""
        return f"{self.prefix}stock.{name}.v1"

    def start_kafka(self) -> Process:
        """The broker, and the topics."""
        port = self.kafka.rpartition(":")[2]
        where = ["--home", str(self.home / "kafka"), "--port", port]
        broker = self._process("kafka", ["-m", "local.kafka", *where], {})
        self.make_topics(self.await_kafka(broker), 1)
        return broker

    def make_topics(self, admin: AdminClient, replicas: int) -> None:
        """All five; with several replicas a majority of them must have what is acknowledged."""
        common = {"max.message.bytes": str(2 << 20), "min.insync.replicas": str(replicas // 2 + 1)}
        wanted = [
            NewTopic(self.topic(name), self.partitions, replicas, config=common | config)
            for name, config in TOPICS.items()
        ]
        for made in admin.create_topics(wanted).values():
            made.result(timeout=30)

    def await_kafka(self, broker: Process) -> AdminClient:
        """Start the broker, again perhaps, and wait until it answers."""
        broker.start()
        admin = AdminClient({"bootstrap.servers": self.kafka, "log_level": 2})

        def ready() -> bool:
            if not broker.alive:
                raise NotReady(f"the broker ended: {broker.tail()}")
            try:
                return bool(admin.list_topics(timeout=1).brokers)
            except KafkaException:
                return False

        wait_for("the broker", READY_S, ready, 0.3)
        return admin

    def start_postgres(self) -> Process:
        """The database, migrated."""
        self._postgres_port = self._postgres_port or free_port()
        where = ["--home", str(self.home / "postgres"), "--port", str(self._postgres_port)]
        where += ["--host", self.postgres_host]
        database = self._process("postgres", ["-m", "local.postgres", *where], {})
        database.start()
        roles = ("owner", "writer", "reader")

        def migrated() -> bool:
            if not database.alive:
                raise NotReady(f"the database ended: {database.tail()}")
            try:
                named = {f"STOCKYARD_POSTGRES_{role.upper()}": self.dsn(role) for role in roles}
            except FileNotFoundError:
                return False
            done = subprocess.run(
                [sys.executable, "-m", "tables", "migrate"],
                env=self._common | named | {"PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                capture_output=True,
                check=False,
            )
            return done.returncode == 0

        wait_for("the database", READY_S, migrated, 1.0)
        return database

    def crash_postgres(self, database: Process) -> None:
        """SIGQUIT: the server throws every client out at once and recovers at its next start."""
        first = (self.home / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]
        os.kill(int(first), signal.SIGQUIT)
        wait_for("the end of the database", READY_S, database.ended)

    def dsn(self, role: str) -> str:
        """A role's connection string."""
        password = (self.home / "postgres" / f"{role}.password").read_text().strip()
        address = f"{self.postgres_host}:{self._postgres_port}"
        return f"postgresql://{role}:{password}@{address}/stockyard"

    def worker(
        self,
        number: int,
        *,
        crashing: dict[str, str] | None = None,
        shim: dict[str, str] | None = None,
    ) -> Process:
        """Worker `number`, not started; `crashing` adds the variables of a crash to come."""
        entry = ["-m", "agents"] if crashing is None else ["-m", "tests.chaos.crashing_worker"]
        own = (crashing or {}) | (shim or {})
        return self._process(f"worker-{number}", [*entry, "--number", str(number)], own)

    def sink(self) -> Process:
        """The audit sink, not started."""
        own = {"STOCKYARD_POSTGRES_WRITER": self.dsn("writer")}
        return self._process("sink", ["-m", "tables"], own)

    def api(self) -> tuple[Process, str]:
        """The API, not started, and its address."""
        port = free_port()
        own = {
            "STOCKYARD_API_PORT": str(port),
            "STOCKYARD_POSTGRES_READER": self.dsn("reader"),
        }
        return self._process("api", ["-m", "api"], own), f"http://127.0.0.1:{port}"

    def naive_worker(self) -> Process:
        """The control, not started."""
        given = [self.kafka, self.prefix, str(self.partitions), str(self.home)]
        return self._process("naive", ["-m", "tests.chaos.naive_worker", *given], {})

    def _process(self, name: str, arguments: list[str], own: dict[str, str]) -> Process:
        logs = self.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        environment, log = self._common | own, logs / f"{name}.log"
        process = Process(name, arguments, environment, log, self._inside(name))
        self.processes.append(process)
        return process

    def _inside(self, name: str) -> Sequence[str]:
        """The command that enters a process's own namespace; none here."""
        return ()

    def owns(self, worker: Process) -> bool:
        """Whether this process says that it owns partitions."""
        path = self.home / "run" / f"{worker.name}.json"
        state = json.loads(path.read_text()) if path.exists() else {}
        return state.get("pid") == worker.pid and bool(state["partitions"])

    def _told(self) -> int | None:
        return count(self.kafka, self.topic("events"))

    def wait_told(self, more: int, seconds: float) -> float:
        """Until so many more events were told, by whoever decides; the seconds it took."""
        began = time.monotonic()
        wait_for("a broker that leads the events", seconds, lambda: self._told() is not None, 0.2)
        least = (self._told() or 0) + more
        wait_for(f"{more} more events", seconds, lambda: (self._told() or 0) >= least, 0.2)
        return time.monotonic() - began

    def wait_decided(self, seconds: float) -> float:
        """Until every record of the commands is behind a stamp; the seconds it took."""
        with Progress(self.kafka, self.topic("commands"), self.topic("changelog")) as progress:
            try:
                return wait_for("all commands decided", seconds, progress.all_decided, 0.0)
            except NotReady as late:
                raise NotReady(f"{late}; {progress.behind()}") from None

    def settle(self, seconds: float) -> int:
        """Until all is decided and what is due soon has expired by ticks; ms since the epoch."""
        self.wait_decided(seconds)
        time.sleep(DUE_SETTLE_S)
        self.wait_decided(30.0)
        return int(time.time() * 1000)

    def read(self) -> Logs:
        """All topics, read committed."""
        commands, events, alerts, dead_letters, changelog = (
            read_all(self.kafka, self.topic(name)) for name in TOPICS
        )
        return Logs(self.prefix, commands, events, alerts, dead_letters, changelog, self.window_s)

    def end(self) -> None:
        """Every process gone, the broker and the database last."""
        for process in reversed(self.processes):
            if process.name == "postgres" and process.alive:
                with suppress(NotReady):
                    process.stop()  # its server outlives a SIGKILL of ours, and still writes
            process.end()


def answers(url: str) -> bool:
    """Whether a GET gives 200."""
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def keep_logs(home: Path) -> Path:
    """A copy of the processes' logs that outlives the installation."""
    kept = Path(tempfile.mkdtemp(prefix="stockyard-chaos-failed-"))
    if (home / "logs").exists():
        shutil.copytree(home / "logs", kept, dirs_exist_ok=True)
    return kept


@contextmanager
def installation(partitions: int = 12, window_s: int = 30 * DAY_S) -> Iterator[Installation]:
    """A home of its own that is gone afterwards; the logs of a failure are kept and named."""
    with tempfile.TemporaryDirectory(prefix="stockyard-chaos-", ignore_cleanup_errors=True) as home:
        made = Installation(Path(home), partitions, window_s)
        try:
            yield made
        except BaseException as failure:
            failure.add_note(f"logs of the processes: {keep_logs(made.home)}")
            raise
        finally:
            made.end()
