"""What can go wrong while starting parts on this machine, each with what to do about it."""


class LocalError(Exception):
    """A part cannot be started here; the text tells the operator what to do."""
