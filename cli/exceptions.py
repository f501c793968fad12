"""What can go wrong at the command line, each with what the operator can do about it."""

from local.exceptions import LocalError


class LoadError(Exception):
    """A file cannot be loaded at all; single bad lines are refusals instead."""


class BooksError(LocalError):
    """The books cannot be checked: a part of the system cannot be read."""
