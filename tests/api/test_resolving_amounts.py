"""Every amount of a line is told in the line's unit: each command that has others than a quantity.

Of a case of 12, as it is counted, ordered and kept.
"""

import json
from typing import Any

import pytest

from api.bodies import command_of
from api.desk import CODECS
from api.problems import Problem
from api.resolving import resolved
from schemas.domains import CATALOG, STOCK
from tests.api.test_resolving import body, request
from tests.catalog.registry import Registry, item, number, units

Line = dict[str, Any]

GTIN_OF_CASE = "96385074"
ROWS = Registry().given(item("A"), units("A", case=(12, 1)), number("A", GTIN_OF_CASE, "case")).rows
NAMES = ({"gtin": GTIN_OF_CASE}, {"sku": "A", "unit": "case"})
DUE = "2026-12-01T00:00:00Z"


async def plain(*lines: Line, **fields: Any) -> bytes:
    """A command as Kafka gets it."""
    return await resolved(
        request("/v1/commands", "catalog=main", CATALOG, rows=ROWS), body(*lines, **fields)
    )


async def refused(*lines: Line, **fields: Any) -> tuple[str, str]:
    """The code that it is refused with, and where."""
    with pytest.raises(Problem) as found:
        await plain(*lines, **fields)
    assert found.value.status == 422
    return found.value.code, found.value.members["errors"][0]["path"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("fields", "cases", "pieces"),
    [
        (
            {"type": "SetStock", "reason": "counted"},
            {"on_hand": 3, "expected_version": 7},
            {"on_hand": 36, "expected_version": 7},
        ),
        ({"type": "SetReorderPoint"}, {"reorder_point": "0.5"}, {"reorder_point": 6}),
        (
            {"type": "SetStockPolicy"},
            {"safety_stock": 1, "recover_point": 2, "negative_limit": 3},
            {"safety_stock": 12, "recover_point": 24, "negative_limit": 36},
        ),
        (
            {"type": "SetStockPolicy"},
            {"safety_stock": 1, "recover_point": None},
            {"safety_stock": 12, "recover_point": None},
        ),
        (
            {"type": "SetChannelPools"},
            {
                "pools": [
                    {"channel": "web", "quantity": 9, "safety_stock": "0.25"},
                    {"channel": "shop", "quantity": None, "low_point": 1, "recover_point": 2},
                    {"channel": "fair", "recover_point": None},
                ]
            },
            {
                "pools": [
                    {"channel": "web", "quantity": 108, "safety_stock": 3},
                    {"channel": "shop", "quantity": None, "low_point": 12, "recover_point": 24},
                    {"channel": "fair", "recover_point": None},
                ]
            },
        ),
        (
            {"type": "ExpectSupply", "supply": "po-7"},
            {"quantity": 4, "due": DUE, "expected": 5},
            {"quantity": 48, "due": DUE, "expected": 60},
        ),
        (
            {"type": "ExpectSupply", "supply": "po-7"},
            {"quantity": 0, "due": DUE, "expected": 5},
            {"quantity": 0, "due": DUE, "expected": 60},
        ),
        ({"type": "RecordCount", "count": "c-7"}, {"counted": 2}, {"counted": 24}),
        ({"type": "AdjustStock", "reason": "lost"}, {"delta": "-0.5"}, {"delta": -6}),
    ],
)
async def test_what_is_told_in_cases_is_sent_in_pieces(
    name: Line, fields: Line, cases: Line, pieces: Line
) -> None:
    sent = await plain(name | cases, **fields)

    told = body({"sku": "A"} | pieces, **fields)
    assert json.loads(sent) == json.loads(told)
    codec = CODECS[STOCK]
    assert codec.decode(sent) == codec.decode(told)
    assert command_of(sent, None, codec).id == "c-1", "and it is a command"


@pytest.mark.parametrize(
    ("fields", "line", "path"),
    [
        ({"type": "SetStock"}, {"on_hand": "0.3"}, "on_hand"),
        ({"type": "SetReorderPoint"}, {"reorder_point": "0.3"}, "reorder_point"),
        ({"type": "SetStockPolicy"}, {"recover_point": "0.3"}, "recover_point"),
        ({"type": "ExpectSupply"}, {"quantity": 1, "expected": "0.3"}, "expected"),
        (
            {"type": "SetChannelPools"},
            {"pools": [{"channel": "web"}, {"channel": "shop", "low_point": "0.3"}]},
            "pools.1.low_point",
        ),
    ],
)
async def test_a_level_that_is_no_whole_pieces_is_refused(
    fields: Line, line: Line, path: str
) -> None:
    for name in NAMES:
        at = await refused(name | line, **fields)
        assert at == ("CONVERSION_NOT_EXACT", f"lines.0.{path}")


async def test_a_number_names_an_item_where_there_is_no_amount() -> None:
    lines: tuple[Line, ...] = ({}, {"pools": []}, {"recover_point": None})
    for line in lines:
        sent = json.loads(await plain({"gtin": GTIN_OF_CASE} | line, type="OpenCount", count="c-7"))
        assert sent["lines"] == [{"sku": "A"} | line]


@pytest.mark.parametrize(
    "line",
    [{}, {"pools": []}, {"pools": [{"channel": "web", "quantity": None}]}, {"recover_point": None}],
)
async def test_a_unit_of_no_amount_is_refused(line: Line) -> None:
    at = await refused({"sku": "A", "unit": "case"} | line, type="SetStockPolicy")
    assert at == ("INVALID_COMMAND", "lines.0.unit")


@pytest.mark.parametrize("pools", [7, {"channel": "web"}, [7], [{"channel": "web", "sku": "A"}]])
async def test_pools_that_are_none_are_refused_as_without_a_catalogue(pools: object) -> None:
    line = {"sku": "A", "pools": pools}
    sent = await plain(line, type="SetChannelPools")

    assert json.loads(sent)["lines"] == [line]
    with pytest.raises(Problem, match="outside its rules"):
        command_of(sent, None, CODECS[STOCK])
