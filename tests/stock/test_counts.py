"""Counts: opened on the books of now, counted blind, approved by somebody who did not count."""

from typing import Any

import pytest

from schemas.fields import STOCK_MAX
from schemas.rows import Count, CountLine, CountState, Row
from tests.stock.scenario import (
    adjust,
    approve,
    cancel,
    command,
    given,
    open_count,
    receive,
    record,
    reserve,
    ship,
)


def counting(tolerance: int = 0, **books: int) -> given:
    """A count of these SKUs, opened on these books."""
    rows = {sku: Row(book, 0, 0, 1) for sku, book in books.items()}
    return given(None, **rows).when(open_count("c1", *books, tolerance=tolerance))


def lines(scenario: given) -> list[tuple[Any, ...]]:
    """(sku, book, counted, is_final) of each line of the count."""
    count = scenario.stock.count
    assert count is not None
    return [(line.sku, line.book, line.counted, line.is_final) for line in count.lines]


def test_a_count_keeps_the_books_of_now_and_changes_no_row() -> None:
    scenario = given(A=Row(10, 4, 3, 7)).when(open_count("c1", "B", "A"))

    event = scenario.outcome
    assert (type(event).__name__, event.count, event.tolerance) == ("CountOpened", "c1", 0)
    told = [(one.sku, one.on_hand, one.reserved, one.available, one.version) for one in event.lines]
    assert told == [("B", 0, 0, 0, 0), ("A", 10, 4, 6, 7)]
    assert lines(scenario) == [("B", 0, None, False), ("A", 10, None, False)]
    assert list(scenario.stock.rows) == ["A"]
    assert scenario.stock.rows["A"].version == 7


def test_a_count_may_be_opened_by_somebody() -> None:
    scenario = given().when(open_count("c1", "A", actor="ann", tolerance=2))

    assert scenario.outcome.actor == "ann"
    assert scenario.stock.count == Count("open", 2, [CountLine("A", 0)])


@pytest.mark.parametrize("state", ["open", "approved", "cancelled"])
def test_an_id_of_a_count_in_use_or_remembered_is_not_taken_again(state: CountState) -> None:
    given().beside(count=Count(state, 0, [])).when(open_count("c1", "A")).then_rejected(
        "COUNT_EXISTS", count="c1"
    )


@pytest.mark.parametrize("step", [record, approve, cancel])
def test_what_is_not_known_is_not_counted(step: Any) -> None:
    wish = step("c1", ("A", 1)) if step is record else step("c1")

    given(A=Row(1, 0, 0, 1)).when(wish).then_rejected("COUNT_NOT_FOUND", count="c1")


@pytest.mark.parametrize("state", ["approved", "cancelled"])
@pytest.mark.parametrize("step", [record, approve, cancel])
def test_a_count_ends_once(step: Any, state: CountState) -> None:
    count = Count(state, 0, [CountLine("A", 1, 1, True)], ["ann"])
    wish = step("c1", ("A", 1), actor=None) if step is record else step("c1", actor=None)

    given(A=Row(1, 0, 0, 1)).beside(count=count).when(wish).then_rejected(
        "COUNT_CLOSED", count="c1"
    )


def test_who_counts_learns_nothing_of_the_book() -> None:
    event = counting(A=5, B=7).when(record("c1", ("B", 9))).outcome

    assert type(event).__name__ == "CountRecorded"
    assert [(one.sku, one.counted) for one in event.lines] == [("B", 9)]
    fields = set(event.lines[0].__struct_fields__) | set(event.recount[0].__struct_fields__)
    assert fields == {"sku", "counted"}
    assert event.actor == "ann"


@pytest.mark.parametrize(
    ("tolerance", "counted", "is_final"),
    [(0, 5, True), (0, 6, False), (2, 3, True), (2, 7, True), (2, 2, False), (2, 8, False)],
)
def test_what_is_over_tolerance_is_counted_once_more(
    tolerance: int, counted: int, is_final: bool
) -> None:
    scenario = counting(tolerance, A=5, B=1).when(record("c1", ("A", counted), ("B", 1)))

    assert [one.sku for one in scenario.outcome.recount] == ([] if is_final else ["A"])
    assert lines(scenario) == [("A", 5, counted, is_final), ("B", 1, 1, True)]


@pytest.mark.parametrize("second", [5, 9, 0])
def test_a_second_count_stands_whatever_it_finds(second: int) -> None:
    scenario = counting(1, A=5).when(record("c1", ("A", 9))).when(record("c1", ("A", second)))

    assert scenario.outcome.recount == []
    assert lines(scenario) == [("A", 5, second, True)]


def test_what_is_final_is_not_counted_again() -> None:
    scenario = counting(A=5, B=5).when(record("c1", ("A", 5)))

    scenario.when(record("c1", ("B", 5), ("A", 6))).then_rejected(
        "COUNT_LINE_FINAL", count="c1", sku="A"
    )
    assert lines(scenario) == [("A", 5, 5, True), ("B", 5, None, False)]


def test_another_sku_is_not_counted() -> None:
    counting(A=5).when(record("c1", ("A", 5), ("B", 1))).then_rejected(
        "COUNT_LINE_UNKNOWN", count="c1", sku="B"
    )


def test_the_first_line_that_fails_is_why_a_count_is_refused() -> None:
    scenario = counting(A=5, B=5).when(record("c1", ("A", 5)))

    final = scenario.when(record("c1", ("A", 5), ("X", 1)))
    final.then_rejected("COUNT_LINE_FINAL", count="c1", sku="A")
    unknown = scenario.when(record("c1", ("X", 1), ("A", 5)))
    unknown.then_rejected("COUNT_LINE_UNKNOWN", count="c1", sku="X")


@pytest.mark.parametrize("actor", [None, ""])
@pytest.mark.parametrize("step", [record, approve, cancel])
def test_who_counts_or_ends_a_count_says_so(step: Any, actor: str | None) -> None:
    wish = step("c1", ("X", 1), actor=actor) if step is record else step("c1", actor=actor)

    scenario = counting(A=5).when(wish)
    scenario.then_rejected("ACTOR_REQUIRED", count="c1")
    assert lines(scenario) == [("A", 5, None, False)]


def test_an_approved_count_corrects_what_was_found_otherwise() -> None:
    scenario = counting(A=5, B=5, C=5)
    scenario.when(record("c1", ("A", 4), ("B", 5), ("C", 8)))
    scenario.when(record("c1", ("A", 3), ("C", 8))).when(approve("c1"))

    scenario.then("CountApproved", A=Row(3, 0, 0, 2), C=Row(8, 0, 0, 2))
    assert [line.delta for line in scenario.outcome.lines] == [-2, 3]
    scenario.then_accounts("A", sellable=3, gain_loss=2, supplier=-5)
    scenario.then_accounts("C", sellable=8, gain_loss=-3, supplier=-5)
    assert scenario.stock.count is not None
    assert (scenario.stock.count.state, scenario.stock.count.counters) == ("approved", ["ann"])


def test_a_count_that_found_what_the_books_say_corrects_nothing() -> None:
    scenario = counting(A=5).when(record("c1", ("A", 5))).when(approve("c1"))

    scenario.then("CountApproved")
    assert scenario.stock.rows["A"].version == 1


def test_what_is_within_tolerance_is_corrected_too() -> None:
    scenario = counting(2, A=5).when(record("c1", ("A", 4))).when(approve("c1"))

    scenario.then("CountApproved", A=Row(4, 0, 0, 2))


def test_units_found_of_a_sku_never_seen_begin_its_row() -> None:
    scenario = given().when(open_count("c1", "A")).when(record("c1", ("A", 2)))

    scenario.when(record("c1", ("A", 2))).when(approve("c1")).then(
        "CountApproved", A=Row(2, 0, 0, 1)
    ).then_accounts("A", sellable=2, gain_loss=-2)


def test_what_moved_since_it_was_counted_stays_moved() -> None:
    scenario = counting(A=10).when(record("c1", ("A", 8))).when(record("c1", ("A", 8)))

    for wish in (receive(("A", 5)), ship(("A", 3)), adjust(("A", -1)), approve("c1")):
        scenario.when(wish)

    scenario.then("CountApproved", A=Row(10 + 5 - 3 - 1 - 2, 0, 0, 5))


@pytest.mark.parametrize("counters", [["bob"], ["ann", "bob"], ["bob", "ann"]])
def test_nobody_approves_what_they_counted(counters: list[str]) -> None:
    scenario = counting(A=5, B=5)
    for sku, actor in zip("AB", counters, strict=False):
        scenario.when(record("c1", (sku, 5), actor=actor))

    scenario.when(approve("c1", "bob")).then_rejected("COUNT_SELF_APPROVED", count="c1")
    assert scenario.stock.count is not None
    assert scenario.stock.count.state == "open"


def test_who_counted_at_first_does_not_approve_what_another_counted_again() -> None:
    scenario = counting(A=5).when(record("c1", ("A", 9), actor="ann"))
    scenario.when(record("c1", ("A", 5), actor="eve"))

    scenario.when(approve("c1", "ann")).then_rejected("COUNT_SELF_APPROVED", count="c1")
    scenario.when(approve("c1", "bob")).then("CountApproved")


def test_what_is_not_counted_to_the_end_is_not_approved() -> None:
    scenario = counting(A=5, B=5, C=5).when(record("c1", ("B", 5), ("C", 6)))

    scenario.when(approve("c1")).then_rejected("COUNT_INCOMPLETE", count="c1", skus=["A", "C"])
    scenario.when(approve("c1", "ann")).then_rejected("COUNT_SELF_APPROVED", count="c1")


def test_a_count_does_not_take_what_is_reserved() -> None:
    scenario = counting(A=5, B=5).when(record("c1", ("A", 6), ("B", 1)))
    scenario.when(record("c1", ("A", 6), ("B", 1))).when(reserve("r1", ("B", 2)))

    scenario.when(approve("c1")).then_rejected(
        "INSUFFICIENT_STOCK", sku="B", requested=4, available=3
    )
    assert scenario.stock.rows["A"].on_hand == 5, "all lines or none"
    assert scenario.stock.count is not None
    assert scenario.stock.count.state == "open"


def test_a_count_does_not_pass_the_limit() -> None:
    scenario = counting(A=0).when(record("c1", ("A", 1))).when(record("c1", ("A", 1)))
    scenario.stock.rows["A"] = Row(STOCK_MAX, 0, 0, 1, supplier=-STOCK_MAX)

    scenario.when(approve("c1")).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


@pytest.mark.parametrize("actor", ["ann", "bob"])
def test_a_count_is_ended_by_anybody_and_corrects_nothing(actor: str) -> None:
    scenario = counting(A=5).when(record("c1", ("A", 9))).when(cancel("c1", actor))

    event = scenario.outcome
    assert (type(event).__name__, event.count, event.actor) == ("CountCancelled", "c1", actor)
    assert scenario.stock.count is not None
    assert scenario.stock.count.state == "cancelled"
    assert scenario.stock.rows["A"].on_hand == 5


def test_a_count_names_each_sku_once() -> None:
    for wish in (
        ("OpenCount", [{"sku": "A"}, {"sku": "A"}]),
        ("RecordCount", [{"sku": "A", "counted": 1}, {"sku": "A", "counted": 1}]),
    ):
        with pytest.raises(AssertionError, match="has a SKU twice"):
            command(wish[0], count="c1", lines=wish[1])
