"""Events in order per key, and the keys beside each other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, Protocol, TypeVar


class InLane(Protocol):
    """What waits in a lane."""

    @property
    def lane(self) -> Hashable: ...


T = TypeVar("T", bound=InLane)


class Lanes(Generic[T]):
    """Carries each of what is put in after the one before it of the same lane.

    How many lanes there are at once is bounded by how much is put in.
    """

    def __init__(self, carry: Callable[[T], Awaitable[None]]) -> None:
        self._carry = carry
        self._waiting: dict[Hashable, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._closing = False

    def put(self, one: T) -> None:
        """Carry it when its turn comes."""
        assert not self._closing
        waiting = self._waiting.get(one.lane)
        if waiting is not None:
            waiting.append(one)
            return
        self._waiting[one.lane] = deque((one,))
        task = asyncio.create_task(self._empty(one.lane))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def check(self) -> None:
        """Raise what any of them has failed by."""
        if self._failure is not None:
            raise self._failure

    async def close(self, patience_s: float) -> None:
        """Begin nothing more, and end what is under way, by force where it takes too long."""
        self._closing = True
        if self._tasks and patience_s > 0:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _empty(self, lane: Hashable) -> None:
        waiting = self._waiting[lane]
        while waiting and not self._closing:
            await self._carry(waiting[0])
            waiting.popleft()
        del self._waiting[lane]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()
