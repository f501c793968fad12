"""Supplies told as given, when, then: what is to come, what has arrived, and what else."""

from typing import Any

import pytest

from schemas.fields import SUPPLIES_MAX
from tests.stock.bytes_of import Shop
from tests.stock.expecting import coming, day, event, expect, late, on_order, preorder, receive
from tests.stock.waiting import filled, of, refused, row, states, stocked, tables, wait

SUPPLY = {"supply": "PO-1", "sku": "A"}


def ordered(shop: Shop, quantity: int, reason: str = "ORDERED", **ends: str) -> Any:
    ends = {"from_account": "supplier", "to_account": "on_order"} | ends
    return shop.send("MoveStock", reason=reason, lines=of(quantity), **ends)


def test_what_is_to_come_is_on_order_with_its_day() -> None:
    shop = Shop()

    told = event(expect(shop, "PO-1", 40, due=7))

    assert (told["type"], told["supply"]) == ("SupplyExpected", "PO-1")
    assert told["lines"] == [
        {
            "sku": "A",
            "delta": 40,
            "expected": 40,
            "due": day(7),
            "on_hand": 0,
            "reserved": 0,
            "available": 0,
            "version": 1,
        }
    ]
    assert (coming(shop), on_order(shop)) == ([("PO-1", day(7), 40)], 40)


def test_supplies_stand_in_the_order_of_their_days() -> None:
    shop = Shop()

    for supply, due in (("PO-2", 9), ("PO-3", 3), ("PO-1", 9)):
        expect(shop, supply, 5, due)

    assert [supply for supply, _, _ in coming(shop)] == ["PO-3", "PO-1", "PO-2"]


@pytest.mark.parametrize(("quantity", "due"), [(40, 9), (60, 7), (25, 8), (0, 7)])
def test_a_supply_is_changed_by_who_knows_it(quantity: int, due: int) -> None:
    shop = Shop()
    expect(shop, "PO-1", 40, due=7)

    told = event(expect(shop, "PO-1", quantity, due, expected=40))

    assert told["lines"][0]["delta"] == quantity - 40
    assert ("due" in told["lines"][0]) == bool(quantity)
    left = [("PO-1", day(due), quantity)] if quantity else []
    assert (coming(shop), on_order(shop)) == (left, quantity)


@pytest.mark.parametrize("expected", [0, 39, 41])
def test_a_supply_that_has_changed_since_is_not_changed(expected: int) -> None:
    shop = Shop()
    expect(shop, "PO-1", 40, due=7)

    told = expect(shop, "PO-1", 50, due=7, expected=expected)

    assert refused(told) == ("SUPPLY_CONFLICT", SUPPLY | {"expected": expected, "to_come": 40})
    assert coming(shop) == [("PO-1", day(7), 40)]


def test_all_lines_of_a_supply_are_set_or_none() -> None:
    shop = Shop()
    line = {"quantity": 5, "due": day(7)}

    lines = [{"sku": "A"} | line, {"sku": "B", "expected": 1} | line]
    told = shop.send("ExpectSupply", supply="PO-1", lines=lines)

    assert refused(told)[0] == "SUPPLY_CONFLICT"
    assert not shop.rows


def test_it_arrives_in_parts_until_nothing_is_to_come() -> None:
    shop = stocked()
    expect(shop, "PO-1", 40, due=7)

    told = event(receive(shop, "PO-1", 30))

    assert (told["type"], told["reason"], told["supply"]) == ("StockMoved", "RECEIVED", "PO-1")
    assert (told["from_account"], told["to_account"]) == ("on_order", "sellable")
    assert told["reference"] == "PO-1"
    assert (told["lines"][0]["from_balance"], told["lines"][0]["to_balance"]) == (10, 40)
    assert (coming(shop), row(shop)[0]) == ([("PO-1", day(7), 10)], 40)
    receive(shop, "PO-1", 10, to_account="quality_hold")
    assert (coming(shop), on_order(shop), row(shop)[0]) == ([], 0, 40)
    assert tables(shop).accounts(("LON-1", "A"))["quality_hold"] == 10


def test_more_than_was_to_come_is_refused_and_received_as_what_it_is() -> None:
    shop = Shop()
    expect(shop, "PO-1", 40, due=7)

    told = receive(shop, "PO-1", 41)

    assert refused(told) == ("OVER_RECEIPT", SUPPLY | {"requested": 41, "to_come": 40})
    assert receive(shop, "PO-1", 40).code == ""
    assert shop.send("ReceiveStock", lines=of(1)).code == ""
    assert row(shop)[0] == 41


def test_of_what_is_not_to_come_nothing_arrives() -> None:
    shop = Shop()
    expect(shop, "PO-1", 4, due=7)

    assert refused(receive(shop, "PO-2", 1)) == (
        "SUPPLY_NOT_FOUND",
        {"supply": "PO-2", "sku": "A"},
    )
    receive(shop, "PO-1", 4)
    assert refused(receive(shop, "PO-1", 1)) == ("SUPPLY_NOT_FOUND", SUPPLY)


def test_it_arrives_on_the_site_and_nowhere_else() -> None:
    shop = Shop()
    expect(shop, "PO-1", 4, due=7)

    told = receive(shop, "PO-1", 1, to_account="customer")

    ends = {"from_account": "on_order", "to_account": "customer", "reason": "RECEIVED"}
    assert refused(told) == ("MOVE_FORBIDDEN", ends)


def test_what_has_no_day_is_moved_without_a_supply_and_what_has_one_is_not() -> None:
    shop = Shop()
    ordered(shop, 10)
    expect(shop, "PO-1", 40, due=7)

    told = ordered(shop, 11, "RECEIVED", from_account="on_order", to_account="sellable")

    short = {"sku": "A", "requested": 11, "available": 10}
    assert refused(told) == (
        "INSUFFICIENT_STOCK",
        short | {"account": "on_order", "expected": 40},
    )
    cancelled = {"from_account": "on_order", "to_account": "supplier"}
    assert ordered(shop, 10, "ORDER_CANCELLED", **cancelled).code == ""
    assert refused(ordered(shop, 1, "ORDER_CANCELLED", **cancelled))[1]["available"] == 0
    assert (coming(shop), on_order(shop)) == ([("PO-1", day(7), 40)], 40)


def test_a_supply_that_is_late_is_still_to_come() -> None:
    shop = Shop()
    expect(shop, "PO-1", 4, due=1)

    shop.pass_time(5 * 86_400_000)

    assert coming(shop) == [("PO-1", day(1), 4)]
    assert receive(shop, "PO-1", 4).code == ""


def test_what_arrives_goes_to_who_waits_in_the_same_event() -> None:
    shop = Shop()
    expect(shop, "PO-1", 4, due=1)
    wait(shop, "r", 3)

    told = receive(shop, "PO-1", 4)

    assert (filled(told), states(shop), row(shop)) == ({"r": 3}, {"r": "confirmed"}, (4, 3, 3))


def test_so_many_supplies_of_a_sku_and_no_more() -> None:
    shop = Shop()
    for number in range(SUPPLIES_MAX):
        assert expect(shop, f"PO-{number}", 1, due=number + 1).code == ""

    told = expect(shop, "one more", 1, due=1)

    assert refused(told) == ("SUPPLIES_FULL", {"sku": "A", "limit": SUPPLIES_MAX})
    assert expect(shop, "PO-0", 9, due=1, expected=1).code == ""
    assert expect(shop, "PO-0", 0, due=1, expected=9).code == ""
    assert expect(shop, "one more", 1, due=1).code == ""


def test_an_account_has_its_limit() -> None:
    shop = Shop()
    for number in range(1_000):
        ordered(shop, 10**12)
        assert number < 999 or on_order(shop) == 10**15

    told = expect(shop, "PO-1", 1, due=1)

    value = {"sku": "A", "field": "supplier", "value": -(10**15) - 1, "limit": 10**15}
    assert refused(told) == ("QUANTITY_LIMIT", value)


def test_nobody_is_late_by_more_of_it_or_sooner() -> None:
    shop = Shop()
    expect(shop, "PO-1", 4, due=3)
    preorder(shop, "r", 4)

    assert late(expect(shop, "PO-1", 9, due=2, expected=4)) == {}
    assert late(receive(shop, "PO-1", 1)) == {}
