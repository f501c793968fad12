"""What warehouses hold and an order does not count on: given back, whoever meddled with it."""

import pytest

from tests.orders.desk import CANCEL, Desk, place, record, refusal, source


def placed() -> Desk:
    """Five are wanted: three are believed to be in L, the rest in M."""
    return Desk().given(place({"A": 5}, source("L", A=3), source("M", A=9)))


def test_what_a_warehouse_could_not_release_is_free_by_time() -> None:
    desk = placed().given(record("L1", "reserved", A=3), CANCEL, record("M1", "released"))
    desk.given(refusal("L1", "release", "INTERNAL")).then_legs(L1="kept A3")

    desk.when(record("L1", "expired")).then("OrderCancelled", "cancelled").then_legs()


def test_with_the_last_unit_what_is_held_beyond_it_is_given_back() -> None:
    """What L was asked to release had left already, and was planned once more beside it."""
    desk = placed().given(record("L1", "reserved", A=3), refusal("M1", "reserve", A=0))
    desk.then_legs(L1="releasing A3", L2="reserving A5")
    desk.given(record("L1", "shipped", A=3), record("L2", "reserved", A=5))

    desk.given(record("L2", "confirmed")).when(record("L2", "shipped", A=2))

    desk.then("LegRecorded", "allocated", "release 2 L")
    desk.then_legs(L1="shipped A3>3", L2="releasing A5>2")
    desk.when(record("L2", "released")).then("OrderShipped", "shipped")
    desk.then_legs(L1="shipped A3>3", L2="released A5>2")


@pytest.mark.parametrize("told", ["waiting", "filled"])
def test_what_a_leg_that_is_given_back_waits_for_is_as_its_warehouse_says(told: str) -> None:
    waits = record("L1", "waiting", A=2)
    desk = Desk().given(place({"A": 2}, source("L", A=0), backorder=True))
    desk.given(*((CANCEL, waits) if told == "waiting" else (waits, CANCEL)))
    desk.then_legs(L1="releasing A2-2")

    desk.given(record("L1", "filled", A=2), refusal("L1", "release", "RESERVATION_PICKED"))

    desk.then_legs(L1="kept A2")
    desk.when(record("L1", "shipped", A=2)).then("OrderShipped", "shipped")
    desk.then_legs(L1="shipped A2>2")


@pytest.mark.parametrize("told", ["unpicked", "shipped"])
def test_what_was_picked_for_nobody_is_asked_back_as_soon_as_it_can_be(told: str) -> None:
    """The warehouse confirmed by itself what had run out, and picked of it."""
    desk = placed().given(record("L1", "reserved", A=3), record("L1", "expired"))
    desk.given(refusal("M1", "reserve", A=0)).then_legs(L2="reserving A5")
    desk.when(record("L1", "confirmed")).then("LegReturned", "reserving", "release 1 L")
    desk.when(refusal("L1", "release", "RESERVATION_PICKED")).then_rejected(
        "LEG_NOT_FOUND", order="o-1", attempt=1, warehouse="L"
    )

    desk.when(record("L1", told, A=1)).then("LegReturned", "reserving", "release 1 L")

    desk.then_legs(L2="reserving A5")
