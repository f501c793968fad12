"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import orders, orders_commands, orders_events
from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.exceptions import Unreadable
from schemas.orders_structs import CODEC, decode_event
from tests.orders.desk import Desk, place, source
from tests.orders.histories import EXAMPLES
from tests.orders.written import BODIES, broken, good, nearly_good
from tests.stock.written import written

DEFINITION: TypeAdapter[Any] = TypeAdapter(orders.OrdersCommand)
EVENT: TypeAdapter[Any] = TypeAdapter(orders.OrdersEvent)


class NotFast(Exception):
    """The fast path would have asked the definition."""


class FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


FAST = FastOnly(orders_commands.COMMANDS)


def by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except Unreadable as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


def test_all_commands_are_written() -> None:
    assert list(BODIES) == [model.__name__ for model in orders_commands.COMMANDS]


@EXAMPLES
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    defined = by(CODEC.define, value)

    if isinstance(defined, Invalid):
        assert defined.problem in (
            "has a warehouse twice",
            "has a SKU whose quantities sum to more than 1000000000000",
        )
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
    desk = Desk()
    told = desk.put(value).event or b""
    event = EVENT.validate_json(told)
    assert len(desk.actor.fingerprint(defined)) == 8
    assert as_struct(event) == decode_event(told)
    assert (event.command_id, event.order) == (defined.id, defined.order)


@pytest.mark.parametrize("model", orders_events.EVENTS, ids=lambda model: model.__name__)
def test_events_are_strict_in_what_must_be_there(model: Any) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": model.__name__})


def test_an_event_with_more_fields_than_we_know_is_read() -> None:
    told = Desk().send(place({"A": 1}, source("L"))).event or b""
    later = json.loads(told) | {"colour": "green"}
    later["legs"][0] |= {"carrier": "7"}

    assert decode_event(json.dumps(later).encode()) == decode_event(told)
    assert EVENT.validate_python(later) == EVENT.validate_json(told)
