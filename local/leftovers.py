"""Ends what a supervisor that was killed has left behind, so that nothing blocks the next start."""

import signal
from pathlib import Path

import psutil

from local.processes import Identity, end
from local.state import read

PATIENCE_S = 20.0  # they have had their SIGTERM already where the system sends it
POSTMASTER_START_S = 5.0  # postmaster.pid holds whole seconds, written a moment after the start


def recorded(folder: Path) -> list[Identity]:
    """The processes that this home's last supervisor started and that still live, stores last."""
    state = read(folder)
    parts = dict(state.parts) if state is not None else {}
    kafka = parts.pop("kafka", None)
    known = [part.identity for part in (*parts.values(), kafka) if part and part.identity]
    server = postmaster(folder)
    return [one for one in (*known, *([server] if server else [])) if one.lives()]


def end_all(folder: Path) -> int:
    """End them, in patience; returns how many there were."""
    left = recorded(folder)
    if (server := postmaster(folder)) is not None:
        server.signal(signal.SIGINT)  # "fast": it would wait for its clients on SIGTERM
    end(left, PATIENCE_S)
    return len(left)


def postmaster(folder: Path) -> Identity | None:
    """The PostgreSQL server of this home; its recorded parent may be dead before it."""
    try:
        lines = (folder / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()
        found = Identity.of(int(lines[0]))
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    return found if abs(found.started - int(lines[2])) <= POSTMASTER_START_S else None
