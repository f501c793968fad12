"""Products, items, numbers and units: each rule by itself."""

from typing import Any

import pytest

from tests.catalog.registry import (
    Registry,
    change,
    item,
    number,
    product,
    retire,
    retire_product,
    retitle,
    units,
    unnumber,
)
from tests.hosted import Wish

EAN, EAN_14 = "4006381333931", "04006381333931"


def stocked() -> Registry:
    """A product with an item that has units and a number on one of them, and two more items."""
    return Registry().given(
        product("P"),
        item("A", product="P", title="An item"),
        item("B", "C"),
        units("A", case=(24, 2), half=(1, 2)),
        number("A", EAN, "case"),
    )


def test_a_product_is_defined_changed_and_retired() -> None:
    Registry().when(product("P", "One")).then(
        "ProductDefined", {"product": "P", "title": "One", "version": 1}
    ).when(retitle("P", "Two")).then(
        "ProductChanged", {"product": "P", "title": "Two", "version": 2}
    ).when(retire_product("P")).then("ProductRetired", {"product": "P", "version": 3})


def test_an_item_is_defined_changed_and_retired() -> None:
    known = {"title": "An item", "item_type": "food", "temperature_class": "frozen"}
    Registry().when(item("A", tracking="lot", shelf_life_days=30, **known)).then(
        "ItemDefined",
        {"sku": "A", "base_unit": "piece", "shelf_life_days": 30, "tracking": "lot", "version": 1}
        | known,
    ).when(change("A", title="Another")).then(
        "ItemChanged",
        {"sku": "A", "base_unit": "piece", "title": "Another", "tracking": "lot", "version": 2},
    ).when(retire("A")).then("ItemRetired", {"sku": "A", "version": 3})


def test_a_number_is_kept_as_fourteen_digits() -> None:
    Registry().given(item("A")).when(number("A", "96385074")).then(
        "GtinAssigned", {"sku": "A", "gtin": "00000096385074", "unit": "piece", "version": 2}
    ).when(unnumber("000096385074")).then(
        "GtinUnassigned", {"sku": "A", "gtin": "00000096385074", "unit": "piece", "version": 3}
    )


def test_a_unit_is_told_in_lowest_terms() -> None:
    Registry().given(item("A")).when(units("A", case=(24, 2), half=(5, 10))).then(
        "UnitsSet",
        {
            "sku": "A",
            "units": [
                {"unit": "case", "numerator": 12, "denominator": 1},
                {"unit": "half", "numerator": 1, "denominator": 2},
            ],
            "version": 2,
        },
    )


@pytest.mark.parametrize(
    ("wish", "code", "details"),
    [
        (product("P"), "PRODUCT_EXISTS", {"product": "P"}),
        (retitle("Q", "x"), "PRODUCT_NOT_FOUND", {"product": "Q"}),
        (retire_product("Q"), "PRODUCT_NOT_FOUND", {"product": "Q"}),
        (retire_product("P"), "PRODUCT_IN_USE", {"product": "P", "items": 1}),
        (item("A"), "ITEM_EXISTS", {"sku": "A"}),
        (item("N", product="Q"), "PRODUCT_NOT_FOUND", {"product": "Q"}),
        (change("N"), "ITEM_NOT_FOUND", {"sku": "N"}),
        (change("B", product="Q"), "PRODUCT_NOT_FOUND", {"product": "Q"}),
        (retire("N"), "ITEM_NOT_FOUND", {"sku": "N"}),
        (number("N", "96385074"), "ITEM_NOT_FOUND", {"sku": "N"}),
        (number("A", "96385074", "crate"), "UNIT_UNKNOWN", {"sku": "A", "unit": "crate"}),
        (number("B", EAN), "GTIN_TAKEN", {"gtin": EAN_14, "sku": "A"}),
        (number("A", EAN_14, "case"), "GTIN_TAKEN", {"gtin": EAN_14, "sku": "A"}),
        (unnumber("96385074"), "GTIN_NOT_FOUND", {"gtin": "00000096385074"}),
        (units("N"), "ITEM_NOT_FOUND", {"sku": "N"}),
        (units("B", piece=(1, 1)), "UNIT_IS_BASE", {"sku": "B", "unit": "piece"}),
        (units("A", case=(10, 1)), "UNIT_IN_USE", {"sku": "A", "unit": "case", "gtin": EAN_14}),
        (units("A"), "UNIT_IN_USE", {"sku": "A", "unit": "case", "gtin": EAN_14}),
    ],
)
def test_what_cannot_be_is_refused(wish: Wish, code: str, details: dict[str, Any]) -> None:
    stocked().when(wish).then_rejected(code, **details)


@pytest.mark.parametrize(
    ("gtin", "problem"),
    [
        ("4006381333932", "ends with 2, where its check digit is 1"),
        ("1234567", "is not of 8, 12, 13 or 14 digits"),
        ("000000000000000", "is not of 8, 12, 13 or 14 digits"),
        ("0000000000000", "is of zeros alone"),
        ("40063813339-1", "is not of digits alone"),
        ("\u0664006381333931", "is not of digits alone"),
    ],
)
def test_what_is_no_number_of_gs1_is_refused(gtin: str, problem: str) -> None:
    for wish in (number("A", gtin), unnumber(gtin)):
        stocked().when(wish).then_rejected("GTIN_INVALID", gtin=gtin, problem=problem)


@pytest.mark.parametrize(
    "wish",
    [change("B"), retire("B"), number("B", "96385074"), units("B", case=(12, 1)), unnumber(EAN)],
)
def test_what_is_retired_changes_no_more(wish: Wish) -> None:
    sku = "A" if wish["type"] == "UnassignGtin" else "B"
    stocked().given(retire("A", "B")).when(wish).then_rejected("ITEM_RETIRED", sku=sku)


def test_a_retired_item_keeps_its_sku_and_its_number() -> None:
    registry = stocked().given(retire("A"))
    registry.when(item("A")).then_rejected("ITEM_EXISTS", sku="A")
    registry.when(number("B", EAN)).then_rejected("GTIN_TAKEN", gtin=EAN_14, sku="A")


def test_a_product_of_retired_items_is_retired_and_gets_no_more() -> None:
    registry = stocked().given(retire("A"), retire_product("P"))
    registry.when(item("N", product="P")).then_rejected("PRODUCT_RETIRED", product="P")
    registry.when(change("B", product="P")).then_rejected("PRODUCT_RETIRED", product="P")
    registry.when(retitle("P", "x")).then_rejected("PRODUCT_RETIRED", product="P")


def test_a_unit_with_a_number_on_it_may_be_told_again() -> None:
    stocked().given(units("A", case=(12, 1)), units("A", case=(120, 10), layer=(48, 1)))


def test_all_lines_or_none() -> None:
    registry = stocked()
    registry.when(item("X", "Y", "A")).then_rejected("ITEM_EXISTS", sku="A")
    registry.given(item("X", "Y"))
    wish = number("B", "96385074")
    wish["lines"] += number("C", "00000096385074")["lines"]
    registry.when(wish).then_rejected("GTIN_TAKEN", gtin="00000096385074", sku="B")


def test_limits_are_where_they_say() -> None:
    registry = Registry().given(product("P"))
    registry.given(item(*(f"S{n}" for n in range(1_000)), product="P"))
    registry.when(item("S", product="P")).then_rejected(
        "QUANTITY_LIMIT", product="P", field="items", value=1_001, limit=1_000
    )
    numbers = [f"{n:06}0" for n in range(1, 102)]
    whole = [told + str(-sum((3, 1)[i % 2] * int(d) for i, d in enumerate(told)) % 10)
             for told in numbers]  # fmt: skip
    registry.given(*(number("S1", one) for one in whole[:100]))
    registry.when(number("S1", whole[100])).then_rejected(
        "QUANTITY_LIMIT", sku="S1", field="gtins", value=101, limit=100
    )
    registry.given(number("S2", whole[100]))


@pytest.mark.parametrize(
    ("wish", "path", "problem"),
    [
        (item("A", "A"), "lines", "has a SKU twice"),
        (change("A", base_unit="kg"), "lines.0.base_unit", "is an unknown field"),
        (change("A", tracking="lot"), "lines.0.tracking", "is an unknown field"),
        (item("A", shelf_life_days=0), "lines.0.shelf_life_days", "is below 1"),
        (item("A", tracking="batch"), "lines.0.tracking", "is none of 'none', 'lot' or 'serial'"),
        (units("A", case=(0, 1)), "lines.0.units.0.numerator", "is below 1"),
        (units("A", case=(1, 0)), "lines.0.units.0.denominator", "is below 1"),
        (product(" P"), "lines.0.product", "has space at an end"),
        (product("P", ""), "lines.0.title", "is shorter than 1"),
    ],
)
def test_what_breaks_a_rule_of_its_own_is_told_where(wish: Wish, path: str, problem: str) -> None:
    Registry().when(wish).then_rejected("INVALID_COMMAND", path=path, problem=problem)


def test_a_unit_is_named_once() -> None:
    wish = units("A", case=(12, 1))
    wish["lines"][0]["units"] *= 2
    Registry().when(wish).then_rejected(
        "INVALID_COMMAND", path="lines.0.units", problem="has a unit twice"
    )
