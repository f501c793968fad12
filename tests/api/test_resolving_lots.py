"""A command of lots is read in a catalogue as a line is, and a lot ends as its item does."""

import json
from typing import Any

import pytest

from api.bodies import command_of
from api.desk import CODECS
from api.problems import Problem
from api.resolving import resolved
from schemas.domains import CATALOG, LOTS
from tests.api.test_resolving import request
from tests.catalog.registry import Registry, item, kit, number, units

Fields = dict[str, Any]

GTIN_OF_CASE = "96385074"
ROWS = (
    Registry()
    .given(
        item("A", tracking="lot", shelf_life_days=90),
        item("C", tracking="lot", shelf_life_days=36_500),
        item("N", tracking="lot"),
        item("S", tracking="serial", shelf_life_days=90),
        item("GIFT"),
        units("A", case=(12, 1)),
        number("A", GTIN_OF_CASE, "case"),
        kit("GIFT", ("A", 6)),
    )
    .rows
)
AT = {"warehouse": "LON-1"}
RECEIVE = {"type": "ReceiveLot", "lot": "L-7"} | AT
ASSIGN = {"type": "AssignLot", "lot": "L-7"} | AT
REBIND = {"type": "RebindLot", "lot": "L-7", "reservation": "order-7"} | AT
REGISTER = {"type": "RegisterLot", "lot": "L-7"}
SERIALS = {"type": "RegisterSerials", "serials": [{"serial": "SN-1"}]} | AT
MADE = "2026-11-20T10:00:00.000000001Z"


async def sent(query: str = "catalog=main", /, **fields: Any) -> Fields:
    """A command as Kafka gets it; it is one."""
    at = request("/v1/lots/commands", query, LOTS, CATALOG, rows=ROWS)
    plain = await resolved(at, json.dumps({"id": "c-1"} | fields).encode())
    command_of(plain, None, CODECS[LOTS])
    told: Fields = json.loads(plain)
    return told


async def refused(**fields: Any) -> tuple[str, str]:
    """The code that it is refused with, and where."""
    with pytest.raises(Problem) as found:
        await sent(**fields)
    assert found.value.status == 422
    return found.value.code, found.value.members["errors"][0]["path"]


@pytest.mark.parametrize("name", [{"gtin": GTIN_OF_CASE}, {"sku": "A", "unit": "case"}])
@pytest.mark.parametrize("wish", [RECEIVE, ASSIGN, REBIND])
async def test_a_command_of_lots_may_count_cases(name: Fields, wish: Fields) -> None:
    told = await sent(**wish, **name, quantity="2.5")

    assert told == wish | {"id": "c-1", "sku": "A", "quantity": 30}


async def test_a_number_names_the_sku_where_nothing_is_counted() -> None:
    for wish in (SERIALS, REGISTER, {"type": "HoldLot", "lot": "L-7", "reason": "a smell"}):
        assert await sent(**wish, gtin=GTIN_OF_CASE) == wish | {"id": "c-1", "sku": "A"}


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        (RECEIVE | {"sku": "A", "unit": "case", "quantity": "0.3"},
         "CONVERSION_NOT_EXACT", "quantity"),
        (RECEIVE | {"sku": "A", "unit": "crate", "quantity": 1}, "UNIT_UNKNOWN", "unit"),
        (RECEIVE | {"sku": "A", "quantity": None}, "INVALID_COMMAND", "quantity"),
        (RECEIVE | {"sku": "X", "quantity": 1}, "ITEM_NOT_FOUND", "sku"),
        (RECEIVE | {"gtin": "4006381333931", "quantity": 1}, "GTIN_NOT_FOUND", "gtin"),
        (RECEIVE | {"sku": "GIFT", "quantity": 1}, "KIT_HAS_NO_STOCK", "sku"),
        (RECEIVE | {"quantity": 1}, "INVALID_COMMAND", "sku"),
        (REGISTER | {"sku": "A", "unit": "case"}, "INVALID_COMMAND", "unit"),
    ],
)  # fmt: skip
async def test_a_command_that_comes_to_nothing_is_refused(
    fields: Fields, code: str, path: str
) -> None:
    assert await refused(**fields) == (code, path)


@pytest.mark.parametrize(
    ("known", "ends"),
    [
        ({"manufactured_at": MADE}, "2027-02-18T10:00:00.000000001Z"),
        ({"manufactured_at": "2023-12-01t23:59:59+00:00"}, "2024-02-29t23:59:59+00:00"),
        ({"manufactured_at": MADE, "expires_at": None, "best_before": None},
         "2027-02-18T10:00:00.000000001Z"),
        ({"manufactured_at": MADE, "expires_at": "2026-12-24T00:00:00Z"}, "2026-12-24T00:00:00Z"),
        ({"manufactured_at": MADE, "best_before": "2026-12-24T00:00:00Z"}, None),
        ({"time": MADE}, None),
        ({}, None),
    ],
)  # fmt: skip
async def test_a_lot_ends_when_its_shelf_life_is_over(known: Fields, ends: str | None) -> None:
    told = await sent(**REGISTER, sku="A", **known)

    assert told.pop("expires_at", None) == ends
    known.pop("expires_at", None)
    assert told == REGISTER | {"id": "c-1", "sku": "A"} | known


async def test_nothing_else_is_given_an_end() -> None:
    known = {"manufactured_at": MADE}
    assert await sent(**REGISTER, sku="N", **known) == REGISTER | {"id": "c-1", "sku": "N"} | known
    assert "expires_at" not in await sent("", **REGISTER, sku="A", **known)
    assert "expires_at" not in await sent(**RECEIVE, sku="A", quantity=1)


async def test_a_day_from_which_nothing_can_be_counted_is_refused() -> None:
    for made in ("2026-11-20", "2026-02-30T00:00:00Z", "9999-01-01T00:00:00Z", "", 7):
        at = await refused(**REGISTER, sku="C", manufactured_at=made)
        assert at == ("INVALID_COMMAND", "manufactured_at")
    for name in ("expires_at", "best_before"):
        at = await refused(**REGISTER, sku="A", manufactured_at=MADE, **{name: ""})
        assert at == ("INVALID_COMMAND", name)


async def test_how_an_item_is_tracked_refuses_nothing() -> None:
    for wish in (RECEIVE, ASSIGN):
        told = await sent(**wish, sku="S", quantity=2)
        assert told == wish | {"id": "c-1", "sku": "S", "quantity": 2}
    assert (await sent(**SERIALS, sku="N"))["serials"] == [{"serial": "SN-1"}]
