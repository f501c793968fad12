"""Limits: what keeps one command cheap, each refused at the first that is too many."""

from itertools import pairwise
from typing import Any

import pytest

from tests.locations.yard import (
    Yard,
    classify,
    constrain,
    create,
    move,
    move_location,
    nest,
    open_container,
    pack,
    put_away,
    record,
)


def chain(*names: str) -> list[dict[str, Any]]:
    """Each below the one before it, the first below none."""
    below = [create(name, "rack", above) for above, name in pairwise(names)]
    return [create(names[0], "zone"), *below]


def filled(kind: str, wishes: list[Any]) -> Yard:
    """A bin, and all of these."""
    return Yard().given(create("B1", kind), *wishes)


def test_the_tree_is_eight_deep() -> None:
    yard = Yard().given(*chain(*"abcdefgh"))

    yard.when(create("i", "bin", "h")).then_rejected(
        "QUANTITY_LIMIT", location="i", field="depth", value=9, limit=8
    )


def test_it_is_not_deeper_after_a_move() -> None:
    yard = Yard().given(*chain(*"abcdef"), *chain(*"xyz"))

    yard.when(move_location("x", "f")).then_rejected(
        "QUANTITY_LIMIT", location="x", field="depth", value=9, limit=8
    )
    yard.given(move_location("x", "e"))
    yard.books().check()


@pytest.mark.parametrize("parent", ["R1", None])
def test_a_thousand_locations_stand_below_another(parent: str | None) -> None:
    yard = Yard().given(create("R1", "rack"), create("R2", "rack", None if parent else "R1"))
    yard.given(*(create(f"B{number}", "bin", parent) for number in range(999 + bool(parent))))
    details = {"field": "children", "value": 1_001, "limit": 1_000}

    yard.when(create("X", "bin", parent)).then_rejected(
        "QUANTITY_LIMIT", **({"location": parent} if parent else {}), **details
    )
    yard.when(move_location("R2", parent)).then_rejected(
        "QUANTITY_LIMIT", **({"location": parent} if parent else {}), **details
    )


def test_five_hundred_skus_lie_in_a_location() -> None:
    skus = [f"S{number}" for number in range(501)]
    yard = filled("bin", [record(**dict.fromkeys(skus, 1))])
    for first in (0, 200):
        yard.given(put_away(*((sku, "B1", 1) for sku in skus[first : first + 200])))
    yard.given(put_away(*((sku, "B1", 1) for sku in skus[400:500])))

    yard.when(put_away((skus[500], "B1", 1))).then_rejected(
        "QUANTITY_LIMIT", location="B1", field="skus", value=501, limit=500
    )


def spread(count: int) -> Yard:
    """One unit of A in each of so many bins."""
    names = [f"B{number}" for number in range(count)]
    yard = Yard().given(create("Z1", "zone"), create("X", "bin"), record(A=9_999, B=10))
    yard.given(*(create(name, "bin", "Z1") for name in names))
    for first in range(0, count, 200):
        yard.given(put_away(*(("A", name, 1) for name in names[first : first + 200])))
    return yard


def test_a_sku_lies_in_five_hundred_locations() -> None:
    yard = spread(500)

    yard.when(put_away(("A", "X", 1))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="places", value=501, limit=500
    )
    yard.given(classify(A="ambient/food"))
    yard.books().check()


def test_what_is_classified_at_once_lies_in_five_hundred_locations() -> None:
    yard = spread(500).given(classify(B="ambient/tool"), put_away(("B", "X", 1)))

    yard.when(classify(A="ambient/food", B="ambient/food")).then_rejected(
        "QUANTITY_LIMIT", field="places", value=501, limit=500
    )
    yard.given(classify(A="ambient/food", B="ambient/tool"))


def test_a_hundred_and_twenty_eight_classes_are_within_a_location() -> None:
    skus = [f"S{number}" for number in range(129)]
    yard = filled("bin", [create("B2"), classify(**{sku: f"ambient/{sku}" for sku in skus})])
    yard.given(record(**dict.fromkeys(skus, 2)), put_away(*((sku, "B1", 1) for sku in skus[:128])))
    details = {"location": "B1", "field": "classes", "value": 129, "limit": 128}

    yard.given(put_away((skus[128], "B2", 1)))
    yard.when(put_away((skus[128], "B1", 1))).then_rejected("QUANTITY_LIMIT", **details)
    yard.when(move_location("B2", "B1")).then_rejected("QUANTITY_LIMIT", **details)


def test_a_location_has_as_many_units_as_a_row_of_stock() -> None:
    yard = filled("bin", [record(A=10**15), record(A=10**15)])
    most = [("A", "B1", 10**12)] * 200
    yard.given(*[put_away(*most)] * 5)

    yard.when(put_away(("A", "B1", 1))).then_rejected(
        "QUANTITY_LIMIT", location="B1", field="units", value=10**15 + 1, limit=10**15
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_unplaced_is_within_what_six_accounts_hold(sign: int) -> None:
    yard = Yard().given(*[record(A=sign * 10**15)] * 10)

    yard.when(record(B=1, A=sign)).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="unplaced", value=sign * (10**16 + 1), limit=10**16
    )


def test_containers_are_five_deep() -> None:
    yard = filled("dock", [open_container(name, "B1") for name in "abcdef"])
    yard.given(nest("b", "a"), nest("c", "b"), nest("e", "d"), nest("f", "e"))

    yard.when(nest("d", "c")).then_rejected(
        "QUANTITY_LIMIT", container="d", field="depth", value=6, limit=5
    )
    yard.given(nest("d", "b"))
    yard.books().check()


def test_a_hundred_containers_go_along() -> None:
    names = [f"C{number}" for number in range(100)]
    yard = filled("dock", [open_container(name, "B1") for name in ("P", *names)])
    yard.given(*(nest(name, "P") for name in names[:99]))

    yard.when(nest(names[99], "P")).then_rejected(
        "QUANTITY_LIMIT", container="P", field="containers", value=101, limit=100
    )


def test_five_hundred_containers_stand_in_a_location() -> None:
    names = [f"C{number}" for number in range(500)]
    yard = filled("dock", [open_container(name, "B1") for name in names])
    details = {"location": "B1", "field": "containers", "value": 501, "limit": 500}

    yard.when(open_container("X", "B1")).then_rejected("QUANTITY_LIMIT", **details)
    yard.given(nest(names[1], names[0]), open_container("X", "B1"))
    yard.when(nest(names[1])).then_rejected("QUANTITY_LIMIT", **details)


def test_four_hundred_skus_go_along() -> None:
    skus = [f"S{number}" for number in range(401)]
    yard = filled("dock", [record(**dict.fromkeys(skus, 1))])
    for first in (0, 200, 400):
        yard.given(put_away(*((sku, "B1", 1) for sku in skus[first : first + 200])))
    yard.given(open_container("P", "B1"), open_container("Q", "B1"), nest("Q", "P"))
    yard.given(*(pack(name, **dict.fromkeys(part, 1)) for name, part in halves(skus)))
    details = {"container": "P", "field": "lines", "value": 401, "limit": 400}

    yard.when(pack("Q", **{skus[400]: 1})).then_rejected("QUANTITY_LIMIT", **details)
    yard.given(open_container("X", "B1"), pack("X", **{skus[400]: 1}))
    yard.when(nest("X", "Q")).then_rejected("QUANTITY_LIMIT", **details)
    yard.books().check()


def halves(skus: list[str]) -> list[tuple[str, list[str]]]:
    """What goes into which container."""
    return [("P", skus[:200]), ("Q", skus[200:400])]


def test_the_largest_move_reads_four_thousand_rows() -> None:
    lines, count = [], 40
    yard = Yard().given(record(**{f"S{number}": 1 for number in range(count)}))
    for number in range(count):
        for end in "st":
            names = [f"{end}{number}/{level}" for level in range(7)]
            yard.given(*chain(*names), create(f"{end}{number}", "bin", names[-1]))
        yard.given(put_away((f"S{number}", f"s{number}", 1)))
        lines.append((f"S{number}", f"s{number}", f"t{number}", 1))

    yard.given(move(*lines))

    assert len(yard.reads) == len(set(yard.reads)) == count * (2 * 8 + 4)
    assert 200 * (2 * 8 + 4) == 4_000


def test_a_constraint_is_changed_without_a_look_at_what_lies_there() -> None:
    yard = spread(200)

    yard.given(constrain("Z1", units_max=200))

    assert yard.reads == [b"L\0LON-1\0Z1"]
