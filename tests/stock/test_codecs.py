"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import stock, stock_commands, stock_events
from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.exceptions import Unreadable
from schemas.stock_structs import CODEC, decode_event
from streams import actor
from tests.examples import SOME
from tests.stock.bytes_of import Shop
from tests.stock.written import broken, good, nearly_good, written

DEFINITION: TypeAdapter[Any] = TypeAdapter(stock.StockCommand)
EVENT: TypeAdapter[Any] = TypeAdapter(stock.StockEvent)
# It reads NaN, and stops at other depths and digits, also in what a later duplicate replaces; half
# a character is refused there too, where ours asks nobody what was replaced.
PAIR = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
HALF = re.compile(rb"\\u[dD][89a-fA-F]")
OTHERWISE = (b"NaN", b"Infinity", b"9" * 4_300)
DEPTH_SURE = 100


class NotFast(Exception):
    """The fast path would have asked the definition."""


class FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


FAST = FastOnly(stock_commands.COMMANDS)


def by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except (Unreadable, actor.Unreadable) as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


@SOME
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    defined = by(CODEC.define, value)

    if isinstance(defined, Invalid):
        assert defined.problem in (
            "has a SKU whose deltas sum to 0",
            "has a SKU twice",
            "has a channel twice",
            "has a recover_point below its low_point",
        )
        assert by(FAST.decode, value) is NotFast
    else:
        assert by(FAST.decode, value) == defined


@SOME
@given(written(nearly_good()) | broken() | st.binary(max_size=40))
def test_the_fast_path_accepts_nothing_that_the_definition_refuses(value: bytes) -> None:
    fast, defined = by(FAST.decode, value), by(CODEC.define, value)

    if fast is not NotFast:
        assert fast == defined
    assert by(CODEC.decode, value) == defined


@SOME
@given(written(good()) | written(nearly_good()) | broken())
def test_pydantics_own_reader_of_json_agrees(value: bytes) -> None:
    assume(not any(one in value for one in OTHERWISE))
    assume(max(value.count(b"["), value.count(b"{")) <= DEPTH_SURE)
    assume(HALF.search(PAIR.sub(b"", value)) is None)
    try:
        theirs = as_struct(DEFINITION.validate_json(value))
    except ValidationError:
        theirs = None
    ours = by(CODEC.define, value)

    assert (None if isinstance(ours, Invalid | str) else ours) == theirs


@SOME
@given(written(nearly_good()) | broken())
def test_every_answer_can_be_told(value: bytes) -> None:
    shop = Shop()
    found = by(shop.actor.decode, value)
    if isinstance(found, str):
        assert found.encode(), "it becomes a header"
        return
    _, _, command = found
    told = shop.put(value)
    assert len(shop.actor.fingerprint(command)) == 8
    assert told.event is not None
    event = EVENT.validate_json(told.event)
    assert as_struct(event) == decode_event(told.event)
    assert (event.command_id, event.warehouse) == (command.id, command.warehouse)


@pytest.mark.parametrize("model", stock_events.EVENTS, ids=lambda model: model.__name__)
def test_events_are_strict_in_what_must_be_there(model: Any) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": model.__name__})


def test_an_event_with_more_fields_than_we_know_is_read() -> None:
    told = Shop().send("ReceiveStock", lines=[{"sku": "A", "quantity": 1}]).event
    assert told is not None
    later = json.dumps(json.loads(told) | {"colour": "green"}).encode()

    assert decode_event(later) == decode_event(told)
    assert EVENT.validate_json(later) == EVENT.validate_json(told)
