"""The ledger adds movements up, and the copies are compared with it: a planted error is found."""

import pytest

from cli.copies import Copy, add_up, open_reservations, stock_rows
from cli.findings import Check, Findings
from cli.ledger import Ledger
from schemas.rows import Reservation, ReservedLine, Row
from tables.stock import encode_reservation, encode_row, reservation_key, stock_key
from tests.load.written import Story, line

REST = "reserved 2, reorder point 5, version 6"
ROW = Row(on_hand=7, reserved=2, reorder_point=5, version=6)


def story() -> Story:
    """10 in, 2 + 3 promised, 3 shipped of that, a policy; then 1 promised and given back."""
    told = Story()
    told.tell("StockReceived", line(10, 0, 1, quantity=10))
    told.tell("StockReserved", line(10, 2, 2, quantity=2), reservation="r-1")
    told.tell("StockReserved", line(10, 5, 3, quantity=3), reservation="r-2")
    told.tell("StockShipped", line(7, 2, 4, quantity=3), reservation="r-2")
    told.tell("CommandRejected", code="INSUFFICIENT_STOCK")
    told.tell("ReorderPointSet", line(7, 2, 5, reorder_point=5))
    told.tell("StockAdjusted", line(7, 2, 6, delta=0))
    return told


def added(told: Story) -> tuple[Ledger, Findings]:
    findings = Findings()
    ledger = Ledger(0, findings)
    for event in told.events:
        ledger.add(event)
    return ledger, findings


def test_rows_and_reservations_are_added_up() -> None:
    ledger, findings = added(story())
    assert ledger.rows == {("W", "A"): ROW}
    assert ledger.open == {("W", "r-1"): {"A": 2}}
    assert ledger.next_seq == 8
    assert findings.balanced


@pytest.mark.parametrize("kind", ["ReservationReleased", "ReservationExpired"])
def test_a_reservation_that_ends_gives_its_stock_back(kind: str) -> None:
    told = story()
    told.tell(kind, line(7, 0, 7, quantity=2), reservation="r-1")
    ledger, findings = added(told)
    assert (ledger.rows["W", "A"].reserved, ledger.open) == (0, {})
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


@pytest.mark.parametrize(
    ("kind", "reservation", "amount", "after"),
    [
        ("StockReserved", "r-1", 1, (7, 3)),
        ("ReservationReleased", "r-2", 1, (7, 1)),
        ("ReservationExpired", "r-1", 1, (7, 1)),
    ],
)
def test_a_reservation_that_opens_twice_or_ends_otherwise_is_found(
    kind: str, reservation: str, amount: int, after: tuple[int, int]
) -> None:
    told = story()
    told.tell(kind, line(*after, 7, quantity=amount), reservation=reservation)
    assert added(told)[1].reserved.differences == 1


def copy_of(row: Row | None = ROW, lines: dict[str, int] | None = None, seq: int = 8) -> Copy:
    rows = [] if row is None else [(("W", "A"), row)]
    held = [(("W", "r-1"), {"A": 2} if lines is None else lines)]
    return Copy("copy", seq, Check("", ""), rows, held)


def test_a_copy_that_agrees_has_no_difference() -> None:
    copy = copy_of()
    copy.compare(added(story())[0])
    assert (copy.check.compared, copy.check.differences) == (1, 0)


@pytest.mark.parametrize(
    ("copy", "difference"),
    [
        (
            copy_of(Row(8, 2, 5, 6)),
            f"copy, W/A: on_hand 8, {REST}; the events say on_hand 7, {REST}",
        ),
        (copy_of(None), "copy: row W/A is missing"),
        (
            copy_of(lines={"A": 1}),
            "copy, reservation W/r-1: open with {'A': 1}; the events say {'A': 2}",
        ),
        (copy_of(seq=9), "copy: it has event 8, but the events end with 7"),
    ],
)
def test_a_copy_that_differs_is_named(copy: Copy, difference: str) -> None:
    copy.compare(added(story())[0])
    assert copy.check.first == [difference]


def test_a_row_and_a_reservation_too_many_are_found() -> None:
    copy = copy_of()
    copy.rows = [*copy.rows, (("W", "B"), Row(version=1))]
    copy.open = [*(copy.open or ()), (("W", "r-9"), {"A": 1})]
    copy.compare(added(story())[0])
    assert [text.split(":")[0] for text in copy.check.first] == [
        "copy, W/B",
        "copy, reservation W/r-9",
    ]


def pairs(row: Row, state: str = "open") -> dict[bytes, bytes]:
    held = Reservation(state, LATER, [ReservedLine("A", 2)])  # type: ignore[arg-type]
    return {
        stock_key("W", "A"): encode_row(row),
        reservation_key("W", "r-1"): encode_reservation(held, 1),
    }


LATER = "2026-11-20T11:00:00.000Z"


def test_bytes_of_the_tables_are_read_as_rows_and_open_reservations() -> None:
    assert dict(stock_rows(pairs(ROW).items())) == {("W", "A"): ROW}
    assert dict(open_reservations(pairs(ROW).items())) == {("W", "r-1"): {"A": 2}}
    assert dict(open_reservations(pairs(ROW, "shipped").items())) == {}


def test_sums_are_compared_with_on_hand_and_reserved() -> None:
    ledger, findings = added(story())
    add_up(pairs(ROW), ledger, findings)
    assert (findings.movements.compared, findings.reserved.compared) == (1, 1)
    assert findings.balanced
    add_up(pairs(Row(6, 2, 5, 6)), ledger, findings)
    add_up(pairs(ROW, "released"), ledger, findings)
    assert findings.movements.first == ["W/A: on hand 6, but its movements add up to 7"]
    assert findings.reserved.first == ["W/A: reserved 2, but its open reservations add up to 0"]


def test_a_check_counts_all_differences_and_names_the_first() -> None:
    check = Check("", "")
    for number in range(7):
        check.differ(str(number))
    assert (check.differences, check.first) == (7, ["0", "1", "2", "3", "4"])
