"""Every code of a problem that the API answers with is in the corpus, or said by a test named here.

The sample of the corpus is answered by a whole system that is well. What that never says (an
outage, an overload, what lines in a catalogue come to) is said by tests of their own.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.corpus.corpus import chosen

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (*sorted((ROOT / "api").rglob("*.py")), ROOT / "tables/demand.py")
MADE_BY = {"Problem", "unavailable", "Unresolved"}  # what a code is given to
CODE = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
_LINES = "tests/catalog/test_demand.py::test_what_comes_to_nothing_is_told_where"
_AWAY = "tests/api/test_unavailable.py"
NAMED = {
    "CONVERSION_NOT_EXACT": _LINES,
    "GTIN_INVALID": _LINES,
    "GTIN_NOT_FOUND": _LINES,
    "ITEM_NOT_FOUND": _LINES,
    "KIT_HAS_NO_STOCK": _LINES,
    "UNIT_UNKNOWN": _LINES,
    "DATABASE_UNAVAILABLE": "tests/api/test_operating.py"
    "::test_without_postgres_the_stock_is_served_and_the_history_is_503",
    "INTERNAL": "tests/api/test_problems.py::test_a_defect_of_ours_shows_nothing_of_itself",
    "KAFKA_UNAVAILABLE": "tests/api/test_operating.py::test_kafka_may_go_away_and_come_back",
    "NOT_CAUGHT_UP": f"{_AWAY}::test_a_copy_that_is_not_read_yet_tells_nothing",
    "NOT_READY": f"{_AWAY}::test_who_is_not_ready_says_what_is_missing",
    "OVERLOADED": f"{_AWAY}::test_more_bodies_than_there_is_memory_for_come_later",
    "POSITION_NOT_REACHED": "tests/api/test_positions.py"
    "::test_a_position_that_does_not_come_is_503_after_five_seconds",
    "REQUEST_TIMEOUT": f"{_AWAY}::test_a_body_that_takes_too_long_is_given_up",
}
"""The tests of the codes that no answer of the corpus has."""


def _code(node: ast.AST) -> str | None:
    """The text that a node is, where it may be a code."""
    text = node.value if isinstance(node, ast.Constant) else None
    return text if isinstance(text, str) and CODE.fullmatch(text) else None


def made() -> set[str]:
    """The codes that the edge gives its problems."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=args) if name in MADE_BY:
                    found |= {code for arg in args[:2] if (code := _code(arg)) is not None}
    return found


@cache
def answered() -> set[str]:
    """The codes of what is answered in the sample of the corpus."""
    answers = [request.answer for case in chosen() for request in case.requests]
    return {answer.what for answer in answers if answer.status >= 400 and answer.status != 409}


@cache
def said(path: str) -> dict[str, set[str]]:
    """The codes that each test of a file says, in its body or in what it is given."""
    return {
        test.name: {code for node in ast.walk(test) if (code := _code(node)) is not None}
        for test in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_code_of_the_edge_is_answered_in_the_corpus_or_said_by_a_test() -> None:
    assert len(made()) > 15
    assert made() - answered() == NAMED.keys()


@pytest.mark.parametrize("code", NAMED)
def test_a_test_that_is_named_says_its_code(code: str) -> None:
    path, _, name = NAMED[code].partition("::")

    assert name.startswith("test_")
    assert code in said(path)[name]
