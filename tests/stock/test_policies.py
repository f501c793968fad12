"""How stock is kept: what is held back of it, and when what was low is ok again."""

import json
from typing import Any

import pytest

from schemas.fields import STOCK_MAX
from schemas.row import HAS_POLICY, IS_LOW
from schemas.rows import Policy, Row
from tests.stock.bytes_of import Shop
from tests.stock.scenario import (
    adjust,
    confirm,
    dispatch,
    given,
    held,
    move,
    release,
    reserve,
    set_policy,
    set_reorder_point,
    ship,
    ship_reservation,
    short,
    supersede,
)
from tests.stock.tables_of import Tables

TAKES = [ship(("A", 5)), reserve("r2", ("A", 5)), dispatch("t", ("A", 5)), confirm("r1")]


def kept(safety_stock: int, **policy: Any) -> dict[str, Policy]:
    return {"A": Policy(safety_stock, **policy)}


def _name(wish: Any) -> str:
    return type(wish).__name__


def _taking(wish: Any, safety_stock: int) -> given:
    """10 of A, 2 reserved; of a late confirmation the reservation is there."""
    held_one = held("expired", A=5) if _name(wish) == "ConfirmReservation" else None
    return given(held_one, A=Row(10, 2, 0, 7)).beside(policies=kept(safety_stock)).when(wish)


@pytest.mark.parametrize("wish", TAKES, ids=_name)
def test_what_is_kept_back_is_not_promised_nor_sold(wish: Any) -> None:
    _taking(wish, 4).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=5, available=4, safety_stock=4
    )


@pytest.mark.parametrize("wish", TAKES, ids=_name)
def test_the_last_unit_above_it_is(wish: Any) -> None:
    scenario = _taking(wish, 3)

    assert scenario.stock.rows["A"].available == 3


@pytest.mark.parametrize("wish", TAKES, ids=_name)
def test_where_less_is_there_than_is_kept_back_nothing_is_available(wish: Any) -> None:
    _taking(wish, 10**15).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=5, available=0, safety_stock=10**15
    )


def test_what_keeps_units_back_is_told_of_the_first_sku_that_has_too_little() -> None:
    rows = {"A": Row(10, 0, 0, 1), "B": Row(0, 0, 0, 1)}

    given(**rows).beside(policies=kept(4)).when(ship(("A", 7), ("B", 1))).then_rejected(
        "INSUFFICIENT_STOCK",
        sku="A",
        requested=7,
        available=6,
        safety_stock=4,
        short=[short("A", 7, 6), short("B", 1, 0)],
    )


def test_a_holder_gets_what_they_hold_and_no_unit_that_is_kept_back() -> None:
    def superseding(quantity: int) -> given:
        rows = given(A=Row(10, 6, 0, 7)).beside(held(A=6), policies=kept(5))
        return rows.when(supersede("r2", "r1", ("A", quantity)))

    superseding(7).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=7, available=6, safety_stock=5
    )
    superseding(6).then("ReservationSuperseded", A=Row(10, 6, 0, 8))


@pytest.mark.parametrize(
    "wish",
    [
        adjust(("A", -4)),
        move("sellable", "damaged", "DAMAGED", ("A", 4)),
        move("sellable", "gain_loss", "THEFT", ("A", 4)),
    ],
    ids=_name,
)
def test_what_is_lost_is_lost_whatever_should_be_kept(wish: Any) -> None:
    scenario = given(A=Row(10, 6, 0, 7)).beside(policies=kept(4)).when(wish)

    assert scenario.stock.rows["A"].available == 0


@pytest.mark.parametrize("wish", [release("r1"), ship_reservation("r1"), confirm("r1")], ids=_name)
def test_what_is_promised_goes_on_whatever_should_be_kept(wish: Any) -> None:
    scenario = given(held(A=6), A=Row(6, 6, 0, 7)).beside(policies=kept(4)).when(wish)

    assert scenario.stock.rows["A"].version == 8


def test_a_policy_replaces_the_one_before_it_whole() -> None:
    scenario = given(A=Row(9, 0, 2, 7)).beside(policies=kept(4, recover_point=8))

    scenario.when(set_policy("A", recover_point=2)).then("StockPolicySet", A=Row(9, 0, 2, 8))

    assert scenario.stock.beside.policies == {"A": Policy(0, 2)}
    assert scenario.stock.rows["A"].marks == HAS_POLICY


def test_a_policy_that_asks_for_nothing_is_none() -> None:
    scenario = given(A=Row(3, 0, 2, 7, marks=IS_LOW)).beside(policies=kept(4, recover_point=8))

    scenario.when(set_policy("A")).then("StockPolicySet", A=Row(3, 0, 2, 8))

    assert scenario.stock.beside.policies == {}
    assert scenario.stock.rows["A"].marks == 0


def test_what_is_low_is_not_recovered_by_the_same_level() -> None:
    given(A=Row(9, 0, 5, 7)).when(set_policy("A", recover_point=4)).then_rejected(
        "POLICY_CONFLICT", sku="A", reorder_point=5, recover_point=4
    )


def test_a_reorder_point_is_not_set_above_the_recover_point() -> None:
    scenario = given(A=Row(9, 0, 5, 7)).beside(policies=kept(0, recover_point=5))

    scenario.when(set_reorder_point(("A", 6))).then_rejected(
        "POLICY_CONFLICT", sku="A", reorder_point=6, recover_point=5
    )
    scenario.when(set_reorder_point(("A", 10**15), ("A", 1))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="reorder_point", value=STOCK_MAX + 1, limit=STOCK_MAX
    )
    scenario.when(set_reorder_point(("A", 5))).then("ReorderPointSet", A=Row(9, 0, 5, 8))


def test_all_policies_or_none() -> None:
    shop = Shop()
    shop.send("SetReorderPoint", lines=[{"sku": "B", "reorder_point": 5}])
    lines = [{"sku": "A", "safety_stock": 1}, {"sku": "B", "recover_point": 4}]

    told = shop.send("SetStockPolicy", lines=lines)

    assert (told.code, told.changes) == ("POLICY_CONFLICT", {})


@pytest.mark.parametrize(
    ("lines", "path", "problem"),
    [
        ([], "lines", "has fewer items than 1"),
        ([{"sku": "A"}] * 2, "lines", "has a SKU twice"),
        ([{"sku": "A", "safety_stock": -1}], "lines.0.safety_stock", "is below 0"),
        ([{"sku": "A", "recover_point": 10**15 + 1}], "lines.0.recover_point", None),
        ([{"sku": "A", "safety_stock": None}], "lines.0.safety_stock", "is no integer"),
        ([{"sku": "A", "reorder_point": 1}], "lines.0.reorder_point", "is an unknown field"),
    ],
)
def test_a_policy_outside_its_rules_is_refused(lines: Any, path: str, problem: str | None) -> None:
    event = json.loads(Shop().send("SetStockPolicy", lines=lines).event or b"")

    assert (event["code"], event["details"]["path"]) == ("INVALID_COMMAND", path)
    assert problem in (None, event["details"]["problem"])


@pytest.fixture
def shop() -> Shop:
    """A warehouse with 20 of A, low at 10 and ok again above 15."""
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 20}])
    shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 10}])
    shop.send("SetStockPolicy", lines=[{"sku": "A", "recover_point": 15}])
    return shop


def to(shop: Shop, available: int) -> list[str]:
    """Stock is corrected to this; the alerts that come of it."""
    delta = available - Tables(shop.rows).stock["LON-1", "A"]["on_hand"]
    lines = [{"sku": "A", "delta": delta}]
    return kinds(shop.send("AdjustStock", lines=lines, reason="test"))


def kinds(told: Any) -> list[str]:
    return [json.loads(value)["type"] for _, value in told.alerts]


def test_stock_that_flaps_round_its_reorder_point_is_told_low_once(shop: Shop) -> None:
    told = [to(shop, level) for level in (11, 10, 11, 9, 15, 10, 14, 3)]

    assert told == [[], ["LowStock"], *[[]] * 6]


def test_it_is_ok_again_above_its_recover_point(shop: Shop) -> None:
    assert [to(shop, level) for level in (10, 16, 11, 10, 20)] == [
        ["LowStock"],
        ["StockRecovered"],
        [],
        ["LowStock"],
        ["StockRecovered"],
    ]


def test_out_of_stock_is_told_each_time(shop: Shop) -> None:
    assert [to(shop, level) for level in (0, 12, 0, 16)] == [
        ["OutOfStock"],
        [],
        ["OutOfStock"],
        ["StockRecovered"],
    ]


def test_without_a_recover_point_it_is_the_reorder_point(shop: Shop) -> None:
    shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 3}])

    assert [to(shop, level) for level in (10, 11)] == [["LowStock"], ["StockRecovered"]]


@pytest.mark.parametrize(
    ("level", "policy", "alerts"),
    [
        (12, {"recover_point": 12}, []),
        (12, {"recover_point": 11}, ["StockRecovered"]),
        (12, {}, ["StockRecovered"]),
        (10, {}, []),
    ],
)
def test_setting_a_policy_evaluates_the_row_again(
    shop: Shop, level: int, policy: dict[str, int], alerts: list[str]
) -> None:
    to(shop, 5)
    to(shop, level)

    told = shop.send("SetStockPolicy", lines=[{"sku": "A", **policy}])

    assert kinds(told) == alerts


def test_a_policy_of_a_sku_never_seen_is_its_first_change() -> None:
    shop = Shop()

    told = shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 2, "recover_point": 4}])

    assert told.alerts == []
    assert to(shop, 3) == []
    assert to(shop, 5) == ["StockRecovered"]
    assert shop.send("ShipStock", lines=[{"sku": "A", "quantity": 4}]).code == "INSUFFICIENT_STOCK"


def test_an_event_tells_the_policy_and_the_row() -> None:
    shop = Shop()
    lines: list[dict[str, Any]] = [{"sku": "A", "safety_stock": 2, "recover_point": 4}]
    lines.append({"sku": "B"})

    event = json.loads(shop.send("SetStockPolicy", lines=lines).event or b"")

    row = {"on_hand": 0, "reserved": 0, "available": 0, "version": 1}
    assert event["type"] == "StockPolicySet"
    assert event["lines"] == [lines[0] | row, {"sku": "B", "safety_stock": 0} | row]


def test_a_policy_keeps_back_what_an_expired_promise_gives_back(shop: Shop) -> None:
    lines = [{"sku": "A", "quantity": 20}]
    shop.send("ReserveStock", reservation="r", lines=lines, ttl_seconds=60)
    shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 1}])

    assert len(shop.pass_time(60_000)) == 1
    assert shop.send("ConfirmReservation", reservation="r").code == "INSUFFICIENT_STOCK"
    assert shop.send("SetStockPolicy", lines=[{"sku": "A"}]).code == ""
    assert shop.send("ConfirmReservation", reservation="r").code == ""
    Tables(shop.rows).check_all()
