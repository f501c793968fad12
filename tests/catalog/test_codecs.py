"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import catalog, catalog_commands, catalog_events
from schemas.catalog_structs import CODEC, decode_event
from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.exceptions import Unreadable
from tests.catalog.registry import Registry, item, kit
from tests.catalog.written import LINES, broken, good, nearly_good
from tests.stock.histories import EXAMPLES
from tests.stock.written import written

DEFINITION: TypeAdapter[Any] = TypeAdapter(catalog.CatalogCommand)
EVENT: TypeAdapter[Any] = TypeAdapter(catalog.CatalogEvent)


class NotFast(Exception):
    """The fast path would have asked the definition."""


class FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


FAST = FastOnly(catalog_commands.COMMANDS)


def by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except Unreadable as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


def test_all_commands_are_written() -> None:
    assert list(LINES) == [model.__name__ for model in catalog_commands.COMMANDS]


@EXAMPLES
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    defined = by(CODEC.define, value)

    if isinstance(defined, Invalid):
        assert defined.problem in ("has a SKU twice", "has a unit twice")
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
    registry = Registry()
    told = registry.put(value).event or b""
    event = EVENT.validate_json(told)
    assert len(registry.actor.fingerprint(defined)) == 8
    assert as_struct(event) == decode_event(told)
    assert (event.command_id, event.catalog) == (defined.id, defined.catalog)


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
