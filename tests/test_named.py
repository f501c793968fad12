"""The tests that docs name: each is there, and each pain's name the issues that it comes from."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from cli.test import properties

ROOT = Path(__file__).resolve().parent.parent
PAINS, PROPERTIES = ROOT / "docs/pains.md", ROOT / "docs/properties.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (\d+) .*$", re.MULTILINE)
ISSUE = re.compile(r"[\w/-]+#\d+|\b\d{6}\b")


@cache
def texts(path: str) -> dict[str, str]:
    """What each test of a file says of itself."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        one.name: " ".join((ast.get_docstring(one) or "").split())
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def rows(page: Path) -> dict[int, str]:
    """The numbered rows of a page's first table."""
    found: dict[int, str] = {}
    for row in ROW.finditer(page.read_text(encoding="utf-8")):
        found.setdefault(int(row[1]), row[0])
    return found


@pytest.mark.parametrize("page", [PAINS, PROPERTIES], ids=lambda page: page.stem)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))

    assert len(named) > 20
    for path, name in named:
        assert name in texts(path), f"{path} has no {name}"


def test_every_pain_has_tests_that_name_its_issues() -> None:
    pains = rows(PAINS)

    assert pains.keys() == set(range(1, 16))
    for number, row in pains.items():
        _, issues, tests = (part.strip() for part in row[1:-1].split("|"))
        said = " ".join(texts(path)[name] for path, name in NAMED.findall(tests))
        assert f"Pain {number}" in said
        assert ISSUE.findall(issues), row
        for issue in ISSUE.findall(issues):
            assert re.search(rf"{re.escape(issue)}\b", said), f"no test of pain {number}: {issue}"


def test_every_property_of_the_seed_is_named_by_its_test_or_has_none() -> None:
    properties = rows(PROPERTIES)

    assert properties.keys() == set(range(1, 17))
    for number, row in properties.items():
        name, tests, missing = (part.strip() for part in row[1:-1].split("|"))
        words = "_".join(name.lower().replace("-", "_").split()[1:])
        if f"test_property_{number}_{words}`" not in tests:
            assert missing, f"{name}: say what is not there"


def test_by_night_every_property_test_is_run_once() -> None:
    draws = re.compile(r"^from tests(\.examples import| import examples)", re.MULTILINE)
    drawing = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").glob("*/test_*.py")
        if draws.search(path.read_text(encoding="utf-8"))
    }

    run = properties()

    assert drawing <= set(run)
    assert len(set(run)) == len(run)
    assert all((ROOT / name).is_file() for name in run)
