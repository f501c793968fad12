"""Applies to a struct the rules of its model that msgspec cannot: those that are functions."""

from collections.abc import Callable
from typing import Any

Rule = Callable[[Any], object]
"""Returns for a good value, raises ValueError for any other."""


class Check:
    """One model's rules, by field, and those of the lines in its lists."""

    def __init__(self) -> None:
        self._always: list[tuple[str, Rule]] = []
        self._present: list[tuple[str, Rule]] = []
        self._lines: list[tuple[str, Check]] = []

    def add(self, field: str, rule: Rule, optional: bool) -> None:
        """Ask a rule about a field; an optional one may be None instead."""
        (self._present if optional else self._always).append((field, rule))

    def add_lines(self, field: str, check: "Check") -> None:
        """Ask a check about each line of a list."""
        self._lines.append((field, check))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask."""
        return not (self._always or self._present or self._lines)

    def apply(self, it: Any) -> Any:
        """The struct itself, where all its rules hold; else ValueError."""
        for field, rule in self._always:
            rule(getattr(it, field))
        for field, rule in self._present:
            value = getattr(it, field)
            if value is not None:
                rule(value)
        for field, check in self._lines:
            for line in getattr(it, field) or ():  # an optional list may be None
                check.apply(line)
        return it
