"""A worker that kills itself at a chosen step of the commit; only this file knows the code.

CHAOS_STEP names the step, CHAOS_CALL how many times it is passed before: the process then gets a
SIGKILL from itself, which nothing can catch, exactly there.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer

from agents.__main__ import main
from streams.engine import Engine
from streams.replay import Replay
from streams.transaction import TransactionalProducer

Step = tuple[type, str, bool]
STEPS: dict[str, Step] = {  # where: (class, method, whether behind it rather than before)
    "before the produce": (TransactionalProducer, "_send", False),
    "in the midst of the produce": (TransactionalProducer, "_send_all", False),
    "before the commit": (AIOKafkaProducer, "commit_transaction", False),
    "between commit and store": (TransactionalProducer, "commit", True),
    "between store and next batch": (Engine, "applied", False),
    "after the fence, before the replay": (TransactionalProducer, "start", True),
    "in the replay": (Replay, "feed", False),
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
    owner, name, behind = STEPS[step]
    countdown = Countdown(calls)
    original: Callable[..., Any] = getattr(owner, name)

    async def behind_it(self: Any, *given: Any, **named: Any) -> Any:
        answer = await original(self, *given, **named)
        countdown.pass_by()
        return answer

    def before_it(self: Any, *given: Any, **named: Any) -> Any:
        countdown.pass_by()
        return original(self, *given, **named)

    setattr(owner, name, behind_it if behind else before_it)


if __name__ == "__main__":
    arm(os.environ["CHAOS_STEP"], int(os.environ["CHAOS_CALL"]))
    sys.exit(main())
