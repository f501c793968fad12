"""A refusal for too little stock: of one SKU as ever, of several all of them, in order."""

import json
from typing import Any

import pytest

from schemas.fields import LINES_MAX, STOCK_MAX
from schemas.rows import Row
from tests.stock.bytes_of import Shop
from tests.stock.scenario import (
    adjust,
    approve,
    command,
    confirm,
    dispatch,
    given,
    held,
    move,
    open_count,
    record,
    reserve,
    ship,
    short,
    supersede,
)

ROWS = {"A": Row(10, 4, 0, 7), "B": Row(9, 4, 0, 3), "C": Row(4, 4, 0, 2)}
TOLD = [short("A", 9, 6), short("C", 1, 0)]
WISHES = [
    ship(("A", 9), ("B", 5), ("C", 1)),
    reserve("r2", ("A", 9), ("B", 5), ("C", 1)),
    dispatch("t", ("A", 9), ("B", 5), ("C", 1)),
    adjust(("A", -9), ("B", -5), ("C", -1)),
    move("sellable", "scrap", "SCRAP", ("A", 9), ("B", 5), ("C", 1)),
    command(
        "SetStock",
        reason="sync",
        lines=[
            {"sku": "A", "on_hand": 1, "expected_version": 7},
            {"sku": "B", "on_hand": 4, "expected_version": 3},
            {"sku": "C", "on_hand": 3, "expected_version": 2},
        ],
    ),
    confirm("r1"),
]


def _name(wish: Any) -> str:
    return type(wish).__name__


@pytest.mark.parametrize("wish", WISHES, ids=_name)
def test_all_skus_that_are_short_are_told_in_the_order_of_the_lines(wish: Any) -> None:
    late = held("expired", A=9, B=5, C=1) if _name(wish) == "ConfirmReservation" else None

    given(late, **ROWS).when(wish).then_rejected("INSUFFICIENT_STOCK", **TOLD[0], short=TOLD)


def test_each_is_told_once_with_the_sum_of_its_lines() -> None:
    lines = ("C", 1), ("A", 4), ("C", 2), ("A", 4)

    given(**ROWS).when(ship(*lines)).then_rejected(
        "INSUFFICIENT_STOCK", **short("C", 3, 0), short=[short("C", 3, 0), short("A", 8, 6)]
    )


def test_what_a_reservation_holds_is_available_to_the_one_that_takes_its_place() -> None:
    wish = supersede("r2", "r1", ("A", 9), ("B", 10), ("C", 1))

    given(**ROWS).beside(replaced=held(A=2, B=4)).when(wish).then_rejected(
        "INSUFFICIENT_STOCK",
        **short("A", 9, 8),
        short=[short("A", 9, 8), short("B", 10, 9), short("C", 1, 0)],
    )


def test_an_account_that_is_not_sold_is_named_once() -> None:
    wish = move("damaged", "scrap", "SCRAP", ("A", 1), ("B", 2))

    given(**ROWS).when(wish).then_rejected(
        "INSUFFICIENT_STOCK",
        **short("A", 1, 0),
        account="damaged",
        short=[short("A", 1, 0), short("B", 2, 0)],
    )


def test_a_count_tells_all_that_it_would_take_of_what_is_reserved() -> None:
    scenario = given(A=Row(5, 0, 0, 1), B=Row(5, 0, 0, 1)).when(open_count("c1", "A", "B"))
    for _ in range(2):
        scenario.when(record("c1", ("A", 1), ("B", 1)))
    scenario.when(reserve("r1", ("A", 2), ("B", 3)))

    scenario.when(approve("c1")).then_rejected(
        "INSUFFICIENT_STOCK", **short("A", 4, 3), short=[short("A", 4, 3), short("B", 4, 2)]
    )


def test_what_would_be_too_much_elsewhere_is_not_short_and_tells_nothing_of_what_is() -> None:
    rows = ROWS | {"F": Row(STOCK_MAX, 0, 0, 1)}

    given(**rows).when(adjust(("A", -9), ("F", 1), ("C", -1))).then_rejected(
        "INSUFFICIENT_STOCK", **TOLD[0], short=TOLD
    )
    given(**rows).when(adjust(("F", 1), ("A", -9), ("C", -1))).then_rejected(
        "QUANTITY_LIMIT", sku="F", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


def test_the_longest_refusal_tells_of_each_line_of_the_longest_command() -> None:
    lines = [{"sku": f"{'ß' * 60}{n:04}", "quantity": 10**12} for n in range(LINES_MAX)]

    told = Shop().send("ReserveStock", reservation="r", ttl_seconds=9, lines=lines)

    assert told.event is not None
    found = json.loads(told.event)["details"]["short"]
    assert [one["sku"] for one in found] == [line["sku"] for line in lines]
    assert len(told.event) < 1 << 20
