"""Absolute levels: applied where the row is as it was known, else refused."""

import pytest

from schemas.rows import Row
from tests.stock.bytes_of import Shop
from tests.stock.scenario import command, given
from tests.stock.waiting import filled, of, refused, stocked, tables, wait


def sync(*lines: tuple[str, int, int]) -> object:
    """(sku, on_hand, expected version) of each line."""
    told = [
        {"sku": sku, "on_hand": level, "expected_version": version} for sku, level, version in lines
    ]
    return command("SetStock", reason="sync", lines=told)


def test_a_level_is_set_where_the_version_is_as_expected() -> None:
    scenario = given(A=Row(10, 2, 0, 7), B=Row(5, 0, 0, 3)).when(sync(("A", 4, 7), ("B", 9, 3)))

    scenario.then("StockAdjusted", A=Row(4, 2, 0, 8), B=Row(9, 0, 0, 4))
    assert [line.delta for line in scenario.outcome.lines] == [-6, 4]


@pytest.mark.parametrize("version", [0, 6, 8, 2**63 - 1])
def test_another_version_is_a_conflict_and_no_line_is_set(version: int) -> None:
    rows = {"A": Row(10, 2, 0, 7), "B": Row(5, 0, 0, 3)}

    given(**rows).when(sync(("B", 1, 3), ("A", 4, version))).then_rejected(
        "VERSION_CONFLICT", sku="A", expected_version=version, version=7
    )


def test_a_sku_never_seen_is_at_version_0() -> None:
    given().when(sync(("A", 4, 0))).then("StockAdjusted", A=Row(4, 0, 0, 1))
    given().when(sync(("A", 4, 1))).then_rejected(
        "VERSION_CONFLICT", sku="A", expected_version=1, version=0
    )


def test_a_version_is_looked_at_before_what_is_reserved() -> None:
    rows = {"A": Row(10, 4, 0, 7), "B": Row(5, 0, 0, 3)}

    given(**rows).when(sync(("A", 3, 7), ("B", 1, 2))).then_rejected(
        "VERSION_CONFLICT", sku="B", expected_version=2, version=3
    )
    given(**rows).when(sync(("A", 3, 7))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=7, available=6
    )


def test_what_is_so_already_changes_nothing() -> None:
    shop = stocked()
    told = {"sku": "A", "on_hand": 10, "expected_version": 1}

    assert shop.send("SetStock", lines=[told], reason="sync").outcome == "StockAdjusted"
    assert tables(shop).stock["LON-1", "A"]["version"] == 1
    assert shop.send("SetStock", lines=[told], reason="sync").code == ""


def test_of_two_who_know_the_same_version_one_is_refused() -> None:
    shop = stocked()
    told = {"sku": "A", "expected_version": 1}

    assert shop.send("SetStock", lines=[told | {"on_hand": 7}], reason="shop").code == ""
    again = shop.send("SetStock", lines=[told | {"on_hand": 8}], reason="other")
    assert refused(again) == ("VERSION_CONFLICT", told | {"version": 2})


def test_more_is_given_to_who_waits() -> None:
    shop = Shop()
    wait(shop, "r", 3)

    level = {"sku": "A", "on_hand": 5, "expected_version": 1}
    assert filled(shop.send("SetStock", lines=[level], reason="sync")) == {"r": 3}
    assert shop.send("ShipStock", lines=of(3)).code == "INSUFFICIENT_STOCK"
