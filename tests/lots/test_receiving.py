"""Of which lot units are: what comes in, what is there, what leaves, and what goes between."""

from typing import Any

import pytest

from tests.lots.depot import (
    Depot,
    after,
    assign,
    change,
    come,
    confirm,
    pick,
    rebind,
    recall,
    receive,
    register,
)


def sent(quantity: int, **more: Any) -> dict[str, Any]:
    told = change("sellable", "in_transit", quantity, transfer="t", counterpart="PAR-1")
    return told | more


def arrived(quantity: int) -> dict[str, Any]:
    told = change("transfers", "sellable", quantity, transfer="t", counterpart="LON-1")
    return told | {"warehouse": "PAR-1"}


def settled(short: int = 0, over: int = 0) -> dict[str, Any]:
    told = {"type": "RecordStockChange", "cause": "3-45", "warehouse": "LON-1", "transfer": "t"}
    return told | {"short": short, "over": over}


def two_lots() -> Depot:
    return Depot().given(
        register("soon", 5), register("late", 30), come("soon", 4), come("late", 4)
    )


def test_a_lot_is_registered_once_for_a_sku() -> None:
    depot = Depot().given(register("L1", 5), register("L1", 5, sku="B"))

    depot.when(register("L1", 9)).then_rejected("LOT_EXISTS", lot="L1")


@pytest.mark.parametrize(
    ("times", "field", "other"),
    [
        ({"expires_at": 1, "best_before": 2}, "best_before", "expires_at"),
        ({"expires_at": 1, "manufactured_at": 2}, "manufactured_at", "expires_at"),
        ({"best_before": 1, "manufactured_at": 2}, "manufactured_at", "best_before"),
    ],
)
def test_times_that_contradict_each_other_are_refused(
    times: dict[str, float], field: str, other: str
) -> None:
    told: dict[str, Any] = {name: after(days) for name, days in times.items()}

    Depot().when(register("L1", **told)).then_rejected(
        "LOT_DATES_CONFLICT", field=field, other=other
    )


def test_the_same_instant_may_be_written_in_another_way() -> None:
    told: dict[str, Any] = {
        "best_before": "2027-01-01T00:00:00.000+00:00",
        "expires_at": "2027-01-01t00:00:00z",
    }

    assert Depot().given(register("L1", **told)).told["type"] == "LotRegistered"


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"])
def test_a_lot_may_end_at_any_instant(instant: str) -> None:
    depot = Depot().given(register("L1", expires_at=instant), come("L1", 1), confirm("r", 1))

    assert ("bound" in depot.told) == (instant[0] == "9")
    depot.books().check()


def test_stock_is_asked_to_receive_what_came_in() -> None:
    depot = Depot().given(register("L1"))

    depot.when(receive("L1", 5)).then(
        "LotReceived",
        lot="L1",
        warehouse="LON-1",
        quantity=5,
        to_account="sellable",
        asked=[
            {
                "warehouse": "LON-1",
                "number": 0,
                "lot": "L1",
                "quantity": 5,
                "from_account": "supplier",
                "to_account": "sellable",
                "reason": "RECEIVED",
            }
        ],
    )
    assert depot.books().lying["LON-1", "L1"]["arriving"] == 5
    answer = come("L1", 5) | {"ask": f"{depot.told['id']}/0"}
    depot.given(answer).books().check()
    lying = depot.books().lying["LON-1", "L1"]
    assert (lying["arriving"], lying["sellable"]) == (0, 5)


def test_what_stock_receives_itself_is_of_no_known_lot_unless_its_reference_names_one() -> None:
    depot = Depot().given(register("L1"), come("L1", 2), come("other", 3))

    books = depot.books()
    assert books.lying["LON-1", "L1"]["sellable"] == 2
    assert books.unassigned["LON-1"]["sellable"] == 3


def test_a_sku_without_lots_is_counted_in_one_row() -> None:
    depot = Depot().given(come("x", 5), confirm("r", 2), change("sellable", "staged", 2))

    assert [key.split(b"\0")[0] for key in depot.rows] == [b"W"]
    assert depot.books().on_site("LON-1")["staged"] == 2


def test_units_that_are_there_are_of_a_lot() -> None:
    depot = Depot().given(change("supplier", "sellable", 5), register("L1"))

    depot.when(assign("L1", 3)).then(
        "LotAssigned",
        lot="L1",
        warehouse="LON-1",
        assigned=[{"warehouse": "LON-1", "account": "sellable", "quantity": 3, "lot": "L1"}],
    )


def test_units_of_one_lot_may_turn_out_to_be_of_another_unless_they_are_bound() -> None:
    depot = two_lots().given(confirm("r", 3))

    depot.given(assign("late", 1, from_lot="soon"))
    depot.when(assign("late", 1, from_lot="soon")).then_rejected(
        "INSUFFICIENT_UNITS",
        warehouse="LON-1",
        account="sellable",
        lot="soon",
        requested=1,
        there=0,
    )


@pytest.mark.parametrize(
    ("wish", "code", "details"),
    [
        (assign("no", 1), "LOT_NOT_FOUND", {"lot": "no"}),
        (assign("soon", 1, from_lot="no"), "LOT_NOT_FOUND", {"lot": "no"}),
        (assign("soon", 1, from_lot="soon"), "LOT_TO_ITSELF", {"lot": "soon"}),
        (receive("no", 1), "LOT_NOT_FOUND", {"lot": "no"}),
        (
            assign("soon", 1),
            "INSUFFICIENT_UNITS",
            {"warehouse": "LON-1", "account": "sellable", "requested": 1, "there": 0},
        ),
    ],
)
def test_what_is_not_there_is_of_no_lot(wish: Any, code: str, details: dict[str, Any]) -> None:
    two_lots().when(wish).then_rejected(code, **details)


def test_a_warehouse_has_so_many_lots_and_no_more() -> None:
    depot = Depot().given(change("supplier", "sellable", 500))
    for number in range(200):
        depot.given(register(f"L{number}"), assign(f"L{number}", 1))
    depot.given(register("more"))
    limit = {"warehouse": "LON-1", "field": "lots", "value": 201, "limit": 200}

    depot.when(assign("more", 1)).then_rejected("QUANTITY_LIMIT", **limit)
    depot.when(receive("more", 1)).then_rejected("QUANTITY_LIMIT", **limit)
    depot.given(come("more", 1), assign("L0", 1))
    assert depot.books().unassigned["LON-1"]["sellable"] == 300
    assert max(map(len, depot.rows.values())) < 8_192


def test_a_lot_is_bound_to_so_many_reservations_and_the_next_is_not_taken_instead() -> None:
    depot = Depot().given(register("soon", 5), come("soon", 2_000))
    depot.given(register("late", 30), come("late", 10))
    promised = [{"reservation": f"r{number}", "quantity": 1} for number in range(1_000)]
    told = {"type": "RecordStockChange", "cause": "3-42", "warehouse": "LON-1"}
    depot.given(told | {"promised": promised})

    depot.when(confirm("one-more", 2))

    assert "bound" not in depot.told
    assert depot.books().claims["LON-1", "one-more"]["unbound"] == 2


def test_a_recall_of_a_lot_that_all_wait_for_is_one_event_that_its_topic_takes() -> None:
    places = [f"{warehouse}-{'9' * 14}" for warehouse in "ABCD"]
    depot = Depot().given(register("soon", 5), register("late", 30))
    for place in places:
        depot.given(come("soon", 1_000, place), come("late", 1_000, place))
        name = "x" * 60
        promised = [{"reservation": f"{name}{number}", "quantity": 1} for number in range(1_000)]
        told = {"type": "RecordStockChange", "cause": "3-42", "warehouse": place}
        depot.given(told | {"promised": promised})

    assert "bound" not in depot.told
    limit = {"field": "reservations", "value": 3_001, "limit": 3_000, "lot": "soon"}
    wish = rebind(f"{name}0", "soon", 1, warehouse=places[-1])
    depot.when(wish).then_rejected("QUANTITY_LIMIT", **limit)
    depot.given(recall("soon"))
    assert len(depot.told["unbound"]) == len(depot.told["bound"]) == 3_000
    assert len(depot.events[-1]) < 1 << 20


def test_a_recall_tells_of_so_many_for_whom_a_lot_is_picked() -> None:
    depot = Depot().given(register("soon", 5), come("soon", 600), come("soon", 600, "PAR-1"))
    for number in range(501):
        for place in ("LON-1", "PAR-1"):
            depot.given(pick(f"r{number}", 1) | {"warehouse": place})

    depot.given(recall("soon"))

    assert [one["warehouse"] for one in depot.told["staged"]].count("PAR-1") == 499
    assert len(depot.told["staged"]) == 1_000


def test_what_leaves_is_of_lots_first_and_then_of_what_is_not_known() -> None:
    depot = two_lots().given(change("supplier", "sellable", 1))

    depot.given(change("sellable", "customer", 9))

    assert [(one.get("lot"), one["quantity"]) for one in depot.told["units"]] == [
        ("soon", 4),
        ("late", 4),
        (None, 1),
    ]


def test_what_a_reference_names_leaves_even_where_it_is_bound() -> None:
    depot = two_lots().given(confirm("r", 3))

    depot.given(change("sellable", "damaged", 2, reference="soon"))

    assert [(one["lot"], one["quantity"]) for one in depot.told["units"]] == [("soon", 2)]
    assert [(one["reservation"], one["quantity"]) for one in depot.told["unbound"]] == [("r", 1)]
    assert [(one["to_lot"], one["quantity"]) for one in depot.told["bound"]] == [("late", 1)]
    depot.books().check()


def test_what_goes_to_another_warehouse_takes_its_lots_along() -> None:
    depot = two_lots().given(sent(6))
    assert depot.books().lots["soon"]["in_transit"] == 4

    depot.given(arrived(5))

    books = depot.books()
    books.check()
    assert books.lying["PAR-1", "soon"]["sellable"] == 4
    assert books.lying["PAR-1", "late"]["sellable"] == 1
    assert books.lots["late"]["in_transit"] == 1
    depot.given(settled(short=1))
    assert depot.books().transits == {}
    assert depot.books().lots["late"]["in_transit"] == 0


def test_what_came_before_it_was_sent_is_known_when_that_is_told() -> None:
    depot = two_lots().given(arrived(5))
    assert depot.books().unassigned["PAR-1"]["sellable"] == 5

    depot.given(sent(5))

    books = depot.books()
    books.check()
    assert [books.lying["PAR-1", lot]["sellable"] for lot in ("soon", "late")] == [4, 1]
    assert books.unassigned["PAR-1"]["sellable"] == 0
    assert books.transits == {}


@pytest.mark.parametrize("first", [0, 1])
def test_what_nobody_sent_is_of_no_known_lot_whatever_is_told_first(first: int) -> None:
    depot = two_lots().given(sent(2))
    told = [arrived(5), settled(over=3)]

    depot.given(told[first], told[1 - first])

    books = depot.books()
    books.check()
    assert books.lying["PAR-1", "soon"]["sellable"] == 2
    assert books.unassigned["PAR-1"]["sellable"] == 3
    assert books.transits == {}


def test_what_is_short_is_not_lost_before_all_that_came_was_told() -> None:
    depot = two_lots().given(sent(6), settled(short=1))
    assert depot.books().lots["late"]["in_transit"] == 2

    depot.given(arrived(5))

    assert depot.books().lying["PAR-1", "late"]["sellable"] == 1
    assert depot.books().transits == {}


def test_the_trace_of_a_lot_is_kept_in_rows_of_a_hundred() -> None:
    depot = Depot().given(register("L1"), come("L1", 1_200))
    for number in range(1_105):
        depot.given(change("sellable", "customer", 1, reservation=f"r{number}"))

    depot.given({"type": "RecallLot", "lot": "L1", "reason": "glass"})

    books = depot.books()
    books.check()
    assert [line[4] for line in books.traces["L1"]] == [f"r{number}" for number in range(1_105)]
    assert depot.told["gone_lines"] == 1_105
    assert [line["reservation"] for line in depot.told["gone"]] == [
        f"r{number}" for number in range(105, 1_105)
    ]
