"""Transfers in money: what the sender lets go the receiver takes, whatever comes first."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import EXAMPLES
from tests.finance.bytes_of import DAY_MS, Office, journal, refused
from tests.finance.tables_of import Tables
from tests.finance.two_warehouses import Books, waiting
from tests.stock.two_warehouses import AWAY, HOME, one_line


def dispatched(quantity: int = 10, amount: int = 1_000) -> Books:
    """Ten of A were bought for 1,000 and are on their way; both offices know of all so far."""
    books = Books()
    books.stock.send(HOME, "ReceiveStock", **one_line("A", quantity))
    (event,) = books.relay(HOME)
    books.offices[HOME].post(event["cause"], ("A", amount))
    named = {"transfer": "t", "to_warehouse": AWAY}
    books.stock.send(HOME, "DispatchTransfer", **named, **one_line("A", quantity))
    books.settle()
    return books


def arrive(books: Books, quantity: int, sku: str = "A") -> None:
    """So many arrive, and the sender knows."""
    named = {"transfer": "t", "from_warehouse": HOME}
    books.stock.send(AWAY, "ReceiveTransfer", **named, **one_line(sku, quantity))
    books.stock.deliver()


def test_what_is_on_its_way_is_the_senders() -> None:
    books = dispatched()

    assert Tables(books.offices[HOME].rows).skus["A"]["value"] == 1_000
    assert books.clearing() == {HOME: 0, AWAY: 0}


def test_an_arrival_is_worth_nothing_until_the_sender_has_told() -> None:
    books = dispatched()
    arrive(books, 4)

    (came,) = books.relay(AWAY)
    (left,) = books.relay(HOME)
    (told,) = books.deliver(AWAY)

    assert came["journal"] == []
    assert journal(left) == {"transfer_clearing": 400, "inventory": -400}
    assert journal(told) == {"inventory": 400, "transfer_clearing": -400}
    assert (told["transfer"], told["from_warehouse"]) == ("t", HOME)
    assert told["receipt"] == came["cause"]
    assert told["lines"][0]["currency"] == "EUR"


def test_the_cost_is_told_by_the_name_of_the_receipt() -> None:
    books = dispatched()
    arrive(books, 4)
    (left,) = books.relay(HOME)

    (cost,) = waiting(books, AWAY)

    assert cost == {
        "type": "ReceiveTransferCost",
        "id": f"{left['id']}/cost",
        "warehouse": AWAY,
        "transfer": "t",
        "from_warehouse": HOME,
        "receipt": left["receipt"],
        "lines": [{"sku": "A", "quantity": 4, "amount": 400, "currency": "EUR"}],
        "time": left["time"],
    }


def test_a_cost_that_comes_first_waits_for_its_arrival() -> None:
    books = dispatched()
    arrive(books, 4)
    books.relay(HOME)
    (told,) = books.deliver(AWAY)
    assert (told["type"], told["is_pending"], told["journal"]) == ("CostAdjusted", True, [])
    assert Tables(books.offices[AWAY].rows).told == {told["receipt"]: {"A": 400}}

    (came,) = books.relay(AWAY)

    assert journal(came) == {"inventory": 400, "transfer_clearing": -400}
    assert Tables(books.offices[AWAY].rows).told == {}
    assert Tables(books.offices[AWAY].rows).receipts[told["receipt"]]["A"]["cost"] == 400


@pytest.mark.parametrize("cost_first", [False, True])
def test_a_provisional_worth_is_corrected_to_what_was_told(cost_first: bool) -> None:
    books = dispatched()
    books.offices[AWAY].bought("A", 10, 90)
    arrive(books, 10)
    books.relay(HOME)
    steps = [books.deliver, books.relay] if cost_first else [books.relay, books.deliver]

    amounts = [sum(journal(event).values()) for step in steps for event in step(AWAY)]

    assert amounts == [0, 0]
    assert Tables(books.offices[AWAY].rows).skus["A"]["value"] == 1_090
    assert books.clearing() == {HOME: 1_000, AWAY: -1_000}


@pytest.mark.parametrize("cost_first", [False, True])
def test_what_costs_nothing_is_told_too(cost_first: bool) -> None:
    books = dispatched(amount=0)
    books.offices[AWAY].bought("A", 10, 90)
    arrive(books, 10)
    books.relay(HOME)
    steps = [books.deliver, books.relay] if cost_first else [books.relay, books.deliver]
    for step in steps:
        step(AWAY)

    assert books.clearing() == {HOME: 0, AWAY: 0}
    assert Tables(books.offices[AWAY].rows).skus["A"]["value"] == 90


def test_what_nobody_knows_the_currency_of_costs_nothing() -> None:
    books = Books()
    books.stock.send(HOME, "ReceiveStock", **one_line("A", 3))
    named = {"transfer": "t", "to_warehouse": AWAY}
    books.stock.send(HOME, "DispatchTransfer", **named, **one_line("A", 3))
    books.settle()
    arrive(books, 3)
    books.relay(HOME)

    (cost,) = waiting(books, AWAY)

    assert cost["lines"] == [{"sku": "A", "quantity": 3, "amount": 0}]
    assert books.deliver(AWAY)[0]["is_pending"]


@pytest.mark.parametrize("cost_first", [False, True])
def test_under_a_standard_the_difference_is_a_variance(cost_first: bool) -> None:
    books = dispatched()
    books.offices[AWAY].cost("A", "standard", standard_amount=90)
    arrive(books, 10)
    books.relay(HOME)
    steps = [books.deliver, books.relay] if cost_first else [books.relay, books.deliver]
    sums: Counter[str] = Counter()

    for step in steps:
        for event in step(AWAY):
            sums.update(journal(event))

    assert sums == {
        "inventory": 900,
        "purchase_price_variance": 100,
        "transfer_clearing": -1_000,
    }


def test_what_is_over_is_the_senders_gain_and_what_is_short_its_loss() -> None:
    books = dispatched()
    arrive(books, 4)
    arrive(books, 3, "B")
    books.stock.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME)
    books.settle()

    found = Tables(books.offices[HOME].rows).sums["2026-11"]
    assert found["inventory_adjustments", "EUR"] == 600
    assert Tables(books.offices[HOME].rows).skus["A"]["quantity"] == 0
    assert Tables(books.offices[HOME].rows).skus["B"]["quantity"] == 0
    assert Tables(books.offices[AWAY].rows).skus["B"]["quantity"] == 3
    assert books.clearing() == {HOME: 400, AWAY: -400}


def test_a_transfers_cost_is_nobody_elses_to_tell() -> None:
    books = dispatched()
    arrive(books, 4)
    (came,) = books.relay(AWAY)
    office = books.offices[AWAY]

    refused(office.post(came["cause"], ("A", 1)), "RECEIPT_NOT_FOUND", receipt=came["cause"])
    assert journal(office.land(came["cause"], 8)) == {
        "inventory": 8,
        "goods_received_not_invoiced": -8,
    }


def tell(office: Office, receipt: str, *lines: dict[str, Any]) -> dict[str, Any]:
    named = {"transfer": "t", "from_warehouse": AWAY, "receipt": receipt}
    return office.send("ReceiveTransferCost", lines=list(lines), **named)


def test_a_sender_in_another_currency_is_refused() -> None:
    office = Office()
    receipt = office.move("arrived", ("A", 1))["cause"]
    office.cost("A", "average")
    line = {"sku": "A", "quantity": 1, "amount": 5, "currency": "USD"}
    details = {"sku": "A", "currency": "USD", "expected": "EUR"}

    refused(tell(office, receipt, line), "CURRENCY_MISMATCH", **details)
    refused(tell(office, "5-99", line), "CURRENCY_MISMATCH", **details)


def test_the_currency_of_a_waiting_cost_is_the_first_that_is_named() -> None:
    office = Office()
    tell(office, "5-99", {"sku": "A", "quantity": 1, "amount": 5, "currency": "USD"})

    event = office.cost("A", "average")

    refused(event, "CURRENCY_MISMATCH", sku="A", currency="EUR", expected="USD")


def test_a_cost_of_what_did_not_arrive_is_refused() -> None:
    office = Office()
    receipt = office.move("arrived", ("A", 1))["cause"]
    line = {"sku": "B", "quantity": 1, "amount": 0}

    refused(tell(office, receipt, line), "RECEIPT_LINE_UNKNOWN", receipt=receipt, sku="B")


def test_an_amount_has_a_currency() -> None:
    line = {"sku": "A", "quantity": 1, "amount": 5}

    refused(
        tell(Office(), "5-99", line),
        "INVALID_COMMAND",
        path="lines",
        problem="has an amount without a currency",
    )


def test_a_cost_whose_units_never_came_is_forgotten_after_400_days() -> None:
    office = Office()
    tell(office, "5-99", {"sku": "A", "quantity": 1, "amount": 5, "currency": "EUR"})
    office.pass_time(400 * DAY_MS - 1)
    assert Tables(office.rows).told == {"5-99": {"A": 5}}

    office.pass_time(1)

    assert Tables(office.rows).told == {}


def test_a_told_cost_has_its_place_whatever_the_limit() -> None:
    limit = 10**15
    office = Office()
    office.bought("A", 1, limit)
    line = {"sku": "A", "quantity": 1, "amount": 5, "currency": "EUR"}
    early, late = "3-99", office.move("arrived", ("A", 1))["cause"]

    assert journal(tell(office, late, line)) == {
        "cost_of_goods_sold": 5,
        "transfer_clearing": -5,
    }
    tell(office, early, line)
    assert journal(office.move("arrived", ("A", 1), cause=early)) == {
        "purchase_price_variance": 5,
        "transfer_clearing": -5,
    }


KINDS = "dispatch dispatch receive receive receive close ship relay relay cost cost freight"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS.split()),
        st.sampled_from([(HOME, AWAY), (AWAY, HOME)]),
        st.sampled_from(["t1", "t2"]),
        st.sampled_from(["A", "B"]),
        st.integers(1, 6),
    ),
    max_size=12,
)
METHODS = st.tuples(*[st.sampled_from(["average", "fifo", "standard", "specific"])] * 4)


def begun(methods: tuple[str, ...]) -> Books:
    """Eight of A and of B at each end, of other costs and methods."""
    books = Books()
    wanted = iter(methods)
    for warehouse, amount in ((HOME, 1_001), (AWAY, 77)):
        for sku in "AB":
            method = next(wanted)
            standard = {"standard_amount": amount, "standard_per": 7}
            books.offices[warehouse].cost(sku, method, **(standard if method == "standard" else {}))
            books.stock.send(warehouse, "ReceiveStock", **one_line(sku, 8))
            (event,) = books.relay(warehouse)
            books.offices[warehouse].post(event["cause"], (sku, amount))
    return books


def happened(books: Books, steps: list[Any]) -> None:
    """Both warehouses move stock, the relays and the costs come when they come."""
    for kind, (here, there), transfer, sku, quantity in steps:
        named = {"transfer": transfer, **one_line(sku, quantity)}
        if kind == "dispatch":
            books.stock.send(here, "DispatchTransfer", to_warehouse=there, **named)
            books.stock.deliver()
        elif kind == "receive":
            books.stock.send(here, "ReceiveTransfer", from_warehouse=there, **named)
        elif kind == "close":
            books.stock.send(here, "CloseTransfer", from_warehouse=there, transfer=transfer)
        elif kind == "ship":
            books.stock.send(here, "ShipStock", **one_line(sku, quantity))
        elif kind == "relay":
            books.relay(here, quantity)
        elif kind == "cost":
            books.deliver(here, 1)
        else:
            receipts = sorted(Tables(books.offices[here].rows).receipts)
            books.offices[here].land(receipts[quantity % len(receipts)], quantity * 10)
    books.settle()


@EXAMPLES
@given(METHODS, STEPS)
def test_what_one_lets_go_the_other_takes_to_the_cent(
    methods: tuple[str, ...], steps: list[Any]
) -> None:
    books = begun(methods)

    happened(books, steps)

    assert sum(books.clearing().values()) == 0
    for warehouse, office in books.offices.items():
        tables = Tables(office.rows)
        tables.check_all()
        assert tables.told == {}, "nothing waits any more"
        for sku, row in tables.skus.items():
            accounts = books.stock.accounts(warehouse, sku)
            assert row["quantity"] == accounts.get("sellable", 0) + accounts.get("in_transit", 0)
        for event in map(json.loads, office.events):
            assert event["type"] != "CommandRejected"
