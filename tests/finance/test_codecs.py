"""One definition, two codecs: they accept and refuse the same bytes, and read the same in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import finance, finance_commands, finance_events
from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.exceptions import Unreadable
from schemas.finance_structs import CODEC, decode_event
from tests.examples import SOME
from tests.finance.bytes_of import Office
from tests.finance.written import broken, good, nearly_good
from tests.stock.written import written

EVENT: TypeAdapter[Any] = TypeAdapter(finance.FinanceEvent)
ACROSS_LINES = (  # rules of a list as a whole, which may be broken by lines that are good
    "has a line of which not exactly one side is owned",
    "has a SKU that comes in twice",
    "has a SKU twice",
    "has an amount without a currency",
)


class NotFast(Exception):
    """The fast path would have asked the definition."""


class FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


FAST = FastOnly(finance_commands.COMMANDS)


def by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except Unreadable as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


@SOME
@given(written(good()))
def test_both_accept_what_is_good_with_equal_fields(value: bytes) -> None:
    defined = by(CODEC.define, value)

    if isinstance(defined, Invalid):
        assert defined.problem in ACROSS_LINES
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
@given(written(good()) | written(nearly_good()))
def test_every_answer_can_be_told(value: bytes) -> None:
    command = by(CODEC.decode, value)
    if isinstance(command, str):
        assert command.encode(), "it becomes a header"
        return
    office = Office()

    office.put(value)

    assert len(office.actor.fingerprint(command)) == 8
    event = EVENT.validate_json(office.events[0])
    assert as_struct(event) == decode_event(office.events[0])
    assert (event.command_id, event.warehouse) == (command.id, command.warehouse)


@pytest.mark.parametrize("model", finance_events.EVENTS, ids=lambda model: model.__name__)
def test_events_are_strict_in_what_must_be_there(model: Any) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_python({"type": model.__name__})


def test_an_event_with_more_fields_than_we_know_is_read() -> None:
    office = Office()
    office.move("received", ("A", 1))
    later = json.dumps(json.loads(office.events[0]) | {"colour": "green"}).encode()

    assert decode_event(later) == decode_event(office.events[0])
    assert EVENT.validate_json(later) == EVENT.validate_json(office.events[0])


@pytest.mark.parametrize(
    ("kind", "fields", "path", "problem"),
    [
        ("ClosePeriod", {"period": "2026-13"}, "period", "is no month, such as 2026-11"),
        ("ClosePeriod", {}, "period", "is missing"),
        ("ClosePeriod", {"period": "2026-11", "colour": 1}, "colour", "is an unknown field"),
        (
            "PostCost",
            {"receipt": "3-1", "currency": "eur", "lines": [{"sku": "A", "amount": 1}]},
            "currency",
            "is no currency of ISO 4217, such as EUR",
        ),
        (
            "PostCost",
            {"receipt": "3-1", "currency": "EUR", "lines": [{"sku": "A", "amount": 1.5}]},
            "lines.0.amount",
            "is no integer",
        ),
        (
            "PostLandedCost",
            {"receipt": "3-1", "currency": "EUR", "amount": 0, "basis": "value"},
            "amount",
            "is 0",
        ),
        (
            "PostLandedCost",
            {"receipt": "3-1", "currency": "EUR", "amount": 1, "basis": "weight"},
            "basis",
            "is none of 'quantity' or 'value'",
        ),
        ("SetCosting", {"lines": []}, "lines", "has fewer items than 1"),
        ("ReceiveStock", {"lines": []}, "type", "is no command"),
    ],
)
def test_what_breaks_a_rule_is_told_where_and_why(
    kind: str, fields: dict[str, Any], path: str, problem: str
) -> None:
    event = Office().send(kind, **fields)

    assert (event["code"], event["details"]) == (
        "INVALID_COMMAND",
        {"path": path, "problem": problem},
    )
