"""Units: what is on site, and where it is put away, taken out and moved."""

from typing import Any

import pytest

from tests.locations.yard import Yard, create, move, put_away, record, take_out


def stocked() -> Yard:
    """Ten of A, six in one bin; ten of B unplaced."""
    return Yard().given(
        create("Z1", "zone"),
        create("B1", "bin", "Z1"),
        create("B2", "bin", "Z1"),
        create("D1", "dock"),
        record(A=10, B=10),
        put_away(("A", "B1", 6)),
    )


def test_what_came_onto_the_site_is_unplaced() -> None:
    stocked().when(record(A=5, B=-3)).then(
        "SiteChangeRecorded",
        cause="3-41",
        lines=[
            {"sku": "A", "delta": 5, "unplaced": 9, "placed": 6},
            {"sku": "B", "delta": -3, "unplaced": 7, "placed": 0},
        ],
    )


def test_what_was_shipped_from_a_shelf_is_owed_until_somebody_says_from_which() -> None:
    yard = stocked().when(record(A=-7))
    yard.then(
        "SiteChangeRecorded",
        cause="3-41",
        lines=[{"sku": "A", "delta": -7, "unplaced": -3, "placed": 6}],
    )

    yard.when(take_out(("A", "B1", 3)))

    yard.then(
        "UnitsTakenOut",
        lines=[{"sku": "A", "location": "B1", "quantity": 3, "there": 3, "unplaced": 0}],
    ).then_lies("B1", A=(3, 0))


def test_a_sku_that_is_gone_has_no_row() -> None:
    yard = Yard().given(record(A=5), record(A=-5))

    assert yard.rows == {}


def test_units_are_put_away() -> None:
    yard = stocked().when(put_away(("A", "B2", 1), ("B", "B1", 4), ("A", "B2", 2)))

    yard.then(
        "UnitsPutAway",
        lines=[
            {"sku": "A", "location": "B2", "quantity": 3, "there": 3, "unplaced": 1},
            {"sku": "B", "location": "B1", "quantity": 4, "there": 4, "unplaced": 6},
        ],
    )
    yard.then_lies("B1", A=(6, 0), B=(4, 0)).then_lies("B2", A=(3, 0))
    assert yard.books().locations["Z1"]["units"] == 13


@pytest.mark.parametrize(
    "lines",
    [
        [("A", "B2", 5)],
        [("A", "B2", 3), ("A", "D1", 2)],
        [("B", "B2", 10), ("A", "B2", 5)],
    ],
)
def test_no_more_is_put_away_than_is_unplaced(lines: list[tuple[str, str, int]]) -> None:
    stocked().when(put_away(*lines)).then_rejected(
        "INSUFFICIENT_UNITS", sku="A", requested=5, there=4
    )


def test_nothing_is_put_away_that_is_owed() -> None:
    yard = stocked().given(record(A=-7))

    yard.when(put_away(("A", "B2", 1))).then_rejected(
        "INSUFFICIENT_UNITS", sku="A", requested=1, there=-3
    )


def test_units_are_taken_out() -> None:
    stocked().when(take_out(("A", "B1", 2), ("A", "B1", 4))).then(
        "UnitsTakenOut",
        lines=[{"sku": "A", "location": "B1", "quantity": 6, "there": 0, "unplaced": 10}],
    ).then_lies("B1")


@pytest.mark.parametrize(
    ("wish", "location", "requested", "there"),
    [
        (take_out(("A", "B1", 7)), "B1", 7, 6),
        (take_out(("A", "B1", 4), ("A", "B1", 3)), "B1", 7, 6),
        (take_out(("A", "B2", 1)), "B2", 1, 0),
        (move(("A", "B1", "B2", 7)), "B1", 7, 6),
        (move(("A", "B1", "B2", 4), ("A", "B1", "D1", 3)), "B1", 7, 6),
        (move(("A", "B1", "B2", 6), ("A", "B2", "D1", 6)), "B2", 6, 0),
    ],
)
def test_what_leaves_a_place_has_lain_there(
    wish: Any, location: str, requested: int, there: int
) -> None:
    stocked().when(wish).then_rejected(
        "INSUFFICIENT_UNITS", sku="A", location=location, requested=requested, there=there
    )


def test_units_are_moved() -> None:
    stocked().when(move(("A", "B1", "B2", 2), ("A", "B1", "D1", 1), ("A", "B1", "B2", 1))).then(
        "UnitsMoved",
        lines=[
            {
                "sku": "A",
                "from_location": "B1",
                "to_location": "B2",
                "quantity": 3,
                "from_there": 2,
                "to_there": 3,
            },
            {
                "sku": "A",
                "from_location": "B1",
                "to_location": "D1",
                "quantity": 1,
                "from_there": 2,
                "to_there": 1,
            },
        ],
    ).then_lies("B1", A=(2, 0))


@pytest.mark.parametrize(
    "wish",
    [
        put_away(("A", "B9", 1)),
        put_away(("A", "B1", 1), ("A", "B9", 1)),
        take_out(("A", "B9", 1)),
        move(("A", "B9", "B1", 1)),
        move(("A", "B1", "B9", 1)),
        move(("A", "B9", "B9", 1)),
        move(("A", "B1", "B9", 99)),
    ],
)
def test_a_place_must_exist(wish: Any) -> None:
    stocked().when(wish).then_rejected("LOCATION_NOT_FOUND", location="B9")


@pytest.mark.parametrize("kind", ["zone", "aisle", "rack"])
def test_units_lie_in_bins_docks_and_staging_areas_only(kind: str) -> None:
    yard = stocked().given(create("X1", kind))
    wishes = [
        put_away(("A", "X1", 1)),
        take_out(("A", "X1", 1)),
        move(("A", "B1", "X1", 1)),
        move(("A", "X1", "B1", 1)),
    ]

    for wish in wishes:
        yard.when(wish).then_rejected("LOCATION_HOLDS_NOTHING", location="X1", kind=kind)


@pytest.mark.parametrize("kind", ["bin", "dock", "staging"])
def test_units_lie_in_any_of_these(kind: str) -> None:
    yard = stocked().given(create("X1", kind, "Z1"))

    yard.given(put_away(("A", "X1", 1))).then_lies("X1", A=(1, 0))


def test_units_do_not_move_to_where_they_are() -> None:
    stocked().when(move(("A", "B1", "B2", 1), ("A", "B1", "B1", 1))).then_rejected(
        "MOVE_TO_ITSELF", location="B1"
    )


@pytest.mark.parametrize("lines", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1]])
def test_of_several_reasons_the_first_of_the_page_counts_whichever_line_it_is_of(
    lines: list[int],
) -> None:
    yard = stocked().given(create("X1", "rack"))
    wishes = [
        ("A", "B1", "B1", 1),
        ("A", "X1", "B2", 1),
        ("A", "B1", "B2", 99),
        ("A", "B1", "B9", 1),
    ]
    told = [wishes[number] for number in lines]

    for code in ("LOCATION_NOT_FOUND", "LOCATION_HOLDS_NOTHING", "MOVE_TO_ITSELF"):
        yard.send(move(*told))
        assert yard.told["code"] == code
        told.remove(
            {"LOCATION_NOT_FOUND": wishes[3], "LOCATION_HOLDS_NOTHING": wishes[1]}.get(
                code, wishes[0]
            )
        )
    yard.send(move(*told))
    assert yard.told["code"] == "INSUFFICIENT_UNITS"


def test_what_moves_to_and_fro_changes_nothing() -> None:
    yard = stocked().given(put_away(("A", "B2", 2)))

    yard.when(move(("A", "B1", "B2", 2), ("A", "B2", "B1", 2)))

    assert yard.told["type"] == "UnitsMoved"
    assert yard.rows == yard.before
