"""Promises extended, put in another's place, made for good, and ended."""

from typing import Any

import pytest

from schemas.fields import STOCK_MAX
from schemas.rows import ReservationState, Row
from tests.stock.scenario import (
    confirm,
    extend,
    given,
    held,
    pack,
    pick,
    release,
    reserve,
    ship_packed,
    ship_reservation,
    stepped,
    supersede,
    unpick,
)

CLOSED = ["released", "shipped", "superseded", "expired"]
STEPS = [pick, unpick, pack, ship_packed]


@pytest.mark.parametrize(("ttl_seconds", "end"), [(1, "12:00:01"), (3_600, "13:00:00")])
def test_an_open_promise_is_kept_for_longer_or_shorter(ttl_seconds: int, end: str) -> None:
    scenario = given(held(A=4), A=Row(10, 4, 0, 7)).when(extend("r1", ttl_seconds))

    event, expires_at = scenario.outcome, f"2026-11-18T{end}.000Z"
    assert (type(event).__name__, event.lines) == ("ReservationExtended", [])
    assert (event.reservation, event.expires_at) == ("r1", expires_at)
    scenario.then_holds("open", A=(4, 0, 0, 0))
    assert scenario.stock.reservation is not None
    assert scenario.stock.reservation.expires_at == expires_at
    assert scenario.stock.rows["A"].version == 7


def _wishes() -> list[Any]:
    return [
        *[step("r1", ("A", 1)) for step in STEPS],
        *[extend("r1", 9), confirm("r1"), release("r1"), ship_reservation("r1")],
        supersede("r2", "r1", ("A", 1)),
    ]


def _name(wish: Any) -> str:
    return type(wish).__name__


@pytest.mark.parametrize("wish", _wishes(), ids=_name)
def test_what_was_never_promised_goes_no_step_further(wish: Any) -> None:
    given(A=Row(10, 0, 0, 7)).when(wish).then_rejected("RESERVATION_NOT_FOUND", reservation="r1")


@pytest.mark.parametrize("state", CLOSED)
@pytest.mark.parametrize("wish", _wishes(), ids=_name)
def test_what_has_ended_goes_no_step_further(wish: Any, state: ReservationState) -> None:
    scenario = given(held(state, A=4), A=Row(10, 4, 0, 7)).beside(replaced=held(state, A=4))
    if _name(wish) == "SupersedeReservation":
        scenario.stock.reservation = None
    scenario.when(wish)

    if (_name(wish), state) == ("ConfirmReservation", "expired"):  # the one way back
        scenario.then("ReservationConfirmed", A=Row(10, 8, 0, 8, 4))
    else:
        scenario.then_rejected("RESERVATION_CLOSED", reservation="r1", state=state)


@pytest.mark.parametrize("wish", [extend("r1", 9), confirm("r1")], ids=_name)
def test_what_is_promised_for_good_has_no_end_to_change(wish: Any) -> None:
    given(stepped(A=(4, 0, 0, 0)), A=Row(10, 4, 0, 7, 4)).when(wish).then_rejected(
        "RESERVATION_CONFIRMED", reservation="r1"
    )


def test_what_is_promised_for_good_is_not_replaced() -> None:
    given(A=Row(10, 4, 0, 7, 4)).beside(replaced=stepped(A=(4, 0, 0, 0))).when(
        supersede("r2", "r1", ("A", 4))
    ).then_rejected("RESERVATION_CONFIRMED", reservation="r1")


def test_a_holder_is_not_blocked_by_what_they_hold_themselves() -> None:
    scenario = (
        given(A=Row(5, 4, 0, 7)).beside(replaced=held(A=4)).when(supersede("r2", "r1", ("A", 5)))
    )

    scenario.then("ReservationSuperseded", A=Row(5, 5, 0, 8)).then_holds("open", A=(5, 0, 0, 0))
    assert scenario.stock.replaced == held("superseded", A=4)
    assert (scenario.outcome.reservation, scenario.outcome.replaces) == ("r2", "r1")
    assert scenario.outcome.expires_at == "2026-11-18T12:15:00.000Z"


def test_somebody_else_is_blocked_by_it() -> None:
    given(A=Row(5, 4, 0, 7)).when(reserve("r2", ("A", 5))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=5, available=1
    )


def test_what_others_hold_stays_theirs() -> None:
    given(A=Row(9, 7, 0, 7)).beside(replaced=held(A=4)).when(
        supersede("r2", "r1", ("A", 3), ("A", 4))
    ).then_rejected("INSUFFICIENT_STOCK", sku="A", requested=7, available=6)


def test_a_replacement_tells_its_own_lines_then_skus_of_the_old_one_alone() -> None:
    rows = {"A": Row(9, 4, 0, 7), "B": Row(9, 1, 0, 2), "C": Row(9, 0, 0, 1)}
    scenario = given(**rows).beside(replaced=held(A=4, B=1))

    scenario.when(supersede("r2", "r1", ("C", 1), ("B", 2), ("C", 1)))

    scenario.then("ReservationSuperseded", C=Row(9, 2, 0, 2), B=Row(9, 2, 0, 3), A=Row(9, 0, 0, 8))
    assert [line.quantity for line in scenario.outcome.lines] == [2, 2, 0]
    scenario.then_holds("open", C=(2, 0, 0, 0), B=(2, 0, 0, 0))


def test_a_refused_replacement_leaves_the_old_one_in_its_place() -> None:
    scenario = given(A=Row(5, 4, 0, 7)).beside(replaced=held(A=4))

    scenario.when(supersede("r2", "r1", ("A", 1), ("B", 1))).then_rejected(
        "INSUFFICIENT_STOCK", sku="B", requested=1, available=0
    )
    assert scenario.stock.replaced == held(A=4)


@pytest.mark.parametrize("state", ["open", "confirmed", *CLOSED])
def test_a_replacement_needs_an_unused_id(state: ReservationState) -> None:
    given(held(state, A=1), A=Row(5, 4, 0, 7)).when(supersede("r2", "r1", ("A", 1))).then_rejected(
        "RESERVATION_EXISTS", reservation="r2", state=state
    )


def test_a_promise_does_not_take_its_own_place() -> None:
    given(held(A=4), A=Row(5, 4, 0, 7)).beside(replaced=held(A=4)).when(
        supersede("r1", "r1", ("A", 4))
    ).then_rejected("RESERVATION_EXISTS", reservation="r1", state="open")


def test_an_open_promise_is_made_for_good() -> None:
    scenario = given(held(A=4, B=1), A=Row(10, 5, 0, 7), B=Row(1, 1, 0, 2)).when(confirm("r1"))

    scenario.then("ReservationConfirmed", A=Row(10, 5, 0, 8, 4), B=Row(1, 1, 0, 3, 1))
    scenario.then_holds("confirmed", A=(4, 0, 0, 0), B=(1, 0, 0, 0))
    assert [line.quantity for line in scenario.outcome.lines] == [4, 1]


def test_a_promise_confirmed_too_late_is_made_anew_whole() -> None:
    rows = {"A": Row(10, 6, 0, 7), "B": Row(1, 0, 0, 2)}
    scenario = given(held("expired", A=4, B=1), **rows).when(confirm("r1"))

    scenario.then("ReservationConfirmed", A=Row(10, 10, 0, 8, 4), B=Row(1, 1, 0, 3, 1))
    scenario.then_holds("confirmed", A=(4, 0, 0, 0), B=(1, 0, 0, 0))


def test_a_promise_confirmed_too_late_is_refused_whole() -> None:
    rows = {"A": Row(10, 6, 0, 7), "B": Row(1, 1, 0, 2)}
    scenario = given(held("expired", A=4, B=1), **rows)

    scenario.when(confirm("r1")).then_rejected(
        "INSUFFICIENT_STOCK", sku="B", requested=1, available=0
    )
    scenario.then_holds("expired", A=(4, 0, 0, 0), B=(1, 0, 0, 0))


@pytest.mark.parametrize("step", STEPS)
def test_nothing_leaves_the_shelf_for_what_is_not_promised_for_good(step: Any) -> None:
    given(held(A=4), A=Row(10, 4, 0, 7)).when(step("r1", ("A", 1))).then_rejected(
        "RESERVATION_NOT_CONFIRMED", reservation="r1"
    )


def test_what_was_promised_for_good_is_taken_back() -> None:
    scenario = given(stepped(A=(4, 0, 0, 0)), A=Row(10, 6, 0, 7, 5)).when(release("r1"))

    scenario.then("ReservationReleased", A=Row(10, 2, 0, 8, 1))
    scenario.then_holds("released", A=(4, 0, 0, 0))
    assert scenario.outcome.confirmed


def test_what_was_promised_for_good_is_shipped_from_the_shelf() -> None:
    scenario = given(stepped(A=(4, 0, 0, 0)), A=Row(10, 6, 0, 7, 5)).when(ship_reservation("r1"))

    scenario.then("StockShipped", A=Row(6, 2, 0, 8, 1)).then_holds("shipped", A=(4, 0, 0, 4))
    scenario.then_accounts("A", sellable=6, customer=4, supplier=-10)
    assert scenario.outcome.confirmed


@pytest.mark.parametrize("end", [release, ship_reservation])
def test_an_open_promise_ends_without_having_been_confirmed(end: Any) -> None:
    assert not given(held(A=4), A=Row(10, 4, 0, 7)).when(end("r1")).outcome.confirmed


@pytest.mark.parametrize("end", [release, ship_reservation])
def test_a_promise_that_was_confirmed_ends_once_too(end: Any) -> None:
    scenario = given(stepped(A=(4, 0, 0, 0)), A=Row(10, 4, 0, 7, 4)).when(release("r1"))

    scenario.when(end("r1")).then_rejected("RESERVATION_CLOSED", reservation="r1", state="released")


def test_a_promise_made_up_to_the_limit_is_confirmed() -> None:
    full = Row(STOCK_MAX, STOCK_MAX, 0, 7)

    given(held(A=STOCK_MAX), A=full).when(confirm("r1")).then(
        "ReservationConfirmed", A=Row(STOCK_MAX, STOCK_MAX, 0, 8, STOCK_MAX)
    )
