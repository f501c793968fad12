"""Copies are compared with the ledger, and what they keep is added up: a planted error is found."""

from collections.abc import Iterable

import msgspec
import pytest

from cli import copies
from cli.copies import Beside, Copy, whole_copy
from cli.event_view import Key
from cli.findings import Check, Findings
from cli.ledger import Ledger
from cli.sums import add_up
from schemas.pools import Channel
from schemas.row import HAS_POLICY, IS_LOW
from schemas.rows import (
    Balances,
    Count,
    CountLine,
    Policy,
    Reservation,
    ReservedLine,
    Row,
    Supply,
    Transfer,
    TransferLine,
    Waiter,
)
from tables.stock import (
    balances_key,
    count_key,
    encode_balances,
    encode_count,
    encode_policy,
    encode_reservation,
    encode_row,
    encode_transfer,
    incoming_key,
    outgoing_key,
    policy_key,
    reservation_key,
    stock_key,
)
from tests.load.written import HELD, LATER, ROW, Story, added, line, story

REST = "reserved 2, reorder point 5, version 6, allocated 0"
END = "supplier -10, customer 3, gain_loss 0, elsewhere 0"
OTHER = Balances(quality_hold=1, staged=2, in_transit=2, transfers=-1)
WAY = Reservation("confirmed", LATER, [ReservedLine("A", 4, 2, 1)])
COUNT = Count("open", 1, [CountLine("A", 4)])
SENT = Transfer("open", "V", [TransferLine("A", 3, 1)])
AWAITED = Transfer("open", "V", [TransferLine("A", 4, 2)])
POLICY = Policy(1, 6)
FULL = Row(3, 2, 5, 15, 2, -10, 3, 0, 4, HAS_POLICY | IS_LOW)


def full_story() -> Story:
    """The story with r-1 for two more, which are picked; one unit looked at, a count, transfers."""
    told = story()
    two = line(7, 4, 7, quantity=4)
    told.tell("ReservationSuperseded", two, reservation="r-3", replaces="r-1", expires_at=LATER)
    told.tell("ReservationConfirmed", line(7, 4, 8, quantity=4), reservation="r-3")
    told.tell("StockPicked", line(5, 2, 9, quantity=2), reservation="r-3")
    told.tell("StockPacked", line(5, 2, 9, quantity=1), reservation="r-3")
    held = line(4, 2, 10, quantity=1, from_balance=4, to_balance=1)
    told.tell("StockMoved", held, from_account="sellable", to_account="quality_hold")
    told.tell("ReorderPointSet", line(4, 2, 11, reorder_point=5))
    told.tell("CountOpened", line(4, 2, 11), count="c-1", tolerance=1)
    awaited = {"transfer": "t-1", "from_warehouse": "V"}
    told.tell("TransferExpected", {"sku": "A", "quantity": 4}, **awaited)
    told.tell("TransferReceived", line(6, 2, 12, quantity=2), **awaited)
    sent = {"transfer": "t-1", "to_warehouse": "V"}
    told.tell("TransferDispatched", line(3, 2, 13, quantity=3), **sent)
    told.tell("TransferSettled", line(3, 2, 14, quantity=1), **sent)
    told.tell("StockPolicySet", line(3, 2, 15, safety_stock=1, recover_point=6))
    return told


def full_pairs(
    row: Row = FULL,
    other: Balances = OTHER,
    way: Reservation = WAY,
    count: Count = COUNT,
    sent: Transfer = SENT,
    awaited: Transfer = AWAITED,
    policy: Policy = POLICY,
) -> dict[bytes, bytes]:
    """What the tables keep after it."""
    return {
        stock_key("W", "A"): encode_row(row),
        balances_key("W", "A"): encode_balances(other),
        policy_key("W", "A"): encode_policy(policy),
        reservation_key("W", "r-1"): encode_reservation(
            Reservation("superseded", LATER, HELD.lines), 1
        ),
        reservation_key("W", "r-3"): encode_reservation(way, 1),
        count_key("W", "c-1"): encode_count(count, 1),
        count_key("W", "c-0"): encode_count(Count("cancelled", 0, []), 1),
        outgoing_key("W", "t-1"): encode_transfer(sent, 1),
        outgoing_key("W", "t-0"): encode_transfer(Transfer("closed", "V", SENT.lines), 1),
        incoming_key("W", "V", "t-1"): encode_transfer(awaited, 1),
        incoming_key("W", "V", "t-0"): encode_transfer(Transfer("closed", "V", SENT.lines), 1),
    }


def other(**changed: int) -> Balances:
    """The other accounts, some of them otherwise."""
    return msgspec.structs.replace(OTHER, **changed)


def whole(pairs: dict[bytes, bytes]) -> Copy:
    return whole_copy("copy", 20, Check("", ""), lambda kind: pairs.items())


def copy_of(row: Row | None = ROW, seq: int = 8, told: int = 9) -> Copy:
    rows = [] if row is None else [(("W", "A"), row.numbers()[:told])]
    return Copy("copy", seq, Check("", ""), rows)


def test_a_copy_that_agrees_has_no_difference() -> None:
    for copy in (copy_of(), copy_of(Row(7, 2, 5, 6), told=5)):
        copy.compare(added(story())[0])
        assert (copy.check.compared, copy.check.differences) == (1, 0)


@pytest.mark.parametrize(
    ("copy", "difference"),
    [
        (
            copy_of(Row(8, 2, 5, 6, 0, -10, 3)),
            f"copy, W/A: on_hand 8, {REST}, {END}; the events say on_hand 7, {REST}, {END}",
        ),
        (
            copy_of(Row(8, 2, 5, 6, 0), told=5),
            f"copy, W/A: on_hand 8, {REST}; the events say on_hand 7, {REST}",
        ),
        (copy_of(None), "copy: row W/A is missing"),
        (copy_of(seq=9), "copy: it has event 8, but the events end with 7"),
    ],
)
def test_a_copy_that_differs_is_named(copy: Copy, difference: str) -> None:
    copy.compare(added(story())[0])
    assert copy.check.first == [difference]


def test_all_that_the_tables_keep_is_compared() -> None:
    ledger, findings = added(full_story())
    assert findings.balanced
    copy = whole(full_pairs())
    copy.compare(ledger)
    assert (copy.check.compared, copy.check.first) == (1, [])


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        (full_pairs(Row(3, 2, 5, 15, 2, -11, 4, 0, 4)), "copy, W/A"),
        (full_pairs(Row(3, 2, 5, 15, 2, -10, 3, 0, 4, HAS_POLICY)), "copy, W/A"),
        (full_pairs(policy=Policy(1)), "copy, policy of W/A"),
        (full_pairs(other=other(quality_hold=2, staged=1)), "copy, accounts of W/A"),
        (full_pairs(sent=Transfer("open", "V", [TransferLine("A", 3)])), "copy, transfer W/t-1"),
        (full_pairs(sent=Transfer("open", "X", SENT.lines)), "copy, transfer W/t-1"),
        (full_pairs(sent=Transfer("closed", "V", SENT.lines)), "copy: transfer W/t-1"),
        (full_pairs(awaited=SENT), "copy, arrival W/V/t-1"),
        (full_pairs(awaited=Transfer("closed", "V", AWAITED.lines)), "copy: arrival W/V/t-1"),
        (full_pairs(way=Reservation("open", LATER, WAY.lines)), "copy, reservation W/r-3"),
        (full_pairs(way=Reservation("confirmed", "x", WAY.lines)), "copy, reservation W/r-3"),
        (
            full_pairs(way=Reservation("confirmed", LATER, [ReservedLine("A", 4, 2, 2)])),
            "copy, reservation W/r-3",
        ),
        (full_pairs(way=Reservation("shipped", LATER, WAY.lines)), "copy: reservation W/r-3"),
        (full_pairs(count=Count("open", 2, COUNT.lines)), "copy, count W/c-1"),
        (full_pairs(count=Count("open", 1, [CountLine("A", 5)])), "copy, count W/c-1"),
        (full_pairs(count=Count("approved", 1, COUNT.lines)), "copy: count W/c-1"),
    ],
)
def test_whatever_differs_in_the_tables_is_named(pairs: dict[bytes, bytes], named: str) -> None:
    copy = whole(pairs)
    copy.compare(added(full_story())[0])
    (difference,) = copy.check.first
    assert difference.startswith(named), difference


def test_what_a_copy_has_too_many_of_is_found() -> None:
    copy = copy_of()
    copy.rows = [*copy.rows, (("W", "B"), Row(version=1).numbers())]
    copy.compare(added(story())[0])
    assert [text.split(":")[0] for text in copy.check.first] == ["copy, W/B"]


def test_what_a_copy_has_too_many_of_beside_its_rows_is_found() -> None:
    copy = copy_of()
    copy.beside = Beside(
        [(("W", "B"), Balances())],
        [],
        [],
        [(("W", "r-1"), HELD), (("W", "r-9"), HELD)],
        [(("W", "c-9"), COUNT)],
        [(("W", "t-9"), SENT)],
        [(("W", "V/t-9"), SENT)],
        [],
        [],
    )
    copy.compare(added(story())[0])
    assert [text.split(":")[0] for text in copy.check.first] == [
        "copy, accounts of W/B",
        "copy, reservation W/r-9",
        "copy, count W/c-9",
        "copy, transfer W/t-9",
        "copy, arrival W/V/t-9",
    ]


def test_what_nobody_set_and_a_queue_of_nobody_are_found() -> None:
    copy = copy_of()
    queue = [Waiter("r-9", 1, 0, None, 1, True)]
    copy.beside = Beside(
        [],
        [(("W", "B"), POLICY)],
        [(("W", "B"), queue)],
        [(("W", "r-1"), HELD)],
        [],
        [],
        [],
        [(("W", "B"), [Channel("web", 3)])],
        [(("W", "B"), [Supply("PO-9", "2026-12-01T00:00:00Z", 4)])],
    )
    copy.compare(added(story())[0])
    assert [text.split(":")[0] for text in copy.check.first] == [
        "copy, policy of W/B",
        "copy, queue for W/B",
        "copy, channels of W/B",
        "copy, supplies of W/B",
    ]


def sums(pairs: dict[bytes, bytes], ledger: Ledger) -> Findings:
    findings = Findings()
    add_up(pairs, ledger, findings)
    return findings


def test_sums_that_agree_have_no_difference() -> None:
    found = sums(full_pairs(), added(full_story())[0])
    assert found.balanced
    compared = (found.movements.compared, found.accounts.compared, found.reserved.compared)
    assert compared == (1, 1, 1)


@pytest.mark.parametrize(
    ("pairs", "check", "differences"),
    [
        (
            full_pairs(Row(4, 2, 5, 14, 2, -11, 3, 0, 4)),
            "movements",
            ["W/A: on hand 4, but its movements add up to 3"],
        ),
        (
            full_pairs(Row(3, 2, 5, 14, 2, -9, 3, 0, 4)),
            "accounts",
            ["W/A: its accounts add up to 1"],
        ),
        (
            full_pairs(other=other(quality_hold=2)),
            "accounts",
            [
                "W/A: its accounts add up to 1",
                "W/A: 4 elsewhere, but those accounts add up to 5",
            ],
        ),
        (
            full_pairs(Row(3, 3, 5, 14, 1, -10, 3, 0, 4)),
            "reserved",
            [
                "W/A: reserved 3, but its reservations add up to 2",
                "W/A: allocated 1, but its reservations add up to 2",
            ],
        ),
        (
            full_pairs(other=other(quality_hold=2, staged=1)),
            "reserved",
            ["W/A: staged 1, but its reservations add up to 2"],
        ),
        (
            full_pairs(other=other(in_transit=3, transfers=-2)),
            "transit",
            ["W/A: 3 in transit, but 2 of what was sent is missing"],
        ),
        (
            full_pairs(sent=Transfer("open", "V", [TransferLine("A", 3, 4)])),
            "transit",
            ["W/A: 2 in transit, but 0 of what was sent is missing"],
        ),
    ],
)
def test_a_sum_that_differs_is_named(
    pairs: dict[bytes, bytes], check: str, differences: list[str]
) -> None:
    found = sums(pairs, added(full_story())[0])
    assert [one.name for one in found.all() if one.differences] == [getattr(found, check).name]
    assert getattr(found, check).first == differences


def test_accounts_without_a_row_are_found() -> None:
    pairs = full_pairs() | {balances_key("W", "B"): encode_balances(Balances())}
    assert sums(pairs, added(full_story())[0]).accounts.first == [
        "W/B: it has accounts, and no row"
    ]


def kinds(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, dict[Key, object]]:
    """What is read of the bytes of the tables, by what it is."""
    return {
        name: dict(getattr(copies, name)(pairs))
        for name in ("rows", "balances", "held", "counts", "outgoing", "incoming")
    }


def test_bytes_of_the_tables_are_read_as_what_they_are() -> None:
    assert kinds(full_pairs().items()) == {
        "rows": {("W", "A"): FULL},
        "balances": {("W", "A"): OTHER},
        "held": {("W", "r-3"): WAY},
        "counts": {("W", "c-1"): COUNT},
        "outgoing": {("W", "t-1"): SENT},
        "incoming": {("W", "V/t-1"): AWAITED},
    }
