"""Runs the modules that decide as compiled ones, where there are some of these very sources.

They are the same files, compiled by mypyc. They stand in the virtual environment in a folder named
by the sources' checksum, and are found only by who calls `activate`: changed sources have another
name, so what is stale is never run. STOCKYARD_PLAIN=1 keeps to plain Python.
"""

import hashlib
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(sys.prefix) / "native"
PLAIN = "STOCKYARD_PLAIN"
COMPILED = (
    "agents.stock.accounts",
    "agents.stock.agent",
    "agents.stock.backorders",
    "agents.stock.beside",
    "agents.stock.changes",
    "agents.stock.channels",
    "agents.stock.counting",
    "agents.stock.decider",
    "agents.stock.evolve",
    "agents.stock.incoming",
    "agents.stock.levels",
    "agents.stock.marked",
    "agents.stock.outcomes",
    "agents.stock.owed",
    "agents.stock.policies",
    "agents.stock.promising",
    "agents.stock.queues",
    "agents.stock.rarer",
    "agents.stock.rejections",
    "agents.stock.reservations",
    "agents.stock.setting",
    "agents.stock.state",
    "agents.stock.supplies",
    "agents.stock.transfers",
    "schemas.checks",
    "schemas.codec",
    "schemas.instants",
    "schemas.row",
    "schemas.rules",
    "streams.actor",
    "streams.batch",
    "streams.engine",
    "streams.ids",
    "streams.keys",
    "streams.timers",
    "streams.writing",
    "tables.stock",
)
PACKAGES = ("agents", "schemas", "streams", "tables")  # what their types are checked against
BUILD = ("local/native.py", "local/native_build.py")


def sources() -> list[Path]:
    """All that the compiled modules depend on, below the root."""
    found = (path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    return [*sorted(path.relative_to(ROOT) for path in found), *map(Path, BUILD)]


def folder() -> Path:
    """Where the modules compiled from the sources as they are now would stand."""
    checksum = hashlib.sha256()
    for path in sources():
        text = (ROOT / path).read_bytes()
        checksum.update(b"%s %d\n" % (str(path).encode(), len(text)) + text)
    return FOLDER / checksum.hexdigest()[:32]


class _Finder:
    """Finds the compiled modules, before the import system looks for their sources."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        file = self._files.get(name)
        if file is None:
            return None
        loader = ExtensionFileLoader(name, str(file))
        return spec_from_file_location(name, file, loader=loader)


def _compiled(there: Path) -> dict[str, Path]:
    suffix = EXTENSION_SUFFIXES[0]
    return {
        ".".join(file.relative_to(there).parts).removesuffix(suffix): file
        for file in there.rglob(f"*{suffix}")
    }


def activate() -> bool:
    """Import compiled modules from now on, where there are any; call it before they are imported.

    Where there are none, or plain Python is asked for, all goes on as plain Python.
    """
    if is_active():
        return True
    if os.environ.get(PLAIN):
        return False
    files = _compiled(folder())
    if not files:
        return False
    early = [name for name in COMPILED if name in sys.modules]
    assert not early, f"{early} were imported before: some modules would be compiled, some not"
    assert set(COMPILED) <= set(files), "a build is moved here whole"
    sys.meta_path.insert(0, _Finder(files))
    return True


def is_active() -> bool:
    """Whether this process runs the compiled modules."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)
