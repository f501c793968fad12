"""Who this worker is in its group: an id that outlives the process and is held by one at a time."""

import fcntl
import os
from pathlib import Path
from typing import IO
from uuid import uuid4

from streams.exceptions import ConfigurationError


def claim(home: Path, name: str) -> tuple[str, IO[str]]:
    """The group instance id of a home's worker, and the lock that says it is ours.

    Two members with one id would take the partitions from each other on and on, both believing to
    hold them. Keep the lock open as long as the process lives. Raises ConfigurationError.
    """
    directory = home / "run"
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / f"{name}.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise ConfigurationError(
            f"{name} of {home} runs already: choose another --number"
        ) from None
    identity = directory / "identity"
    if not identity.exists():
        fresh = identity.with_name(f"identity.{os.getpid()}")
        with fresh.open("w") as file:
            file.write(str(uuid4()))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, identity)  # the first worker of a home wins, whole
        except FileExistsError:
            pass
        fresh.unlink()
    drawn = identity.read_text()
    if not drawn:
        raise ConfigurationError(f"{identity} is empty: remove it, and a new identity is drawn")
    return f"{drawn}-{name}", lock
