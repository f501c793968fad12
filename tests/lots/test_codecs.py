"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import lots, lots_commands, lots_events
from schemas.lots_structs import CODEC, decode_event
from tests.codecs import Codecs
from tests.examples import SOME
from tests.lots.depot import Depot, change, come, register
from tests.lots.written import BODIES, broken, good, nearly_good
from tests.stock.written import written

CODECS = Codecs(
    CODEC,
    lots_commands.COMMANDS,
    lots.LotsCommand,
    lots.LotsEvent,
    decode_event,
)
EVENT = CODECS.events


def test_all_commands_are_written() -> None:
    assert list(BODIES) == [model.__name__ for model in lots_commands.COMMANDS]


@SOME
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    CODECS.agree(value)


@SOME
@given(written(nearly_good()) | broken() | st.binary(max_size=40))
def test_the_fast_path_accepts_nothing_that_is_refused_and_every_answer_is_told(
    value: bytes,
) -> None:
    depot = Depot()
    CODECS.answer(value, depot.actor, lambda told: depot.put(told).event)


@pytest.mark.parametrize("model", lots_events.EVENTS, ids=lambda model: model.__name__)
def test_events_are_strict_in_what_must_be_there(model: Any) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": model.__name__})


def test_an_event_with_more_fields_than_we_know_is_read() -> None:
    depot = Depot().given(register("L1"), come("L1", 3))
    told = depot.send(change("sellable", "customer", 1)).event or b""
    later = json.loads(told) | {"colour": "green"}
    later["units"][0] |= {"shelf": "7"}

    assert decode_event(json.dumps(later).encode()) == decode_event(told)
    assert EVENT.validate_python(later) == EVENT.validate_json(told)
