"""Counts are followed from the book to the correction: what was not found so is told."""

from typing import Any

import pytest

from schemas.rows import Count, CountLine
from tests.load.written import Story, added, line, story

KEY = ("W", "c-1")


def opened(tolerance: int = 1) -> Story:
    """The story, and a count of its SKU, of which the books have 7."""
    told = story()
    told.tell("CountOpened", line(7, 2, 6), count="c-1", tolerance=tolerance)
    return told


def record(told: Story, counted: int, *recount: str, actor: str = "one") -> None:
    again = [{"sku": sku} for sku in recount]
    found = {"sku": "A", "counted": counted}
    told.tell("CountRecorded", found, count="c-1", actor=actor, recount=again)


def approve(told: Story, *lines: dict[str, Any], actor: str = "other") -> None:
    told.tell("CountApproved", *lines, count="c-1", actor=actor)


def test_a_count_is_followed_to_its_correction() -> None:
    told = opened()
    record(told, 4, "A")
    record(told, 5, actor="two")
    ledger, findings = added(told)
    assert ledger.counts == {KEY: Count("open", 1, [CountLine("A", 7, 5, True)], ["one", "two"])}
    approve(told, line(5, 2, 7, delta=-2))
    ledger, findings = added(told)
    assert findings.balanced
    assert findings.counts.compared == 4
    assert ledger.counts == {}
    row = ledger.rows["W", "A"]
    assert (row.on_hand, row.gain_loss, row.imbalance) == (5, 2, 0)


def test_what_is_as_booked_or_cancelled_corrects_nothing() -> None:
    told = opened()
    record(told, 7)
    approve(told)
    told.tell("CountOpened", line(7, 2, 6), count="c-1", tolerance=0)
    told.tell("CountCancelled", count="c-1", actor="other")
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.counts == {}


def test_a_count_that_opens_twice_is_found() -> None:
    told = opened()
    told.tell("CountOpened", line(7, 2, 6), count="c-1", tolerance=1)
    assert differences(told) == ["it opens, but is open"]


@pytest.mark.parametrize(
    ("counted", "recount", "difference"),
    [
        (4, [], "['A'] must be counted again, not what it says"),
        (6, ["A"], "[] must be counted again, not what it says"),
    ],
)
def test_a_tolerance_that_is_not_kept_is_found(
    counted: int, recount: list[str], difference: str
) -> None:
    told = opened()
    record(told, counted, *recount)
    assert differences(told) == [difference]


def test_what_was_final_and_is_counted_is_found() -> None:
    told = opened()
    record(told, 7)
    record(told, 7)
    assert differences(told) == ["A was final, and is counted"]


def test_what_it_does_not_count_and_is_counted_is_found() -> None:
    told = opened()
    found = {"sku": "B", "counted": 1}
    told.tell("CountRecorded", found, count="c-1", actor="one", recount=[])
    assert differences(told) == ["B counted, which it does not have"]


@pytest.mark.parametrize(
    ("delta", "actor", "difference"),
    [
        (-3, "other", "it corrects {'A': -3}; what was found says {'A': -1}"),
        (-1, "one", "it is approved by one, who counted"),
    ],
)
def test_an_approval_of_something_else_or_by_who_counted_is_found(
    delta: int, actor: str, difference: str
) -> None:
    told = opened()
    record(told, 6)
    approve(told, line(7 + delta, 2, 7, delta=delta), actor=actor)
    assert differences(told) == [difference]


def test_an_approval_of_what_is_not_final_is_found() -> None:
    told = opened()
    record(told, 4, "A")
    approve(told, line(4, 2, 7, delta=-3))
    assert differences(told) == ["it is approved with SKUs that are not final"]


@pytest.mark.parametrize(
    ("kind", "difference"),
    [
        ("CountRecorded", "it is counted, but is not open"),
        ("CountApproved", "it is approved, but is not open"),
        ("CountCancelled", "it is cancelled, but is not open"),
    ],
)
def test_what_happens_to_no_open_count_is_found(kind: str, difference: str) -> None:
    told = story()
    told.tell(kind, count="c-1", actor="one")
    assert differences(told) == [difference]


def differences(told: Story) -> list[str]:
    """What the ledger says of the count c-1."""
    return [text.split("count W/c-1: ")[1] for text in added(told)[1].counts.first]
