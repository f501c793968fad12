"""A tenant for a module or for one test, on real servers, and live API processes in front."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.domains import DOMAINS
from streams.settings import Settings
from streams.topics import Topics, ensure_topics
from tests.api.changelog import Changelog
from tests.api.processes import Api, Installation, postgres_variables
from tests.stores import running_postgres

PARTITIONS = 4


@dataclass(frozen=True)
class Servers:
    """Where Kafka and PostgreSQL answer."""

    kafka: str
    postgres: dict[str, str]


@pytest.fixture(scope="session")
def servers(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The session's Kafka, and a database of this folder's own, as it holds one installation."""
    with migrated(kafka, tmp_path_factory.mktemp("api-postgres")) as made:
        yield made


@pytest.fixture(scope="module")
def domains(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One tenant for a module, with a database of its own, for a sink that writes to it."""
    with migrated(kafka, tmp_path_factory.mktemp("domains-postgres")) as made:
        yield installation(made, tmp_path_factory.mktemp("domains"))


@contextmanager
def migrated(kafka: str, folder: Path) -> Iterator[Servers]:
    """Kafka, and a new database with our tables."""
    with running_postgres(folder) as database:
        addresses = asdict(database)
        command = [sys.executable, "-m", "tables", "migrate"]
        environment = os.environ | postgres_variables(addresses)
        subprocess.run(command, env=environment, check=True, capture_output=True)
        yield Servers(kafka, addresses)


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
    for domain in DOMAINS:
        asyncio.run(ensure_topics(settings, Topics.of(domain, settings.topic_prefix)))
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
