"""Loopback ports: which are free, and who of our installations has claimed which."""

import contextlib
import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import IO

import msgspec

from local.exceptions import TakenError

LOOPBACK = "127.0.0.1"
STEP = 100  # from a usual port that is taken to the next tried: 9092, 9192, ...
TRIES = 60


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def refuse_taken(part: str, port: int) -> None:
    """Raises TakenError where another process holds the port a part needs."""
    if not is_free(port):
        raise TakenError(
            f"{part}: port {port} on {LOOPBACK} is taken by another process: "
            f"stop that one, or choose another port"
        )


class Ports:
    """The ports of one installation: claimed while it is up, remembered when it is down.

    A claim is a locked file that every installation of this user sees, so two that start at the
    same moment never choose the same port; the lock goes with the process.
    """

    def __init__(self, remembered: Path) -> None:
        self._remembered = remembered
        self._ports: dict[str, int] = {}
        # where there is none, or a full disk or another hand has torn it, they are chosen anew
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            self._ports = msgspec.json.decode(remembered.read_bytes(), type=dict[str, int])
        self._claims: list[IO[str]] = []
        self._folder = Path(tempfile.gettempdir()) / f"stockyard-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def claim(self, name: str, usual: int) -> int:
        """The port `name` had last time, else its usual one, else the next free one."""
        candidates: list[int] = [self._ports.get(name, usual)]
        candidates += range(usual, usual + STEP * TRIES, STEP)
        for port in candidates:
            if self._claimed(port):
                self._ports[name] = port
                self._remember()
                return port
        raise TakenError(
            f"{name}: none of the ports {usual}, {usual + STEP}, ... is free: free one"
        )

    def _remember(self) -> None:
        new = self._remembered.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self._ports))
        new.replace(self._remembered)

    def _claimed(self, port: int) -> bool:
        claim = (self._folder / str(port)).open("w")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            claim.close()
            return False
        if not is_free(port):
            claim.close()
            return False
        self._claims.append(claim)
        return True
