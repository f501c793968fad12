"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import catalog, catalog_commands, catalog_events
from schemas.catalog_structs import CODEC, decode_event
from tests.catalog.registry import Registry, item, kit
from tests.catalog.written import LINES, broken, good, nearly_good
from tests.codecs import Codecs
from tests.examples import SOME
from tests.stock.written import written

CODECS = Codecs(
    CODEC,
    catalog_commands.COMMANDS,
    catalog.CatalogCommand,
    catalog.CatalogEvent,
    decode_event,
    across=(
        "has a SKU twice",
        "has a unit twice",
    ),
)
EVENT = CODECS.events


def test_all_commands_are_written() -> None:
    assert list(LINES) == [model.__name__ for model in catalog_commands.COMMANDS]


@SOME
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    CODECS.agree(value)


@SOME
@given(written(nearly_good()) | broken() | st.binary(max_size=40))
def test_the_fast_path_accepts_nothing_that_is_refused_and_every_answer_is_told(
    value: bytes,
) -> None:
    registry = Registry()
    CODECS.answer(value, registry.actor, lambda told: registry.put(told).event)


@pytest.mark.parametrize("model", catalog_events.EVENTS, ids=lambda model: model.__name__)
def test_events_are_strict_in_what_must_be_there(model: Any) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": model.__name__})


def test_an_event_with_more_fields_than_we_know_is_read() -> None:
    registry = Registry().given(item("A", "B"))
    told = registry.send(kit("A", ("B", 2))).event or b""
    later = json.loads(told) | {"colour": "green"}
    later["lines"][0]["components"][0] |= {"scrap": 1}

    assert decode_event(json.dumps(later).encode()) == decode_event(told)
    assert EVENT.validate_python(later) == EVENT.validate_json(told)
