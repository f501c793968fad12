"""Units sold before they are there: what they are thought to cost, and what they turn out to."""

from typing import Any

import pytest

from tests.finance.bytes_of import DAY_MS, Office, journal, refused
from tests.finance.tables_of import Tables

LAYERED = ["fifo", "specific"]
METHODS = ["average", *LAYERED]


@pytest.fixture(params=METHODS)
def office(request: pytest.FixtureRequest) -> Office:
    """Four of A were bought for 100."""
    office = Office()
    office.cost("A", request.param)
    office.bought("A", 4, 100)
    return office


def sell(office: Office, quantity: int, owed: int, **fields: Any) -> dict[str, Any]:
    """A till has sold so many of A, and stock owes so many after it."""
    line = {"sku": "A", "quantity": quantity, "from_account": "sellable", "to_account": "customer"}
    return office.record([line | {"owed": owed}], **fields)


def arrive(office: Office, quantity: int, cost: int) -> dict[str, Any]:
    """Units come from another warehouse, of which it has told what they cost."""
    line = {"sku": "A", "quantity": quantity, "amount": cost, "currency": "EUR"}
    cause = f"5-{office.moment.offset}"
    named = {"transfer": "t", "from_warehouse": "PAR-1", "receipt": cause}
    office.send("ReceiveTransferCost", lines=[line], **named)
    return office.move("arrived", ("A", quantity), cause=cause)


def worth(office: Office) -> tuple[int, int]:
    """(units, value) of A, where all that must hold holds."""
    tables = Tables(office.rows)
    tables.check_all()
    return tables.skus["A"]["quantity"], tables.skus["A"]["value"]


def test_what_is_not_there_costs_what_left_last(office: Office) -> None:
    event = sell(office, 7, 3)

    assert journal(event) == {"cost_of_goods_sold": 175, "inventory": -175}
    (line,) = event["lines"]
    assert (line["amount"], line["owed"], line["provisional"]) == (175, 3, 75)
    assert (line["balance"], line["value"]) == worth(office) == (-3, -75)


def test_the_last_known_cost_is_not_worn_down_by_rounding() -> None:
    office = Office()
    office.bought("A", 3, 10)
    sell(office, 3, 0)

    provisional = [sell(office, 3, 3 * (n + 1))["lines"][0]["provisional"] for n in range(3)]
    one = sell(office, 1, 10)["lines"][0]["provisional"]

    assert (provisional, one) == ([10, 10, 10], 3)


def test_what_comes_in_at_a_known_cost_trues_it_up(office: Office) -> None:
    sell(office, 7, 3)

    event = arrive(office, 5, 150)

    assert journal(event) == {
        "inventory": 75 + 60,
        "cost_of_goods_sold": 15,
        "transfer_clearing": -150,
    }
    (line,) = event["lines"]
    assert (line["amount"], line["owed"], line["provisional"], line["true_up"]) == (135, 3, 75, 15)
    assert worth(office) == (2, 60)


def test_what_turns_out_cheaper_gives_cost_back(office: Office) -> None:
    sell(office, 7, 3)

    assert journal(arrive(office, 5, 50))["cost_of_goods_sold"] == 30 - 75
    assert worth(office) == (2, 20)


def test_what_fills_a_part_trues_up_that_part(office: Office) -> None:
    sell(office, 7, 3)

    assert journal(arrive(office, 1, 40))["cost_of_goods_sold"] == 40 - 25
    assert worth(office) == (-2, -50)
    assert journal(arrive(office, 2, 40)).get("cost_of_goods_sold", 0) == 40 - 50
    assert worth(office) == (0, 0)


def test_an_invoice_that_comes_later_is_cost_for_units_that_were_owed(office: Office) -> None:
    sell(office, 7, 3)
    receipt = office.move("received", ("A", 5))
    assert journal(receipt) == {"inventory": 125, "goods_received_not_invoiced": -125}
    assert receipt["lines"][0].get("true_up", 0) == 0

    event = office.post(receipt["cause"], ("A", 150))

    assert event["lines"][0]["there"] == 2
    assert journal(event) == {
        "inventory": 10,
        "cost_of_goods_sold": 15,
        "goods_received_not_invoiced": -25,
    }
    assert worth(office) == (2, 60)


def test_a_receipt_that_was_all_owed_has_nothing_there(office: Office) -> None:
    sell(office, 7, 3)
    receipt = office.move("received", ("A", 2))["cause"]
    office.bought("A", 9, 300)

    event = office.post(receipt, ("A", 80))

    assert event["lines"][0]["there"] == 0
    assert journal(event) == {"cost_of_goods_sold": 30, "goods_received_not_invoiced": -30}
    assert worth(office)[0] == 8


@pytest.mark.parametrize("late", [0, 10**6])
def test_a_late_cost_does_not_touch_what_is_owed(office: Office, late: int) -> None:
    sell(office, 7, 3)

    event = office.post("3-1", ("A", late))

    assert (event["lines"][0]["there"], event["lines"][0]["to_inventory"]) == (0, 0)
    assert worth(office) == (-3, -75)


def test_a_true_up_is_booked_in_the_open_month_and_nothing_is_posted_again(office: Office) -> None:
    sale = sell(office, 7, 3, time="2026-10-31T12:00:00Z")
    office.close("2026-10")
    before = list(office.events)
    office.pass_time(20 * DAY_MS)

    event = arrive(office, 5, 150)

    assert (sale["period"], event["period"]) == ("2026-10", "2026-12")
    assert journal(event)["cost_of_goods_sold"] == 15
    assert office.events[: len(before)] == before


def test_of_what_nobody_knows_a_cost_of_the_invoice_is_the_first() -> None:
    office = Office()
    assert sell(office, 3, 3)["journal"] == []
    receipt = office.move("received", ("A", 5))["cause"]

    event = office.post(receipt, ("A", 100))

    assert journal(event) == {
        "inventory": 40,
        "cost_of_goods_sold": 60,
        "goods_received_not_invoiced": -100,
    }
    assert worth(office) == (2, 40)


def test_a_standard_is_never_provisional() -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=100, standard_per=3)

    sale = sell(office, 4, 4)

    assert (sale["lines"][0]["owed"], sale["lines"][0].get("provisional", 0)) == (4, 0)
    assert worth(office) == (-4, -134)
    revalued = office.cost("A", "standard", standard_amount=40)
    assert journal(revalued) == {"inventory": -26, "inventory_revaluation": 26}
    event = arrive(office, 6, 300)
    assert journal(event) == {
        "inventory": 240,
        "purchase_price_variance": 60,
        "transfer_clearing": -300,
    }
    assert worth(office) == (2, 80)


def test_a_method_is_not_changed_while_units_are_owed(office: Office) -> None:
    sell(office, 7, 3)

    other = "fifo" if Tables(office.rows).skus["A"]["method"] == "average" else "average"
    refused(office.cost("A", other), "COSTING_IN_USE", sku="A", quantity=-3)


@pytest.mark.parametrize(("quantity", "owed"), [(5, 0), (7, 2)])
def test_no_more_leaves_than_stock_says_is_owed(office: Office, quantity: int, owed: int) -> None:
    refused(
        sell(office, quantity, owed), "QUANTITY_MISMATCH", sku="A", requested=quantity, quantity=4
    )


def test_units_elsewhere_are_there_until_they_leave(office: Office) -> None:
    sell(office, 3, 2)  # of the four, three are damaged: one was sold twice over

    lost = {"sku": "A", "quantity": 3, "from_account": "damaged", "to_account": "scrap", "owed": 2}
    event = office.record([lost])

    assert (event["lines"][0]["owed"], worth(office)) == (2, (-2, -50))
    assert journal(event) == {"scrap": 75, "inventory": -75}


def test_no_value_passes_the_limit_below_zero() -> None:
    office = Office()
    office.bought("A", 1, 10**15)
    sell(office, 1, 0)

    assert [sell(office, 1, n)["lines"][0]["amount"] for n in (1, 2)] == [10**15, 0]
    assert worth(office) == (-2, -(10**15))
    office.move("received", ("A", 2))
    assert worth(office) == (0, 0)
