"""Installations on the session's broker; their workers end with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.domains import STOCK
from tests.integration.installation import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(kafka: str, tmp_path: Path) -> Iterator[Install]:
    """Makes installations: `install(partitions=2)`, `install(domains=("stock", "finance"))`."""
    made: list[Installation] = []

    def make(
        partitions: int = 4, domains: tuple[str, ...] = (STOCK,), **environment: str
    ) -> Installation:
        variables = {f"STOCKYARD_{name}": value for name, value in environment.items()}
        home = tmp_path / f"home{len(made)}"
        made.append(Installation(kafka, home, partitions, environment=variables, domains=domains))
        return made[-1]

    yield make
    for installation in made:
        installation.close()
