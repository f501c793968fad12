"""Lots that are not good: held, expired, recalled, and what stock is asked to do about them."""

from typing import Any

import pytest
from msgspec import msgpack

from tests.hosted import Wish
from tests.lots.depot import (
    DAY_MS,
    Depot,
    after,
    assign,
    change,
    come,
    confirm,
    hold,
    pick,
    rebind,
    recall,
    receive,
    refuse,
    register,
    release,
    ship,
    unpick,
)

MINUTE_MS = 60_000
SITE = b"W\0A\0LON-1"


def stocked() -> Depot:
    """Six of a lot that ends soon and six of one that ends late, and two of the first in Paris."""
    return Depot().given(
        register("soon", 5),
        register("late", 30),
        come("soon", 6),
        come("late", 6),
        come("soon", 2, "PAR-1"),
    )


def asked(lot: str, quantity: int, target: str, reason: str, **more: Any) -> dict[str, Any]:
    told = {"warehouse": "LON-1", "number": 0, "lot": lot, "quantity": quantity}
    ends = {"from_account": "sellable", "to_account": target, "reason": reason}
    return told | ends | more


def test_a_recall_holds_a_lot_everywhere_and_tells_where_it_is_and_went() -> None:
    depot = stocked().given(confirm("a", 3), confirm("b", 2), pick("a", 2), ship("a", 1))
    depot.given(change("sellable", "in_transit", 1, transfer="t", counterpart="PAR-1"))
    bound = {"warehouse": "LON-1"}

    depot.when(recall("soon")).then(
        "LotRecalled",
        lot="soon",
        reason="glass",
        there=[
            {"warehouse": "LON-1", "sellable": 3, "staged": 1, "bound": 3},
            {"warehouse": "PAR-1", "sellable": 2},
        ],
        in_transit=1,
        staged=[{"warehouse": "LON-1", "reservation": "a", "quantity": 1}],
        gone_lines=1,
        gone=[
            {
                "warehouse": "LON-1",
                "to_account": "customer",
                "quantity": 1,
                "cause": "3-41",
                "reservation": "a",
            }
        ],
        unbound=[
            bound | {"reservation": "a", "quantity": 1, "from_lot": "soon"},
            bound | {"reservation": "b", "quantity": 2, "from_lot": "soon"},
        ],
        bound=[
            bound | {"reservation": "a", "quantity": 1, "to_lot": "late"},
            bound | {"reservation": "b", "quantity": 2, "to_lot": "late"},
        ],
        asked=[
            asked("soon", 3, "recalled", "RECALL"),
            asked("soon", 2, "recalled", "RECALL") | {"warehouse": "PAR-1", "number": 1},
        ],
    )


def test_nothing_of_a_recalled_lot_is_ever_bound_again() -> None:
    depot = stocked().given(recall("soon"))

    depot.when(confirm("r", 9))

    assert [(one["to_lot"], one["quantity"]) for one in depot.told["bound"]] == [("late", 6)]
    assert depot.books().claims["LON-1", "r"]["unbound"] == 3


def test_a_lot_expires_at_its_time_and_not_before() -> None:
    depot = stocked().given(confirm("r", 2))

    assert depot.pass_time(5 * DAY_MS - 1) == []
    (event,) = depot.pass_time(1)

    assert (event["type"], event["expires_at"]) == ("LotExpired", after(5))
    assert "command_id" not in event
    assert [one["to_lot"] for one in event["bound"]] == ["late"]
    assert [one["quantity"] for one in event["asked"]] == [6, 2]
    depot.books().check()


def test_a_lot_whose_time_is_over_is_registered_as_expired() -> None:
    depot = (
        Depot()
        .when(register("old", 0))
        .then("LotRegistered", lot="old", expires_at=after(0), is_expired=True)
    )

    depot.when(receive("old", 1)).then_rejected("LOT_EXPIRED", lot="old", expires_at=after(0))


def test_old_stock_that_is_found_is_put_aside() -> None:
    depot = Depot().given(register("old", -1), change("supplier", "sellable", 5))

    depot.when(assign("old", 3))

    assert depot.told["asked"] == [asked("old", 3, "expired", "EXPIRED")]


def test_what_was_picked_of_a_bad_lot_is_put_aside_when_it_is_put_back() -> None:
    depot = stocked().given(confirm("r", 2), pick("r", 2), recall("soon"))

    depot.when(unpick("r", 2))

    assert depot.told["asked"] == [asked("soon", 2, "recalled", "RECALL")]
    assert [one["to_lot"] for one in depot.told["bound"]] == ["late"]
    depot.books().check()


def test_the_answer_moves_units_of_that_lot() -> None:
    depot = stocked().given(hold("soon"))
    ask = f"{depot.told['id']}/0"

    depot.given(change("sellable", "quality_hold", 6, reference="soon", ask=ask))

    books = depot.books()
    books.check()
    assert books.lying["LON-1", "soon"]["quality_hold"] == 6
    assert list(books.asks) == [f"{depot.told['id'].replace('-7', '-6')}/1"]


def test_a_refusal_is_asked_again_later_and_ever_later() -> None:
    depot = stocked().given(hold("soon"))
    waits = []
    for _ in range(12):
        depot.given(refuse(f"{depot.told['id']}/0", 0))
        assert "asked" not in depot.told
        wait = 0
        while depot.told["type"] != "QuarantineAsked":
            depot.pass_time(MINUTE_MS)
            wait += 1
        waits.append(wait)
        assert depot.told["asked"][0]["quantity"] == 6
        depot.books().check()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]


def test_what_stock_has_free_is_asked_for_at_once_and_the_rest_later() -> None:
    depot = stocked().given(hold("soon"))

    depot.when(refuse(f"{depot.told['id']}/0", 4))

    assert depot.told["asked"] == [asked("soon", 4, "quality_hold", "QC_HOLD")]
    depot.given(
        change("sellable", "quality_hold", 4, reference="soon", ask=f"{depot.told['id']}/0")
    )
    depot.pass_time(MINUTE_MS)
    assert depot.told["asked"] == [asked("soon", 2, "quality_hold", "QC_HOLD", attempt=1)]


def test_a_receipt_that_stock_refused_is_not_arriving_any_more() -> None:
    depot = stocked().given(receive("late", 5))
    assert depot.books().lying["LON-1", "late"]["arriving"] == 5

    depot.given(refuse(f"{depot.told['id']}/0"))

    assert depot.books().lying["LON-1", "late"]["arriving"] == 0
    assert "again_at" not in depot.told
    depot.books().check()


def test_a_lot_that_is_released_is_good_and_its_units_are_asked_back() -> None:
    depot = stocked().given(hold("soon"))
    ask = f"{depot.told['id']}/0"
    depot.given(change("sellable", "quality_hold", 6, reference="soon", ask=ask))

    depot.when(release("soon"))

    (one,) = depot.told["asked"]
    assert (one["from_account"], one["to_account"]) == ("quality_hold", "sellable")
    assert (one["quantity"], one["reason"]) == (6, "QC_RELEASE")
    depot.when(confirm("r", 1))
    assert [line["to_lot"] for line in depot.told["bound"]] == ["late"]


def test_what_was_on_its_way_to_hold_when_a_lot_was_released_comes_back() -> None:
    depot = stocked().given(hold("soon"))
    ask = f"{depot.told['id']}/0"
    depot.given(release("soon"))
    assert "asked" not in depot.told

    depot.given(change("sellable", "quality_hold", 6, reference="soon", ask=ask))

    assert [(one["quantity"], one["reason"]) for one in depot.told["asked"]] == [(6, "QC_RELEASE")]


def test_of_what_was_asked_back_stock_may_have_less_on_hold_by_then() -> None:
    depot = stocked().given(hold("soon"))
    ask = f"{depot.told['id']}/0"
    depot.given(change("sellable", "quality_hold", 6, reference="soon", ask=ask), release("soon"))
    back = f"{depot.told['id']}/0"
    depot.given(change("quality_hold", "sellable", 2))  # somebody released them by hand

    depot.when(refuse(back, 4))

    (one,) = depot.told["asked"]
    assert (one["from_account"], one["quantity"], one["reason"]) == (
        "quality_hold",
        4,
        "QC_RELEASE",
    )
    depot.books().check()
    depot.when(refuse(f"{depot.told['id']}/0", 0))
    assert "asked" not in depot.told


def test_what_is_asked_back_is_not_asked_back_twice() -> None:
    depot = stocked().given(hold("soon"))
    ask = f"{depot.told['id']}/0"
    depot.given(change("sellable", "quality_hold", 6, reference="soon", ask=ask), release("soon"))
    back = f"{depot.told['id']}/0"

    depot.given(hold("soon")).when(release("soon"))

    assert "asked" not in depot.told, "stock would release units of others, that lie there as well"
    depot.given(change("quality_hold", "sellable", 6, reference="soon", ask=back))
    books = depot.books()
    books.check()
    assert books.lying["LON-1", "soon"]["returning"] == 0


def test_what_was_asked_back_before_it_was_counted_is_answered() -> None:
    depot = stocked().given(hold("soon"))
    ask = f"{depot.told['id']}/0"
    depot.given(change("sellable", "quality_hold", 6, reference="soon", ask=ask), release("soon"))
    back = f"{depot.told['id']}/0"
    unassigned, lots = msgpack.decode(depot.rows[SITE])
    older = [unassigned[:9], {lot: lying[:9] for lot, lying in lots.items()}]
    depot.rows[SITE] = msgpack.encode(older)

    depot.given(change("quality_hold", "sellable", 6, reference="soon", ask=back))

    depot.books().check()


@pytest.mark.parametrize("again", [recall("soon"), hold("soon")])
def test_a_lot_that_is_bad_anew_is_asked_for_at_once_whatever_was_refused(again: Wish) -> None:
    depot = stocked().given(hold("soon"))
    depot.given(refuse(f"{depot.told['id']}/0", 0), release("soon"))

    depot.when(again)

    assert [(one["warehouse"], one["quantity"]) for one in depot.told["asked"]] == [("LON-1", 6)]
    depot.books().check()
    assert depot.pass_time(6 * 60 * MINUTE_MS) == []


def test_a_lot_that_is_held_and_recalled_is_asked_for_at_once() -> None:
    depot = stocked().given(hold("soon"))
    depot.given(refuse(f"{depot.told['id']}/0", 0))

    depot.when(recall("soon"))

    assert depot.told["asked"] == [asked("soon", 6, "recalled", "RECALL")]
    depot.books().check()


def test_what_comes_back_of_a_bad_lot_is_asked_for_while_the_rest_waits() -> None:
    depot = stocked().given(confirm("r", 1), pick("r", 1), ship("r", 1), recall("soon"))
    depot.given(refuse(f"{depot.told['id']}/0", 0), change("supplier", "sellable", 4))
    assert "asked" not in depot.told

    depot.when(change("customer", "sellable", 1, reference="soon"))

    assert depot.told["asked"] == [asked("soon", 1, "recalled", "RECALL")]
    depot.when(assign("soon", 3))
    assert depot.told["asked"] == [asked("soon", 3, "recalled", "RECALL")]
    depot.books().check()


def test_more_than_one_move_may_have_is_asked_for_in_parts() -> None:
    depot = Depot().given(register("much"), come("much", 10**12), come("much", 10**12 + 5))

    depot.when(hold("much"))

    parts = [one["quantity"] for one in depot.told["asked"]]
    assert parts == [10**12, 10**12, 5]
    for number, quantity in enumerate(parts):
        ask = f"7-4/{number}"
        depot.given(change("sellable", "quality_hold", quantity, reference="much", ask=ask))
    depot.when(release("much"))
    assert [one["quantity"] for one in depot.told["asked"]] == parts
    depot.books().check()


@pytest.mark.parametrize(
    ("before", "wish", "code", "details"),
    [
        ([], hold("no"), "LOT_NOT_FOUND", {"lot": "no"}),
        ([], release("no"), "LOT_NOT_FOUND", {"lot": "no"}),
        ([], recall("no"), "LOT_NOT_FOUND", {"lot": "no"}),
        ([], release("soon"), "LOT_NOT_HELD", {"lot": "soon"}),
        ([hold("soon")], hold("soon"), "LOT_HELD", {"lot": "soon", "reason": "smell"}),
        ([recall("soon")], hold("soon"), "LOT_RECALLED", {"lot": "soon", "reason": "glass"}),
        ([recall("soon")], recall("soon"), "LOT_RECALLED", {"lot": "soon", "reason": "glass"}),
        (
            [hold("soon"), recall("soon")],
            release("soon"),
            "LOT_RECALLED",
            {"lot": "soon", "reason": "glass"},
        ),
        ([hold("soon")], receive("soon", 1), "LOT_HELD", {"lot": "soon", "reason": "smell"}),
        (
            [recall("soon")],
            receive("soon", 1, to_account="quality_hold"),
            "LOT_RECALLED",
            {"lot": "soon", "reason": "glass"},
        ),
    ],
)
def test_what_a_lot_is_not_it_does_not_become(
    before: list[Any], wish: dict[str, Any], code: str, details: dict[str, Any]
) -> None:
    stocked().given(*before).when(wish).then_rejected(code, **details)


def test_what_is_on_hold_may_come_in_on_hold() -> None:
    depot = stocked().given(hold("soon"), receive("soon", 1, to_account="quality_hold"))

    assert depot.told["asked"][0]["to_account"] == "quality_hold"


def test_what_goes_back_of_a_bad_lot_is_put_aside_when_another_was_picked() -> None:
    depot = stocked().given(confirm("r", 2), pick("r", 2), recall("soon"))

    depot.when(rebind("r", "late", 2, from_lot="soon", picked=True))

    assert depot.told["asked"] == [asked("soon", 2, "recalled", "RECALL")]
    depot.books().check()
