"""The checker shares no code with the project: what it imports, file by file."""

import ast
import sys
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS = {"asyncpg", "confluent_kafka", "httpx", "pytest", "rocksdict"}
INSIDER = "crashing_worker.py"  # it kills the worker from within


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            names.add(node.module or "")
    return names


def test_the_checker_imports_nothing_of_the_project() -> None:
    for path in sorted(HERE.glob("*.py")):
        for name in _imported(path) if path.name != INSIDER else ():
            top = name.partition(".")[0]
            known = top in sys.stdlib_module_names or top in CLIENTS
            assert known or name.startswith("tests.chaos"), f"{path.name} imports {name}"
            assert name != f"tests.chaos.{Path(INSIDER).stem}", f"{path.name} imports {name}"
