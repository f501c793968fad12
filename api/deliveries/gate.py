"""Lets requests to an endpoint through, as its circuit has it, and so many at once."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from api.deliveries.answers import Answer, Meaning
from api.deliveries.circuit import Circuit


def clock_s() -> float:
    """The clock that asyncio's own pauses go by."""
    return asyncio.get_running_loop().time()


class Leave:
    """What one request is let through with, and told by."""

    def __init__(self) -> None:
        self.answer: Answer | None = None


class Gate:
    """The way to one endpoint."""

    def __init__(
        self, circuit: Circuit, parallel: int, told: Callable[[Circuit], None] = lambda _: None
    ) -> None:
        self._circuit = circuit
        self._slots = asyncio.Semaphore(parallel)
        self._turn = asyncio.Lock()  # first come, first served
        self._changed = asyncio.Event()
        self._tell = told
        self.taken_at = -math.inf  # when it took something last

    @property
    def is_closed(self) -> bool:
        """Whether requests go through as they come."""
        return self._circuit.state == "closed"

    @asynccontextmanager
    async def leave(self) -> AsyncIterator[Leave]:
        """Wait until a request may go; set the leave's answer before it ends."""
        async with self._slots:
            trial, leave = await self._enter(), Leave()
            try:
                yield leave
            finally:
                self._note(leave.answer, trial)

    async def _enter(self) -> bool:
        async with self._turn:
            while (wait_s := self._circuit.wait_s(clock_s())) > 0:
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if math.isinf(wait_s) else wait_s):
                        await self._changed.wait()
            trial = self._circuit.take(clock_s())
            self._tell(self._circuit)
            return trial

    def _note(self, answer: Answer | None, trial: bool) -> None:
        now = clock_s()
        if answer is None:
            self._circuit.given_back(trial=trial)
        elif answer.meaning is Meaning.AGAIN:
            self._circuit.failed(now, trial=trial, rest_s=answer.rest_s)
        else:
            self._circuit.answered()
            if answer.meaning is Meaning.TAKEN:
                self.taken_at = now
        self._changed.set()
        self._tell(self._circuit)
