"""Processes that are started, killed, frozen and thawed, each under a name that stays."""

from collections.abc import Coroutine
from typing import Any

from streams.settings import Settings
from tests.simulation.loop import Life, Process
from tests.simulation.world import World


class Machine:
    """Runs one process at a time."""

    def __init__(self, world: World, settings: Settings, kind: str, number: int) -> None:
        self.world, self.settings, self.number = world, settings, number
        self.name = f"{kind}-{number}"  # of its process, whichever it is by now
        self.skew_s = 0.0
        self.incarnation = 0
        self.process: Process | None = None

    def work(self) -> Coroutine[Any, Any, None]:
        """What the process does until it is killed."""
        raise NotImplementedError

    def buried(self) -> None:
        """What the operating system does when the process is dead."""

    def stop(self) -> None:
        """SIGTERM."""
        raise NotImplementedError

    @property
    def up(self) -> bool:
        """Whether its process is there, frozen or not."""
        return self.process is not None and self.process.life is not Life.DEAD

    def start(self) -> None:
        """Start a process, if none is there."""
        if self.up:
            return
        self.incarnation += 1
        process = self.process = self.world.process(self.name)
        process.skew_s = self.skew_s
        self.world.note(f"{self.name} starts, number {self.incarnation}")
        self.world.loop.begin(process, self.work())

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is None or self.process.life is Life.DEAD:
            return
        self.world.note(f"{self.name} is killed")
        self.process.life = Life.DEAD
        self.buried()

    def freeze(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        process = self.process
        if process is not None and process.life is Life.RUNNING:
            self.world.note(f"{self.name} is frozen for {seconds:.3f} s")
            process.life = Life.FROZEN
            self.world.loop.outside(seconds, self.thaw, process)

    def thaw(self, process: Process) -> None:
        """SIGCONT."""
        if process.life is Life.FROZEN:
            self.world.note(f"{self.name} goes on")
            self.world.loop.thaw(process)

    def skew(self, seconds: float) -> None:
        """Set its clock so far off."""
        self.skew_s = seconds
        if self.process is not None:
            self.process.skew_s = seconds
