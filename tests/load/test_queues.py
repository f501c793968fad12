"""The books follow the queues: who is overtaken, or served wrongly, or not at all, is found."""

from typing import Any

import pytest

from schemas.row import IS_AWAITED
from schemas.rows import ReservedLine, Waiter, WaitingLine
from tests.load.written import LOG_TIME, Story, added, line

FIRST, SECOND = {"reservation": "w-1"}, {"reservation": "w-2"}


def waiting(**how: Any) -> Story:
    """10 in; w-1 wants 12 of them and w-2 one."""
    told = Story()
    told.tell("StockReceived", line(10, 0, 1, quantity=10))
    taken = 10 if how.get("partial", True) else 0
    told.tell(
        "StockBackordered", line(10, taken, 2, quantity=12, missing=12 - taken), **FIRST, **how
    )
    told.tell("StockBackordered", line(10, taken, 3, quantity=1, missing=1), **SECOND)
    return told


def given(*fills: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"reservation": name, "sku": "A", "quantity": by} for name, by in fills]


def differences(told: Story) -> list[str]:
    findings = added(told)[1]
    assert findings.movements.first == []
    return [text.partition(": ")[2] for text in findings.reserved.first]


def test_who_waits_is_in_the_queue_with_what_is_missing() -> None:
    ledger, findings = added(waiting())
    assert findings.balanced
    assert ledger.queues["W", "A"] == [
        Waiter("w-1", 2, 0, None, 2, True),
        Waiter("w-2", 1, 0, None, 3, True),
    ]
    assert ledger.held["W", "w-1"].lines == [WaitingLine("A", 12, missing=2)]
    assert ledger.rows["W", "A"].marks == IS_AWAITED


def test_what_comes_in_makes_them_whole() -> None:
    told = waiting()
    told.tell("StockReceived", line(13, 13, 4, quantity=3), filled=given(("w-1", 2), ("w-2", 1)))
    ledger, findings = added(told)
    assert findings.balanced
    assert (ledger.queues, ledger.rows["W", "A"].marks) == ({}, 0)
    held = ledger.held["W", "w-1"]
    assert (held.state, held.expires_at, held.lines) == (
        "confirmed",
        LOG_TIME,
        [ReservedLine("A", 12)],
    )


def test_who_gives_up_leaves_the_queue() -> None:
    told = waiting()
    released = line(10, 1, 4, quantity=10)
    told.tell("ReservationReleased", released, **FIRST, confirmed=True, filled=given(("w-2", 1)))
    ledger, findings = added(told)
    assert findings.balanced
    assert (ledger.queues, list(ledger.held)) == ({}, [("W", "w-2")])


@pytest.mark.parametrize(
    ("received", "filled", "found"),
    [
        (1, [("w-2", 1)], "w-2 is given 1, and is not next"),
        (3, [("w-1", 3)], "3 of 2 missing are given"),
        (1, [("w-9", 1)], "w-9 is given 1, and is not next"),
        (1, [], "w-1 waits for 2 of 1 free"),
        (3, [("w-1", 2)], "w-2 waits for 1 of 1 free"),
    ],
)
def test_who_is_not_served_in_turn_is_found(
    received: int, filled: list[tuple[str, int]], found: str
) -> None:
    told, total = waiting(), sum(by for _, by in filled)
    after = line(10 + received, 10 + total, 4, quantity=received)
    told.tell("StockReceived", after, filled=given(*filled))
    assert found in differences(told)


def test_a_part_for_who_takes_none_is_found() -> None:
    told = waiting(partial=False)
    told.tell("StockReceived", line(11, 11, 4, quantity=1), filled=given(("w-1", 11)))
    assert "w-1 is given a part, and takes none" in differences(told)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("StockReserved", {"reservation": "r", "expires_at": LOG_TIME}),
        ("StockShipped", {}),
        ("TransferDispatched", {"transfer": "t", "to_warehouse": "V"}),
    ],
)
def test_who_overtakes_is_found(kind: str, told: dict[str, Any]) -> None:
    story = waiting(partial=False)
    reserved = 1 if kind == "StockReserved" else 0
    story.tell(kind, line(9 + reserved, reserved, 4, quantity=1), **told)
    assert differences(story) == ["somebody overtook it"]
