"""Lines at the edge: what they come to, against fractions and plain recursion."""

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given

from tables.demand import Demand, Unresolved
from tests.catalog.histories import GTINS, SKUS, UNITS, numbers
from tests.catalog.oracle import Oracle, is_gtin
from tests.catalog.registry import Registry, item, kit, number, units
from tests.catalog.test_invariants import Numbers, wishes
from tests.examples import EXAMPLES

Line = dict[str, Any]
QUANTITIES = (1, 2, 3, 12, "1", "2.5", "0.5", "1.5", "3.000", "0.333333333", 1.5, "x", 10**12)


def stocked() -> Registry:
    """Hearts by the piece, pair and case; cakestands; a gift of both, and a crate of those."""
    return Registry().given(
        item("H", "S", "GIFT", "CRATE", item_type="food", temperature_class="chilled"),
        item("M", base_unit="metre"),
        units("H", case=(12, 1), pair=(2, 1)),
        units("M", inch=(254, 10_000), third=(1, 3)),
        number("H", "4006381333931"),
        number("H", "96385074", "case"),
        number("GIFT", "036000291452"),
        kit("GIFT", ("H", 6), ("S", 1)),
        kit("CRATE", ("GIFT", 4), ("S", 2)),
    )


def resolved(*lines: Any, **options: Any) -> list[Line]:
    """What lines come to."""
    return Demand(stocked().rows.get, "main", **options).resolved(list(lines))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([{"sku": "H", "quantity": 3}], {"H": 3}),
        ([{"sku": "H", "unit": "case", "quantity": 2}], {"H": 24}),
        ([{"sku": "H", "unit": "piece", "quantity": "2.0"}], {"H": 2}),
        ([{"sku": "H", "unit": "pair", "quantity": "1.5"}], {"H": 3}),
        ([{"gtin": "4006381333931", "quantity": 5}], {"H": 5}),
        ([{"gtin": "00000096385074", "quantity": "0.5"}], {"H": 6}),
        ([{"gtin": "036000291452", "quantity": 2}], {"H": 12, "S": 2}),
        ([{"sku": "CRATE", "quantity": 1}, {"sku": "S", "quantity": 1}], {"H": 24, "S": 7}),
        ([{"sku": "M", "unit": "inch", "quantity": 5_000}], {"M": 127}),
        ([{"sku": "M", "unit": "third", "quantity": 3}], {"M": 1}),
        ([{"sku": "H", "quantity": 1}, {"sku": "H", "unit": "case", "quantity": 1}], {"H": 13}),
        ([{"sku": "H", "gtin": None, "unit": None, "quantity": 1}], {"H": 1}),
        ([{"sku": None, "gtin": "96385074", "unit": None, "quantity": 1}], {"H": 12}),
    ],
)
def test_lines_come_to_base_units(lines: list[Line], expected: dict[str, int]) -> None:
    assert resolved(*lines) == [{"sku": sku, "quantity": n} for sku, n in expected.items()]


def test_a_line_that_says_more_stays_a_line() -> None:
    lines = [
        {"gtin": "96385074", "quantity": 1, "location": "B1"},
        {"sku": "H", "quantity": 1},
        {"sku": "H", "quantity": 2, "location": "B2"},
        {"sku": "H", "unit": "case", "delta": "-1.5"},
        {"sku": "H", "unit": "case", "counted": 0},
        {"sku": "H", "reorder_point": 3},
        {"sku": "H"},
    ]
    assert resolved(*lines) == [
        {"sku": "H", "quantity": 12, "location": "B1"},
        {"sku": "H", "quantity": 1},
        {"sku": "H", "quantity": 2, "location": "B2"},
        {"sku": "H", "delta": -18},
        {"sku": "H", "counted": 0},
        {"sku": "H", "reorder_point": 3},
        {"sku": "H"},
    ]


def test_what_an_item_is_fills_what_a_line_does_not_say() -> None:
    filled = ("item_type", "temperature_class")
    lines = [{"sku": "H"}, {"sku": "S", "item_type": "tool"}, {"sku": "M"}]
    assert resolved(*lines, filled=filled) == [
        {"sku": "H", "item_type": "food", "temperature_class": "chilled"},
        {"sku": "S", "item_type": "tool", "temperature_class": "chilled"},
        {"sku": "M"},
    ]


@pytest.mark.parametrize(
    ("line", "code", "path", "details"),
    [
        ({"sku": "N", "quantity": 1}, "ITEM_NOT_FOUND", ".sku", {"sku": "N"}),
        ({"gtin": "4006381333932", "quantity": 1}, "GTIN_INVALID", ".gtin",
         {"gtin": "4006381333932", "problem": "ends with 2, where its check digit is 1"}),
        ({"gtin": "10614141000415", "quantity": 1}, "GTIN_NOT_FOUND", ".gtin",
         {"gtin": "10614141000415"}),
        ({"sku": "H", "unit": "crate", "quantity": 1}, "UNIT_UNKNOWN", ".unit",
         {"sku": "H", "unit": "crate"}),
        ({"sku": "H", "unit": "\ud800" + "x" * 99, "quantity": 1}, "UNIT_UNKNOWN", ".unit",
         {"sku": "H", "unit": "\\ud800" + "x" * 63}),
        ({"sku": "H", "unit": "pair", "quantity": "0.7"}, "CONVERSION_NOT_EXACT", ".quantity",
         {"sku": "H", "unit": "pair", "quantity": "0.7", "below": "0.5", "above": "1"}),
        ({"sku": "H", "quantity": "0.7"}, "CONVERSION_NOT_EXACT", ".quantity",
         {"sku": "H", "unit": "piece", "quantity": "0.7", "below": "0", "above": "1"}),
        ({"sku": "M", "unit": "third", "quantity": 1}, "CONVERSION_NOT_EXACT", ".quantity",
         {"sku": "M", "unit": "third", "quantity": "1", "below": "0", "above": "3"}),
        ({"sku": "GIFT", "quantity": 1, "location": "B1"}, "KIT_HAS_NO_STOCK", "",
         {"sku": "GIFT"}),
        ({"sku": "GIFT", "delta": 1}, "KIT_HAS_NO_STOCK", "", {"sku": "GIFT"}),
        ({"sku": "GIFT"}, "KIT_HAS_NO_STOCK", "", {"sku": "GIFT"}),
        ({"sku": "H", "quantity": 1.0}, "INVALID_COMMAND", ".quantity", {}),
        ({"sku": "H", "quantity": None}, "INVALID_COMMAND", ".quantity", {}),
        ({"sku": "H", "unit": "case", "quantity": 0}, "INVALID_COMMAND", ".quantity", {}),
        ({"sku": "GIFT", "quantity": "-1"}, "INVALID_COMMAND", ".quantity", {}),
        ({"sku": "H", "unit": "case"}, "INVALID_COMMAND", ".unit", {}),
        ({"sku": "H", "unit": 1, "quantity": 1}, "INVALID_COMMAND", ".unit", {}),
        ({"gtin": "96385074", "unit": "case", "quantity": 1}, "INVALID_COMMAND", ".unit", {}),
        ({"gtin": "96385074", "sku": "H", "quantity": 1}, "INVALID_COMMAND", ".sku", {}),
        ({"gtin": 96385074, "quantity": 1}, "INVALID_COMMAND", ".gtin", {}),
        ({"quantity": 1}, "INVALID_COMMAND", ".sku", {}),
        ({"sku": None, "quantity": 1}, "INVALID_COMMAND", ".sku", {}),
        ({"sku": "A\0B", "quantity": 1}, "INVALID_COMMAND", ".sku", {}),
        ({"sku": "\ud800", "quantity": 1}, "INVALID_COMMAND", ".sku", {}),
        ({"sku": ["H"], "quantity": 1}, "INVALID_COMMAND", ".sku", {}),
        ("H", "INVALID_COMMAND", "", {}),
    ],
)  # fmt: skip
def test_what_comes_to_nothing_is_told_where(
    line: Any, code: str, path: str, details: dict[str, Any]
) -> None:
    with pytest.raises(Unresolved) as refused:
        resolved({"sku": "H", "quantity": 99}, line)
    told = refused.value
    assert (told.code, told.path, told.details) == (code, f"lines.1{path}", details)
    assert told.problem.encode(), "it is told in JSON"


@pytest.mark.parametrize("lines", [None, {}, "H", 7])
def test_lines_are_an_array(lines: object) -> None:
    with pytest.raises(Unresolved, match="is no array"):
        Demand(stocked().rows.get, "main").resolved(lines)


def test_lines_are_bounded_before_and_after() -> None:
    with pytest.raises(Unresolved, match="has more items than 1000"):
        resolved(*[{"sku": "H", "quantity": 1}] * 1_001)
    assert resolved(*[{"sku": "H", "quantity": 1}] * 1_000) == [{"sku": "H", "quantity": 1_000}]
    parts = [f"P{n}" for n in range(1_000)]
    registry = Registry().given(item(*parts), item("X", "A", "B", "C", "D", "E", "F"))
    for at, sku in enumerate("ABCDEF"):
        halves = [f"{sku}{half}" for half in range(2)]
        registry.given(item(*halves))
        for half, name in enumerate(halves):
            start = (200 * at + 100 * half) % 1_000
            registry.given(kit(name, *((one, 1) for one in parts[start : start + 100])))
        registry.given(kit(sku, *((name, 1) for name in halves)))
    demand = [{"sku": sku, "quantity": 1} for sku in "ABCDEF"]
    assert len(Demand(registry.rows.get, "main").resolved(demand)) == 1_000
    with pytest.raises(Unresolved, match="come to more items than 1000"):
        Demand(registry.rows.get, "main").resolved([*demand, {"sku": "X", "quantity": 1}])


@EXAMPLES
@given(numbers)
def test_any_lines_in_any_catalogue_come_to_what_fractions_and_recursion_say(of: Numbers) -> None:
    registry, oracle, random = Registry(), Oracle(), Random(of[0])
    for wish in wishes(*of):
        registry.send(wish)
        oracle.decide(wish)
    lines = [line(random) for _ in range(random.randint(1, 5))]
    assert outcome_of(registry, lines) == expected_of(oracle, lines), lines


def outcome_of(registry: Registry, lines: list[Line]) -> dict[str, int] | str:
    """How much of each SKU, or a code."""
    try:
        found = Demand(registry.rows.get, "main").resolved(lines)
    except Unresolved as error:
        return error.code
    told = {one["sku"]: one["quantity"] for one in found}
    assert len(told) == len(found), "each SKU once"
    return told


def expected_of(oracle: Oracle, lines: list[Line]) -> dict[str, int] | str:
    """The same of plain dictionaries."""
    try:
        return dict(sum((asked(oracle, one) for one in lines), Counter[str]()))
    except LookupError as error:
        return str(error.args[0])


def line(random: Random) -> Line:
    """A line as somebody may say it."""
    quantity = random.choice(QUANTITIES[:9] * 3 + QUANTITIES)
    if random.random() < 0.3:
        return {"gtin": random.choice(GTINS), "quantity": quantity}
    told: Line = {"sku": random.choice(SKUS[:5] * 3 + SKUS), "quantity": quantity}
    return told | ({"unit": random.choice(UNITS)} if random.random() < 0.4 else {})


def asked(oracle: Oracle, one: Line) -> Counter[str]:
    """What a line asks for; LookupError with a code."""
    if "gtin" in one:
        if not is_gtin(one["gtin"]):
            raise LookupError("GTIN_INVALID")
        sku = oracle.sku_of(one["gtin"])
        if sku is None:
            raise LookupError("GTIN_NOT_FOUND")
        unit = oracle.items[sku]["gtins"][one["gtin"].zfill(14)]
    else:
        sku = one["sku"]
        if sku not in oracle.items:
            raise LookupError("ITEM_NOT_FOUND")
        unit = one.get("unit", "piece")
    ratios = oracle.items[sku]["units"] | {"piece": Fraction(1)}
    if unit not in ratios:
        raise LookupError("UNIT_UNKNOWN")
    if isinstance(one["quantity"], float) or one["quantity"] == "x":
        raise LookupError("INVALID_COMMAND")
    base = Fraction(one["quantity"]) * ratios[unit]
    if base.denominator != 1:
        raise LookupError("CONVERSION_NOT_EXACT")
    return Counter(oracle.exploded(sku, int(base)))
