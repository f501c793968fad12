"""What a reader under faults takes for wrong: what is older than, or not, what he has seen."""

import json
from typing import Any

import pytest

from tests.chaos.reading import Reading, Told, wrong
from tests.chaos.records import Record

TOLD = Told("LON-1", 3, 40, {"sku": "A", "on_hand": 9, "reserved": 2, "available": 7, "version": 5})


def _answer(seq: int, **changes: Any) -> str:
    return json.dumps(TOLD.line | {"position": {"partition": 3, "seq": seq}} | changes)


def test_what_was_seen_or_newer_is_right() -> None:
    assert wrong(TOLD, 200, _answer(40)) == ""
    assert wrong(TOLD, 200, _answer(90, version=8, on_hand=1, reserved=1, available=0)) == ""


@pytest.mark.parametrize(
    ("status", "answer", "problem"),
    [
        (404, "{}", "404"),
        (500, "{}", "500"),
        (200, _answer(39), "older"),
        (200, _answer(41, version=4), "older"),
        (200, _answer(41, on_hand=8), "is not"),
    ],
)
def test_everything_else_is_not(status: int, answer: str, problem: str) -> None:
    assert problem in wrong(TOLD, status, answer)


@pytest.mark.parametrize(
    "line",
    [
        {"sku": "B", "counted": 7},
        {"sku": "B", "quantity": 7},
        {"sku": "B", "on_hand": 0, "reserved": 0, "available": 0, "version": 0},
    ],
)
def test_a_line_that_shows_no_row_is_not_asked_for(line: dict[str, Any]) -> None:
    reading = Reading("http://localhost", 1, lambda *_: None)
    event = {"warehouse": "LON-1", "partition": 3, "seq": 40, "lines": [line, TOLD.line]}

    reading.tell(Record(3, 0, 0, b"LON-1", json.dumps(event).encode()))

    assert list(reading._recent) == [TOLD]
