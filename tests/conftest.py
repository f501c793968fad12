"""The stores that tests share, the order of files, and that a skipped test is not a passed one."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from streams import native

# timing never decides a test
settings.register_profile("stockyard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stockyard")
native.activate()  # as a worker does; STOCKYARD_PLAIN=1 tests the same as plain Python

# ruff: noqa: E402
from tests.stores import Database, running_kafka, running_postgres


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real broker for the whole session, as host:port; take a topic prefix of your own."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A real PostgreSQL for the whole session, with its three roles and an empty database."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as database:
        yield database


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files go to several processes, those of few tests go first: they run for minutes.

    Last, a process would sit on one of them while the others have nothing left to do.
    """
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        items.sort(key=lambda item: (tests[item.path], str(item.path)))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which a test was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
