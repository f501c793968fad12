"""Pre-orders told as given, when, then: which day is promised, and whose is not kept."""

from typing import Any

import pytest

from agents.stock.queues import FILLS_MAX
from schemas.fields import LATE_MAX
from streams.topics import MESSAGE_BYTES_MAX
from tests.stock.bytes_of import Shop
from tests.stock.expecting import (
    DAY_MS,
    TODAY,
    day,
    event,
    expect,
    late,
    preorder,
    promised,
    receive,
)
from tests.stock.waiting import filled, of, queue, refused, row, states, stocked, wait


@pytest.fixture
def shop() -> Shop:
    """A warehouse with 10 of A; 20 are to come in five days, and 30 in nine."""
    made = stocked()
    expect(made, "PO-1", 20, due=5)
    expect(made, "PO-2", 30, due=9)
    return made


def not_promised(quantity: int, by: int, earliest: str | None = None) -> tuple[str, dict[str, Any]]:
    told = {"sku": "A", "requested": quantity, "by": day(by)}
    return "NOT_PROMISABLE", told | ({} if earliest is None else {"earliest": earliest})


@pytest.mark.parametrize(("quantity", "when"), [(10, None), (11, 5), (30, 5), (31, 9), (60, 9)])
def test_the_first_day_by_which_all_of_it_is_there(
    shop: Shop, quantity: int, when: int | None
) -> None:
    told = preorder(shop, "r", quantity)

    assert promised(told) == (None if when is None else day(when))
    assert event(told)["by"] == day(30)
    assert row(shop) == (10, 10, 10)
    assert states(shop) == {"r": "confirmed" if when is None else "waiting"}


def test_no_unit_is_promised_twice(shop: Shop) -> None:
    assert promised(preorder(shop, "r1", 25)) == day(5)
    assert promised(preorder(shop, "r2", 6)) == day(9)
    assert promised(preorder(shop, "r3", 5)) == day(5)
    assert promised(preorder(shop, "r4", 24)) == day(9)

    assert refused(preorder(shop, "r5", 1)) == not_promised(1, by=30)


def test_who_is_promised_a_later_day_does_not_wait_for_the_sooner_ones(shop: Shop) -> None:
    preorder(shop, "r1", 30)
    assert refused(preorder(shop, "r2", 5, by=8)) == not_promised(5, 8, day(9))
    assert promised(preorder(shop, "r2", 5, by=9)) == day(9)

    receive(shop, "PO-1", 20)

    assert (states(shop), queue(shop)) == ({"r1": "confirmed", "r2": "waiting"}, [("r2", 5)])


def test_nothing_is_promised_by_a_day_that_is_over(shop: Shop) -> None:
    assert refused(preorder(shop, "r", 1, by=-1)) == not_promised(1, -1, TODAY)


def test_a_supply_that_is_late_promises_nothing(shop: Shop) -> None:
    shop.pass_time(5 * DAY_MS)

    assert promised(preorder(shop, "r", 12)) == day(9)


def test_what_is_missing_for_the_safety_stock_is_promised_to_nobody(shop: Shop) -> None:
    shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 15}])

    assert promised(preorder(shop, "r1", 15)) == day(5)
    assert promised(preorder(shop, "r2", 30)) == day(9)
    assert refused(preorder(shop, "r3", 1))[0] == "NOT_PROMISABLE"


def test_who_waits_without_a_day_waits_behind(shop: Shop) -> None:
    wait(shop, "none", 30)

    assert promised(preorder(shop, "r", 20)) == day(5)
    receive(shop, "PO-1", 20)
    assert queue(shop) == [("none", 20)]


def test_the_urgent_are_served_before_and_take_nothing_that_was_promised(shop: Shop) -> None:
    wait(shop, "urgent", 15, priority=9)
    preorder(shop, "r", 20)

    assert refused(preorder(shop, "soon", 16, by=5)) == not_promised(16, 5, day(9))
    assert promised(preorder(shop, "soon", 15, by=5)) == day(5)
    assert refused(preorder(shop, "more urgent", 1, priority=9)) == not_promised(1, 30)
    assert promised(preorder(shop, "patient", 1)) == day(9)


def test_one_line_without_a_day_refuses_them_all(shop: Shop) -> None:
    told = shop.send(
        "PreorderStock", reservation="r", lines=of(11) + of(1, "B"), by=day(30), priority=1
    )

    assert refused(told) == ("NOT_PROMISABLE", not_promised(1, 30)[1] | {"sku": "B"})
    assert queue(shop) == []


def test_each_line_has_its_own_day(shop: Shop) -> None:
    shop.send("ReceiveStock", lines=of(3, "B"))

    told = event(shop.send("PreorderStock", reservation="r", lines=of(31) + of(2, "B"), by=day(30)))

    assert [line.get("promised") for line in told["lines"]] == [day(9), None]


def test_a_name_in_use_is_refused_first(shop: Shop) -> None:
    wait(shop, "r", 1)

    assert refused(preorder(shop, "r", 99))[0] == "RESERVATION_EXISTS"


def test_of_a_sku_with_channels_no_day_is_promised(shop: Shop) -> None:
    pools = [{"channel": "web", "quantity": 5}]
    shop.send("SetChannelPools", lines=[{"sku": "A", "pools": pools}])

    assert refused(preorder(shop, "r", 1)) == not_promised(1, by=30)


def test_with_partial_false_it_takes_nothing_until_its_day(shop: Shop) -> None:
    assert promised(preorder(shop, "r", 25, partial=False)) == day(5)
    assert row(shop) == (10, 0, 0)

    assert filled(receive(shop, "PO-1", 20)) == {"r": 25}


def test_those_are_told_who_are_late_by_a_later_supply(shop: Shop) -> None:
    preorder(shop, "r1", 25)
    preorder(shop, "r2", 6)
    wait(shop, "none", 1)

    told = expect(shop, "PO-1", 20, due=12, expected=20)

    assert late(told) == {"r1": day(9)}
    assert event(told)["late"] == [
        {
            "reservation": "r1",
            "sku": "A",
            "missing": 15,
            "promised": day(5),
            "expected": day(9),
        }
    ]
    assert queue(shop) == [("r1", 15), ("r2", 6), ("none", 1)]
    assert late(expect(shop, "PO-1", 20, due=13, expected=20)) == {}, "it is told once"


def test_those_are_told_for_whom_nothing_is_to_come_any_more(shop: Shop) -> None:
    preorder(shop, "r1", 30)
    preorder(shop, "r2", 30)

    assert late(expect(shop, "PO-2", 5, due=9, expected=30)) == {"r2": None}
    assert late(expect(shop, "PO-1", 0, due=5, expected=20)) == {"r1": None}


def test_those_are_told_for_whom_nothing_was_put_on_the_shelf(shop: Shop) -> None:
    preorder(shop, "r", 30)

    assert late(receive(shop, "PO-1", 1, to_account="quality_hold")) == {"r": day(9)}


def test_those_are_told_who_are_overtaken_by_the_urgent(shop: Shop) -> None:
    preorder(shop, "r1", 30)
    preorder(shop, "r2", 25)

    told = shop.send("BackorderStock", reservation="urgent", lines=of(10), priority=5)

    assert late(told) == {"r1": day(9), "r2": None}
    assert event(told)["lines"][0]["missing"] == 10


def test_those_are_told_for_whom_a_till_sold_what_they_counted_on(shop: Shop) -> None:
    shop.send("SetStockPolicy", lines=[{"sku": "A", "negative_limit": 99}])
    preorder(shop, "r1", 25, partial=False)
    preorder(shop, "r2", 35)
    wait(shop, "none", 1)

    assert late(shop.send("ShipStock", lines=of(6))) == {"r1": day(9), "r2": None}
    told = shop.send("ShipStock", lines=of(40))

    assert late(told) == {}, "it is told once"
    assert row(shop) == (-36, 0, 0)
    assert promised(preorder(shop, "r3", 1, by=40, priority=9)) == day(9)


def test_a_till_makes_nobody_late_of_what_is_left(shop: Shop) -> None:
    shop.send("SetStockPolicy", lines=[{"sku": "A", "negative_limit": 99}])
    preorder(shop, "r", 55, partial=False)

    told = shop.send("ShipStock", lines=of(5) + of(1, "B"))

    assert refused(told)[1]["sku"] == "B", "all lines or none"
    assert "late" not in event(shop.send("ShipStock", lines=of(5)))
    assert late(shop.send("ShipStock", lines=of(1))) == {"r": None}


def test_a_backorder_is_no_promise_and_may_be_late_from_the_start(shop: Shop) -> None:
    preorder(shop, "r", 60)

    told = shop.send("BackorderStock", reservation="late", lines=of(9), promised=day(20))

    assert late(told) == {}
    assert promised(told) is None


def test_more_late_than_an_event_tells_are_refused() -> None:
    shop = Shop()
    lines = [{"sku": sku, "quantity": 10**6, "due": day(5)} for sku in "AB"]
    shop.send("ExpectSupply", supply="PO-1", lines=lines)
    for number in range(LATE_MAX // 2 + 1):
        both = of(1) + of(1, "B")
        shop.send("PreorderStock", reservation=f"r{number}", lines=both, by=day(9))

    gone = [{"sku": sku, "quantity": 0, "due": day(5), "expected": 10**6} for sku in "AB"]
    told = shop.send("ExpectSupply", supply="PO-1", lines=gone)

    assert refused(told) == ("TOO_MANY_LATE", {"limit": LATE_MAX})
    shop.send("SetStockPolicy", lines=[{"sku": sku, "negative_limit": 10**6} for sku in "AB"])
    sold = of(10**6) + of(10**6, "B")
    assert refused(shop.send("ShipStock", lines=sold)) == ("TOO_MANY_LATE", {"limit": LATE_MAX})
    assert len(late(shop.send("ShipStock", lines=sold[1:]))) == 501
    assert len(late(shop.send("ExpectSupply", supply="PO-1", lines=gone[:1]))) == 501


def test_an_event_that_gives_and_tells_who_is_late_stays_within_a_message() -> None:
    """It could give what an earlier one had no room for, and take from those behind them."""
    shop, skus = Shop(), [chr(0x1F600) * 60 + str(number) for number in range(LATE_MAX // 4)]
    others = [f"X{number}" for number in range(FILLS_MAX // 4)]
    due = [{"sku": sku, "quantity": 10, "due": day(5)} for sku in skus]
    shop.send("ExpectSupply", supply="PO-1", lines=due)
    for number in range(4):
        shop.send("BackorderStock", reservation=f"r{number}", lines=_each(others, 1))
    for number in range(8):
        name = "\u0001" * 127 + str(number)  # six bytes each, as JSON has them
        shop.send("PreorderStock", reservation=name, lines=_each(skus, 1), by=day(5))
    shop.send("ReceiveStock", lines=_each([*others, *skus], 4))

    lines = _each(skus, 10)
    told = shop.send("ReceiveSupply", supply="PO-1", lines=lines, to_account="damaged")

    assert len(event(told)["late"]) == LATE_MAX
    assert len(told.event or b"") < MESSAGE_BYTES_MAX
    assert "filled" not in event(told), "that is for the next event of each SKU"
    assert len(event(shop.send("ReceiveStock", lines=_each(skus[:1], 1)))["filled"]) == 5


def _each(skus: list[str], quantity: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku in skus]
