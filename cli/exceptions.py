"""What can go wrong at the command line, each with what the operator can do about it."""


class LoadError(Exception):
    """A file cannot be loaded at all; single bad lines are refusals instead."""


class BooksError(Exception):
    """The books cannot be checked: a part of the system cannot be read."""
