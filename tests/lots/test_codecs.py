"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import lots, lots_commands, lots_events
from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.exceptions import Unreadable
from schemas.lots_structs import CODEC, decode_event
from tests.lots.depot import Depot, change, come, register
from tests.lots.histories import EXAMPLES
from tests.lots.written import BODIES, broken, good, nearly_good
from tests.stock.written import written

DEFINITION: TypeAdapter[Any] = TypeAdapter(lots.LotsCommand)
EVENT: TypeAdapter[Any] = TypeAdapter(lots.LotsEvent)


class NotFast(Exception):
    """The fast path would have asked the definition."""


class FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


FAST = FastOnly(lots_commands.COMMANDS)


def by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except Unreadable as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


def test_all_commands_are_written() -> None:
    assert list(BODIES) == [model.__name__ for model in lots_commands.COMMANDS]


@EXAMPLES
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    defined = by(CODEC.define, value)

    assert not isinstance(defined, Invalid)
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
    depot = Depot()
    told = depot.put(value).event or b""
    event = EVENT.validate_json(told)
    assert len(depot.actor.fingerprint(defined)) == 8
    assert as_struct(event) == decode_event(told)
    assert (event.command_id, event.sku) == (defined.id, defined.sku)


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
