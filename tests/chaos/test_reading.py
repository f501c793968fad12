"""What a reader under faults takes for wrong: what is older than, or not, what he has seen."""

import json
from typing import Any

import pytest

from tests.chaos.reading import Told, wrong

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
