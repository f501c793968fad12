"""An event loop without I/O: virtual time, and processes that are killed or frozen between steps.

Every callback belongs to the process in whose context it was made. One of a dead process is never
run, as after a SIGKILL: no `finally`, no `close`. One of a frozen process waits until it is thawed.
asyncio's own order is kept; what a seed varies is how long things take.
"""

import asyncio
import heapq
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from enum import Enum
from typing import Any

UNWINDS_MAX = 30  # awaits on the way out of one coroutine
STEPS_MAX = 400_000  # of one run: a hundred times what a run takes; beyond it, something spins


class Life(Enum):
    """What the operating system does with a process."""

    RUNNING = "running"
    FROZEN = "frozen"
    DEAD = "dead"


class Spinning(Exception):
    """A run that does not end: callbacks follow each other without time passing, or for ever."""


class Process:
    """What is killed and frozen as one."""

    def __init__(self, name: str, skew_s: float = 0.0) -> None:
        self.name, self.skew_s = name, skew_s
        self.life = Life.RUNNING
        self.parked: list[asyncio.Handle] = []  # dropped ones too: nothing of the dead is collected
        self.tasks: list[asyncio.Task[Any]] = []
        self.handlers: dict[int, Callable[[], object]] = {}  # by signal


Outside = tuple[Callable[..., object], tuple[Any, ...]]
"""What no process does, cheaper than a handle: half of all callbacks."""
PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)
OUTSIDE = Context()  # of brokers, network and disks: never killed


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs until nothing is left or a time is reached; no thread, no selector, no clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.steps = 0
        self._soon: deque[asyncio.Handle | Outside] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle | Outside]] = []
        self._made = 0

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self.now

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback behind those that wait already."""
        handle = asyncio.Handle(callback, args, self, context)
        self._soon.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """Run a callback after so many virtual seconds."""
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """Run a callback at a virtual time; equal times in the order of these calls."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._made += 1
        heapq.heappush(self._timers, (when, self._made, timer))
        return timer

    def outside(self, delay: float, callback: Callable[..., object], *args: Any) -> None:
        """Run a callback of no process: it happens whoever dies."""
        self._made += 1
        heapq.heappush(self._timers, (self.now + delay, self._made, (callback, args)))

    def create_task(self, coro: Any, *, name: object = None, context: Any = None) -> Any:
        """A task of the process that makes it."""
        task: asyncio.Task[Any] = asyncio.Task(
            coro, loop=self, name=None if name is None else str(name), context=context
        )
        process = PROCESS.get()
        if process is not None:
            process.tasks.append(task)
        return task

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """What a thread would do happens at once, a moment later."""
        future = self.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:
                future.set_exception(error)

        self.call_later(0.001, run)
        return future

    def add_signal_handler(  # type: ignore[override]
        self, number: int, callback: Callable[[], object]
    ) -> None:
        """What the process that asks does about a signal."""
        process = PROCESS.get()
        assert process is not None
        process.handlers[number] = callback

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What nobody retrieves is told by the checks, not by the collector."""

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass

    def run_while(self, going: Callable[[], bool], until: float) -> bool:
        """Run until `going` is false (True), or the time is over (False). Raises Spinning."""
        asyncio.events._set_running_loop(self)
        try:
            while going():
                if not self._soon and not self._advance(until):
                    return False
                for _ in range(len(self._soon)):
                    self._step(self._soon.popleft())
            return True
        finally:
            asyncio.events._set_running_loop(None)

    def _advance(self, until: float) -> bool:
        timers = self._timers
        while timers and not isinstance(first := timers[0][2], tuple) and first.cancelled():
            heapq.heappop(timers)
        if not timers or timers[0][0] > until:
            self.now = until
            return False
        self.now = max(self.now, timers[0][0])
        while timers and timers[0][0] <= self.now:
            self._soon.append(heapq.heappop(timers)[2])
        return True

    def _step(self, handle: "asyncio.Handle | Outside") -> None:
        if isinstance(handle, tuple):
            OUTSIDE.run(handle[0], *handle[1])
            return
        if handle.cancelled():
            return
        process: Process | None = handle._context.get(PROCESS)  # type: ignore[attr-defined]
        if process is not None and process.life is not Life.RUNNING:
            process.parked.append(handle)
            return
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise Spinning(f"{STEPS_MAX} steps by {self.now:.3f} s")
        handle._run()

    def begin(self, process: Process, main: Coroutine[Any, Any, Any]) -> Any:
        """Start a process's main task, or one more of it."""
        context = Context()
        context.run(PROCESS.set, process)
        return context.run(self.create_task, main, context=context)

    def thaw(self, process: Process) -> None:
        """Let a frozen process go on where it stood."""
        process.life = Life.RUNNING
        self._soon.extend(process.parked)
        process.parked.clear()


def bury(loop: SimulatedLoop, processes: list[Process]) -> None:
    """Unwind all coroutines after a run; whatever they still try is without effect by now."""
    asyncio.events._set_running_loop(loop)
    told, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        for process in processes:
            process.life = Life.DEAD
            context = Context()
            context.run(PROCESS.set, process)
            while process.tasks:  # some make one more on their way out
                task = process.tasks.pop()
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                _unwind(context, task.get_coro())
            process.parked.clear()
    finally:
        sys.unraisablehook = told
        asyncio.events._set_running_loop(None)


def _unwind(context: Context, coroutine: Any) -> None:
    for _ in range(UNWINDS_MAX):
        try:
            return context.run(_close, coroutine)
        except RuntimeError:
            continue  # it awaits on its way out
        except BaseException:
            return None
    return None


def _close(coroutine: Any) -> None:
    coroutine.close()
