"""The bytes of rows and keys, which Kafka and RocksDB keep for years, and what is told of them."""

from typing import Any

import msgspec
import pytest

from schemas.envelope import Language
from schemas.locations import ContainerView, LocationView, PlacesView, RootsView
from schemas.locations_rows import Container, Item, Location, Lying, class_parts, item_class
from schemas.locations_structs import Constraints
from tables.locations import (
    CHILDREN,
    CONTAINERS,
    HOLDINGS,
    ITEMS,
    LOCATIONS,
    PLACES,
    STANDING,
    TOP,
    container_told,
    location_told,
    places_told,
    roots_told,
)
from tables.table import Table
from tests.locations.yard import (
    Yard,
    classify,
    create,
    nest,
    open_container,
    pack,
    put_away,
    record,
)

POSITION = {"partition": 3, "seq": 9}
NO_ROWS: dict[bytes, bytes] = {}


@pytest.mark.parametrize(
    ("table", "row", "key", "value"),
    [
        (
            LOCATIONS,
            Location("bin", "R1", Constraints(units_max=9), 5, 1, {"frozen/food": 5}, [2, 1]),
            b"L\0LON-1\0n",
            b"\x97\xa3bin\xa2R1\x81\xa9units_max\x09\x05\x01\x81\xabfrozen/food\x05\x92\x02\x01",
        ),
        (CHILDREN, ["B1", "B2"], b"B\0LON-1\0n", b"\x92\xa2B1\xa2B2"),
        (HOLDINGS, {"A": Lying(1, 2)}, b"H\0LON-1\0n", b"\x81\xa1A\x92\x01\x02"),
        (STANDING, ["P1"], b"N\0LON-1\0n", b"\x91\xa2P1"),
        (ITEMS, Item("frozen/food", -3, 4), b"S\0LON-1\0n", b"\x93\xabfrozen/food\xfd\x04"),
        (PLACES, {"B1": Lying(1, 2)}, b"P\0LON-1\0n", b"\x81\xa2B1\x92\x01\x02"),
        (
            CONTAINERS,
            Container(None, "P1", {"A": 3}, ["C2"], 4, [1]),
            b"C\0LON-1\0n",
            b"\x96\xc0\xa2P1\x81\xa1A\x03\x91\xa2C2\x04\x91\x01",
        ),
    ],
)
def test_a_row_is_so_many_bytes(table: Table[Any], row: Any, key: bytes, value: bytes) -> None:
    assert table.key("LON-1", "n") == key
    assert table.encode(row) == value
    assert table.decode(value) == row


def test_equal_rows_have_equal_bytes() -> None:
    there, back = ({"A": Lying(1), "B": Lying(2)}, {"B": Lying(2), "A": Lying(1)})

    assert HOLDINGS.encode(there) == HOLDINGS.encode(back)


@pytest.mark.parametrize("table", [CHILDREN, HOLDINGS, STANDING, ITEMS, PLACES])
def test_a_row_that_says_nothing_is_not_there(table: Table[Any]) -> None:
    row = table.read(NO_ROWS.get, "LON-1", "n")

    assert table.stored(row) is None


@pytest.mark.parametrize("table", [LOCATIONS, CONTAINERS])
def test_what_was_never_made_is_not_there(table: Table[Any]) -> None:
    assert table.read(NO_ROWS.get, "LON-1", "n") is None


def test_bytes_that_are_no_row_are_not_read_as_one() -> None:
    with pytest.raises(msgspec.DecodeError):
        ITEMS.decode(b"\x93\xc0\xc0\xc0")


@pytest.mark.parametrize("item_type", ["food", "a/b", "/"])
def test_a_class_is_read_back(item_type: str) -> None:
    assert class_parts(item_class(item_type, "frozen")) == (item_type, "frozen")


def shown() -> Yard:
    """A box in a pallet in a bin in a rack, some units loose."""
    return Yard().given(
        create("Z1", "zone", temperature_class="frozen"),
        create("R1", "rack", "Z1"),
        create("B1", "bin", "R1", units_max=20),
        create("D1", "dock"),
        classify(A="frozen/food"),
        record(A=9, U=1),
        put_away(("A", "B1", 5), ("A", "D1", 1)),
        open_container("PAL", "B1"),
        open_container("BOX", "B1"),
        nest("BOX", "PAL"),
        pack("BOX", A=2),
    )


def test_a_location_is_told_with_its_path_and_what_is_in_it() -> None:
    rows = shown().rows

    told = location_told(rows.get, "LON-1", "B1")

    assert msgspec.json.decode(msgspec.json.encode(told)) == {
        "location": "B1",
        "kind": "bin",
        "parent": "R1",
        "path": [
            {"location": "Z1", "kind": "zone", "constraints": {"temperature_class": "frozen"}},
            {"location": "R1", "kind": "rack", "constraints": {}},
        ],
        "constraints": {"units_max": 20},
        "units": 5,
        "children": [],
        "lines": [{"sku": "A", "quantity": 5, "packed": 2}],
        "containers": ["PAL"],
    }
    assert (location_told(rows.get, "LON-1", "Z1") or {})["units"] == 5
    assert (location_told(rows.get, "LON-1", "Z1") or {})["children"] == ["R1"]
    assert roots_told(rows.get, "LON-1") == {"children": ["D1", "Z1"]}


def test_a_sku_is_told_with_its_places() -> None:
    rows = shown().rows

    assert places_told(rows.get, "LON-1", "A") == {
        "sku": "A",
        "item_type": "food",
        "temperature_class": "frozen",
        "unplaced": 3,
        "placed": 6,
        "places": [
            {"location": "B1", "quantity": 5, "packed": 2},
            {"location": "D1", "quantity": 1, "packed": 0},
        ],
    }
    assert places_told(rows.get, "LON-1", "U") == {
        "sku": "U",
        "item_type": None,
        "temperature_class": None,
        "unplaced": 1,
        "placed": 0,
        "places": [],
    }


def test_a_container_is_told_with_where_it_stands() -> None:
    rows = shown().rows

    assert container_told(rows.get, "LON-1", "BOX") == {
        "container": "BOX",
        "location": "B1",
        "into": "PAL",
        "lines": [{"sku": "A", "quantity": 2}],
        "containers": [],
    }
    assert (container_told(rows.get, "LON-1", "PAL") or {})["containers"] == ["BOX"]


def test_what_is_told_is_what_the_views_say() -> None:
    rows = shown().rows
    told: list[tuple[type[Language], Any]] = [
        (RootsView, roots_told(rows.get, "LON-1")),
        (LocationView, location_told(rows.get, "LON-1", "B1")),
        (PlacesView, places_told(rows.get, "LON-1", "U")),
        (ContainerView, container_told(rows.get, "LON-1", "BOX")),
    ]

    for model, fields in told:
        view = {"warehouse": "LON-1"} | fields | {"position": POSITION}
        plain = msgspec.json.decode(msgspec.json.encode(view))
        assert (
            set(model.model_validate(plain).model_fields_set)
            == set(plain)
            == set(model.model_fields)
        )


def test_nothing_is_told_of_what_is_not_there() -> None:
    rows = shown().rows

    assert location_told(rows.get, "LON-1", "B9") is None
    assert places_told(rows.get, "LON-1", "X") is None
    assert container_told(rows.get, "LON-1", "X") is None
    assert roots_told(rows.get, "LON-9") == {"children": []}
    assert TOP == ""
