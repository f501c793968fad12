"""Which integers of a command are amounts in a line's unit: all of them are told apart here."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from api.resolving import RESOLVES
from schemas import locations_commands, lots_commands, orders_commands, stock_commands
from schemas.domains import LOCATIONS, LOTS, ORDERS, STOCK
from tables.demand import AMOUNTS, POOLS

LANGUAGES: dict[str, ModuleType] = {
    STOCK: stock_commands,
    LOCATIONS: locations_commands,
    ORDERS: orders_commands,
    LOTS: lots_commands,  # its commands have no lines: each is one
}
NO_AMOUNTS = {"expected_version", "days"}
"""What lines say in integers that count no units."""
BESIDE = {
    *("ttl_seconds", "priority", "attempts_max", "hold_s", "shelf_life_days"),
    *("tolerance", "units_max", "sources.stock.available"),  # of many SKUs, or of none
    *("sources.priority", "sources.distance", "sources.cost"),
}
"""What commands say beside their lines: in base units, where it counts units at all."""


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a field is made of, whether in a list, or where it may be null."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models(one)


def is_integer(annotation: Any) -> bool:
    """Whether a field may be an integer."""
    return annotation is int or any(map(is_integer, get_args(annotation)))


def integers(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """The path of each integer of a model."""
    for name, field in model.model_fields.items():
        if is_integer(field.annotation):
            yield at + name
        for part in models(field.annotation):
            yield from integers(part, f"{at}{name}.")


def asked(domain: str) -> list[type[BaseModel]]:
    """The commands of a domain that requests may carry."""
    language = LANGUAGES[domain]
    return [model for model in language.COMMANDS if model not in language.CAUSED]


def told(domain: str) -> tuple[set[str], set[str]]:
    """The integers of a domain's lines, and those beside them."""
    found = {path for model in asked(domain) for path in integers(model)}
    if domain == LOTS:
        return found, set()
    lines = {path for path in found if path.startswith("lines.")}
    return {path.removeprefix("lines.") for path in lines}, found - lines


def test_every_domain_that_is_read_in_a_catalogue_is_looked_at() -> None:
    assert set(RESOLVES) == set(LANGUAGES)


def test_every_integer_of_a_line_is_an_amount_or_known_to_be_none() -> None:
    lines = set[str]().union(*(told(domain)[0] for domain in RESOLVES))
    names = {path.removeprefix(f"{POOLS}.") for path in lines}

    assert not AMOUNTS & NO_AMOUNTS
    assert names == AMOUNTS | NO_AMOUNTS


def test_every_integer_beside_lines_is_known() -> None:
    found = set[str]().union(*(told(domain)[1] for domain in RESOLVES))

    assert {path.replace("constraints.", "") for path in found} == BESIDE
    assert not {path.rpartition(".")[2] for path in found} & AMOUNTS


@pytest.mark.parametrize("annotation", [int, int | None, list[int], dict[str, int] | None])
def test_an_integer_is_found_wherever_it_stands(annotation: Any) -> None:
    class Line(BaseModel):
        said: annotation
        flag: bool = False

    class Asked(BaseModel):
        lines: list[Line] | None

    assert list(integers(Asked)) == ["lines.said"]
