"""Constraints: they hold for a location and all below it, whatever is asked for."""

from typing import Any

import pytest

from tests.locations.yard import (
    Yard,
    classify,
    constrain,
    create,
    move,
    move_container,
    move_location,
    nest,
    open_container,
    pack,
    put_away,
    record,
)

FOOD = {"item_types": ["food", "drink"]}
FROZEN = {"temperature_class": "frozen"}


def stocked(**constraints: Any) -> Yard:
    """A zone with these constraints and two bins, and a bin elsewhere with some of everything."""
    return Yard().given(
        create("Z1", "zone", **constraints),
        create("R1", "rack", "Z1"),
        create("B1", "bin", "R1"),
        create("B2", "bin", "R1"),
        create("X1", "bin"),
        classify(A="ambient/food", F="frozen/food", D="ambient/tool"),
        record(A=50, F=50, D=50, U=50),
        put_away(("A", "X1", 10), ("F", "X1", 10), ("D", "X1", 10), ("U", "X1", 10)),
    )


@pytest.mark.parametrize(
    ("constraints", "sku", "constraint"),
    [
        (FOOD, "D", "item_types"),
        (FOOD, "U", "item_types"),
        (FROZEN, "A", "temperature_class"),
        (FROZEN, "U", "temperature_class"),
        (FOOD | FROZEN, "D", "item_types"),
        ({"units_max": 2}, "A", "units_max"),
        ({"units_max": 0}, "U", "units_max"),
    ],
)
def test_what_a_zone_forbids_does_not_come_into_its_bins(
    constraints: Any, sku: str, constraint: str
) -> None:
    yard = stocked(**constraints).given(open_container("P1", "X1"), pack("P1", **{sku: 3}))

    for wish in (
        put_away((sku, "B1", 3)),
        move((sku, "X1", "B1", 3)),
        move_container("P1", "B1"),
    ):
        yard.when(wish).then_rejected(
            "CONSTRAINT_FORBIDS", location="Z1", constraint=constraint, sku=sku
        )
    yard.when(move_location("X1", "R1")).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint=constraint
    )


@pytest.mark.parametrize(
    ("constraints", "sku"),
    [(FOOD, "A"), (FROZEN, "F"), (FOOD | FROZEN, "F"), ({"units_max": 3}, "U"), ({}, "U")],
)
def test_what_it_allows_does(constraints: Any, sku: str) -> None:
    yard = stocked(**constraints)

    yard.given(put_away((sku, "B1", 3))).then_lies("B1", **{sku: (3, 0)})


def test_every_location_above_counts() -> None:
    yard = stocked(**FOOD).given(constrain("R1", **FROZEN), constrain("B1", units_max=4))

    yard.when(put_away(("D", "B1", 1))).then_rejected(
        "CONSTRAINT_FORBIDS", location="R1", constraint="temperature_class", sku="D"
    )
    yard.when(put_away(("F", "B1", 5))).then_rejected(
        "CONSTRAINT_FORBIDS", location="B1", constraint="units_max", sku="F"
    )
    yard.given(put_away(("F", "B1", 4)))


def test_a_zone_counts_all_of_its_bins() -> None:
    yard = stocked(units_max=10).given(put_away(("A", "B1", 6)))

    yard.when(put_away(("D", "B2", 5))).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="units_max", sku="D"
    )
    yard.when(put_away(("D", "B2", 2), ("A", "B2", 3))).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="units_max", sku="D"
    )
    yard.given(put_away(("D", "B2", 4)), move(("A", "B1", "B2", 6)))


def test_units_in_containers_count() -> None:
    yard = stocked(units_max=10).given(
        put_away(("A", "B1", 6)), open_container("P1", "B1"), pack("P1", A=6)
    )

    yard.when(put_away(("A", "B1", 5))).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="units_max", sku="A"
    )


def test_a_place_that_is_not_mixed_has_one_sku() -> None:
    yard = stocked(mixed_skus=False).given(put_away(("A", "B1", 6), ("D", "B2", 1)))

    yard.when(put_away(("A", "B1", 1), ("D", "B1", 1))).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="mixed_skus", sku="A"
    )
    yard.when(move(("D", "X1", "B1", 1))).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="mixed_skus", sku="D"
    )
    yard.when(move_location("X1", "Z1")).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="mixed_skus"
    )
    yard.given(put_away(("A", "B1", 1)))


def test_two_bins_can_be_swapped() -> None:
    yard = stocked(mixed_skus=False, units_max=10).given(put_away(("A", "B1", 6), ("D", "B2", 4)))

    yard.given(move(("A", "B1", "B2", 6), ("D", "B2", "B1", 4)))

    yard.then_lies("B1", D=(4, 0)).then_lies("B2", A=(6, 0))


def test_what_is_nested_comes_to_where_the_other_stands() -> None:
    yard = stocked(**FROZEN).given(
        open_container("P1", "B1"), open_container("C1", "X1"), pack("C1", D=1)
    )

    yard.when(nest("C1", "P1")).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint="temperature_class", sku="D"
    )


def test_constraints_are_changed_as_a_whole() -> None:
    yard = stocked(units_max=3, **FOOD).when(constrain("Z1", **FROZEN))

    yard.then("ConstraintsChanged", location="Z1", constraints=FROZEN)
    yard.given(put_away(("F", "B1", 9)))


@pytest.mark.parametrize(
    ("constraints", "constraint"),
    [
        ({"item_types": ["food"]}, "item_types"),
        ({"temperature_class": "ambient"}, "temperature_class"),
        ({"units_max": 7}, "units_max"),
        ({"mixed_skus": False}, "mixed_skus"),
        ({"mixed_skus": False, "units_max": 7}, "units_max"),
    ],
)
def test_a_constraint_that_is_broken_already_is_refused(constraints: Any, constraint: str) -> None:
    yard = stocked().given(put_away(("A", "B1", 3), ("F", "B1", 3), ("D", "B2", 2)))

    for location in ("Z1", "R1"):
        yard.when(constrain(location, **constraints)).then_rejected(
            "CONSTRAINT_BROKEN", location=location, constraint=constraint
        )


def test_a_constraint_that_holds_is_accepted() -> None:
    yard = stocked().given(put_away(("A", "B1", 3), ("D", "B2", 2)))

    yard.given(
        constrain("Z1", item_types=["food", "tool"], temperature_class="ambient", units_max=5),
        constrain("B1", mixed_skus=False, item_types=["food"]),
    )


def test_only_what_exists_has_constraints() -> None:
    stocked().when(constrain("Z9")).then_rejected("LOCATION_NOT_FOUND", location="Z9")


def test_items_are_classified() -> None:
    stocked().when(classify(A="chilled/drink", N="frozen/food")).then(
        "ItemClassified",
        lines=[
            {"sku": "A", "item_type": "drink", "temperature_class": "chilled"},
            {"sku": "N", "item_type": "food", "temperature_class": "frozen"},
        ],
    )


@pytest.mark.parametrize(
    ("told", "constraint"),
    [("frozen/tool", "item_types"), ("ambient/food", "temperature_class")],
)
def test_what_lies_there_does_not_get_a_class_that_is_forbidden(told: str, constraint: str) -> None:
    yard = stocked(**FOOD, **FROZEN).given(put_away(("F", "B1", 3)))

    yard.when(classify(A="ambient/tool", F=told)).then_rejected(
        "CONSTRAINT_FORBIDS", location="Z1", constraint=constraint, sku="F"
    )
    yard.given(classify(A="ambient/tool", F="frozen/drink"))


def test_a_location_that_moves_within_a_zone_brings_it_nothing() -> None:
    yard = stocked(units_max=5, **FOOD).given(
        put_away(("A", "B1", 5)), create("R2", "rack", "Z1", units_max=5)
    )

    yard.when(move_location("B1", "R2")).then(
        "LocationMoved", location="B1", from_parent="R1", to_parent="R2"
    )
