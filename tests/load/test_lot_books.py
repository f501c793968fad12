"""The books of lots: they balance whatever happened, and any difference is named."""

import json

import pytest

from cli.event_view import decode_event
from cli.findings import Check
from cli.lot_books import LotUnits, Moved
from tests.lots.both import WAREHOUSES, Both
from tests.lots.histories import run

LENGTH = 100


def books_of(both: Both, lots: list[bytes], rows: dict[bytes, bytes]) -> tuple[Check, LotUnits]:
    """All of stock beside what lots told, and a copy of their rows."""
    moved, check = Moved(), Check("lots", "units")
    for warehouse in WAREHOUSES:
        for event in both.shops[warehouse].events:
            moved.moved(decode_event(event))
    units = LotUnits(0, 1, moved, check)
    for event in lots:
        units.told(event)
    units.compare("copy", units.rows_of(rows.items()))
    return check, units


@pytest.fixture(scope="module")
def told() -> Both:
    """A history of which all is told."""
    both = run(7, LENGTH)
    both.deliver_all()
    return both


@pytest.mark.parametrize("seed", range(25))
def test_they_balance_when_all_is_told(seed: int) -> None:
    both = run(seed, LENGTH)
    both.deliver_all()

    check, units = books_of(both, both.depot.events, both.depot.rows)
    units.missing()

    assert (units.waiting, check.first) == (0, [])
    assert check.compared > len(both.depot.events)


def changes(both: Both) -> list[int]:
    """Which events of lots tell of units that stock moved."""
    events = [json.loads(event) for event in both.depot.events]
    return [
        number
        for number, event in enumerate(events)
        if event["type"] == "StockChangeRecorded" and event.get("units")
    ]


def test_what_is_not_told_is_waited_for_and_named(told: Both) -> None:
    last = changes(told)[-1]

    check, units = books_of(told, told.depot.events[:last], told.depot.rows)
    assert units.waiting == 1
    units.missing()

    assert any("movements were not told" in text for text in check.first)


def test_units_that_stock_has_not_are_named(told: Both) -> None:
    events = list(told.depot.events)
    wrong = json.loads(events[changes(told)[0]])
    wrong["units"][0]["quantity"] += 1
    events[changes(told)[0]] = json.dumps(wrong).encode()

    check, units = books_of(told, events, told.depot.rows)
    units.missing()

    assert any("stock has" in text for text in check.first)
    assert any("the events say" in text for text in check.first)


def test_an_event_that_is_lost_is_named(told: Both) -> None:
    check, _ = books_of(told, told.depot.events[1:], told.depot.rows)

    assert any("where seq 1 must be" in text for text in check.first)
