"""Containers: packed, moved with all that is in them, put into one another, closed when empty."""

from typing import Any

import pytest

from tests.locations.yard import (
    Yard,
    close,
    create,
    move,
    move_container,
    nest,
    open_container,
    pack,
    put_away,
    record,
    take_out,
    unpack,
)


def packed() -> Yard:
    """A pallet with a carton with a box, and each has something in it; all of it in one bin."""
    return Yard().given(
        create("Z1", "zone"),
        create("B1", "bin", "Z1"),
        create("B2", "bin", "Z1"),
        create("D1", "dock"),
        record(A=20, B=20),
        put_away(("A", "B1", 10), ("B", "B1", 10)),
        open_container("PAL", "B1"),
        open_container("CAR", "B1"),
        open_container("BOX", "B1"),
        pack("PAL", A=1),
        pack("CAR", A=2, B=1),
        pack("BOX", B=3),
        nest("CAR", "PAL"),
        nest("BOX", "CAR"),
    )


def test_a_container_stands_in_a_location() -> None:
    yard = packed().when(open_container("NEW", "D1"))

    yard.then("ContainerOpened", container="NEW", location="D1")
    assert yard.books().standing == {"B1": ["PAL"], "D1": ["NEW"]}


@pytest.mark.parametrize("container", ["PAL", "BOX"])
def test_a_name_is_used_once(container: str) -> None:
    packed().when(open_container(container, "D1")).then_rejected(
        "CONTAINER_EXISTS", container=container
    )


def test_units_go_into_a_container_where_it_stands() -> None:
    yard = packed().when(pack("BOX", A=2, B=4))

    yard.then(
        "ContainerPacked",
        container="BOX",
        location="B1",
        lines=[
            {"sku": "A", "quantity": 2, "packed": 2, "there": 5},
            {"sku": "B", "quantity": 4, "packed": 7, "there": 2},
        ],
    ).then_lies("B1", A=(5, 5), B=(2, 8))


def test_units_come_out_of_it() -> None:
    yard = packed().when(unpack("BOX", B=3))

    yard.then(
        "ContainerUnpacked",
        container="BOX",
        location="B1",
        lines=[{"sku": "B", "quantity": 3, "packed": 0, "there": 9}],
    ).then_lies("B1", A=(7, 3), B=(9, 1))


def test_only_loose_units_are_packed_taken_out_and_moved() -> None:
    yard = packed()

    for wish in (pack("BOX", A=8), take_out(("A", "B1", 8)), move(("A", "B1", "B2", 8))):
        yard.when(wish).then_rejected(
            "INSUFFICIENT_UNITS", sku="A", location="B1", requested=8, there=7
        )


def test_lines_of_a_sku_are_packed_with_their_sum() -> None:
    lines = [{"sku": "A", "quantity": 4}, {"sku": "B", "quantity": 1}, {"sku": "A", "quantity": 4}]

    packed().when({"type": "PackContainer", "container": "PAL", "lines": lines}).then_rejected(
        "INSUFFICIENT_UNITS", sku="A", location="B1", requested=8, there=7
    )


@pytest.mark.parametrize(("container", "sku", "there"), [("PAL", "B", 0), ("CAR", "B", 1)])
def test_what_is_unpacked_is_right_in_that_container(container: str, sku: str, there: int) -> None:
    packed().when(unpack(container, **{sku: 2})).then_rejected(
        "INSUFFICIENT_UNITS", sku=sku, container=container, requested=2, there=there
    )


def test_a_container_moves_with_all_that_is_in_it() -> None:
    yard = packed().when(move_container("PAL", "D1"))

    yard.then(
        "ContainerMoved",
        container="PAL",
        from_location="B1",
        to_location="D1",
        lines=[{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 4}],
        containers=["CAR", "BOX"],
    ).then_lies("B1", A=(7, 0), B=(6, 0)).then_lies("D1", A=(0, 3), B=(0, 4))
    assert yard.books().location_of("BOX") == "D1"


def test_a_container_that_moves_leaves_the_one_that_it_was_in() -> None:
    yard = packed().when(move_container("CAR", "B2"))

    yard.then(
        "ContainerMoved",
        container="CAR",
        from_location="B1",
        to_location="B2",
        from_container="PAL",
        lines=[{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 4}],
        containers=["BOX"],
    ).then_lies("B2", A=(0, 2), B=(0, 4))
    assert yard.books().containers["PAL"]["inside"] == []


def test_a_container_goes_into_one_that_stands_elsewhere() -> None:
    yard = packed().given(open_container("CAGE", "D1"))

    yard.when(nest("CAR", "CAGE")).then(
        "ContainerNested",
        container="CAR",
        from_location="B1",
        to_location="D1",
        from_container="PAL",
        to_container="CAGE",
        lines=[{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 4}],
        containers=["BOX"],
    ).then_lies("D1", A=(0, 2), B=(0, 4))


def test_a_container_stands_by_itself_again() -> None:
    yard = packed().when(nest("BOX"))

    yard.then(
        "ContainerNested",
        container="BOX",
        from_location="B1",
        to_location="B1",
        from_container="CAR",
        lines=[{"sku": "B", "quantity": 3}],
        containers=[],
    ).then_lies("B1", A=(7, 3), B=(6, 4))
    assert yard.books().standing["B1"] == ["BOX", "PAL"]


@pytest.mark.parametrize(
    ("wish", "container"),
    [
        (move_container("PAL", "B1"), "PAL"),
        (nest("PAL"), "PAL"),
        (nest("BOX", "CAR"), "BOX"),
    ],
)
def test_a_container_that_is_there_does_not_move(wish: Any, container: str) -> None:
    packed().when(wish).then_rejected("MOVE_TO_ITSELF", container=container)


@pytest.mark.parametrize("into", ["PAL", "CAR", "BOX"])
def test_no_container_is_in_itself(into: str) -> None:
    packed().when(nest("PAL", into)).then_rejected("CONTAINER_CYCLE", container="PAL", into=into)


@pytest.mark.parametrize(
    "wish",
    [
        pack("X", A=1),
        unpack("X", A=1),
        move_container("X", "B9"),
        nest("X"),
        nest("X", "PAL"),
        nest("PAL", "X"),
        close("X"),
    ],
)
def test_a_container_must_be_open(wish: Any) -> None:
    packed().when(wish).then_rejected("CONTAINER_NOT_FOUND", container="X")


@pytest.mark.parametrize("wish", [open_container("X", "B9"), move_container("PAL", "B9")])
def test_a_place_must_exist(wish: Any) -> None:
    packed().when(wish).then_rejected("LOCATION_NOT_FOUND", location="B9")


@pytest.mark.parametrize("wish", [open_container("X", "Z1"), move_container("PAL", "Z1")])
def test_a_zone_holds_no_containers(wish: Any) -> None:
    packed().when(wish).then_rejected("LOCATION_HOLDS_NOTHING", location="Z1", kind="zone")


def test_a_container_with_something_in_it_is_in_use() -> None:
    packed().when(close("CAR")).then_rejected(
        "CONTAINER_IN_USE",
        container="CAR",
        lines=[{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}],
        containers=["BOX"],
    )


def test_an_empty_container_is_closed_and_its_name_is_free() -> None:
    yard = packed().given(unpack("BOX", B=3))

    yard.when(close("BOX"))

    yard.then("ContainerClosed", container="BOX", location="B1", from_container="CAR")
    yard.when(open_container("BOX", "D1")).then("ContainerOpened", container="BOX", location="D1")


def test_a_container_with_an_empty_one_in_it_is_in_use() -> None:
    yard = packed().given(open_container("E1", "D1"), open_container("E2", "D1"), nest("E2", "E1"))

    yard.when(close("E1")).then_rejected(
        "CONTAINER_IN_USE", container="E1", lines=[], containers=["E2"]
    )
