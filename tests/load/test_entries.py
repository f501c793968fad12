"""The books of a catalogue: an entry that is not as its events say is found."""

import json
from typing import Any

import pytest

from cli.entries import Entries
from cli.findings import Check
from tests.catalog.registry import (
    Registry,
    dissolve,
    item,
    kit,
    number,
    product,
    retire,
    units,
    unnumber,
)

GTIN = "04006381333931"


def registry() -> Registry:
    """A small catalogue, in which a bit of everything has happened."""
    return Registry().given(
        product("P"),
        item("A", "B", "C", "D"),
        units("A", case=(24, 2)),
        number("A", "4006381333931", "case"),
        number("B", "96385074"),
        unnumber("96385074"),
        kit("C", ("A", 2), ("B", 1)),
        kit("D", ("C", 3), ("A", 1)),
        kit("B", ("A", 1)),
        dissolve("B"),
        retire("D"),
    )


def after(events: list[bytes], rows: dict[bytes, bytes]) -> Check:
    """The check of a copy with these rows."""
    check = Check("catalogue", "entries")
    tracker = Entries(0, check)
    for event in events:
        tracker.told(event)
    tracker.compare("a copy", tracker.rows_of(rows.items()))
    tracker.missing()
    return check


def test_what_the_actor_keeps_is_what_its_events_say() -> None:
    made = registry()
    made.when(item("A"))  # a rejection says nothing of any entry
    check = after(made.events, made.rows)
    assert check.first == []
    assert check.compared == len(made.events) + 4 + 1 + 2


@pytest.mark.parametrize("name", ["S\0main\0A", f"G\0main\0{GTIN}", "K\0main\0D"])
def test_an_entry_that_is_lost_or_not_told_is_found(name: str) -> None:
    made = registry()
    lost = {key: row for key, row in made.rows.items() if key != name.encode()}
    assert after(made.events, lost).differences == 1
    more = made.rows | {name.encode()[:-1] + b"X": made.rows[name.encode()]}
    assert after(made.events, more).differences == 1


@pytest.mark.parametrize(
    ("name", "other"),
    [("S\0main\0A", "S\0main\0B"), ("K\0main\0D", "K\0main\0C"), ("S\0main\0B", "S\0main\0D")],
)
def test_an_entry_that_says_something_else_is_found(name: str, other: str) -> None:
    made = registry()
    rows = made.rows | {name.encode(): made.rows[other.encode()]}
    check = after(made.events, rows)
    assert check.differences == 1
    assert "the events say" in check.first[0]


def test_a_gap_in_the_events_is_found() -> None:
    made = registry()
    told: dict[str, Any] = json.loads(made.events[-1]) | {"seq": 99}
    check = after([*made.events[:-1], json.dumps(told).encode()], made.rows)
    assert "where seq 11 must be" in check.first[0]
