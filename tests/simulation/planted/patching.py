"""How a bug is planted: a function of the product, edited or wrapped for one run."""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch


class Stale(Exception):
    """The product no longer reads as the bug expects: plant it anew."""


@dataclass(frozen=True)
class Bug:
    """A mistake that somebody could make."""

    name: str
    plant: Callable[[], AbstractContextManager[object]]
    hosts: tuple[str, ...] = ()  # domains beside stock that a run must host to show it


def edited(owner: Any, name: str, *changes: tuple[str, str]) -> Callable[[], Any]:
    """A plant that replaces texts in a function's source, each of which must stand there once."""
    return lambda: patch.object(owner, name, _edited(owner, name, changes))


def edited_in(table: dict[Any, Any], key: Any, *changes: tuple[str, str]) -> Callable[[], Any]:
    """The same for a function that is called by its place in a table."""
    return lambda: patch.dict(table, {key: _made(table[key], changes)})


@cache
def _edited(owner: Any, name: str, changes: tuple[tuple[str, str], ...]) -> Any:
    return _made(inspect.unwrap(getattr(owner, name)), changes)


def _made(function: Any, changes: tuple[tuple[str, str], ...]) -> Any:
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in changes:
        if source.count(old) != 1:
            name = f"{function.__module__}.{function.__qualname__}"
            raise Stale(f"{name} has {source.count(old)} times {old!r}")
        source = source.replace(old, new)
    made: dict[str, Any] = {}
    name = f"<{function.__name__}, with a bug>"
    exec(compile(source, name, "exec"), function.__globals__, made)
    return made[function.__name__]


def both(*plants: Callable[[], Any]) -> Callable[[], Any]:
    """Several plants as one, where one alone does no harm."""

    @contextmanager
    def together(made: list[AbstractContextManager[object]]) -> Iterator[None]:
        with ExitStack() as stack:
            for one in made:
                stack.enter_context(one)
            yield

    return lambda: together([plant() for plant in plants])


def wrapped(owner: Any, name: str, wrap: Callable[[Any], Any]) -> Callable[[], Any]:
    """A plant that puts a function round another."""
    return lambda: patch.object(owner, name, wrap(getattr(owner, name)))
