"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import locations, locations_commands, locations_events
from schemas.locations_structs import CODEC, decode_event
from tests.codecs import Codecs
from tests.examples import SOME
from tests.locations.written import BODIES, broken, good, nearly_good
from tests.locations.yard import Yard, create, put_away, record
from tests.stock.written import written

CODECS = Codecs(
    CODEC,
    locations_commands.COMMANDS,
    locations.LocationsCommand,
    locations.LocationsEvent,
    decode_event,
    across=("has a SKU twice",),
)
EVENT = CODECS.events


def test_all_commands_are_written() -> None:
    assert list(BODIES) == [model.__name__ for model in locations_commands.COMMANDS]


@SOME
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    CODECS.agree(value)


@SOME
@given(written(nearly_good()) | broken() | st.binary(max_size=40))
def test_the_fast_path_accepts_nothing_that_is_refused_and_every_answer_is_told(
    value: bytes,
) -> None:
    yard = Yard()
    CODECS.answer(value, yard.actor, lambda told: yard.put(told).event)


@pytest.mark.parametrize("model", locations_events.EVENTS, ids=lambda model: model.__name__)
def test_events_are_strict_in_what_must_be_there(model: Any) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": model.__name__})


def test_an_event_with_more_fields_than_we_know_is_read() -> None:
    yard = Yard().given(create("B1"), record(A=1))
    told = yard.send(put_away(("A", "B1", 1))).event or b""
    later = json.loads(told) | {"colour": "green"}
    later["lines"][0] |= {"lot": "7"}

    assert decode_event(json.dumps(later).encode()) == decode_event(told)
    assert EVENT.validate_python(later) == EVENT.validate_json(told)
