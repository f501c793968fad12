"""Loopback ports: which are free, which are taken."""

import socket
from pathlib import Path

from local.exceptions import LocalError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def refuse_taken(part: str, port: int) -> None:
    """Raises LocalError where another process holds the port a part needs."""
    if not is_free(port):
        raise LocalError(
            f"{part}: port {port} on {LOOPBACK} is taken by another process: "
            f"stop that one, or choose another port"
        )


def remembered_port(file: Path, usual: int) -> int:
    """The port a part had last time, else its usual one, else a free one; kept in `file`."""
    kept = int(file.read_text()) if file.exists() else usual
    port = kept if is_free(kept) else free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port
