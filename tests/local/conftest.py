"""Installations for the tests: one that is up for a whole module, or a fresh one each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.domains import STOCK
from tests.local.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation of all parts, with two workers, that is up."""
    house = House(tmp_path_factory.mktemp("house") / "home", inbound="1")
    try:
        house.run("up", "--detach", "--workers", "2")
        yield house
    finally:
        house.run("down", "--purge")


@pytest.fixture(scope="module")
def used_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home of stock alone that tests start and stop in turn: one finds it up, or down."""
    house = House(tmp_path_factory.mktemp("used") / "home", STOCK)
    yield house
    house.run("down", "--purge")


@pytest.fixture
def new_house(tmp_path: Path) -> Iterator[House]:
    """A home of stock alone in which nothing was ever started; stopped afterwards."""
    house = House(tmp_path / "home", STOCK)
    yield house
    house.run("down")
