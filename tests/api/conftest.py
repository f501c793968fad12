"""A tenant for a module or for one test, on real servers, and live API processes in front."""

import asyncio
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.domains import STOCK
from streams.settings import Settings
from streams.topics import Topics, ensure_topics
from tests.api.changelog import Changelog
from tests.api.processes import Api, Installation
from tests.audit.conftest import bring_to_version
from tests.stores import Database

PARTITIONS = 4
MODEL = "api"  # the database with our tables that each tenant's is a copy of
TENANT = pytest.StashKey[Installation]()


@dataclass(frozen=True)
class Servers:
    """Where Kafka and PostgreSQL answer."""

    kafka: str
    model: Database


@pytest.fixture(scope="session")
def servers(kafka: str, postgres: Database) -> Servers:
    """The session's Kafka and PostgreSQL, with a database of our tables that nobody writes to."""
    return Servers(kafka, asyncio.run(made_model(postgres)))


async def made_model(postgres: Database) -> Database:
    model = await postgres.beside(MODEL)
    await bring_to_version(model)
    return model


def installation(servers: Servers, home: Path, domains: tuple[str, ...] = (STOCK,)) -> Installation:
    """A new tenant on the servers, with topics and a database of its own."""
    prefix = f"t{uuid4().hex[:8]}"
    settings = Settings(
        home=home,
        kafka=servers.kafka,
        topic_prefix=f"{prefix}.",
        partitions=PARTITIONS,
        replication=1,
        idempotency_window_s=86_400,
        commit_interval_ms=10,
        metrics_port=0,
        host="127.0.0.1",
        domains=domains,
    )
    for domain in domains:
        asyncio.run(ensure_topics(settings, Topics.of(domain, settings.topic_prefix)))
    return Installation(settings, asyncio.run(servers.model.beside(prefix, MODEL)))


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What a module's tenant has: stock alone, unless the module says otherwise."""
    return (STOCK,)


@pytest.fixture(scope="module")
def stock(
    request: pytest.FixtureRequest,
    servers: Servers,
    domains: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Installation:
    """One tenant for a module."""
    made = installation(servers, tmp_path_factory.mktemp("stock"), domains)
    request.node.stash[TENANT] = made
    return made


@pytest.fixture(scope="module")
def api(stock: Installation) -> Iterator[Api]:
    """One API for a module, ready."""
    process = stock.api()
    yield process
    process.stop()


@pytest.fixture
def own_stock(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Installation:
    """A tenant of stock alone for one test that breaks things."""
    made = installation(servers, tmp_path)
    request.node.stash[TENANT] = made
    return made


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


def tenants(item: pytest.Item) -> list[Installation]:
    """The module's and the test's own, where they have been made."""
    return [node.stash[TENANT] for node in item.listchain() if TENANT in node.stash]


@pytest.fixture(autouse=True)
def alive(request: pytest.FixtureRequest) -> None:
    """No test waits for what a process would do that has died before it."""
    for tenant in tenants(request.node):
        tenant.refuse_deaths()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What failed is shown with the ends of its processes' logs."""
    report = yield
    if report.failed:
        report.sections += [log for tenant in tenants(item) for log in tenant.logs()]
    return report
