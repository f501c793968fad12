"""Costs told after the units came: what is still there takes its part, what is gone does not."""

import pytest

from agents.finance.costing import spread
from tests.finance.bytes_of import DAY_MS, Office, journal, refused
from tests.finance.tables_of import Tables

METHODS = ["average", "fifo", "specific"]


def sold(method: str) -> tuple[Office, str]:
    """Ten of A came in, three are gone."""
    office = Office()
    office.cost("A", method)
    receipt = office.move("received", ("A", 10))["cause"]
    office.move("shipped", ("A", 3))
    return office, receipt


@pytest.mark.parametrize("method", METHODS)
def test_a_late_cost_goes_to_what_is_there_and_to_what_is_gone(method: str) -> None:
    office, receipt = sold(method)

    event = office.post(receipt, ("A", 1_001))

    assert journal(event) == {
        "inventory": 701,
        "cost_of_goods_sold": 300,
        "goods_received_not_invoiced": -1_001,
    }
    assert event["lines"] == [
        {
            "sku": "A",
            "quantity": 10,
            "there": 7,
            "amount": 1_001,
            "to_inventory": 701,
            "cost": 1_001,
            "currency": "EUR",
            "balance": 7,
            "value": 701,
        }
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_second_cost_is_the_difference_to_the_first(method: str) -> None:
    office, receipt = sold(method)
    office.post(receipt, ("A", 1_000))

    assert journal(office.post(receipt, ("A", 900))) == {
        "inventory": -70,
        "cost_of_goods_sold": -30,
        "goods_received_not_invoiced": 100,
    }
    event = office.post(receipt, ("A", 900))
    assert (event["type"], event["journal"]) == ("CostAdjusted", [])


@pytest.mark.parametrize("method", METHODS)
def test_of_what_is_gone_all_is_cost_of_goods_sold(method: str) -> None:
    office, receipt = sold(method)
    office.move("shipped", ("A", 7))
    office.bought("A", 5, 500)

    event = office.post(receipt, ("A", 1_000))

    assert journal(event) == {"cost_of_goods_sold": 1_000, "goods_received_not_invoiced": -1_000}
    assert (event["lines"][0]["there"], event["lines"][0]["value"]) == (0, 500)


def test_average_reckons_as_if_the_oldest_left_first() -> None:
    office = Office()
    first = office.move("received", ("A", 10))["cause"]
    second = office.move("received", ("A", 10))["cause"]
    office.move("shipped", ("A", 13))

    assert office.post(first, ("A", 1_000))["lines"][0]["there"] == 0
    assert office.post(second, ("A", 1_000))["lines"][0]["there"] == 7


def test_a_value_does_not_fall_below_nothing() -> None:
    office = Office()
    first = office.bought("A", 10, 1_000)
    office.move("received", ("A", 10))  # at 1,000 too
    second = office.bought("A", 80, 0)
    office.move("shipped", ("A", 95))

    event = office.post(second, ("A", 0))
    assert event["journal"] == []
    value = Tables(office.rows).skus["A"]["value"]
    office.land(second, 900)
    event = office.land(second, -2_000, basis="value")

    assert 0 <= Tables(office.rows).skus["A"]["value"] <= value
    assert sum(journal(event).values()) == 0
    assert office.post(first, ("A", 0))["lines"][0]["to_inventory"] == 0


def test_the_account_is_that_of_the_receipt() -> None:
    office = Office()
    opening = office.move("found", ("A", 10), gl_account="opening_balance")["cause"]

    assert journal(office.post(opening, ("A", 500))) == {
        "inventory": 500,
        "opening_balance": -500,
    }


def test_a_sku_on_several_lines_cost_their_sum() -> None:
    office, receipt = sold("fifo")

    event = office.post(receipt, ("A", 600), ("A", 400))

    assert [line["cost"] for line in event["lines"]] == [1_000]


def test_freight_is_spread_by_quantity_to_the_cent() -> None:
    office = Office()
    receipt = office.move("received", ("A", 1), ("B", 1), ("C", 1))["cause"]

    event = office.land(receipt, 100, note="truck")

    assert [line["amount"] for line in event["lines"]] == [34, 33, 33]
    assert (event["basis"], event["note"]) == ("quantity", "truck")
    assert journal(event) == {"inventory": 100, "goods_received_not_invoiced": -100}


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 2, 4], [14, 29, 57]),  # 14.29, 28.57, 57.14
        (-100, [1, 2, 4], [-14, -29, -57]),
        (2, [1, 1, 1], [1, 1, 0]),
        (1, [0, 3, 4], [0, 0, 1]),
    ],
)
def test_the_cents_that_are_over_go_to_the_largest_remainders(
    amount: int, weights: list[int], parts: list[int]
) -> None:
    assert spread(amount, weights) == parts


def test_freight_is_spread_by_value_and_by_quantity_where_there_is_none() -> None:
    office = Office()
    receipt = office.move("received", ("A", 1), ("B", 9))["cause"]
    by_quantity = office.land(receipt, 100, basis="value")
    office.post(receipt, ("A", 300), ("B", 100))

    by_value = office.land(receipt, -100, basis="value")

    assert [line["amount"] for line in by_quantity["lines"]] == [10, 90]
    assert [line["amount"] for line in by_value["lines"]] == [-75, -25]


def test_freight_is_no_part_of_what_a_line_cost() -> None:
    office, receipt = sold("average")
    office.land(receipt, 100)

    event = office.post(receipt, ("A", 1_000))

    assert (event["lines"][0]["amount"], event["lines"][0]["value"]) == (1_000, 770)


@pytest.mark.parametrize("freight", [False, True])
def test_under_a_standard_all_is_a_variance(freight: bool) -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=10)
    receipt = office.move("received", ("A", 10))["cause"]

    event = office.land(receipt, 50) if freight else office.post(receipt, ("A", 150))

    assert journal(event) == {"purchase_price_variance": 50, "goods_received_not_invoiced": -50}


def test_what_was_not_received_has_no_cost() -> None:
    office, receipt = sold("average")

    refused(office.post("3-99", ("A", 1)), "RECEIPT_NOT_FOUND", receipt="3-99")
    refused(office.land("3-99", 1), "RECEIPT_NOT_FOUND", receipt="3-99")
    refused(
        office.post(receipt, ("A", 1), ("B", 1)), "RECEIPT_LINE_UNKNOWN", receipt=receipt, sku="B"
    )
    shipped = office.move("shipped", ("A", 1))["cause"]
    refused(office.post(shipped, ("A", 1)), "RECEIPT_NOT_FOUND", receipt=shipped)


def test_a_receipt_is_forgotten_after_400_days_whatever_was_told_of_it() -> None:
    office, receipt = sold("average")
    office.pass_time(400 * DAY_MS - 1)
    assert office.post(receipt, ("A", 1_000))["type"] == "CostAdjusted"
    assert office.land(receipt, 10)["type"] == "CostAdjusted"

    office.pass_time(1)

    refused(office.post(receipt, ("A", 1_000)), "RECEIPT_NOT_FOUND", receipt=receipt)


def test_a_sku_has_one_currency() -> None:
    office, receipt = sold("average")
    details = {"sku": "A", "currency": "USD", "expected": "EUR"}

    refused(office.post(receipt, ("A", 1), currency="USD"), "CURRENCY_MISMATCH", **details)
    refused(office.land(receipt, 1, currency="USD"), "CURRENCY_MISMATCH", **details)
    refused(office.cost("A", "average", currency="USD"), "CURRENCY_MISMATCH", **details)


def test_each_currency_sums_to_zero_by_itself() -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=7)
    office.cost("B", "standard", standard_amount=9, currency="USD")

    event = office.move("received", ("A", 1), ("B", 1))

    sums = {(one["account"], one["currency"]): one["amount"] for one in event["journal"]}
    assert sums == {
        ("inventory", "EUR"): 7,
        ("goods_received_not_invoiced", "EUR"): -7,
        ("inventory", "USD"): 9,
        ("goods_received_not_invoiced", "USD"): -9,
    }


def test_the_first_currency_that_is_named_stays() -> None:
    office = Office()
    receipt = office.move("received", ("A", 10))["cause"]
    office.post(receipt, ("A", 0), currency="USD")

    refused(
        office.post(receipt, ("A", 0)),
        "CURRENCY_MISMATCH",
        sku="A",
        currency="EUR",
        expected="USD",
    )


def test_no_amount_passes_the_limit() -> None:
    limit = 10**15
    office = Office()
    receipt = office.move("received", ("A", 1), ("B", 1))["cause"]
    told = {"sku": "A", "value": limit + 1, "limit": limit}

    refused(office.post(receipt, ("A", limit), ("A", 1)), "AMOUNT_LIMIT", **told)
    refused(office.post(receipt, ("A", limit), ("B", 1)), "AMOUNT_LIMIT", **(told | {"sku": "B"}))
    assert office.post(receipt, ("A", limit))["type"] == "CostAdjusted"
    refused(office.land(receipt, 2), "AMOUNT_LIMIT", **(told | {"value": limit + 1}))
    office.move("shipped", ("A", 1))
    refused(office.post(receipt, ("A", limit), ("A", 1)), "AMOUNT_LIMIT", **told)
    assert journal(office.land(receipt, 2)) == {
        "inventory": 1,
        "cost_of_goods_sold": 1,
        "goods_received_not_invoiced": -2,
    }


def test_a_line_at_fault_is_told_by_its_first_fault() -> None:
    office, receipt = sold("average")

    event = office.post(receipt, ("A", 10**15), ("B", 1), currency="USD")

    assert event["code"] == "CURRENCY_MISMATCH"
    assert office.post(receipt, ("B", 1), currency="USD")["code"] == "RECEIPT_LINE_UNKNOWN"
