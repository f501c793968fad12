"""A real Kafka and a real PostgreSQL for a test session: containers, or else local processes."""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from testcontainers.core.container import DockerContainer

from local import kafka, postgres, probes
from local.compose import engine_answers
from local.parts import ROOT
from local.ports import LOOPBACK, free_port
from local.processes import die_with

READY_S = 120.0
STOP_S = 40.0
KAFKA_IMAGE = f"apache/kafka:{kafka.version()}"
POSTGRES_IMAGE = f"postgres:{postgres.VERSION}"
SUPERUSER = "postgres"
ROLES_SCRIPT = ROOT / "local" / "postgres-roles.sh"


@dataclass(frozen=True, slots=True)
class Database:
    """The DSNs of a database: those of its three roles, and the one that can make others."""

    owner: str
    writer: str
    reader: str
    superuser: str

    @classmethod
    def of(cls, dsn: Callable[[str], str]) -> "Database":
        """The database of a server that knows the DSN of each role."""
        return cls(*(dsn(role) for role in (*postgres.ROLES, SUPERUSER)))

    @property
    def name(self) -> str:
        """What it is called on its server."""
        return self.owner.rpartition("/")[2]

    def variables(self) -> dict[str, str]:
        """The environment's names for the DSNs of the three roles."""
        return {
            f"STOCKYARD_POSTGRES_{role.upper()}": getattr(self, role) for role in postgres.ROLES
        }

    async def beside(self, name: str, template: str = "template1") -> "Database":
        """A new database on the same server, with what the template holds."""
        connection = await asyncpg.connect(self.superuser)
        try:
            await connection.execute(f"CREATE DATABASE {name} OWNER owner TEMPLATE {template}")
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO writer, reader")
        finally:
            await connection.close()
        every = (self.owner, self.writer, self.reader, self.superuser)
        return Database(*(f"{dsn.rpartition('/')[0]}/{name}" for dsn in every))


@contextmanager
def running_kafka(folder: Path) -> Iterator[str]:
    """A broker, as host:port."""
    port = free_port()
    address = f"{LOOPBACK}:{port}"
    ready = probes.kafka(address)
    with _kafka_container(port) if engine_answers() else _kafka_process(folder, port):
        _until(ready, "kafka")
        yield address


@contextmanager
def running_postgres(folder: Path) -> Iterator[Database]:
    """A database server with the three roles."""
    port = free_port()
    if engine_answers():
        passwords = {role: secrets.token_urlsafe() for role in (SUPERUSER, *postgres.ROLES)}
        with _postgres_container(port, passwords):
            yield _ready_database(lambda role: _container_dsn(role, passwords[role], port))
    else:
        where = ["--home", str(folder), "--port", str(port)]
        with _process("local.postgres", *where):
            yield _ready_database(lambda role: postgres.dsn(folder, role, port))


def _ready_database(dsn: Callable[[str], str]) -> Database:
    _until(probes.postgres(lambda: dsn("reader")), "postgres")
    return Database.of(dsn)


def _container_dsn(role: str, password: str, port: int) -> str:
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{postgres.DATABASE}"


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[None]:
    parent = os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: die_with(parent),
    )
    try:
        yield
        assert process.poll() is None, f"{module} died during the tests"
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _kafka_process(folder: Path, port: int) -> Iterator[None]:
    with _process("local.kafka", "--home", str(folder), "--port", str(port)):
        yield


@contextmanager
def _kafka_container(port: int) -> Iterator[None]:
    settings = kafka.properties(Path("/var/lib/kafka/data"), port, 9093)
    settings |= {
        "listeners": f"BROKER://:{port},CONTROLLER://:9093",
        "log.dirs": "/tmp/kafka-logs",
    }
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for name, value in settings.items():
        container = container.with_env("KAFKA_" + name.replace(".", "_").upper(), value)
    with container:
        yield


@contextmanager
def _postgres_container(port: int, passwords: dict[str, str]) -> Iterator[None]:
    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_bind_ports(5432, port)
        .with_volume_mapping(str(ROLES_SCRIPT), "/docker-entrypoint-initdb.d/roles.sh")
    )
    for role, password in passwords.items():
        container = container.with_env(f"{role.upper()}_PASSWORD", password)
    with container:
        yield


def _until(ready: probes.Probe, name: str) -> None:
    deadline = time.monotonic() + READY_S
    while not asyncio.run(ready(0)):
        assert time.monotonic() < deadline, f"{name} is not ready after {READY_S:.0f} s"
        time.sleep(0.1)
