"""What other domains make of stock's movements: a unit or a cent that is not told so is found."""

import json
from typing import Any

import pytest

from cli.findings import Check
from cli.sites import Sites
from cli.worth import Valuations
from schemas.finance_rows import Valuation
from tables.finance import VALUATIONS
from tests.load.written import line, story

RECEIPT, SHIPMENT = "0-1", "0-4"  # of the story's events: 10 come, 3 of them leave


def told(number: int, kind: str, **fields: Any) -> bytes:
    """An event of another domain, of one SKU."""
    body = {"type": kind, "id": f"0-{number}", "seq": number, "warehouse": "W"} | fields
    return json.dumps(body).encode()


def valued(
    number: int, cause: str, quantity: int, amount: int, balance: int, value: int, **fields: Any
) -> bytes:
    """A ValueMoved of units that come in, or leave where they are below zero."""
    accounts = ("supplier", "sellable") if quantity > 0 else ("sellable", "customer")
    moved = {"sku": "A", "quantity": abs(quantity), "from_account": accounts[0],
             "to_account": accounts[1], "amount": amount, "balance": balance,
             "value": value}  # fmt: skip
    return told(number, "ValueMoved", cause=cause, lines=[moved], **fields)


def placed(number: int, cause: str, delta: int) -> bytes:
    """A SiteChangeRecorded."""
    lines = [{"sku": "A", "delta": delta}]
    return told(number, "SiteChangeRecorded", cause=cause, lines=lines)


def after(tracker: Valuations | Sites, *events: bytes) -> Check:
    """The check, once the tracker has seen stock's story and these events."""
    for event in story().events[:-1]:  # the last one moves nothing
        tracker.moved(event)
    for value in events:
        tracker.told(value)
    tracker.missing()
    return tracker._check


GOOD = (valued(1, RECEIPT, 10, 1_000, 10, 1_000), valued(2, SHIPMENT, -3, 300, 7, 700))


def test_what_is_told_as_it_was_moved_is_right() -> None:
    tracker = Valuations(0, Check("worth", "values"))
    assert after(tracker, *GOOD).differences == 0
    pairs = [(VALUATIONS.key("W", "A"), VALUATIONS.encode(Valuation(quantity=7, value=700)))]
    tracker.compare("a copy", tracker.rows_of(pairs))
    assert tracker._check.differences == 0
    tracker.compare("a copy", {("W", "A"): (7, 699)})
    assert tracker._check.first == ["a copy, W/A: (7, 699); the events say (7, 700)"]


@pytest.mark.parametrize(
    ("events", "difference"),
    [
        (GOOD[:1], "1 movements were not told, 0-4 first"),
        ((GOOD[0], valued(2, SHIPMENT, -2, 200, 8, 800)), "{'A': -2} units; stock moved {'A': -3}"),
        ((*GOOD, valued(3, RECEIPT, 10, 0, 17, 700)), "0-1 moved nothing, or is told twice"),
        ((GOOD[0], valued(2, SHIPMENT, -3, 300, 7, 701)), "it says 7 units worth 701"),
        ((GOOD[0], valued(3, SHIPMENT, -3, 300, 7, 700)), "event 0-3 where seq 2 must be"),
    ],
)
def test_what_is_told_otherwise_is_found(events: tuple[bytes, ...], difference: str) -> None:
    check = after(Valuations(0, Check("worth", "values")), *events)
    assert any(difference in text for text in check.first), check.first


def test_a_journal_that_does_not_balance_is_found() -> None:
    journal = [{"account": "inventory", "currency": "GBP", "amount": 1_000},
               {"account": "accounts_payable", "currency": "GBP", "amount": -999}]  # fmt: skip
    events = (valued(1, RECEIPT, 10, 1_000, 10, 1_000, journal=journal), GOOD[1])
    (difference,) = after(Valuations(0, Check("worth", "values")), *events).first
    assert "its journal sums to {'GBP': 1}" in difference


def test_a_cost_that_comes_late_is_added() -> None:
    late = {"sku": "A", "to_inventory": 70, "balance": 7, "value": 770}
    events = (*GOOD, told(3, "CostAdjusted", lines=[late]))
    assert after(Valuations(0, Check("worth", "values")), *events).differences == 0


@pytest.mark.parametrize(
    ("events", "difference"),
    [
        ((placed(1, RECEIPT, 10),), "1 movements were not told, 0-4 first"),
        ((placed(1, RECEIPT, 9), placed(2, SHIPMENT, -3)), "stock moved {'A': 10}"),
        ((placed(1, "0-2", 2),), "0-2 moved nothing, or is told twice"),
    ],
)
def test_units_on_site_that_are_told_otherwise_are_found(
    events: tuple[bytes, ...], difference: str
) -> None:
    check = after(Sites(0, Check("places", "units")), *events)
    assert any(difference in text for text in check.first), check.first


def test_units_on_site_that_are_told_as_they_moved_are_right() -> None:
    tracker = Sites(0, Check("places", "units"))
    assert after(tracker, placed(1, RECEIPT, 10), placed(2, SHIPMENT, -3)).differences == 0
    tracker.compare("a copy", {("W", "A"): 8})
    assert tracker._check.first == ["a copy, W/A: 8; the events say 7"]


def test_a_pick_is_no_movement_of_either() -> None:
    """Units that are staged are still owned, and still on site."""
    for tracker in (
        Valuations(0, Check("worth", "values")),
        Sites(0, Check("places", "units")),
    ):
        events = story()
        event = events.tell("StockPicked", line(5, 0, 7, quantity=2), reservation="r-1")
        tracker.moved(event)
        assert tracker.waiting == 0


def test_what_is_ordered_is_no_movement_of_either() -> None:
    """Units on order are neither owned nor on site yet, as those that a supplier has."""
    for tracker in (
        Valuations(0, Check("worth", "values")),
        Sites(0, Check("places", "units")),
    ):
        ordered = {"from_account": "supplier", "to_account": "on_order", "reason": "ORDERED"}
        event = story().tell("StockMoved", line(5, 0, 7, quantity=2), **ordered)
        tracker.moved(event)
        assert tracker.waiting == 0


def test_what_a_settlement_finds_and_lets_go_at_once_is_waited_for() -> None:
    """More than was sent has arrived: finance is told of it, though it has as much as before."""
    tracker = Valuations(0, Check("worth", "values"))
    settled = {"transfer": "t-1", "to_warehouse": "V"}
    event = story().tell("TransferSettled", line(5, 0, 7, quantity=2, over=2), **settled)
    tracker.moved(event)
    assert tracker.waiting == 1
