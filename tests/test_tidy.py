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


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_files_are_found() -> None:
    assert len(sources()) > 20


def test_modules_are_short_and_say_their_job_first() -> None:
    faults = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            faults.append(f"{name_of(path)}: {len(lines)} lines, split it by its words")
        if max(map(len, lines), default=0) > COLUMNS_MAX:
            faults.append(f"{name_of(path)}: a line has more than {COLUMNS_MAX} columns")
        if lines and not ast.get_docstring(parsed(path)):
            faults.append(f"{name_of(path)}: its first line says its job in the flow")
    assert not faults


def test_a_function_does_one_thing() -> None:
    faults = []
    for path in sources():
        for function in functions(parsed(path)):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > FUNCTION_LINES_MAX:
                faults.append(f"{name_of(path)}: {function.name} has {length} lines")
    assert not faults


def test_modules_classes_and_functions_have_the_fields_words() -> None:
    faults = []
    for path in sources():
        tree = parsed(path)
        named = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        words = {path.stem, *(node.name for node in named), *(f.name for f in functions(tree))}
        for word in words:
            parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", word)}
            parts &= FORBIDDEN_NAMES - {"data", "info", "message"}
            if parts or word.lower() in FORBIDDEN_NAMES:
                faults.append(f"{name_of(path)}: {word}")
    assert not faults


def test_no_file_knows_a_machine_or_a_registry() -> None:
    faults = [
        f"{name_of(path)}: {found}"
        for path in tracked()
        if path.suffix not in BINARY
        if (found := MACHINE.search(path.read_text(encoding="utf-8")))
    ]
    assert not faults


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
