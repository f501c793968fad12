"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import locations, locations_commands, locations_events
from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.exceptions import Unreadable
from schemas.locations_structs import CODEC, decode_event
from tests.locations.histories import EXAMPLES
from tests.locations.written import BODIES, broken, good, nearly_good
from tests.locations.yard import Yard, create, put_away, record
from tests.stock.written import written

DEFINITION: TypeAdapter[Any] = TypeAdapter(locations.LocationsCommand)
EVENT: TypeAdapter[Any] = TypeAdapter(locations.LocationsEvent)


class NotFast(Exception):
    """The fast path would have asked the definition."""


class FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


FAST = FastOnly(locations_commands.COMMANDS)


def by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except Unreadable as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


def test_all_commands_are_written() -> None:
    assert list(BODIES) == [model.__name__ for model in locations_commands.COMMANDS]


@EXAMPLES
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    defined = by(CODEC.define, value)

    if isinstance(defined, Invalid):
        assert defined.problem == "has a SKU twice"
        assert by(FAST.decode, value) is NotFast
    else:
        assert by(FAST.decode, value) == defined
        assert as_struct(DEFINITION.validate_json(value)) == defined


@EXAMPLES
@given(written(nearly_good()) | broken() | st.binary(max_size=40))
def test_the_fast_path_accepts_nothing_that_is_refused_and_every_answer_is_told(
    value: bytes,
) -> None:
    fast, defined = by(FAST.decode, value), by(CODEC.define, value)

    assert fast in (NotFast, defined)
    assert by(CODEC.decode, value) == defined
    if isinstance(defined, str):
        assert defined.encode(), "it becomes a header"
        return
    yard = Yard()
    told = yard.put(value).event or b""
    event = EVENT.validate_json(told)
    assert len(yard.actor.fingerprint(defined)) == 8
    assert as_struct(event) == decode_event(told)
    assert (event.command_id, event.warehouse) == (defined.id, defined.warehouse)


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
