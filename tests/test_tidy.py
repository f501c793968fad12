"""The limits of the house: sizes, names, docstrings, and nothing of one machine in the files."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
OURS = {"schemas", "streams", "agents", "tables", "api"}
FORBIDDEN_NAMES = {
    "manager",
    "helper",
    "helpers",
    "utils",
    "util",
    "message",
    "qty",
    "data",
    "info",
}
# written apart, so that this file does not name what it looks for
MACHINE = re.compile(
    "|".join(
        [
            r"/wor" + r"k/(main|shared)",
            r"/hom" + r"e/[a-z]",
            r"/roo" + r"t/",
            r"pypi\.or" + "g",
            r"pythonhosted\.or" + "g",
            r"repo1?\.maven\.",
            r"maven\.org" + r"/maven",
            r"registry\.npm" + "js",
            r"index-ur" + "l",
        ]
    )
)
BINARY = {".parquet", ".png", ".jpg", ".gz", ".ico", ".woff2"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def sources() -> list[Path]:
    """Our Python files."""
    return [path for path in tracked() if path.suffix == ".py"] + [ROOT / "stockyard"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_files_are_found() -> None:
    assert len(sources()) > 20


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_module_is_short_and_says_its_job_first(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= FILE_LINES_MAX, f"{len(lines)} lines: split it by its words"
    assert max(map(len, lines), default=0) <= COLUMNS_MAX
    if lines:
        assert ast.get_docstring(ast.parse(text)), "its first line says its job in the flow"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_function_does_one_thing(path: Path) -> None:
    for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        assert length <= FUNCTION_LINES_MAX, f"{function.name} has {length} lines"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_modules_classes_and_functions_have_the_fields_words(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    words = {path.stem, *(node.name for node in named), *(f.name for f in functions(tree))}
    for word in words:
        parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", word)}
        assert not parts & (FORBIDDEN_NAMES - {"data", "info", "message"}), word
        assert word.lower() not in FORBIDDEN_NAMES, word


@pytest.mark.parametrize("path", tracked(), ids=name_of)
def test_no_file_knows_a_machine_or_a_registry(path: Path) -> None:
    if path.suffix in BINARY:
        return
    found = MACHINE.search(path.read_text(encoding="utf-8"))
    assert found is None, str(found)


def test_no_installed_distribution_claims_our_names() -> None:
    claimed = OURS & set(packages_distributions())
    assert not claimed, f"uninstall what brings {claimed}: PyTables and openai-agents are such"


@pytest.mark.parametrize(
    "statement",
    [
        "import time\nNOW = time.time()",
        "from time import time\nNOW = time()",
        "from datetime import UTC, datetime\nNOW = datetime.now(UTC)",
        "import random\nNUMBER = random.random()",
        "from uuid import uuid4\nID = uuid4()",
    ],
)
def test_a_decider_that_asks_the_world_is_refused(statement: str) -> None:
    source = f'"""A decider."""\n\n{statement}\n'
    for path, refused in (("agents/stock/decider.py", True), ("agents/stock/agent.py", False)):
        checked = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                "check",
                "--select",
                "TID251",
                "--stdin-filename",
                path,
                "-",
            ],
            cwd=ROOT,
            input=source,
            capture_output=True,
            check=False,
            text=True,
        )
        assert ("TID251" in checked.stdout) == refused, checked.stdout + checked.stderr
