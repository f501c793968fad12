"""What one run shares: its streams of chance, the clock, the trace, and what was violated."""

from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from tests.simulation.loop import PROCESS, Process, SimulatedLoop

START_MS = 1_763_700_000_000
LINES_KEPT = 20_000
SET_BACK = 0.03  # share of the batches appended

_running: list["World"] = []


class World:
    """One run's surroundings; the fakes find the running one by `here`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.loop = SimulatedLoop()
        self.net = Random(f"{seed}/net")
        self.disk = Random(f"{seed}/disk")
        self.calm = False  # nothing goes wrong any more
        self.noise = 1.0  # scales all latencies' tails and small troubles
        self.broker_skew_ms: dict[int, int] = {}
        self.processes: list[Process] = []
        self.broker: Any = None  # these are set by who makes them
        self.groups: dict[str, Any] = {}  # of workers by their domain, of relays by their name
        self.cuts: Any = None
        self.database: Any = None
        self.kill: Callable[[str], None] = lambda name: None
        self.disks: dict[Path, Any] = {}  # by the folder that the stores of a worker are in
        self.violations: list[tuple[str, str]] = []
        self.counts: Counter[str] = Counter()
        self.trace: list[str] = []
        self._digest = blake2b(digest_size=16)

    def note(self, text: str) -> None:
        """Write a line of the trace; its digest proves that two runs are the same."""
        process = PROCESS.get()
        line = f"{self.loop.now * 1000:12.3f}  {process.name if process else '-':9} {text}"
        self._digest.update(line.encode("utf-8", "backslashreplace") + b"\n")
        if len(self.trace) < LINES_KEPT:
            self.trace.append(line)

    def digest(self) -> str:
        """Of all lines noted."""
        return self._digest.hexdigest()

    def violate(self, sort: str, text: str) -> None:
        """Something happened that must not, whatever the faults."""
        self.note(f"VIOLATION {sort}: {text}")
        self.violations.append((sort, text))

    def process(self, name: str) -> Process:
        """A new process."""
        made = Process(name)
        self.processes.append(made)
        return made

    def append_ms(self, partition: int) -> int:
        """The clock of the broker that leads a partition, which is set back a little at times."""
        back_ms = self.net.randrange(60) if self.chance(SET_BACK) else 0
        skew_ms = self.broker_skew_ms.get(partition, 0)
        return START_MS + int(self.loop.now * 1000) + skew_ms - back_ms

    def chance(self, share: float) -> bool:
        """Whether a small trouble of the network happens now."""
        return not self.calm and self.net.random() < share * self.noise


def here() -> World:
    """The world of the run that is going on."""
    return _running[-1]


def enter(world: World) -> None:
    """Begin a run."""
    _running.append(world)


def leave() -> None:
    """End it."""
    _running.pop()


class Clock:
    """Stands in for the module `time`: monotonic is virtual, `time` has the process's skew."""

    @staticmethod
    def monotonic() -> float:
        return here().loop.now

    @staticmethod
    def time() -> float:
        process = PROCESS.get()
        return START_MS / 1000 + here().loop.now + (process.skew_s if process else 0.0)

    perf_counter = monotonic


def is_dead() -> bool:
    """Whether the code that asks is of a process that was killed."""
    process = PROCESS.get()
    return process is not None and process.life.value == "dead"


def drawn(values: dict[Any, float], rng: Random) -> Any:
    """One of the values, by weight."""
    return rng.choices(list(values), list(values.values()))[0]
