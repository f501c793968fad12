"""What stands around the models: instants, memory of rules, structs, JSON Schema."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field

from schemas import stock, stock_commands, stock_events
from schemas.derive import check_of, struct_of
from schemas.envelope import Closed
from schemas.export import json_schemas
from schemas.instants import rfc3339, utc_instant
from schemas.memo import Memo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MS = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)


@given(st.integers(0, LAST_MS))
def test_log_time_is_told_in_utc_with_milliseconds(ms: int) -> None:
    text = rfc3339(ms)

    assert datetime.fromisoformat(text) == EPOCH + timedelta(milliseconds=ms)
    assert len(text) == len("2026-11-20T10:00:02.123Z")
    assert utc_instant(text) == text


def test_a_memo_asks_once_and_stays_small() -> None:
    asked: list[int] = []

    def square(number: int) -> int:
        asked.append(number)
        return number**2

    memo = Memo(square, 3)

    assert [memo[number] for number in (2, 2, 3, 4, 4)] == [4, 4, 9, 16, 16]
    assert asked == [2, 3, 4]
    assert [memo[number] for number in range(100)] == [number**2 for number in range(100)]
    assert len(memo) <= 3


def test_a_memo_does_not_remember_an_error() -> None:
    def refuse(_: int) -> int:
        raise ValueError("no")

    memo = Memo(refuse, 3)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            memo[1]
    assert memo == {}


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("is odd")
    return number


class Item(Closed):
    """A line of something."""

    number: Annotated[int, Field(ge=0), AfterValidator(_even)]


class Wish(Closed):
    """Something else than stock, so that the derivation is not made for stock alone."""

    items: list[Item]
    limit: Annotated[int, Field(le=9), AfterValidator(_even)] | None = None


@pytest.mark.parametrize(
    ("told", "accepted"),
    [
        (b'{"items":[]}', True),
        (b'{"items":[{"number":2},{"number":0}],"limit":8}', True),
        (b'{"items":[{"number":2}],"limit":null}', True),
        (b'{"items":[{"number":1}]}', False),
        (b'{"items":[{"number":-2}]}', False),
        (b'{"items":[],"limit":3}', False),
        (b'{"items":[],"limit":10}', False),
        (b'{"items":[],"more":0}', False),
        (b'{"items":[{}]}', False),
    ],
)
def test_a_model_and_its_struct_have_the_same_rules(told: bytes, accepted: bool) -> None:
    def by_struct() -> None:
        check_of(Wish)(msgspec.json.decode(told, type=struct_of(Wish)))

    def by_model() -> None:
        Wish.model_validate_json(told)

    for read in (by_struct, by_model):
        if accepted:
            read()
        else:
            with pytest.raises(ValueError, match=r"."):
                read()


SCHEMAS = json_schemas()
LANGUAGE: list[tuple[str, Any]] = [
    *[("stock.commands.v1", model) for model in stock_commands.COMMANDS],
    *[("stock.events.v1", model) for model in stock_events.EVENTS],
    *[("stock.alerts.v1", model) for model in stock.ALERTS],
]


@pytest.mark.parametrize(
    ("topic", "model"), LANGUAGE, ids=lambda one: getattr(one, "__name__", one)
)
def test_every_type_of_a_topic_is_in_its_schema(topic: str, model: Any) -> None:
    name = model.__name__
    schema = SCHEMAS[topic]

    assert schema["discriminator"]["mapping"][name] == f"#/$defs/{name}"
    told = schema["$defs"][name]
    assert told["properties"]["type"]["const"] == name
    assert "type" in told["required"]
    assert ("additionalProperties" in told) == (topic == "stock.commands.v1")
    assert told["description"]


def test_the_schema_tells_the_rules() -> None:
    defs = SCHEMAS["stock.commands.v1"]["$defs"]

    reserve = defs["ReserveStock"]["properties"]
    assert (reserve["id"]["pattern"], reserve["id"]["maxLength"]) == ("^[!-~]+$", 128)
    assert (reserve["lines"]["minItems"], reserve["lines"]["maxItems"]) == (1, 1_000)
    assert reserve["ttl_seconds"]["maximum"] == 31_536_000
    assert defs["DeltaLine"]["properties"]["delta"]["minimum"] == -(10**12)
