"""A real Kafka and PostgreSQL for this folder, and live API processes in front of them."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from local import postgres
from local.ports import free_port
from streams.settings import Settings
from streams.topics import Topics, ensure_topics
from tests.api.changelog import Changelog
from tests.api.processes import Api, Installation, Process

PARTITIONS = 4
UP_S = 60.0


@dataclass(frozen=True)
class Servers:
    """Where Kafka and PostgreSQL answer."""

    kafka: str
    postgres: dict[str, str]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both servers, for the whole run."""
    home = tmp_path_factory.mktemp("servers")
    kafka_port, postgres_port = free_port(), free_port()
    started = [
        Process.module("local.kafka", home / "kafka.log", home=home / "kafka", port=kafka_port),
        Process.module("local.postgres", home / "pg.log", home=home / "pg", port=postgres_port),
    ]
    try:
        _until_up(f"127.0.0.1:{kafka_port}")
        addresses = {
            role: postgres.dsn(home / "pg", role, postgres_port) for role in postgres.ROLES
        }
        found = Servers(f"127.0.0.1:{kafka_port}", addresses)
        _migrate(found)
        yield found
    finally:
        for process in started:
            process.stop()


def _until_up(kafka: str) -> None:
    async def ask() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        try:
            await admin.start()
        finally:
            await admin.close()

    deadline = time.monotonic() + UP_S
    while True:
        try:
            return asyncio.run(ask())
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _migrate(servers: Servers) -> None:
    environment = dict(os.environ)
    for role, address in servers.postgres.items():
        environment[f"STOCKYARD_POSTGRES_{role.upper()}"] = address
    command = [sys.executable, "-m", "tables", "migrate"]
    subprocess.run(command, env=environment, check=True, capture_output=True)


def installation(servers: Servers, home: Path) -> Installation:
    """A new tenant on the servers, with its topics."""
    settings = Settings(
        home=home,
        kafka=servers.kafka,
        topic_prefix=f"t{uuid4().hex[:8]}.",
        partitions=PARTITIONS,
        replication=1,
        idempotency_window_s=86_400,
        commit_interval_ms=10,
        metrics_port=0,
        host="127.0.0.1",
    )
    asyncio.run(ensure_topics(settings, Topics.of("stock", settings.topic_prefix)))
    return Installation(settings, servers.postgres)


@pytest.fixture(scope="module")
def stock(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One tenant for a module."""
    return installation(servers, tmp_path_factory.mktemp("stock"))


@pytest.fixture(scope="module")
def api(stock: Installation) -> Iterator[Api]:
    """One API for a module, ready."""
    process = stock.api()
    yield process
    process.stop()


@pytest.fixture
def own_stock(servers: Servers, tmp_path: Path) -> Installation:
    """A tenant for one test that breaks things."""
    return installation(servers, tmp_path)


@pytest.fixture
def own_api(own_stock: Installation) -> Iterator[Api]:
    """An API for one test that breaks things."""
    process = own_stock.api()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def changelog(stock: Installation) -> Changelog:
    """Writes the module's changelog by hand, as a worker would."""
    return Changelog(stock.settings)


@pytest.fixture
def own_changelog(own_stock: Installation) -> Changelog:
    """Writes the changelog of one test's tenant."""
    return Changelog(own_stock.settings)
