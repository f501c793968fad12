"""What the books of an installation find where orders, their rows and warehouses do not agree."""

import json

from cli.findings import Check
from cli.ordered import Orders, Promised
from tests.orders.desk import CANCEL, Desk, place, record, source


def placed() -> Desk:
    """Three are held in L, and not asked to be for good yet: M has not answered."""
    desk = Desk().given(place({"A": 5}, source("L", A=3), source("M", A=9)))
    return desk.given(record("L1", "reserved", A=3))


def read(desk: Desk) -> tuple[Orders, Promised, Check]:
    """The books, once they have read all events of a partition of orders."""
    check = Check("orders", "reservations")
    promised = Promised(check)
    orders = Orders(7, promised)
    for event in desk.events:
        orders.told(event)
    return orders, promised, check


def test_rows_that_are_as_the_events_say_are_right() -> None:
    desk = placed()
    orders, _, check = read(desk)

    orders.compare("a copy", orders.rows_of(desk.rows.items()))

    assert (check.compared, check.differences) == (1, 0)


def test_an_order_that_is_not_over_and_has_no_row_is_found() -> None:
    orders, _, check = read(placed())

    orders.compare("a copy", {})

    assert check.first == ["a copy, order o-1: is not there, and not over"]


def test_an_order_that_is_over_may_be_forgotten() -> None:
    desk = placed().given(CANCEL, record("L1", "released"), record("M1", "released"))
    orders, _, check = read(desk)

    orders.compare("a copy", {})

    assert check.differences == 0


def test_what_an_order_that_is_over_holds_is_found_though_its_warehouse_says_so_too() -> None:
    desk = placed()
    told = json.loads(desk.events[-1])
    told |= {"seq": told["seq"] + 1, "state": "shipped", "legs": told["legs"][:1]}
    orders, promised, _ = read(desk)

    orders.told(json.dumps(told).encode())

    assert "order/o-1/1 in L: reserved for nobody" in promised.differences()
