"""Deliveries and services that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deliveries.service import Deliveries, Service

Open = Callable[[str], Service]


@pytest.fixture
def deliveries(kafka: str, tmp_path: Path) -> Iterator[Deliveries]:
    """A tenant whose process is started by the test."""
    made = Deliveries(kafka, tmp_path)
    yield made
    made.kill()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Open]:
    """Starts services, by their names."""
    made: list[Service] = []

    def start(name: str) -> Service:
        made.append(Service(tmp_path, name).start())
        return made[-1]

    yield start
    for one in made:
        one.kill()
