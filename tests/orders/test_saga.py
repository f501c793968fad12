"""An order's life, step by step, as its warehouses tell it."""

import pytest

from tests.hosted import Wish
from tests.orders.desk import CANCEL, Desk, place, record, refusal, source

TWO = (source("L", A=3), source("M", A=9))


def placed(**fields: object) -> Desk:
    """Five are wanted: three are believed to be in L, the rest in M."""
    return Desk().given(place({"A": 5}, *TWO, **fields))


def reserved(**fields: object) -> Desk:
    return placed(**fields).given(record("L1", "reserved", A=3), record("M1", "reserved", A=2))


def allocated(**fields: object) -> Desk:
    return reserved(**fields).given(record("L1", "confirmed"), record("M1", "confirmed"))


def test_an_order_is_split_over_two_warehouses() -> None:
    desk = Desk().when(place({"A": 5}, *TWO))
    desk.then("OrderPlaced", "reserving", "reserve 1 L", "reserve 1 M")
    desk.then_legs(L1="reserving A3", M1="reserving A2")

    desk.when(record("M1", "reserved", A=2)).then("LegRecorded", "reserving")
    desk.when(record("L1", "reserved", A=3))
    desk.then("OrderConfirming", "confirming", "confirm 1 L", "confirm 1 M")

    desk.when(record("L1", "confirmed")).then("LegRecorded", "confirming")
    desk.when(record("M1", "confirmed")).then("OrderAllocated", "allocated")
    desk.then_legs(L1="confirmed A3", M1="confirmed A2")


def test_a_sku_on_several_lines_counts_with_its_sum() -> None:
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}, {"sku": "A", "quantity": 3}]

    desk = Desk().when(place({}, source("L")) | {"lines": lines})

    desk.then_legs(L1="reserving A5 B1")


def test_a_refused_leg_is_planned_elsewhere_and_what_is_held_alike_is_kept() -> None:
    desk = placed().given(record("M1", "reserved", A=2))

    desk.when(refusal("L1", "reserve", A=0))

    desk.then("OrderPlanned", "reserving", "release 1 M", "reserve 2 M")
    desk.then_legs(M1="releasing A2", M2="reserving A5")
    desk.when(record("M1", "released")).then_legs(M2="reserving A5")


def test_a_leg_that_the_next_plan_has_too_is_not_given_up() -> None:
    desk = Desk().given(
        place({"A": 3, "B": 1}, source("L", A=3), source("M", B=1), source("N", B=1)),
        record("L1", "reserved", A=3),
    )

    desk.when(refusal("M1", "reserve", B=0))

    desk.then("OrderPlanned", "reserving", "reserve 2 N")
    desk.then_legs(L1="reserved A3", N2="reserving B1")


def test_all_that_a_warehouse_lacks_is_planned_elsewhere_at_once() -> None:
    wanted = {"A": 3, "B": 2, "C": 4, "D": 1}
    desk = Desk().given(place(wanted, source("L"), source("M", A=9, C=9), source("N", B=9)))

    desk.when(refusal("L1", "reserve", A=1, C=0, B=0))

    desk.then("OrderPlanned", "reserving", "reserve 2 L", "reserve 2 M", "reserve 2 N")
    desk.then_legs(L2="reserving A1 D1", M2="reserving A2 C4", N2="reserving B2")
    learned = [(one["sku"], one.get("available", 0)) for one in desk.told["learned"]]
    assert learned == [("A", 1), ("C", 0), ("B", 0)]


def test_what_is_told_of_a_sku_again_counts_from_then_on() -> None:
    desk = Desk().given(
        place({"A": 3, "B": 2}, source("L"), source("M")),
        refusal("L1", "reserve", A=1, B=1),
        record("M2", "reserved", A=2, B=1),
    )

    desk.when(refusal("L2", "reserve", A=0))

    desk.then_legs(M2="releasing A2 B1", M3="reserving A3 B1", L3="reserving B1")


def test_an_attempt_ends_when_every_leg_is_answered() -> None:
    placed().when(refusal("L1", "reserve", A=0)).then("LegRecorded", "reserving")


def test_a_hint_is_not_what_an_order_is_refused_by() -> None:
    desk = Desk().when(place({"A": 5}, source("L", A=1)))
    desk.then("OrderPlaced", "reserving", "reserve 1 L").then_legs(L1="reserving A5")

    desk.when(refusal("L1", "reserve", A=4)).then("OrderRefused", "refused")


def test_what_cannot_be_had_is_given_back_before_the_order_is_refused() -> None:
    desk = placed(attempts_max=1).given(record("L1", "reserved", A=3))

    desk.when(refusal("M1", "reserve", A=1)).then("OrderRefusing", "refusing", "release 1 L")

    desk.when(record("L1", "released")).then("OrderRefused", "refused").then_legs()


def test_attempts_have_an_end() -> None:
    sources = [source(name) for name in "LMNO"]
    desk = Desk().given(place({"A": 5}, *sources, attempts_max=2))

    desk.when(refusal("L1", "reserve", A=0)).then("OrderPlanned", "reserving", "reserve 2 M")
    desk.when(refusal("M2", "reserve", A=0)).then("OrderRefused", "refused")


def test_what_is_missing_is_waited_for_where_that_is_wanted() -> None:
    desk = Desk().when(place({"A": 9}, *TWO[:1], source("M", A=2), backorder=True))
    desk.then_legs(L1="reserving A3", M1="reserving A2")

    desk.given(record("L1", "reserved", A=3)).when(record("M1", "reserved", A=2))
    asks = ("backorder 2 L", "confirm 1 L", "confirm 1 M")
    desk.then("OrderConfirming", "confirming", *asks)

    desk.given(record("L1", "confirmed"), record("M1", "confirmed"))
    desk.when(record("L2", "waiting", A=3)).then("OrderBackordered", "backordered")
    desk.then_legs(L1="confirmed A3", M1="confirmed A2", L2="waiting A4-3")

    desk.when(record("L2", "filled", A=2)).then("LegRecorded", "backordered")
    desk.when(record("L2", "filled", A=1)).then("OrderAllocated", "allocated")
    desk.then_legs(L1="confirmed A3", M1="confirmed A2", L2="confirmed A4")


def test_where_nothing_is_believed_to_be_all_is_waited_for_at_once() -> None:
    desk = Desk().when(place({"A": 2}, source("L", A=0), backorder=True))

    desk.then("OrderPlaced", "confirming", "backorder 1 L")

    desk.when(record("L1", "waiting")).then("OrderAllocated", "allocated")


def test_a_full_queue_is_passed_by() -> None:
    desk = Desk().given(place({"A": 2}, source("L", A=0), source("M", A=0), backorder=True))

    desk.when(refusal("L1", "backorder", "QUEUE_FULL"))
    desk.then("OrderConfirming", "confirming", "backorder 2 M")
    desk.when(refusal("M2", "backorder", "QUEUE_FULL")).then("OrderRefused", "refused")


def test_the_attempts_over_the_rest_is_waited_for() -> None:
    desk = placed(backorder=True, attempts_max=1).given(record("L1", "reserved", A=3))

    desk.when(refusal("M1", "reserve", A=0))

    desk.then("OrderConfirming", "confirming", "backorder 2 L", "confirm 1 L")


def test_a_leg_that_ran_out_is_confirmed_all_the_same_where_its_warehouse_can() -> None:
    desk = placed().given(record("L1", "reserved", A=3), record("L1", "expired"))
    desk.then_legs(L1="expired A3", M1="reserving A2")

    desk.when(record("M1", "reserved", A=2))

    desk.then("OrderConfirming", "confirming", "confirm 1 L", "confirm 1 M")


def test_a_leg_that_cannot_be_confirmed_is_planned_anew_and_what_is_for_good_stays() -> None:
    desk = reserved().given(record("L1", "expired"), record("M1", "confirmed"))

    desk.when(refusal("L1", "confirm", A=0)).then("OrderPlanned", "reserving", "reserve 2 M")
    desk.then_legs(M1="confirmed A2", M2="reserving A3")

    desk.when(record("M2", "reserved", A=3)).then("OrderConfirming", "confirming", "confirm 2 M")
    desk.when(record("M2", "confirmed")).then("OrderAllocated", "allocated")


def test_never_half_what_is_for_good_is_given_back_with_the_rest() -> None:
    desk = reserved(attempts_max=1).given(record("M1", "confirmed"))

    desk.when(refusal("L1", "confirm", A=0)).then("OrderRefusing", "refusing", "release 1 M")

    desk.when(record("M1", "released")).then("OrderRefused", "refused").then_legs()


def test_a_leg_that_the_warehouse_has_a_defect_with_is_released_first() -> None:
    desk = reserved(attempts_max=1)

    desk.when(refusal("L1", "confirm", "INTERNAL")).then_legs(L1="releasing A3", M1="confirming A2")

    assert desk.asks() == ["release 1 L"]


def test_cancelled_is_an_order_once_all_is_given_back() -> None:
    desk = allocated().when(CANCEL)
    desk.then("OrderCancelling", "cancelling", "release 1 L", "release 1 M")

    desk.when(record("L1", "released")).then("LegRecorded", "cancelling")
    desk.when(record("M1", "released")).then("OrderCancelled", "cancelled").then_legs()


def test_a_leg_that_is_only_asked_for_is_given_back_too() -> None:
    desk = placed().when(CANCEL)
    desk.then("OrderCancelling", "cancelling", "release 1 L", "release 1 M")

    desk.when(record("L1", "reserved", A=3)).then("LegRecorded", "cancelling")
    desk.given(record("L1", "released"), refusal("M1", "reserve", A=0))
    desk.when(refusal("M1", "release", "RESERVATION_NOT_FOUND"))
    desk.then("OrderCancelled", "cancelled")


def test_what_is_picked_is_kept_until_it_is_put_back() -> None:
    desk = allocated().given(CANCEL, record("M1", "released"))

    desk.when(refusal("L1", "release", "RESERVATION_PICKED"))
    desk.then("LegRecorded", "cancelling").then_legs(L1="kept A3")

    desk.when(record("L1", "unpicked")).then("LegRecorded", "cancelling", "release 1 L")
    desk.when(record("L1", "released")).then("OrderCancelled", "cancelled")


def test_what_is_kept_can_be_asked_for_again() -> None:
    desk = allocated().given(CANCEL, record("M1", "released"))
    desk.given(refusal("L1", "release", "RESERVATION_PICKED"))

    desk.when(CANCEL).then("OrderCancelling", "cancelling", "release 1 L")


def test_what_left_before_it_could_be_given_back_is_told() -> None:
    desk = allocated().given(CANCEL, record("L1", "shipped", A=3))

    desk.when(record("M1", "released")).then("OrderCancelled", "cancelled")

    desk.then_legs(L1="shipped A3>3")


def test_an_order_is_shipped_with_the_last_unit() -> None:
    desk = allocated().given(record("L1", "shipped", A=2))
    desk.then_legs(L1="confirmed A3>2", M1="confirmed A2")

    desk.when(record("M1", "shipped", A=2)).then("LegRecorded", "allocated")
    desk.when(record("L1", "shipped", A=1)).then("OrderShipped", "shipped")


def test_a_cancellation_that_comes_too_late_ends_as_shipped() -> None:
    desk = allocated().given(CANCEL, record("L1", "shipped", A=3))

    desk.when(record("M1", "shipped", A=2)).then("OrderShipped", "shipped")


@pytest.mark.parametrize("told", ["released", "expired"])
def test_a_leg_that_somebody_took_back_or_says_so_is_planned_anew(told: str) -> None:
    desk = allocated().when(record("L1", told))

    desk.then("OrderPlanned", "reserving", "release 1 L", "reserve 2 L")
    desk.then_legs(M1="confirmed A2", L2="reserving A3")


@pytest.mark.parametrize(
    ("last", "code", "state"),
    [
        ([], "ORDER_CANCELLED", "cancelling"),
        ([record("L1", "released"), record("M1", "released")], "ORDER_CANCELLED", "cancelled"),
    ],
)
def test_an_order_is_cancelled_once(last: list[Wish], code: str, state: str) -> None:
    desk = reserved().given(CANCEL, *last)

    desk.when(CANCEL).then_rejected(code, order="o-1", state=state)


def test_what_is_refused_is_not_cancelled() -> None:
    desk = placed(attempts_max=1)
    desk.given(record("L1", "reserved", A=3), refusal("M1", "reserve", A=1))
    desk.when(CANCEL).then_rejected("ORDER_REFUSED", order="o-1", state="refusing")
    desk.given(record("L1", "released"))
    desk.when(CANCEL).then_rejected("ORDER_REFUSED", order="o-1", state="refused")


def test_what_has_left_is_not_cancelled() -> None:
    desk = allocated().given(record("L1", "shipped", A=3), record("M1", "shipped", A=2))

    desk.when(CANCEL).then_rejected("ORDER_SHIPPED", order="o-1", state="shipped")


def test_an_order_is_placed_once() -> None:
    wish = place({"A": 1}, source("L"))

    placed().when(wish).then_rejected("ORDER_EXISTS", order="o-1", state="reserving")


@pytest.mark.parametrize("wish", [CANCEL, record("L1", "reserved", A=3), refusal("L1", "reserve")])
def test_an_order_that_nobody_placed_is_not_found(wish: Wish) -> None:
    Desk().when(wish).then_rejected("ORDER_NOT_FOUND", order="o-1")


@pytest.mark.parametrize(
    ("leg", "told"),
    [
        *(("N1", told) for told in ("released", "expired", "filled")),
        *(("L2", told) for told in ("released", "expired", "filled", "shipped", "unpicked")),
    ],
)
def test_a_leg_that_there_is_not_is_not_found(leg: str, told: str) -> None:
    allocated().when(record(leg, told, A=1)).then_rejected(
        "LEG_NOT_FOUND", order="o-1", attempt=int(leg[1]), warehouse=leg[0]
    )


@pytest.mark.parametrize(
    "wish",
    [
        record("L1", "reserved", A=3),
        record("L1", "confirmed"),
        record("L1", "waiting"),
        record("L1", "filled", A=1),
        refusal("L1", "reserve", A=0),
        refusal("L1", "confirm", A=0),
        refusal("L1", "backorder", "QUEUE_FULL"),
        refusal("L1", "release", "RESERVATION_PICKED"),
    ],
)
def test_what_does_not_become_a_leg_for_good_changes_nothing(wish: Wish) -> None:
    allocated().when(wish).then_rejected(
        "LEG_CLOSED", order="o-1", attempt=1, warehouse="L", state="confirmed"
    )


def test_what_is_held_for_nobody_is_asked_back() -> None:
    desk = placed().given(CANCEL, refusal("L1", "release", "RESERVATION_NOT_FOUND"))
    desk.given(refusal("M1", "release", "RESERVATION_NOT_FOUND")).then_legs()
    over = dict(desk.rows)

    desk.when(record("L1", "reserved", A=3)).then("LegReturned", "cancelled", "release 1 L")

    assert desk.rows == over


def test_a_reservation_of_other_units_is_not_the_leg() -> None:
    desk = Desk().given(place({"A": 5}, source("L"), source("M")))

    desk.when(record("L1", "reserved", A=1)).then("OrderPlanned", "reserving", "reserve 2 M")


def test_an_order_that_is_over_is_forgotten_and_its_id_free() -> None:
    desk = placed().given(CANCEL, record("L1", "released"), record("M1", "released"))
    desk.pass_time(400 * 86_400_000 - 1)
    assert len(desk.rows) == 1

    desk.pass_time(1)

    assert desk.rows == {}
    desk.given(place({"A": 1}, source("L")))


def test_an_order_that_is_not_over_is_kept() -> None:
    desk = allocated()

    desk.pass_time(366 * 86_400_000)

    assert len(desk.rows) == 2
    desk.when(record("L1", "shipped", A=3)).then("LegRecorded", "allocated")
