"""Units that are sold before they are there: how far, by whom, and what comes in for them first."""

import json
from typing import Any

import pytest
from msgspec import msgpack

from schemas.row import HAS_POLICY
from schemas.rows import Balances, Policy, Row
from streams.actor import Decision
from tables.stock import decode_policy, encode_policy
from tests.stock.bytes_of import Shop
from tests.stock.scenario import (
    adjust,
    command,
    dispatch,
    given,
    move,
    receive,
    reserve,
    set_policy,
    ship,
    ship_packed,
    stepped,
    unpick,
)
from tests.stock.waiting import filled, of, refused, row, stocked, tables, wait


def owing(row: Row, limit: int = 5, **policy: Any) -> given:
    """A, which may be sold so far below zero."""
    row.marks = HAS_POLICY
    return given(A=row).beside(policies={"A": Policy(negative_limit=limit, **policy)})


def test_a_till_sells_down_to_the_limit_and_no_further() -> None:
    scenario = owing(Row(2, 0, 0, 7))

    scenario.when(ship(("A", 8))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=8, available=7, negative_limit=5
    )
    scenario.when(ship(("A", 7))).then("StockShipped", A=Row(-5, 0, 0, 8))
    scenario.then_accounts("A", sellable=-5, supplier=-2, customer=7)
    scenario.when(ship(("A", 1))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=1, available=0, negative_limit=5
    )


def test_it_asks_for_no_safety_stock() -> None:
    owing(Row(2, 0, 0, 7), safety_stock=9).when(ship(("A", 1))).then(
        "StockShipped", A=Row(1, 0, 0, 8)
    )


def test_it_takes_nothing_that_is_promised() -> None:
    scenario = owing(Row(5, 3, 0, 7))

    scenario.when(ship(("A", 3))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=3, available=2, negative_limit=5
    )
    scenario.when(ship(("A", 2))).then("StockShipped", A=Row(3, 3, 0, 8))


@pytest.mark.parametrize(
    "wish",
    [
        reserve("r", ("A", 1)),
        dispatch("t", ("A", 1)),
        adjust(("A", -1)),
        move("sellable", "damaged", "DAMAGED", ("A", 1)),
        move("sellable", "gain_loss", "THEFT", ("A", 1)),
    ],
    ids=["reserve", "dispatch", "adjust", "damage", "steal"],
)
@pytest.mark.parametrize("on_hand", [0, -3])
def test_nothing_else_takes_what_is_not_there(wish: Any, on_hand: int) -> None:
    owing(Row(on_hand, 0, 0, 7)).when(wish).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=1, available=0
    )


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        (receive(("A", 4)), "StockReceived"),
        (adjust(("A", 4)), "StockAdjusted"),
        (move("customer", "sellable", "RETURN", ("A", 4)), "StockMoved"),
        (
            command(
                "SetStock", reason="sync", lines=[{"sku": "A", "on_hand": 1, "expected_version": 7}]
            ),
            "StockAdjusted",
        ),
    ],
)
def test_what_comes_in_is_for_what_is_owed_first_and_the_event_tells_it(
    wish: Any, kind: str
) -> None:
    scenario = owing(Row(-3, 0, 0, 7)).when(wish).then(kind, A=Row(1, 0, 0, 8))

    assert [(one.sku, one.quantity) for one in scenario.outcome.trued_up] == [("A", 3)]
    scenario.when(receive(("A", 4)))
    assert scenario.outcome.trued_up == []


def test_what_comes_in_by_parts_is_all_for_what_is_owed() -> None:
    scenario = owing(Row(-5, 0, 0, 7)).when(receive(("A", 2)))

    scenario.then("StockReceived", A=Row(-3, 0, 0, 8))

    assert [one.quantity for one in scenario.outcome.trued_up] == [2]


def test_units_that_are_not_for_sale_fill_nothing() -> None:
    wish = move("supplier", "quality_hold", "RECEIVED", ("A", 4))
    scenario = owing(Row(-3, 0, 0, 7)).when(wish).then("StockMoved", A=Row(-3, 0, 0, 8))

    assert scenario.outcome.trued_up == []
    scenario.then_accounts("A", sellable=-3, supplier=-1, quality_hold=4)


def test_what_was_picked_is_shipped_and_not_put_back_where_units_are_owed() -> None:
    scenario = owing(Row(-3, 0, 0, 7))
    scenario.stock.reservation = stepped(A=(4, 2, 2, 0))
    scenario.stock.rows["A"].supplier -= 2
    scenario = scenario.beside(
        balances={"A": Balances(staged=2)}, policies={"A": Policy(negative_limit=5)}
    )

    scenario.when(ship_packed("r1", ("A", 2))).then("PackedShipped", A=Row(-3, 0, 0, 8))
    scenario.stock.reservation = stepped(A=(4, 2, 0, 0))
    scenario.when(unpick("r1", ("A", 2))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=2, available=0
    )


def test_a_limit_is_not_set_below_what_is_owed() -> None:
    scenario = owing(Row(-3, 0, 0, 7))

    for policy in ({}, {"negative_limit": 2}):
        scenario.when(set_policy("A", **policy)).then_rejected(
            "STOCK_OWED", sku="A", owed=3, negative_limit=policy.get("negative_limit", 0)
        )
    scenario.when(set_policy("A", negative_limit=3)).then("StockPolicySet", A=Row(-3, 0, 0, 8))
    assert scenario.outcome.lines[0].negative_limit == 3
    scenario.when(ship(("A", 1))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=1, available=0, negative_limit=3
    )


def test_points_that_contradict_each_other_are_told_before_what_is_owed() -> None:
    owing(Row(-3, 0, 5, 7)).when(set_policy("A", recover_point=4)).then_rejected(
        "POLICY_CONFLICT", sku="A", reorder_point=5, recover_point=4
    )


@pytest.mark.parametrize("limit", [-1, 10**15 + 1, None, True, "5"])
def test_a_limit_outside_its_rule_is_refused(limit: Any) -> None:
    told = Shop().send("SetStockPolicy", lines=[{"sku": "A", "negative_limit": limit}])

    assert told.code == "INVALID_COMMAND"
    assert json.loads(told.event or b"")["details"]["path"] == "lines.0.negative_limit"


def test_a_policy_without_a_limit_has_the_bytes_that_it_had() -> None:
    assert encode_policy(Policy(4, 9)) == msgpack.encode([4, 9])
    assert decode_policy(msgpack.encode([4, 9])) == Policy(4, 9)
    assert decode_policy(encode_policy(Policy(4, None, 7))) == Policy(4, None, 7)


@pytest.fixture
def shop() -> Shop:
    """10 of A, of which 20 more may be sold, low at 4."""
    shop = stocked()
    shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 4}])
    shop.send("SetStockPolicy", lines=[{"sku": "A", "negative_limit": 20}])
    return shop


def sell(shop: Shop, quantity: int, **via: str) -> Decision:
    return shop.send("ShipStock", lines=of(quantity), **via)


def come(shop: Shop, quantity: int) -> Decision:
    return shop.send("ReceiveStock", lines=of(quantity))


def owed(told: Decision) -> list[int]:
    """What an event tells of what was owed."""
    return [one["quantity"] for one in json.loads(told.event or b"").get("trued_up", [])]


def test_below_zero_is_out_and_is_told_once(shop: Shop) -> None:
    steps = [sell(shop, 12), sell(shop, 3), come(shop, 5), come(shop, 3), come(shop, 2)]
    told = [[json.loads(value) for _, value in step.alerts] for step in steps]

    assert [[one["type"] for one in each] for each in told] == [
        ["OutOfStock"],
        [],
        [],
        [],
        ["StockRecovered"],
    ]
    assert (told[0][0]["on_hand"], told[0][0]["available"]) == (-2, -2)
    assert row(shop) == (5, 0, 0)


def test_who_waits_is_served_after_what_is_owed_and_is_no_hindrance(shop: Shop) -> None:
    wait(shop, "b", 12, partial=False)
    sell(shop, 13)
    wait(shop, "c", 1)

    first, second = come(shop, 2), come(shop, 15)

    assert (owed(first), filled(first)) == ([2], {})
    assert (owed(second), filled(second)) == ([1], {"b": 12, "c": 1})
    assert row(shop) == (14, 13, 13)


def test_who_waits_may_go_while_units_are_owed(shop: Shop) -> None:
    sell(shop, 13)
    wait(shop, "b", 2)

    assert shop.send("ReleaseReservation", reservation="b").code == ""
    assert row(shop) == (-3, 0, 0)


def test_a_sale_takes_of_its_own_pool_what_is_in_it_and_receipts_refill_none(shop: Shop) -> None:
    pools = [{"channel": "till", "quantity": 4}, {"channel": "web", "quantity": 8}]
    shop.send("SetChannelPools", lines=[{"sku": "A", "pools": pools}])

    assert sell(shop, 3, channel="till").code == ""
    assert sell(shop, 9, channel="till").code == ""
    come(shop, 6)

    left = {one["channel"]: one["quantity"] for one in tables(shop).channels["LON-1", "A"]}
    assert left == {"till": 0, "web": 8}
    reserve = {"reservation": "r", "lines": of(4), "ttl_seconds": 60, "channel": "web"}
    assert shop.send("ReserveStock", **reserve).code == ""


def test_a_count_finds_what_is_there_whatever_is_owed(shop: Shop) -> None:
    sell(shop, 13)
    shop.send("OpenCount", count="c", lines=[{"sku": "A"}], tolerance=9)
    shop.send("RecordCount", count="c", lines=[{"sku": "A", "counted": 2}], actor="ann")

    told = shop.send("ApproveCount", count="c", actor="bob")

    assert json.loads(told.event or b"")["lines"][0]["delta"] == 5
    assert (owed(told), row(shop)) == ([3], (2, 0, 0))


def test_a_count_makes_nothing_more_owed(shop: Shop) -> None:
    shop.send("OpenCount", count="c", lines=[{"sku": "A"}], tolerance=9)
    sell(shop, 13)
    shop.send("RecordCount", count="c", lines=[{"sku": "A", "counted": 9}], actor="ann")

    told = shop.send("ApproveCount", count="c", actor="bob")

    assert refused(told)[0] == "INSUFFICIENT_STOCK"
    assert row(shop) == (-3, 0, 0)


def test_what_arrives_from_another_warehouse_is_for_what_is_owed_first(shop: Shop) -> None:
    sell(shop, 13)
    ends = {"transfer": "t", "from_warehouse": "PAR-1"}
    shop.send("ExpectTransfer", lines=of(5), **ends)

    told = shop.send("ReceiveTransfer", lines=of(5), **ends)

    assert (owed(told), row(shop)) == ([3], (2, 0, 0))


@pytest.mark.parametrize("limit", [None, 0])
def test_without_a_limit_nothing_is_below_zero(limit: int | None) -> None:
    shop, policy = stocked(), {} if limit is None else {"negative_limit": limit}
    shop.send("SetStockPolicy", lines=[{"sku": "A", "recover_point": 4} | policy])

    told = refused(sell(shop, 11))

    assert told == ("INSUFFICIENT_STOCK", {"sku": "A", "requested": 11, "available": 10})


def test_all_lines_are_sold_or_none(shop: Shop) -> None:
    lines = [*of(12), *of(1, "B")]

    assert refused(shop.send("ShipStock", lines=lines))[1]["sku"] == "B"
    assert row(shop) == (10, 0, 0)
