"""Serials that are bound: each to one reservation, with which it goes where that is certain."""

import pytest

from tests.hosted import Wish
from tests.lots.depot import (
    Depot,
    change,
    come,
    confirm,
    give,
    hold,
    let_go,
    name,
    pick,
    recall,
    register,
    require,
    ship,
    swap,
    take_back,
    unpick,
    went,
)
from tests.lots.scanned import places, three, told, where


def test_a_serial_is_promised_to_one_reservation() -> None:
    depot = three().given(confirm("r", 1), confirm("q", 1))

    depot.when(give("r", "N1")).then(
        "SerialsBound",
        warehouse="LON-1",
        reservation="r",
        serials=[
            {
                "serial": "N1",
                "warehouse": "LON-1",
                "from_account": "sellable",
                "to_account": "sellable",
                "reservation": "r",
            }
        ],
    )
    for reservation in ("r", "q"):
        depot.when(give(reservation, "N1")).then_rejected(
            "SERIAL_BOUND", serial="N1", warehouse="LON-1", account="sellable", reservation="r"
        )


def test_no_more_serials_are_bound_than_units_are_promised() -> None:
    depot = three().given(confirm("r", 2), give("r", "N1"))

    depot.when(give("r", "N2", "N3")).then_rejected(
        "INSUFFICIENT_UNITS", warehouse="LON-1", reservation="r", requested=2, there=1
    )
    depot.when(give("no", "N2")).then_rejected(
        "RESERVATION_NOT_FOUND", warehouse="LON-1", reservation="no"
    )


@pytest.mark.parametrize(
    ("matter", "code", "details"),
    [
        (hold("L1"), "LOT_HELD", {"reason": "smell"}),
        (recall("L1"), "LOT_RECALLED", {"reason": "glass"}),
    ],
)
def test_a_serial_of_a_bad_lot_is_promised_to_nobody(
    matter: Wish, code: str, details: dict[str, str]
) -> None:
    depot = three("L1").given(confirm("r", 1), matter)

    depot.when(give("r", "N1")).then_rejected(code, lot="L1", **details)


def test_a_serial_lives_as_long_as_the_reservation_requires() -> None:
    depot = Depot().given(register("L1", 5), come("L1", 1), name("N1", lot="L1"))
    depot.given(confirm("r", 1), require("r", 10))

    depot.when(give("r", "N1")).then_rejected("SHELF_LIFE_SHORT", lot="L1", days=10)


def test_bound_serials_go_with_all_that_their_reservation_has() -> None:
    depot = three().given(confirm("r", 2), give("r", "N1", "N3"))

    depot.given(pick("r", 2))
    assert told(depot) == [("N1", "sellable", "staged", "r"), ("N3", "sellable", "staged", "r")]
    depot.given(unpick("r", 2))
    assert where(depot, "N3") == ("LON-1", "sellable", "r")
    depot.given(pick("r", 2), ship("r", 2))

    assert places(depot) == {
        "N1": ("LON-1", "customer", "r"),
        "N2": ("LON-1", "sellable", None),
        "N3": ("LON-1", "customer", "r"),
    }


def test_of_a_part_nobody_knows_which_went_until_it_is_said() -> None:
    depot = three().given(confirm("r", 2), give("r", "N1", "N3"), pick("r", 1))
    assert told(depot) == []

    depot.given(went("sellable", "staged", "N3", reservation="r"))
    assert (where(depot, "N1")[1], where(depot, "N3")[1]) == ("sellable", "staged")
    depot.when(went("sellable", "staged", "N1", reservation="r")).then_rejected(
        "INSUFFICIENT_UNITS",
        warehouse="LON-1",
        account="staged",
        reservation="r",
        requested=1,
        there=0,
    )
    depot.given(ship("r", 1))
    assert told(depot) == [("N3", "staged", "customer", "r")]
    assert where(depot, "N1") == ("LON-1", "sellable", "r")


def test_what_is_shipped_from_the_shelf_takes_its_serials_along() -> None:
    depot = three().given(confirm("r", 1), give("r", "N2"), ship("r", 1, "sellable"))

    assert where(depot, "N2") == ("LON-1", "customer", "r")
    assert depot.books().nameless("LON-1", "sellable") == 0


def test_a_serial_that_is_scanned_late_is_of_what_is_picked() -> None:
    depot = three().given(confirm("r", 2), give("r", "N1"), pick("r", 1))
    depot.given(went("sellable", "staged", "N1", reservation="r"), pick("r", 1))

    depot.given(give("r", "N2"))

    assert where(depot, "N2") == ("LON-1", "staged", "r")
    assert depot.books().nameless("LON-1", "staged") == 0


def test_a_promise_that_is_taken_back_lets_its_serials_go() -> None:
    depot = three().given(confirm("r", 2), give("r", "N1", "N3"), let_go("r"))

    assert set(places(depot).values()) == {("LON-1", "sellable", None)}
    depot.given(confirm("q", 1), give("q", "N1"))
    assert where(depot, "N1") == ("LON-1", "sellable", "q")


def test_what_is_bound_goes_nowhere_else_before_it_is_unbound() -> None:
    depot = three().given(confirm("r", 1), give("r", "N1"), change("sellable", "damaged", 1))
    broken = went("sellable", "damaged", "N1")

    for wish in (broken, broken | {"reservation": "r"}):
        depot.when(wish).then_rejected(
            "SERIAL_BOUND", serial="N1", warehouse="LON-1", account="sellable", reservation="r"
        )
    depot.given(take_back("N1"), broken)
    assert where(depot, "N1") == ("LON-1", "damaged", None)


def test_nothing_is_picked_that_is_not_bound() -> None:
    depot = three().given(confirm("r", 1), pick("r", 1))

    depot.when(went("sellable", "staged", "N1", reservation="r")).then_rejected(
        "SERIAL_NOT_BOUND", serial="N1", warehouse="LON-1", account="sellable"
    )


def test_none_of_a_bad_lot_takes_the_place_of_what_is_to_be_picked() -> None:
    depot = Depot().given(register("L1"), register("L2"), come("L1", 1), come("L2", 1))
    depot.given(name("N1", lot="L1"), name("N2", lot="L2"), confirm("r", 1), give("r", "N2"))
    depot.given(hold("L1"))

    depot.when(swap("N1", "N2")).then_rejected("LOT_HELD", lot="L1", reason="smell")


def two_of_two_lots() -> Depot:
    """N1 and N2 of L1, which ends first; N3 and N4 of L2."""
    depot = Depot().given(register("L1", 5), register("L2", 50), come("L1", 2), come("L2", 2))
    return depot.given(name("N1", "N2", lot="L1"), name("N3", "N4", lot="L2"))


def test_units_of_its_lot_are_bound_with_a_serial() -> None:
    depot = two_of_two_lots().given(confirm("r", 2))
    assert depot.books().claims["LON-1", "r"]["bound"] == {"L1": 2}

    depot.given(give("r", "N1", "N4"))

    books = depot.books()
    books.check()
    assert books.claims["LON-1", "r"]["bound"] == {"L1": 1, "L2": 1}


def test_units_of_its_lot_were_picked_where_a_serial_is_scanned_late() -> None:
    depot = two_of_two_lots().given(confirm("r", 1), pick("r", 1))
    assert depot.books().claims["LON-1", "r"]["staged"] == {"L1": 1}

    depot.given(give("r", "N4"))

    assert depot.books().claims["LON-1", "r"]["staged"] == {"L2": 1}
    assert where(depot, "N4") == ("LON-1", "staged", "r")
    depot.given(ship("r", 1))
    assert [line[4] for line in depot.books().traces["L2"]] == ["r"]


def test_units_of_their_lots_change_with_two_that_were_taken_for_each_other() -> None:
    depot = two_of_two_lots().given(confirm("r", 1), give("r", "N1"))
    assert depot.books().claims["LON-1", "r"]["bound"] == {"L1": 1}

    depot.given(swap("N1", "N4"))

    assert depot.books().claims["LON-1", "r"]["bound"] == {"L2": 1}
    assert where(depot, "N4") == ("LON-1", "sellable", "r")


@pytest.mark.parametrize("is_picked", [False, True])
def test_units_that_a_serial_names_are_not_given_up_for_another(is_picked: bool) -> None:
    depot = Depot()
    for lot, days in (("L1", 5), ("L2", 50), ("L3", 90)):
        depot.given(register(lot, days), come(lot, 1), name(f"of-{lot}", lot=lot))
    depot.given(confirm("r", 2), *([pick("r", 2)] if is_picked else []))

    depot.given(give("r", "of-L2", "of-L3"))

    claim = depot.books().claims["LON-1", "r"]
    assert claim["staged" if is_picked else "bound"] == {"L2": 1, "L3": 1}
    depot.books().check()


def test_what_is_bound_to_others_is_not_taken_for_a_serial() -> None:
    depot = two_of_two_lots().given(confirm("q", 2), confirm("r", 1), give("r", "N2"))

    assert depot.books().claims["LON-1", "q"]["bound"] == {"L1": 2}
    assert depot.books().claims["LON-1", "r"]["bound"] == {"L2": 1}
    assert where(depot, "N2") == ("LON-1", "sellable", "r")


def test_a_recall_tells_where_each_serial_of_the_lot_is_and_lets_go_what_is_not_picked() -> None:
    depot = two_of_two_lots().given(come("L1", 2), name("N5", "N6", lot="L1"))
    depot.given(confirm("r", 1), give("r", "N1"), confirm("q", 1), give("q", "N2"), pick("q", 1))
    depot.given(went("sellable", "customer", "N5", reservation="s"))

    depot.given(recall("L1"))

    fields = ("serial", "account", "reservation")
    assert [tuple(map(one.get, fields)) for one in depot.told["traced"]] == [
        ("N1", "sellable", "r"),
        ("N2", "staged", "q"),
        ("N5", "customer", "s"),
        ("N6", "sellable", None),
    ]
    assert depot.told["traced_lines"] == 4
    assert told(depot) == [("N1", "sellable", "sellable", None)]
    assert where(depot, "N2") == ("LON-1", "staged", "q")
    depot.given(unpick("q", 1))
    assert where(depot, "N2") == ("LON-1", "sellable", None)


def test_a_recall_lists_the_last_thousand_serials_and_the_rows_have_all() -> None:
    depot = Depot().given(register("L1"), come("L1", 1_100))
    for number in range(11):
        names = [f"N{number:02}{one:02}" for one in range(100)]
        depot.given(name(*names, lot="L1"))

    depot.given(recall("L1"))

    traced = [one["serial"] for one in depot.told["traced"]]
    assert (traced[0], traced[-1], len(traced)) == ("N0100", "N1099", 1_000)
    assert depot.told["traced_lines"] == len(depot.books().lot_serials["L1"]) == 1_100


def test_a_thousand_serials_of_a_lot_are_bound_and_no_more() -> None:
    depot = Depot().given(register("L1"), come("L1", 1_201))
    for number in range(7):
        names = [f"N{number}-{one}" for one in range(200)][: 200 if number < 6 else 1]
        depot.given(name(*names, lot="L1"), confirm(f"r{number}", len(names)))
        if number < 5:
            depot.given(give(f"r{number}", *names))
    limit = {"field": "serials", "value": 1_001, "limit": 1_000, "lot": "L1"}

    depot.when(give("r6", "N6-0")).then_rejected("QUANTITY_LIMIT", **limit)
    depot.given(come("-", 1), name("other"), give("r6", "other"))
    depot.when(swap("other", "N6-0")).then_rejected("QUANTITY_LIMIT", **limit)


def test_a_thousand_serials_are_a_reservations_and_no_more() -> None:
    depot = Depot().given(come("-", 1_002), name("N"), confirm("r", 1_001))
    for number in range(6):
        names = [f"N{number}-{one}" for one in range(200)][: 200 if number < 5 else 1]
        depot.given(name(*names))
        if number < 5:
            depot.given(give("r", *names))
    of = {"warehouse": "LON-1", "reservation": "r"}

    depot.when(give("r", "N5-0")).then_rejected(
        "QUANTITY_LIMIT", field="serials", value=1_001, limit=1_000, **of
    )
    depot.given(pick("r", 1_001))
    assert len(depot.told["serials"]) == 1_000


def test_two_that_were_taken_for_each_other_change_places() -> None:
    depot = three().given(confirm("r", 1), give("r", "N1"), pick("r", 1))

    depot.when(swap("N1", "N3"))

    assert places(depot) == {
        "N1": ("LON-1", "sellable", None),
        "N2": ("LON-1", "sellable", None),
        "N3": ("LON-1", "staged", "r"),
    }


def test_what_was_shipped_may_turn_out_to_be_another() -> None:
    depot = three().given(confirm("r", 1), give("r", "N1"), ship("r", 1, "sellable"))

    depot.when(swap("N2", "N1"))

    assert (where(depot, "N1"), where(depot, "N2")) == (
        ("LON-1", "sellable", None),
        ("LON-1", "customer", "r"),
    )


def test_nothing_is_taken_for_itself() -> None:
    three().when(swap("N1", "N1")).then_rejected("SERIAL_TO_ITSELF", serial="N1")
