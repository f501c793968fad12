"""Promises on stock: made, taken back, shipped, run out."""

import pytest

from agents.stock.decider import expire
from schemas.rows import ReservationState, Row
from tests.stock.scenario import MOMENT, given, held, release, reserve, ship_reservation


def test_a_promise_is_kept_out_of_what_is_available() -> None:
    scenario = given(A=Row(10, 4, 1, 7)).when(reserve("r1", ("A", 6)))

    scenario.then("StockReserved", A=Row(10, 10, 1, 8))
    assert scenario.outcome.reservation == "r1"
    reservation = scenario.stock.reservation
    assert reservation is not None
    assert (reservation.state, reservation.expires_at) == ("open", scenario.outcome.expires_at)


def test_a_promise_holds_the_sum_of_each_sku() -> None:
    scenario = given(A=Row(9, 0, 0, 1), B=Row(9, 0, 0, 1))

    scenario.when(reserve("r1", ("A", 2), ("B", 1), ("A", 3)))

    reservation = scenario.stock.reservation
    assert reservation is not None
    assert [(line.sku, line.quantity) for line in reservation.lines] == [("A", 5), ("B", 1)]


def test_more_than_available_is_not_promised() -> None:
    given(A=Row(10, 4, 0, 7)).when(reserve("r1", ("A", 7))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=7, available=6
    )


@pytest.mark.parametrize(
    "state", ["open", "confirmed", "released", "shipped", "expired", "superseded"]
)
def test_an_id_in_use_or_remembered_is_not_taken_again(state: ReservationState) -> None:
    given(held(state, A=1), A=Row(10, 4, 0, 7)).when(reserve("r1", ("A", 1))).then_rejected(
        "RESERVATION_EXISTS", reservation="r1", state=state
    )


def test_the_reservation_is_looked_at_before_the_stock() -> None:
    given(held(A=1)).when(reserve("r1", ("A", 1))).then_rejected(
        "RESERVATION_EXISTS", reservation="r1", state="open"
    )


def test_a_promise_taken_back_is_available_again() -> None:
    scenario = given(held(A=4, B=1), A=Row(10, 4, 0, 7), B=Row(1, 1, 5, 2))

    scenario.when(release("r1"))

    scenario.then("ReservationReleased", A=Row(10, 0, 0, 8), B=Row(1, 0, 5, 3))
    assert scenario.outcome.reservation == "r1"
    assert scenario.stock.reservation == held("released", A=4, B=1)


def test_a_promise_shipped_leaves_the_house() -> None:
    scenario = given(held(A=4), A=Row(10, 5, 0, 7)).when(ship_reservation("r1"))

    scenario.then("StockShipped", A=Row(6, 1, 0, 8))
    assert scenario.outcome.reservation == "r1"
    scenario.then_holds("shipped", A=(4, 0, 0, 4)).then_accounts(
        "A", sellable=6, supplier=-10, customer=4
    )


@pytest.mark.parametrize("end", [release, ship_reservation])
def test_what_was_never_promised_cannot_end(end: type) -> None:
    given().when(end("r1")).then_rejected("RESERVATION_NOT_FOUND", reservation="r1")


@pytest.mark.parametrize("end", [release, ship_reservation])
@pytest.mark.parametrize("state", ["released", "shipped", "expired", "superseded"])
def test_a_promise_ends_once(end: type, state: ReservationState) -> None:
    given(held(state, A=4), A=Row(10, 4, 0, 7)).when(end("r1")).then_rejected(
        "RESERVATION_CLOSED", reservation="r1", state=state
    )


def test_a_promise_runs_out() -> None:
    stock = given(held(A=4), A=Row(10, 4, 0, 7)).stock

    event = expire(stock, "LON-1", "r1", MOMENT)

    assert [(line.sku, line.quantity, line.reserved) for line in event.lines] == [("A", 4, 0)]
    assert event.time == event.recorded_at == "2026-11-18T12:00:00.000Z"
    assert event.expires_at == "2026-11-18T12:15:00.000Z"
    assert not hasattr(event, "command_id")


def test_a_closed_promise_does_not_run_out() -> None:
    stock = given(held("released", A=4), A=Row(10, 4, 0, 7)).stock

    with pytest.raises(AssertionError):
        expire(stock, "LON-1", "r1", MOMENT)


def test_rows_that_hold_less_than_was_promised_are_never_told_as_stock() -> None:
    with pytest.raises(AssertionError):
        given(held(A=4), A=Row(10, 3, 0, 7)).when(release("r1"))
