"""Tests of what waits, on a clock that jumps to the next thing due: no stall decides them."""

import functools
import math
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from tests.simulation.loop import Process, SimulatedLoop, bury

P = ParamSpec("P")


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a coroutine as a test; it fails where it waits for what never comes, or spins."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        loop, process = SimulatedLoop(), Process("test")
        task = loop.begin(process, test(*args, **kwargs))
        try:
            assert loop.run_while(lambda: not task.done(), math.inf), "it waits for ever"
            task.result()
        finally:
            bury(loop, [process])
            loop.close()

    return run
