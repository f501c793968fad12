"""The parts' logs: one file each, bounded, whoever writes it."""

import shutil
from contextlib import suppress
from pathlib import Path

LOG_BYTES_MAX = 16 << 20  # a part's file, and as much again of what was before
TAIL_BYTES = 8 << 10


def bound(folder: Path) -> None:
    """Move what is in too large a log aside; its part goes on writing to the emptied file."""
    for log in folder.glob("*.log"):
        with suppress(FileNotFoundError):  # somebody tidies up
            if log.stat().st_size > LOG_BYTES_MAX:
                with suppress(OSError):  # no room: what was before is lost then
                    shutil.copyfile(log, log.with_suffix(".log.1"))
                with log.open("r+") as opened:  # its part appends to it: writes go on at 0
                    opened.truncate(0)


def last_line(log: Path) -> str:
    """The last line that says anything; "" of an empty or missing log."""
    if not log.exists():
        return ""
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = opened.read().decode(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
