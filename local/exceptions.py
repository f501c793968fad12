"""What can go wrong while starting parts on this machine, each with what to do about it."""

import sys
from typing import NoReturn


class LocalError(Exception):
    """A part cannot be started here; the text tells the operator what to do."""


class TakenError(LocalError):
    """Another process holds a port or a directory: it may be gone at the next attempt."""


EXIT_AGAIN = 1  # the supervisor starts the part again, later
EXIT_FINAL = 3  # starting it again changes nothing: the supervisor does not


def refuse(error: LocalError) -> NoReturn:
    """End a part's process with the error's text and the exit code that says whether to retry."""
    print(error, file=sys.stderr)
    sys.exit(EXIT_AGAIN if isinstance(error, TakenError) else EXIT_FINAL)
