"""Transfers are followed at both ends: what was not sent, or is told otherwise, is found."""

from typing import Any

import pytest

from schemas.rows import Balances, Transfer, TransferLine
from tests.load.written import Story, added, line, story

SENT, AWAITED = ("W", "t-1"), ("W", "V/t-1")
TO = {"transfer": "t-1", "to_warehouse": "V"}
FROM = {"transfer": "t-1", "from_warehouse": "V"}


def bare(quantity: int, sku: str = "A") -> dict[str, Any]:
    """A line that says nothing of a row."""
    return {"sku": sku, "quantity": quantity}


def dispatched() -> Story:
    """The story, and 4 of its SKU on their way to V."""
    told = story()
    told.tell("TransferDispatched", line(3, 2, 7, quantity=4), **TO)
    return told


def expected() -> Story:
    """The story, and 4 of its SKU on their way from V."""
    told = story()
    told.tell("TransferExpected", bare(4), **FROM)
    return told


def test_a_transfer_is_followed_until_it_has_left() -> None:
    told = dispatched()
    told.tell("TransferSettled", line(3, 2, 8, quantity=1), **TO)
    ledger, findings = added(told)
    assert ledger.outgoing == {SENT: Transfer("open", "V", [TransferLine("A", 4, 1)])}
    assert ledger.balances == {("W", "A"): Balances(in_transit=3, transfers=1)}
    told.tell("TransferSettled", line(3, 2, 9, quantity=0, short=3), **TO, is_final=True)
    ledger, findings = added(told)
    assert findings.balanced
    assert findings.transit.compared == 3
    assert ledger.outgoing == {}
    assert ledger.balances == {("W", "A"): Balances(transfers=1)}
    row = ledger.rows["W", "A"]
    assert (row.on_hand, row.gain_loss, row.elsewhere, row.imbalance) == (3, 3, 1, 0)


def test_more_than_was_sent_is_the_senders_gain() -> None:
    told = dispatched()
    came = [line(3, 2, 8, quantity=6, over=2), line(0, 0, 1, sku="B", quantity=5, over=5)]
    told.tell("TransferSettled", *came, **TO, is_final=True)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.balances["W", "A"] == Balances(transfers=6)
    assert ledger.balances["W", "B"] == Balances(transfers=5)
    assert [ledger.rows["W", sku].gain_loss for sku in "AB"] == [-2, -5]


def test_a_transfer_is_followed_until_it_has_arrived() -> None:
    told = expected()
    told.tell("TransferReceived", line(10, 2, 7, quantity=3), **FROM)
    ledger, findings = added(told)
    assert ledger.incoming == {AWAITED: Transfer("open", "V", [TransferLine("A", 4, 3)])}
    assert ledger.balances == {("W", "A"): Balances(transfers=-3)}
    told.tell("TransferClosed", bare(1), **FROM)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.incoming == {}
    assert ledger.rows["W", "A"].on_hand == 10


def test_the_receipt_after_which_nothing_is_missing_closes_it() -> None:
    told = expected()
    came = [line(13, 2, 7, quantity=6), line(1, 0, 1, sku="B", quantity=1)]
    told.tell("TransferReceived", *came, **FROM, is_closed=True)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.incoming == {}


def differences(told: Story, kind: str, *lines: dict[str, Any], **fields: Any) -> list[str]:
    """What the ledger says of transfers once this came too."""
    told.tell(kind, *lines, **fields)
    return [text.split(": ", 1)[1] for text in added(told)[1].transit.first]


@pytest.mark.parametrize(
    ("lines", "is_final", "difference"),
    [
        ([line(3, 2, 8, quantity=5)], False, "A is short 0 and over 0, not (0, 1)"),
        ([line(3, 2, 8, quantity=4, over=1)], True, "A is short 0 and over 1, not (0, 0)"),
        ([line(3, 2, 8, quantity=3)], True, "A is short 0 and over 0, not (1, 0)"),
        ([line(3, 2, 8, quantity=3, short=1)], False, "A is short 1 and over 0, not (0, 0)"),
        ([], True, "A is short 0 and over 0, not (4, 0)"),
        ([line(0, 0, 1, sku="B", quantity=1)], False, "B is short 0 and over 0, not (0, 1)"),
    ],
)
def test_a_settlement_of_something_else_is_found(
    lines: list[dict[str, Any]], is_final: bool, difference: str
) -> None:
    found = differences(dispatched(), "TransferSettled", *lines, **TO, is_final=is_final)
    assert found == [difference]


@pytest.mark.parametrize(
    ("quantity", "is_closed", "difference"),
    [
        (3, True, "is_closed True, but {'A': 1} is missing"),
        (4, False, "is_closed False, but {} is missing"),
    ],
)
def test_a_receipt_that_closes_too_early_or_not_is_found(
    quantity: int, is_closed: bool, difference: str
) -> None:
    came = line(7 + quantity, 2, 7, quantity=quantity)
    found = differences(expected(), "TransferReceived", came, **FROM, is_closed=is_closed)
    assert found == [difference]


def test_a_close_that_tells_another_lack_is_found() -> None:
    found = differences(expected(), "TransferClosed", bare(3), **FROM)
    assert found == ["{'A': 3} is told missing, not {'A': 4}"]


@pytest.mark.parametrize(
    ("told", "kind", "ends"),
    [(dispatched, "TransferDispatched", TO), (expected, "TransferExpected", FROM)],
)
def test_what_begins_twice_is_found(told: Any, kind: str, ends: dict[str, str]) -> None:
    assert differences(told(), kind, line(3, 2, 8), **ends) == ["it begins, but is open"]


@pytest.mark.parametrize(
    ("kind", "ends", "difference"),
    [
        ("TransferReceived", FROM, "TransferReceived, but it is not open with V"),
        ("TransferSettled", TO, "TransferSettled, but it is not open with V"),
        ("TransferClosed", FROM, "it is closed, but is not open"),
    ],
)
def test_what_happens_to_no_open_transfer_is_found(
    kind: str, ends: dict[str, str], difference: str
) -> None:
    assert differences(story(), kind, **ends) == [difference]


def test_a_settlement_from_where_it_does_not_go_is_found() -> None:
    other = TO | {"to_warehouse": "X"}
    found = differences(dispatched(), "TransferSettled", line(3, 2, 8, quantity=1), **other)
    assert found == ["TransferSettled, but it is not open with X"]


def test_more_in_transit_than_was_sent_cannot_leave_it() -> None:
    told = dispatched()
    told.tell("TransferSettled", line(3, 2, 8, quantity=5), **TO)
    assert added(told)[1].accounts.first == ["event 0-9, W/A: in_transit is -1"]
