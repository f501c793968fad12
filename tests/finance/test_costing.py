"""How the cost of a SKU is found: set while nothing is there, a standard at any time."""

import pytest

from tests.finance.bytes_of import Office, journal, refused
from tests.finance.tables_of import Tables


def test_average_is_the_method_of_who_never_said() -> None:
    office = Office()
    office.move("received", ("A", 1))

    assert Tables(office.rows).skus["A"]["method"] == "average"


@pytest.mark.parametrize("method", ["fifo", "specific", "average"])
def test_a_method_is_set_in_a_currency(method: str) -> None:
    event = Office().cost("A", method)

    assert event["type"] == "CostingSet"
    assert event["journal"] == []
    assert event["lines"] == [
        {"sku": "A", "method": method, "currency": "EUR", "amount": 0, "balance": 0, "value": 0}
    ]


def test_a_method_is_not_changed_while_something_is_there() -> None:
    office = Office()
    office.bought("A", 10, 1_000)

    refused(office.cost("A", "fifo"), "COSTING_IN_USE", sku="A", quantity=10)
    assert office.cost("A", "average")["type"] == "CostingSet"
    office.move("shipped", ("A", 10))
    assert office.cost("A", "fifo")["type"] == "CostingSet"


def test_a_late_cost_finds_its_units_gone_after_the_method_was_changed() -> None:
    office = Office()
    receipts = []
    for method in ("average", "fifo", "specific", "average", "fifo"):
        office.cost("A", method)
        receipts.append(office.move("received", ("A", 4))["cause"])
        if len(receipts) < 5:
            office.move("shipped", ("A", 4))

    there = [office.post(one, ("A", 100))["lines"][0]["there"] for one in receipts]

    assert there == [0, 0, 0, 0, 4]


def test_a_new_standard_revalues_what_is_there() -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=100, standard_per=3)
    office.move("received", ("A", 10))

    event = office.cost("A", "standard", standard_amount=40)

    assert journal(event) == {"inventory": 400 - 333, "inventory_revaluation": 333 - 400}
    assert event["lines"] == [
        {
            "sku": "A",
            "method": "standard",
            "currency": "EUR",
            "standard_amount": 40,
            "standard_per": 1,
            "amount": 67,
            "balance": 10,
            "value": 400,
        }
    ]


@pytest.mark.parametrize("fields", [{}, {"standard_per": 3}])
def test_a_standard_is_told_where_the_method_is_one(fields: dict[str, int]) -> None:
    refused(Office().cost("A", "standard", **fields), "STANDARD_REQUIRED", sku="A")


@pytest.mark.parametrize("method", ["average", "fifo", "specific"])
@pytest.mark.parametrize("fields", [{"standard_amount": 0}, {"standard_per": 3}])
def test_a_standard_is_told_nowhere_else(method: str, fields: dict[str, int]) -> None:
    refused(Office().cost("A", method, **fields), "STANDARD_FORBIDDEN", sku="A")


def test_a_standard_of_nothing_is_one() -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=0)

    assert office.move("received", ("A", 3))["journal"] == []


def test_all_lines_are_set_or_none() -> None:
    office = Office()
    lines = [
        {"sku": "A", "method": "fifo", "currency": "EUR"},
        {"sku": "B", "method": "standard", "currency": "EUR"},
    ]

    refused(office.send("SetCosting", lines=lines), "STANDARD_REQUIRED", sku="B")
    assert office.rows == {}


def test_a_line_is_refused_for_the_first_of_its_faults() -> None:
    office = Office()
    office.bought("A", 10, 1_000)

    codes = [
        office.cost("A", "standard", currency="USD")["code"],
        office.cost("A", "standard")["code"],
        office.cost("A", "fifo", standard_per=1)["code"],
        office.cost("A", "average", standard_per=1)["code"],
    ]

    assert codes == ["CURRENCY_MISMATCH", "COSTING_IN_USE", "COSTING_IN_USE", "STANDARD_FORBIDDEN"]


def test_no_revaluation_passes_the_limit() -> None:
    office = Office()
    for sku in "AB":
        office.cost(sku, "standard", standard_amount=1)
    office.move("received", ("A", 2), ("B", 1))
    limit = 10**15

    refused(
        office.cost("A", "standard", standard_amount=limit),
        "AMOUNT_LIMIT",
        sku="A",
        value=2 * limit,
        limit=limit,
    )
    lines = [
        {"sku": sku, "method": "standard", "currency": "EUR", "standard_amount": limit // 2}
        for sku in "AB"
    ]
    refused(
        office.send("SetCosting", lines=lines),
        "AMOUNT_LIMIT",
        sku="B",
        value=limit - 2 + limit // 2 - 1,
        limit=limit,
    )


def test_no_sku_is_set_twice() -> None:
    lines = [{"sku": "A", "method": "fifo", "currency": "EUR"}] * 2

    refused(
        Office().send("SetCosting", lines=lines),
        "INVALID_COMMAND",
        path="lines",
        problem="has a SKU twice",
    )
