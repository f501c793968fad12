"""Pains that users of other systems have reported of the value of stock, told on ours."""

import itertools
import json
from collections import Counter
from typing import Any

import pytest

from agents.finance.policy import told
from tests.finance.bytes_of import DAY_MS, Office, journal, refused
from tests.finance.tables_of import Tables
from tests.stock.bytes_of import Shop


def test_a_cost_of_long_ago_is_booked_now_and_nothing_is_posted_again() -> None:
    """Pain 3, back-dated reposting: erpnext#53773 (22,000 entries in a job of 25 minutes),
    erpnext#36634, erpnext#26335 (2 hours), erpnext#11782, erpnext#24031. Here a cost that comes
    after a thousand movements is one event, of the receipt's lines alone, in the open period."""
    office = Office()
    receipt = office.move("received", ("A", 1_000))["cause"]
    for _ in range(1_000):
        office.move("shipped", ("A", 1))
    office.move("received", ("A", 1))
    before = [json.loads(event) for event in office.events]
    office.pass_time(40 * DAY_MS)
    office.close("2026-11")

    event = office.post(receipt, ("A", 5_000))

    assert event["period"] == "2026-12"
    assert journal(event) == {"cost_of_goods_sold": 5_000, "goods_received_not_invoiced": -5_000}
    assert [json.loads(one) for one in office.events[: len(before)]] == before
    assert len(office.events) == len(before) + 2


@pytest.mark.parametrize("method", ["average", "fifo", "specific"])
def test_a_stock_that_cannot_be_below_zero_never_has_a_value_below_it(method: str) -> None:
    """Pain 10, negative stock corrupts value: odoo#65250, odoo#85894, odoo#230345, erpnext#26625,
    erpnext#47782. More than there is does not leave, so no layer is made of nothing."""
    office = Office()
    office.cost("A", method)
    office.bought("A", 3, 1_000)

    refused(office.move("shipped", ("A", 4)), "QUANTITY_MISMATCH", sku="A", requested=4, quantity=3)
    left = [office.move("shipped", ("A", 1)) for _ in range(3)]

    assert sum(journal(event)["cost_of_goods_sold"] for event in left) == 1_000
    row = Tables(office.rows).skus["A"]
    assert (row["quantity"], row["value"]) == (0, 0)
    assert journal(office.move("received", ("A", 5)))["inventory"] > 0


@pytest.mark.parametrize("method", ["average", "fifo", "specific"])
def test_what_a_till_sold_before_it_came_costs_what_it_cost_in_the_end(method: str) -> None:
    """Pain 10, once more: odoo#65250, odoo#85894, odoo#230345, erpnext#26625, erpnext#47782. Where
    a policy lets units be sold before they are there, they have a provisional cost, and what comes
    in trues it up in the month that is open: nothing is posted again, and no cent is left over."""
    shop, office = Shop(), Office()
    office.cost("A", method)
    lines = [{"sku": "A", "quantity": 3}]
    shop.send("SetStockPolicy", lines=[{"sku": "A", "negative_limit": 5}])
    shop.send("ReceiveStock", lines=lines)
    for _ in range(2):
        shop.send("ShipStock", lines=lines)
    shop.send("ShipStock", lines=lines)  # of which only two more are let be owed
    shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 7}])

    costs = [1_000, 2_100]
    for _, _, movement in itertools.chain(*map(told, shop.events)):
        event = office.put(movement)
        if event["movement"] == "StockReceived":
            office.post(event["cause"], ("A", costs.pop(0)))

    assert [json.loads(event)["type"] for event in shop.events].count("CommandRejected") == 1
    row = Tables(office.rows).skus["A"]
    assert (row["quantity"], row["value"]) == (4, 1_200)
    sums = sum(Tables(office.rows).sums.values(), Counter[tuple[str, str]]())
    assert sums["cost_of_goods_sold", "EUR"] == 3_100 - 1_200


@pytest.mark.parametrize("amount", [1.5, "100", True, 10**15 + 1])
def test_an_amount_is_a_whole_number_of_minor_units(amount: Any) -> None:
    """Pain 9, rounding: odoo#54357, odoo#65453, odoo#54935, erpnext#51411. No fraction comes in,
    so none has to be rounded away; what does not divide stays with the units that stay."""
    office = Office()
    receipt = office.move("received", ("A", 3))["cause"]

    event = office.post(receipt, ("A", amount))

    assert event["code"] == "INVALID_COMMAND"
    assert event["details"]["path"] == "lines.0.amount"


def test_what_does_not_divide_is_neither_lost_nor_made() -> None:
    """Pain 9, once more: a third of 1,000 leaves three times."""
    office = Office()
    office.bought("A", 3, 1_000)

    costs = [journal(office.move("shipped", ("A", 1)))["cost_of_goods_sold"] for _ in range(3)]

    assert costs == [333, 333, 334]
