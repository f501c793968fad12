"""The ledger adds movements up, account by account: an event that says otherwise is found."""

from typing import Any

import pytest

from cli.findings import Check
from schemas.rows import Balances, Policy
from tests.load.written import HELD, LATER, ROW, Story, added, line, story


def test_rows_and_reservations_are_added_up() -> None:
    ledger, findings = added(story())
    assert ledger.rows == {("W", "A"): ROW}
    assert ledger.held == {("W", "r-1"): HELD}
    assert ledger.next_seq == 8
    assert findings.balanced


def test_policies_are_followed_and_rows_marked_by_them() -> None:
    told = story()
    told.tell("StockPolicySet", line(7, 2, 7, safety_stock=3, recover_point=8))
    for on_hand, version, marks in ((8, 8, 5), (10, 9, 5), (11, 10, 1), (8, 11, 1), (7, 12, 5)):
        before = told.events[-1].lines[0].on_hand
        told.tell("StockAdjusted", line(on_hand, 2, version, delta=on_hand - before))
        ledger, findings = added(told)
        assert (ledger.rows["W", "A"].marks, ledger.policies) == (marks, {("W", "A"): Policy(3, 8)})
        assert findings.balanced
    told.tell("StockPolicySet", line(7, 2, 13))
    ledger, _ = added(told)
    assert (ledger.rows["W", "A"].marks, ledger.policies) == (0, {})


@pytest.mark.parametrize("kind", ["ReservationReleased", "ReservationExpired"])
def test_a_reservation_that_ends_gives_its_stock_back(kind: str) -> None:
    told = story()
    told.tell(kind, line(7, 0, 7, quantity=2), reservation="r-1", expires_at=LATER)
    ledger, findings = added(told)
    assert (ledger.rows["W", "A"].reserved, ledger.held) == (0, {})
    assert findings.balanced


def test_a_gap_and_a_repeat_of_seq_are_found() -> None:
    told = story()
    told.tell("CommandRejected", seq=9, id="0-9")
    told.tell("CommandRejected", seq=9, id="0-9")
    assert added(told)[1].seq.first == [
        "partition 0: event 0-9 where seq 8 must be",
        "partition 0: event 0-9 where seq 10 must be",
    ]


@pytest.mark.parametrize(
    "wrong",
    [line(8, 2, 7, quantity=2), line(9, 3, 7, quantity=2), line(9, 2, 8, quantity=2)],
)
def test_an_event_that_tells_other_values_than_its_movements_is_found(
    wrong: dict[str, int],
) -> None:
    told = story()
    told.tell("StockReceived", wrong)
    (difference,) = added(told)[1].movements.first
    assert "the movements up to it say 9, 2, 7" in difference


def test_more_given_away_than_there_was_is_found() -> None:
    told = story()
    told.tell("StockShipped", line(1, 2, 7, quantity=6))
    (difference,) = added(told)[1].movements.first
    assert "on_hand 1 with 2 reserved" in difference


def moved(
    source: str, target: str, quantity: int, balances: tuple[int, int], told: dict[str, int]
) -> dict[str, object]:
    """The fields of a StockMoved event."""
    line_of = told | {"quantity": quantity, "from_balance": balances[0], "to_balance": balances[1]}
    return {"from_account": source, "to_account": target, "lines": [line_of]}


def test_what_one_account_gains_another_loses() -> None:
    told = story()
    told.tell("StockMoved", **moved("sellable", "quality_hold", 4, (3, 4), line(3, 2, 7)))
    told.tell("StockMoved", **moved("quality_hold", "scrap", 1, (3, 1), line(3, 2, 8)))
    told.tell("StockMoved", **moved("supplier", "quality_hold", 5, (-15, 8), line(3, 2, 9)))
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.balances == {("W", "A"): Balances(quality_hold=8, scrap=1)}
    row = ledger.rows["W", "A"]
    assert (row.on_hand, row.supplier, row.customer, row.elsewhere) == (3, -15, 3, 9)
    assert row.imbalance == 0


@pytest.mark.parametrize(
    ("balances", "difference"),
    [
        ((4, 4), "it says sellable 4, quality_hold 4; the movements up to it say 3, 4"),
        ((3, 5), "it says sellable 3, quality_hold 5; the movements up to it say 3, 4"),
    ],
)
def test_a_balance_that_is_told_otherwise_is_found(
    balances: tuple[int, int], difference: str
) -> None:
    told = story()
    told.tell("StockMoved", **moved("sellable", "quality_hold", 4, balances, line(3, 2, 7)))
    assert added(told)[1].accounts.first == [f"event 0-8, W/A: {difference}"]


def test_an_account_of_the_warehouse_below_zero_is_found() -> None:
    told = story()
    told.tell("StockMoved", **moved("damaged", "scrap", 1, (-1, 1), line(7, 2, 7)))
    assert added(told)[1].accounts.first == ["event 0-8, W/A: damaged is -1"]


def test_an_event_that_changes_no_row_tells_it_as_it_is() -> None:
    told = story()
    told.tell("CountOpened", line(7, 2, 6), count="c-1", tolerance=0)
    told.tell("CountRecorded", {"sku": "A", "counted": 7}, count="c-1", actor="x", recount=[])
    assert added(told)[1].balanced
    told.tell("CountOpened", line(7, 2, 7), count="c-2", tolerance=0)
    (difference,) = added(told)[1].movements.first
    assert "version 7; the movements up to it say 7, 2, 6" in difference


def test_more_allocated_than_reserved_is_found() -> None:
    told = story()
    told.tell("ReservationConfirmed", line(7, 2, 7, quantity=3), reservation="r-1")
    _, findings = added(told)
    assert "event 0-8, W/A: 3 allocated of 2 reserved" in findings.reserved.first


def test_a_check_counts_all_differences_and_names_the_first() -> None:
    check = Check("", "")
    for number in range(7):
        check.differ(str(number))
    assert (check.differences, check.first) == (7, ["0", "1", "2", "3", "4"])


def owing(limit: int = 5) -> Story:
    """4 in, of which 9 may be sold, and are, before anything waits for them."""
    told = Story()
    told.tell("StockReceived", line(4, 0, 1, quantity=4))
    told.tell("StockPolicySet", line(4, 0, 2, safety_stock=0, negative_limit=limit))
    told.tell("StockShipped", line(-5, 0, 3, quantity=9))
    return told


def owed(quantity: int) -> list[dict[str, object]]:
    """What an event says was for who had it already."""
    return [{"sku": "A", "quantity": quantity}]


def test_what_a_policy_lets_be_owed_is_right_and_what_comes_in_fills_it() -> None:
    told = owing()
    told.tell("StockReceived", line(-3, 0, 4, quantity=2), trued_up=owed(2))
    told.tell("StockAdjusted", line(1, 0, 5, delta=4), trued_up=owed(3))
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.policies == {("W", "A"): Policy(negative_limit=5)}


def test_more_owed_than_the_policy_lets_be_is_found() -> None:
    assert added(owing(4))[1].accounts.first == ["event 0-3, W/A: sellable is -5"]


def test_a_true_up_that_is_told_otherwise_is_found() -> None:
    told = owing()
    told.tell("StockReceived", line(1, 0, 4, quantity=6), trued_up=owed(4))
    (difference,) = added(told)[1].movements.first
    assert "it says that 4 were owed; the movements up to it say 5" in difference


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("StockAdjusted", {"delta": -1}), ("TransferDispatched", {"quantity": 1})],
)
def test_what_nothing_but_a_sale_may_take_is_found(kind: str, fields: dict[str, Any]) -> None:
    told = owing(6)
    told.tell(kind, line(-6, 0, 4, **fields), transfer="t", to_warehouse="P")
    assert "event 0-4, W/A: 6 are owed, and nothing was sold" in added(told)[1].movements.first


def test_what_is_promised_of_what_is_owed_is_found() -> None:
    told = owing()
    told.tell("StockReserved", line(-5, 1, 4, quantity=1), reservation="r", expires_at=LATER)
    (difference,) = added(told)[1].movements.first
    assert "on_hand -5 with 1 reserved" in difference
