"""What a till sold before it was there: of the first lots that come."""

from typing import Any

from tests.lots.depot import Depot, change, come, confirm, recall, register

SOLD: dict[str, Any] = change("sellable", "customer", 3)


def moved(lot: str | None, source: str, target: str, quantity: int) -> dict[str, Any]:
    told = {"warehouse": "LON-1", "from_account": source, "to_account": target}
    return told | {"quantity": quantity} | ({} if lot is None else {"lot": lot})


def owing() -> Depot:
    """Three were sold of which none was there."""
    depot = Depot().given(register("L1", 5), register("L2", 30), SOLD)
    assert depot.books().unassigned["LON-1"]["sellable"] == -3
    return depot


def test_what_was_sold_before_it_was_there_is_of_the_lot_that_comes() -> None:
    depot = owing().given(come("L1", 10))

    assert depot.told["units"] == [
        moved("L1", "supplier", "sellable", 10),
        moved(None, "customer", "sellable", 3),
        moved("L1", "sellable", "customer", 3),
    ]
    books = depot.books()
    books.check()
    assert books.lying["LON-1", "L1"]["sellable"] == 7
    assert books.unassigned["LON-1"]["sellable"] == 0
    ((warehouse, account, quantity, *_),) = books.traces["L1"]
    assert (warehouse, account, quantity) == ("LON-1", "customer", 3)


def test_it_is_of_as_many_lots_as_it_takes_and_of_no_more() -> None:
    depot = owing().given(come("L2", 2))
    assert depot.books().unassigned["LON-1"]["sellable"] == -1

    books = depot.given(come("L1", 5)).books()

    books.check()
    assert ("LON-1", "L2") not in books.lying
    assert books.lying["LON-1", "L1"]["sellable"] == 4
    assert books.unassigned["LON-1"]["sellable"] == 0


def test_what_comes_on_hold_was_not_sold_until_it_is_for_sale() -> None:
    depot = owing().given(come("L1", 10, account="quality_hold"))
    assert depot.books().unassigned["LON-1"]["sellable"] == -3

    depot.given(change("quality_hold", "sellable", 10, reference="L1"))

    books = depot.books()
    books.check()
    assert books.lying["LON-1", "L1"]["sellable"] == 7


def test_a_recall_asks_for_no_unit_that_was_sold() -> None:
    depot = owing().given(come("L1", 10), recall("L1"))

    assert [one["quantity"] for one in depot.told["asked"]] == [7]


def test_a_promise_is_bound_to_what_is_left() -> None:
    depot = owing().given(come("L1", 10), confirm("r", 7))

    books = depot.books()
    books.check()
    assert books.lying["LON-1", "L1"]["bound"] == 7
    assert books.claims["LON-1", "r"]["unbound"] == 0
