"""The tree of locations: made, moved with all below it, deleted when it is empty."""

import pytest

from tests.hosted import Wish
from tests.locations.yard import (
    Yard,
    create,
    delete,
    move_location,
    open_container,
    put_away,
    record,
)


def built() -> Yard:
    """Two zones, in one of them an aisle with a rack and two bins."""
    return Yard().given(
        create("Z1", "zone"),
        create("Z2", "zone"),
        create("A1", "aisle", "Z1"),
        create("R1", "rack", "A1"),
        create("B1", "bin", "R1"),
        create("B2", "bin", "R1"),
    )


def test_a_location_stands_below_another() -> None:
    yard = built().when(create("B3", "bin", "R1", units_max=4, mixed_skus=False))

    yard.then(
        "LocationCreated",
        location="B3",
        parent="R1",
        kind="bin",
        constraints={"units_max": 4, "mixed_skus": False},
    )
    assert yard.books().children["R1"] == ["B1", "B2", "B3"]
    assert yard.books().locations["Z1"]["levels"] == [1, 1, 3]


def test_a_location_may_stand_below_none() -> None:
    built().when(create("D1", "dock")).then(
        "LocationCreated", location="D1", kind="dock", constraints={}
    )


def test_a_name_is_used_once() -> None:
    built().when(create("B1", "bin", "Z2")).then_rejected("LOCATION_EXISTS", location="B1")


def test_a_parent_must_exist() -> None:
    built().when(create("B3", "bin", "R9")).then_rejected("LOCATION_NOT_FOUND", location="R9")


def test_a_location_moves_with_all_below_it_and_in_it() -> None:
    yard = built().given(record(A=5), put_away(("A", "B1", 5)))

    yard.when(move_location("R1", "Z2"))

    yard.then("LocationMoved", location="R1", from_parent="A1", to_parent="Z2")
    books = yard.books()
    assert list(books.upwards("B1")) == ["B1", "R1", "Z2"]
    assert (books.locations["Z1"]["units"], books.locations["Z2"]["units"]) == (0, 5)
    assert (books.locations["Z1"]["levels"], books.locations["Z2"]["levels"]) == ([1], [1, 2])


def test_a_location_moves_to_the_top_and_back() -> None:
    yard = built().when(move_location("A1"))
    yard.then("LocationMoved", location="A1", from_parent="Z1")

    yard.when(move_location("A1", "Z1"))

    yard.then("LocationMoved", location="A1", to_parent="Z1")


@pytest.mark.parametrize("parent", ["A1", "R1", "B1"])
def test_no_location_stands_within_itself(parent: str) -> None:
    built().when(move_location("A1", parent)).then_rejected(
        "LOCATION_CYCLE", location="A1", parent=parent
    )


@pytest.mark.parametrize(("location", "parent"), [("A1", "Z1"), ("Z1", None)])
def test_a_location_that_is_there_does_not_move(location: str, parent: str | None) -> None:
    built().when(move_location(location, parent)).then_rejected("MOVE_TO_ITSELF", location=location)


@pytest.mark.parametrize(
    ("location", "parent", "unknown"), [("X", "Z1", "X"), ("A1", "Y", "Y"), ("X", "Y", "X")]
)
def test_only_what_exists_moves_and_only_there(location: str, parent: str, unknown: str) -> None:
    built().when(move_location(location, parent)).then_rejected(
        "LOCATION_NOT_FOUND", location=unknown
    )


def test_an_empty_location_is_deleted_and_its_name_is_free() -> None:
    yard = built().when(delete("B2"))

    yard.then("LocationDeleted", location="B2", parent="R1")
    assert yard.books().children["R1"] == ["B1"]
    yard.when(create("B2", "staging")).then(
        "LocationCreated", location="B2", kind="staging", constraints={}
    )


def test_a_warehouse_without_locations_has_no_rows() -> None:
    yard = Yard().given(create("Z1", "zone"), delete("Z1"))

    assert yard.rows == {}


def test_what_is_not_there_is_not_deleted() -> None:
    built().when(delete("B9")).then_rejected("LOCATION_NOT_FOUND", location="B9")


def test_a_location_with_something_in_it_is_in_use() -> None:
    yard = built().given(
        record(A=5, B=7),
        put_away(("A", "B1", 5), ("B", "B1", 7)),
        open_container("P1", "B1"),
        create("B1a", "bin", "B1"),
    )

    yard.when(delete("B1")).then_rejected(
        "LOCATION_IN_USE",
        location="B1",
        lines=[{"sku": "A", "quantity": 5}, {"sku": "B", "quantity": 7}],
        children=["B1a"],
        containers=["P1"],
    )


@pytest.mark.parametrize(
    "thing",
    [put_away(("A", "B1", 1)), create("B1a", "bin", "B1"), open_container("P1", "B1")],
    ids=lambda wish: wish["type"],
)
def test_each_thing_by_itself_stands_in_the_way(thing: Wish) -> None:
    yard = built().given(record(A=1), thing)

    assert yard.send(delete("B1")).code == "LOCATION_IN_USE"
    assert yard.send(delete("B2")).code == ""


@pytest.mark.parametrize("count", [10, 11, 30])
def test_of_what_stands_in_the_way_ten_are_named(count: int) -> None:
    names = [f"B{number:02}" for number in range(count)]
    yard = Yard().given(create("R1", "rack"), *(create(name, "bin", "R1") for name in names))

    yard.when(delete("R1")).then_rejected(
        "LOCATION_IN_USE", location="R1", lines=[], children=names[:10], containers=[]
    )


def test_the_same_name_in_another_warehouse_is_another_location() -> None:
    yard = built().when(create("B1") | {"warehouse": "LON-2"})

    assert (yard.told["type"], yard.told["warehouse"]) == ("LocationCreated", "LON-2")
    assert yard.rows[b"B\0LON-2\0"] == b"\x91\xa2B1"
