"""Which lots reservations get: first ended, first out, of those that are good for long enough."""

from typing import Any

import pytest
from msgspec import msgpack

from tests.lots.depot import (
    Depot,
    after,
    come,
    confirm,
    let_go,
    pick,
    rebind,
    recall,
    register,
    require,
    ship,
    unpick,
)

LOT = b"L\0A\0soon"


def bound(lot: str, quantity: int, reservation: str = "r", **more: Any) -> dict[str, Any]:
    told = {"warehouse": "LON-1", "reservation": reservation, "quantity": quantity}
    return told | {"to_lot": lot} | more


def stocked(*lots: tuple[str, float | None]) -> Depot:
    """Four of each lot, which came in in this order."""
    depot = Depot()
    for name, days in lots:
        depot.given(register(name, days))
    for name, _ in lots:
        depot.given(come(name, 4))
    return depot


def test_the_first_that_ends_is_bound_and_what_has_no_end_comes_last() -> None:
    depot = stocked(("never", None), ("late", 30), ("soon", 5))

    depot.when(confirm("r", 10)).then(
        "StockChangeRecorded",
        cause="3-42",
        warehouse="LON-1",
        promised=[{"reservation": "r", "quantity": 10}],
        bound=[bound("soon", 4), bound("late", 4), bound("never", 2)],
    )


def test_of_lots_that_end_together_the_one_that_came_first_is_bound() -> None:
    depot = Depot().given(register("a", 5), register("b", 5), come("b", 1), come("a", 1))

    depot.when(confirm("r", 1))

    assert depot.told["bound"] == [bound("b", 1)]


def test_a_lot_ends_by_its_best_before_where_that_is_sooner() -> None:
    depot = Depot().given(
        register("x", 30, best_before=after(2)), register("y", 5), come("y", 1), come("x", 1)
    )

    depot.when(confirm("r", 1))

    assert depot.told["bound"] == [bound("x", 1)]


def test_what_is_bound_to_one_is_not_bound_to_another() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(confirm("r", 3))

    depot.when(confirm("q", 2))

    assert depot.told["bound"] == [bound("soon", 1, "q"), bound("late", 1, "q")]


def test_what_no_lot_has_is_promised_and_of_no_lot_yet() -> None:
    depot = stocked(("soon", 5))

    depot.when(confirm("r", 6))

    assert depot.books().claims["LON-1", "r"]["unbound"] == 2
    depot.books().check()


@pytest.mark.parametrize("after_it", [False, True], ids=["before", "after"])
def test_a_reservation_gets_what_is_good_for_as_long_as_it_wants(after_it: bool) -> None:
    depot = stocked(("soon", 5), ("late", 30))
    steps = [require("r", 20), confirm("r", 5)]

    depot.given(*(reversed(steps) if after_it else steps))

    claim = depot.books().claims["LON-1", "r"]
    assert (claim["days"], claim["bound"], claim["unbound"]) == (20, {"late": 4}, 1)


def test_a_shelf_life_is_asked_of_one_reservation_in_one_warehouse() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(require("r", 20, "PAR-1"), require("q", 20))

    depot.when(confirm("r", 1))

    assert depot.told["bound"] == [bound("soon", 1)]


def test_a_shelf_life_that_nobody_came_for_is_forgotten() -> None:
    depot = stocked(("soon", 50), ("late", 90)).given(require("r", 60))

    assert depot.pass_time(30 * 86_400_000) == []

    depot.when(confirm("r", 1))
    assert depot.told["bound"] == [bound("soon", 1)]


def test_a_day_is_as_long_as_a_day() -> None:
    for days, lot in ((5, "soon"), (6, "late")):
        depot = stocked(("soon", 5), ("late", 30)).given(require("r", days))

        depot.when(confirm("r", 1))

        assert depot.told["bound"] == [bound(lot, 1)]


def test_what_is_picked_and_shipped_is_what_was_bound() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(confirm("q", 3), confirm("r", 3))

    depot.when(pick("r", 2))

    moved: dict[str, Any] = {
        "warehouse": "LON-1",
        "from_account": "sellable",
        "to_account": "staged",
    }
    moved |= {"reservation": "r", "bound": True}
    assert depot.told["units"] == [
        moved | {"lot": "soon", "quantity": 1},
        moved | {"lot": "late", "quantity": 1},
    ]
    depot.given(ship("r", 2)).books().check()
    assert depot.books().traces == {
        "soon": [["LON-1", "customer", 1, "3-41", "r"]],
        "late": [["LON-1", "customer", 1, "3-41", "r"]],
    }
    assert depot.books().claims["LON-1", "r"]["bound"] == {"late": 1}


def test_what_is_shipped_without_a_reservation_leaves_what_is_bound() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(confirm("r", 3))

    depot.given(ship("other", 2, "sellable"))

    books = depot.books()
    assert books.lying["LON-1", "soon"]["sellable"] == 3
    assert books.lying["LON-1", "late"]["sellable"] == 3
    assert books.claims["LON-1", "r"]["bound"] == {"soon": 3}


def test_what_is_put_back_is_bound_again() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(confirm("r", 6), pick("r", 6))

    depot.when(unpick("r", 3))

    assert depot.books().claims["LON-1", "r"]["bound"] == {"late": 2, "soon": 1}
    depot.books().check()


def test_a_promise_that_is_taken_back_frees_its_lots() -> None:
    depot = stocked(("soon", 5)).given(confirm("r", 3))

    depot.when(let_go("r"))

    assert depot.books().claims == {}
    depot.when(confirm("q", 4))
    assert depot.told["bound"] == [bound("soon", 4, "q")]


def test_a_promise_of_before_holders_were_counted_is_taken_back() -> None:
    depot = stocked(("soon", 5)).given(confirm("r", 3))
    depot.rows[LOT] = msgpack.encode(msgpack.decode(depot.rows[LOT])[:-1])

    depot.given(let_go("r"))

    depot.books().check()


def test_whoever_picks_may_take_another_lot() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(confirm("r", 3))

    depot.when(rebind("r", "late", 2, from_lot="soon")).then(
        "LotRebound",
        warehouse="LON-1",
        reservation="r",
        bound=[bound("late", 2, from_lot="soon")],
    )


def test_what_was_picked_may_be_told_to_be_of_another_lot() -> None:
    depot = stocked(("soon", 5), ("late", 30)).given(confirm("r", 3), pick("r", 3))

    depot.given(rebind("r", "late", 2, from_lot="soon", picked=True))

    books = depot.books()
    books.check()
    assert books.claims["LON-1", "r"]["staged"] == {"soon": 1, "late": 2}
    assert books.lying["LON-1", "soon"]["sellable"] == 3


@pytest.mark.parametrize(
    ("wish", "code", "details"),
    [
        (rebind("r", "no", 1), "LOT_NOT_FOUND", {"lot": "no"}),
        (rebind("r", "late", 1, from_lot="no"), "LOT_NOT_FOUND", {"lot": "no"}),
        (rebind("r", "late", 1, from_lot="late"), "LOT_TO_ITSELF", {"lot": "late"}),
        (
            rebind("q", "late", 1),
            "RESERVATION_NOT_FOUND",
            {"warehouse": "LON-1", "reservation": "q"},
        ),
        (
            rebind("r", "bad", 1, from_lot="soon"),
            "LOT_RECALLED",
            {"lot": "bad", "reason": "glass"},
        ),
        (rebind("r", "short", 1, from_lot="soon"), "SHELF_LIFE_SHORT", {"lot": "short", "days": 3}),
        (
            rebind("r", "late", 4, from_lot="soon"),
            "INSUFFICIENT_UNITS",
            {
                "warehouse": "LON-1",
                "reservation": "r",
                "lot": "soon",
                "requested": 4,
                "there": 3,
            },
        ),
        (
            rebind("r", "late", 1, from_lot="soon", picked=True),
            "INSUFFICIENT_UNITS",
            {"warehouse": "LON-1", "reservation": "r", "lot": "soon", "requested": 1, "there": 0},
        ),
        (
            rebind("r", "few", 2, from_lot="soon"),
            "INSUFFICIENT_UNITS",
            {"warehouse": "LON-1", "lot": "few", "requested": 2, "there": 1},
        ),
        (
            rebind("r", "late", 1),
            "INSUFFICIENT_UNITS",
            {"warehouse": "LON-1", "reservation": "r", "requested": 1, "there": 0},
        ),
    ],
)
def test_a_lot_that_may_not_be_taken_is_refused(
    wish: dict[str, Any], code: str, details: dict[str, Any]
) -> None:
    depot = stocked(("soon", 5), ("late", 30), ("bad", 60), ("short", 2))
    depot.given(register("few", 90), come("few", 1), recall("bad"))
    depot.given(require("r", 3), confirm("r", 3))

    depot.when(wish).then_rejected(code, **details)
