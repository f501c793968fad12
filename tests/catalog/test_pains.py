"""Pains that users of other systems have of units and kits, told on ours: with stock behind it."""

from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from tables.demand import Demand, Unresolved
from tests.catalog.registry import Registry, item, kit, units
from tests.stock.bytes_of import Shop
from tests.stock.tables_of import Tables


@cache
def catalogue() -> Registry:
    """One with dozens and thirds, a gift of two, and a box of two gifts and one more."""
    return Registry().given(
        item("A", "GIFT", "BOX"),
        units("A", dozen=(12, 1), third=(1, 3), gross=(144, 1)),
        kit("GIFT", ("A", 2)),
        kit("BOX", ("GIFT", 2), ("A", 1)),
    )


def resolved(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    """What lines come to at the edge."""
    return Demand(catalogue().rows.get, "main").resolved(list(lines))


def reserved_of_ten(*lines: dict[str, Any]) -> tuple[str, int]:
    """What stock that has ten of A says to these lines, and what it holds after."""
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 10}])
    asked = {"reservation": "r", "ttl_seconds": 900, "lines": resolved(*lines)}
    code = shop.send("ReserveStock", **asked).code
    return code, Tables(shop.rows).stock["LON-1", "A"]["reserved"]


@pytest.mark.parametrize(
    "lines",
    [
        [("GIFT", 3), ("GIFT", 3)],
        [("GIFT", 4), ("A", 3)],
        [("BOX", 2), ("A", 1)],
        [("BOX", 1), ("GIFT", 3)],
        [("GIFT", 6)],
    ],
)
def test_parts_of_kits_and_units_by_themselves_are_asked_for_together(lines: Any) -> None:
    """Pain 7, parts of a kit pass each by itself: medusa#16502, vendure#1028, magento#1246. Each
    line would find enough of ten; what they come to together is more, and nothing is held."""
    told = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]

    assert reserved_of_ten(*told) == ("INSUFFICIENT_STOCK", 0)
    assert reserved_of_ten({"sku": "BOX", "quantity": 2}) == ("", 10)


@pytest.mark.parametrize("unit", ["dozen", "third", "gross"])
def test_what_does_not_convert_exactly_is_refused_and_never_rounded(unit: str) -> None:
    """Pain 9, rounding of units: odoo#54357, odoo#65453, odoo#54935, erpnext#51411. So many of a
    unit, or tenths of one, are a whole number of base units, or they are refused."""
    per = {"dozen": Fraction(12), "third": Fraction(1, 3), "gross": Fraction(144)}[unit]
    wholes = [*range(1, 200), *(f"{n // 10}.{n % 10}" for n in range(1, 400))]
    for asked in wholes:
        exact = Fraction(asked) * per
        line = {"sku": "A", "unit": unit, "quantity": asked}
        if exact.denominator == 1:
            assert resolved(line) == [{"sku": "A", "quantity": exact.numerator}]
        else:
            with pytest.raises(Unresolved) as refused:
                resolved(line)
            assert refused.value.code == "CONVERSION_NOT_EXACT"
