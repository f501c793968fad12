"""Confirmed units on their way out: picked, put back, packed, shipped in parts."""

from typing import Any

import pytest

from schemas.fields import STOCK_MAX
from schemas.rows import Balances, Row
from tests.stock.scenario import (
    given,
    pack,
    pick,
    release,
    ship_packed,
    ship_reservation,
    stepped,
    unpick,
)


def shelf(picked: int = 0, packed: int = 0, shipped: int = 0) -> given:
    """6 of A confirmed, so far on their way out of 10 that came in; 1 more is held by others."""
    on_hand = 10 - picked - shipped
    left = 6 - picked - shipped
    row = Row(on_hand, left + 1, 2, 7, left, supplier=-10, customer=shipped)
    return given(stepped(A=(6, picked, packed, shipped)), A=row).beside(
        balances={"A": Balances(staged=picked)}
    )


def test_picked_units_leave_the_shelf_and_are_staged() -> None:
    scenario = shelf().when(pick("r1", ("A", 4)))

    scenario.then("StockPicked", A=Row(6, 3, 2, 8, 2)).then_holds("confirmed", A=(6, 4, 0, 0))
    scenario.then_accounts("A", sellable=6, staged=4, supplier=-10)


def test_the_same_sku_on_several_lines_is_picked_with_its_sum() -> None:
    scenario = shelf().when(pick("r1", ("A", 4), ("A", 2)))

    scenario.then("StockPicked", A=Row(4, 1, 2, 8, 0)).then_holds("confirmed", A=(6, 6, 0, 0))
    shelf().when(pick("r1", ("A", 4), ("A", 3))).then_rejected(
        "OVER_PICK", sku="A", requested=7, left=6
    )


@pytest.mark.parametrize(("picked", "shipped", "left"), [(0, 0, 6), (4, 0, 2), (1, 3, 2)])
def test_no_more_is_picked_than_is_left_on_the_shelf(picked: int, shipped: int, left: int) -> None:
    shelf(picked, 0, shipped).when(pick("r1", ("A", left + 1))).then_rejected(
        "OVER_PICK", sku="A", requested=left + 1, left=left
    )


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (pick, "OVER_PICK"),
        (unpick, "NOT_PICKED"),
        (pack, "NOT_PICKED"),
        (ship_packed, "NOT_PACKED"),
    ],
)
def test_of_another_sku_nothing_is_left_for_any_step(step: Any, code: str) -> None:
    scenario = shelf(4, 2)

    scenario.when(step("r1", ("A", 1), ("B", 1))).then_rejected(code, sku="B", requested=1, left=0)
    scenario.then_holds("confirmed", A=(6, 4, 2, 0))


def test_unpicked_units_are_on_the_shelf_again_and_promised() -> None:
    scenario = shelf(4, 1).when(unpick("r1", ("A", 2), ("A", 1)))

    scenario.then("StockUnpicked", A=Row(9, 6, 2, 8, 5)).then_holds("confirmed", A=(6, 1, 1, 0))
    scenario.then_accounts("A", sellable=9, staged=1, supplier=-10)


def test_packed_units_are_not_put_back() -> None:
    shelf(4, 3).when(unpick("r1", ("A", 2))).then_rejected(
        "NOT_PICKED", sku="A", requested=2, left=1
    )


def test_what_was_not_picked_is_not_put_back() -> None:
    shelf().when(unpick("r1", ("A", 1))).then_rejected("NOT_PICKED", sku="A", requested=1, left=0)


def test_units_are_not_put_back_over_the_limit_of_a_row() -> None:
    row = Row(STOCK_MAX, 0, 0, 7, 0)

    given(stepped(A=(6, 1, 0, 0)), A=row).beside(balances={"A": Balances(staged=1)}).when(
        unpick("r1", ("A", 1))
    ).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


def test_packing_changes_no_row() -> None:
    scenario = shelf(4, 1).when(pack("r1", ("A", 1), ("A", 2)))

    scenario.then("StockPacked", A=Row(6, 3, 2, 7, 2)).then_holds("confirmed", A=(6, 4, 4, 0))
    assert [line.quantity for line in scenario.outcome.lines] == [3]


def test_no_more_is_packed_than_is_picked() -> None:
    shelf(4, 3).when(pack("r1", ("A", 2))).then_rejected("NOT_PICKED", sku="A", requested=2, left=1)


def test_packed_units_leave_for_the_customer() -> None:
    scenario = shelf(4, 3).when(ship_packed("r1", ("A", 2)))

    scenario.then("PackedShipped", A=Row(6, 3, 2, 8, 2)).then_holds("confirmed", A=(6, 2, 1, 2))
    scenario.then_accounts("A", sellable=6, staged=2, customer=2, supplier=-10)


def test_no_more_is_shipped_than_is_packed() -> None:
    shelf(4, 3).when(ship_packed("r1", ("A", 2), ("A", 2))).then_rejected(
        "NOT_PACKED", sku="A", requested=4, left=3
    )


def test_a_promise_shipped_in_parts_is_shipped_with_its_last_unit() -> None:
    scenario = shelf()

    for quantity, state in ((1, "confirmed"), (3, "confirmed"), (2, "shipped")):
        for step in (pick, pack, ship_packed):
            scenario.when(step("r1", ("A", quantity)))
        assert scenario.stock.reservation is not None
        assert scenario.stock.reservation.state == state
    scenario.then("PackedShipped", A=Row(4, 1, 2, 13, 0)).then_holds("shipped", A=(6, 0, 0, 6))
    scenario.then_accounts("A", sellable=4, customer=6, supplier=-10)
    scenario.when(pick("r1", ("A", 1))).then_rejected(
        "RESERVATION_CLOSED", reservation="r1", state="shipped"
    )


def test_a_promise_of_two_skus_is_shipped_when_both_are() -> None:
    rows = {"A": Row(0, 0, 0, 3), "B": Row(0, 0, 0, 3)}
    staged = {"A": Balances(staged=1), "B": Balances(staged=1)}
    scenario = given(stepped(A=(1, 1, 1, 0), B=(1, 1, 1, 0)), **rows).beside(balances=staged)

    scenario.when(ship_packed("r1", ("B", 1))).then_holds(
        "confirmed", A=(1, 1, 1, 0), B=(1, 0, 0, 1)
    )
    scenario.when(ship_packed("r1", ("A", 1))).then_holds("shipped", A=(1, 0, 0, 1), B=(1, 0, 0, 1))


@pytest.mark.parametrize("end", [release, ship_reservation])
@pytest.mark.parametrize(("picked", "packed"), [(1, 0), (1, 1), (6, 2)])
def test_a_promise_with_units_staged_is_not_ended(end: Any, picked: int, packed: int) -> None:
    shelf(picked, packed).when(end("r1")).then_rejected("RESERVATION_PICKED", reservation="r1")


def test_once_put_back_it_is_taken_back() -> None:
    scenario = shelf(2).when(unpick("r1", ("A", 2))).when(release("r1"))

    scenario.then("ReservationReleased", A=Row(10, 1, 2, 9, 0)).then_holds(
        "released", A=(6, 0, 0, 0)
    )


def test_what_is_not_shipped_yet_is_taken_back() -> None:
    scenario = shelf(shipped=2).when(release("r1"))

    scenario.then("ReservationReleased", A=Row(8, 1, 2, 8, 0)).then_holds(
        "released", A=(6, 0, 0, 2)
    )
    assert [line.quantity for line in scenario.outcome.lines] == [4]
    scenario.then_accounts("A", sellable=8, customer=2, supplier=-10)


def test_what_is_not_shipped_yet_is_shipped_from_the_shelf() -> None:
    scenario = shelf(shipped=2).when(ship_reservation("r1"))

    scenario.then("StockShipped", A=Row(4, 1, 2, 8, 0)).then_holds("shipped", A=(6, 0, 0, 6))
    assert [line.quantity for line in scenario.outcome.lines] == [4]
    scenario.then_accounts("A", sellable=4, customer=6, supplier=-10)


def test_a_sku_that_has_all_left_is_not_told_again() -> None:
    rows = {"A": Row(0, 0, 0, 3, customer=1), "B": Row(3, 3, 0, 3, 3)}
    scenario = given(stepped(A=(1, 0, 0, 1), B=(3, 0, 0, 0)), **rows).when(release("r1"))

    scenario.then("ReservationReleased", B=Row(3, 0, 0, 4, 0))
    scenario.then_holds("released", A=(1, 0, 0, 1), B=(3, 0, 0, 0))
