"""Compiles what stands between a worker and the C library: a wrong clock, or calls that fail."""

import os
import sys
from pathlib import Path

from tests.chaos.isolation import NotPossible, step

SOURCE = Path(__file__).with_suffix(".c")
COMPILER = os.environ.get("CC", "cc")
NANOSECONDS = 1_000_000_000


def _preloaded(home: Path) -> dict[str, str]:
    library = home / "shim.so"
    if not library.exists():
        if sys.platform != "linux" or sys.maxsize < 1 << 32:
            raise NotPossible("64-bit Linux only")
        step(COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE))
    return {"LD_PRELOAD": str(library)}


class Clock:
    """A wall clock that is wrong for the processes that have its variables."""

    def __init__(self, home: Path, wrong_s: int) -> None:
        self._file = home / "clock"
        self.set(wrong_s)
        self.variables = _preloaded(home) | {"CHAOS_CLOCK": str(self._file)}

    def set(self, wrong_s: int) -> None:
        """By so many seconds from now on; those that have mapped the file see it at once."""
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write((wrong_s * NANOSECONDS).to_bytes(8, sys.byteorder, signed=True))


def failing(
    home: Path, call: str, error: int, first: int, count: int, below: Path
) -> dict[str, str]:
    """Variables of a process whose calls `first` to `first + count - 1` of this name fail.

    Counted are those on files below a directory; each failure is a line of stderr, «chaos: ...».
    """
    return _preloaded(home) | {"CHAOS_CALL": f"{call} {error} {first} {count} {below}/"}
