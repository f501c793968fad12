"""A worker that kills itself at a chosen step of its work; only this file knows the code.

CHAOS_STEP names the step, CHAOS_CALL how many times it is passed before: the process then gets a
SIGKILL from itself, which nothing can catch, exactly there.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from agents.__main__ import main
from streams.engine import Engine
from streams.partition import Partition
from streams.replay import Replay
from streams.sender import Sender
from streams.store import Store
from streams.transaction import TransactionalProducer

AMID_S = 0.001  # a request is on its way, or its answer is

STEPS = {  # where: (class, method, when)
    "before the fence": (Sender, "init", "before"),
    "in the midst of the fence": (Sender, "init", "amid"),
    "after the fence, before the replay": (TransactionalProducer, "start", "behind"),
    "store open, before the replay": (Store, "__init__", "after"),
    "in the replay": (Replay, "feed", "before"),
    "between the replay's writes": (Replay, "_write", "after"),
    "recovered, before the first decision": (Partition, "_recovered", "behind"),
    "before the produce": (TransactionalProducer, "_produce", "before"),
    "in the midst of the produce": (Sender, "produce", "amid"),
    "before the commit": (Sender, "commit", "before"),
    "in the midst of the commit": (Sender, "commit", "amid"),
    "between commit and store": (TransactionalProducer, "commit", "behind"),
    "between store and next batch": (Engine, "applied", "before"),
    "before the store is closed": (Store, "close", "before"),
    "between the store's end and the producer's": (TransactionalProducer, "stop", "before"),
}


class Countdown:
    """Kills this process when it has come to nought."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def pass_by(self) -> None:
        """One more call."""
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str, calls: int) -> None:
    """Wrap the step's method."""
    owner, name, when = STEPS[step]
    countdown = Countdown(calls)
    original: Callable[..., Any] = getattr(owner, name)

    def before(self: Any, *given: Any, **named: Any) -> Any:
        countdown.pass_by()
        return original(self, *given, **named)

    def after(self: Any, *given: Any, **named: Any) -> Any:
        answer = original(self, *given, **named)
        countdown.pass_by()
        return answer

    async def amid(self: Any, *given: Any, **named: Any) -> Any:
        running = asyncio.ensure_future(original(self, *given, **named))
        await asyncio.wait([running], timeout=AMID_S)
        countdown.pass_by()
        return await running

    async def behind(self: Any, *given: Any, **named: Any) -> Any:
        answer = await original(self, *given, **named)
        countdown.pass_by()
        return answer

    wrapped = {"before": before, "after": after, "amid": amid, "behind": behind}
    setattr(owner, name, wrapped[when])


if __name__ == "__main__":
    arm(os.environ["CHAOS_STEP"], int(os.environ["CHAOS_CALL"]))
    sys.exit(main())
