"""What runs where: the supervisor writes it at every change, everyone else reads it."""

import fcntl
import os
from pathlib import Path
from typing import Literal

import msgspec

from local.exceptions import LocalError
from local.processes import Identity
from schemas.domains import DOMAINS

Phase = Literal["waiting", "starting", "ready", "restarting", "refused", "stopping", "stopped"]


class PartState(msgspec.Struct):
    """One part: a process and how it is."""

    phase: Phase = "waiting"
    identity: Identity | None = None
    port: int | None = None
    metrics_port: int | None = None
    restarts: int = 0
    ready_after_s: float | None = None  # from its start to its first readiness
    note: str = ""  # what it is doing, or its last line before it died


class State(msgspec.Struct):
    """One installation, while its supervisor lives."""

    supervisor: Identity
    workers: int
    kafka: str = ""  # host:port
    postgres: str = ""  # DSN of the reader
    api: str = ""  # URL
    containers: bool = False  # run by docker compose, as one part of ours
    domains: tuple[str, ...] = DOMAINS  # at work, whatever a later command's environment says
    phase: Phase = "starting"
    error: str = ""  # why it stopped
    parts: dict[str, PartState] = {}

    @property
    def ready(self) -> bool:
        """Whether every part is ready at this moment."""
        return self.phase == "ready" and all(p.phase == "ready" for p in self.parts.values())


def home() -> Path:
    """The directory of this installation; it may not be there yet."""
    return Path(os.environ.get("STOCKYARD_HOME", ".stockyard")).resolve()


def make(folder: Path) -> None:
    """Make a home where there is none; raises LocalError where the directory is another's."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "run").is_dir():
        raise LocalError(
            f"{folder} holds something else: set STOCKYARD_HOME to a new or empty directory"
        )
    try:
        for part in (folder, folder / "run", folder / "log"):
            part.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(
            f"{folder} cannot be made ({error.strerror}): set STOCKYARD_HOME to one of yours"
        ) from error


def is_ours(folder: Path) -> bool:
    """Whether a supervisor has ever run in this directory."""
    return (folder / "run" / "lock").exists()


def write(folder: Path, state: State) -> None:
    """Replace the state at once: a reader sees the old or the new."""
    new = folder / "run" / "state.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(msgspec.json.encode(state))
    new.replace(folder / "run" / "state.json")


def read(folder: Path) -> State | None:
    """The last state written, by a supervisor that may be dead; None where there is none."""
    try:
        return msgspec.json.decode((folder / "run" / "state.json").read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise LocalError(
            f"{folder}/run/state.json is of another version ({error}): run ./stockyard down of "
            f"that version first"
        ) from error


def living(folder: Path) -> State | None:
    """The state of a supervisor that lives; None where it is down."""
    state = read(folder)
    return state if state is not None and state.supervisor.lives() else None


def running(folder: Path | None = None) -> State:
    """The state of the running installation; raises LocalError where it is not up."""
    state = living(folder or home())
    if state is None or state.phase not in ("ready", "starting"):
        raise LocalError("it is not up: start it with ./stockyard up --detach")
    return state


def hold(folder: Path) -> int | None:
    """Become this home's only supervisor, for the life of the process; None where one is."""
    descriptor = os.open(folder / "run" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
