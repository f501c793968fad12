"""One run under faults: the parts, who of them is away on purpose, and how work resumes."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

from tests.chaos.cluster import Cluster
from tests.chaos.installation import answers
from tests.chaos.isolation import Isolation
from tests.chaos.logs import Progress
from tests.chaos.processes import NotReady, Process
from tests.chaos.pulse import Feeding, Following
from tests.chaos.reading import Reading

WORKERS = (1, 2, 3)
STAY_DOWN = 3  # a worker's exit code: only a person can help
AGAIN_S = 1.0  # before a part that ended by itself is started again, as a supervisor does
PAUSE_S = 0.1
START_S = 120.0
RESUMED_S = 180.0  # more than this on a busy machine: it does not resume by itself
WHOLE_S = 120.0
SETTLE_S = 300.0

Tell = Callable[[str], None]


class Run:
    """The parts under faults. `findings` are violations seen before the verdict."""

    def __init__(self, made: Cluster, isolation: Isolation, seed: int, tell: Tell) -> None:
        self.made, self.isolation, self.seed, self.tell = made, isolation, seed, tell
        self.rng = Random(seed)
        self.began = f"{datetime.now().astimezone():%Y-%m-%dT%H:%M:%S%z}"
        self.findings: list[tuple[str, str]] = []
        self.ended: Counter[str] = Counter()  # parts that ended by themselves, and how
        self.parts: dict[str, Process] = {}
        self.away: set[str] = set()
        self._dead_since: dict[str, float] = {}
        self.feeding = Feeding(made.kafka, made.topic("commands"), seed, made.partitions)
        made.start_brokers()
        self.parts |= {broker.name: broker for broker in made.brokers.values()}
        self.parts["postgres"] = made.start_postgres()
        self.parts["api"], self.url = made.api()
        self.parts["sink"] = made.sink()
        self.parts |= {f"worker-{number}": made.worker(number) for number in WORKERS}
        if (proxy := made.proxy()) is not None:
            self.parts["proxy"] = proxy
            proxy.start()
        for name in ("api", "sink", *self.worker_names()):
            self.parts[name].start()
        self.reading = Reading(self.url, seed, self.find)
        changelog, events = made.topic("changelog"), made.topic("events")
        self.following = Following(
            made.kafka, changelog, events, made.partitions, self.reading.tell
        )
        self.feeding.start()
        self.following.start()
        workers = [self.parts[name] for name in self.worker_names()]
        self.until("all workers at work", START_S, lambda: all(map(made.owns, workers)))
        self.until("the API", START_S, lambda: answers(f"{self.url}/health/ready"))
        self.reading.start()

    @staticmethod
    def worker_names() -> list[str]:
        """The three that stay."""
        return [f"worker-{number}" for number in WORKERS]

    def find(self, sort: str, text: str) -> None:
        """Note a violation, with the time, so that the logs can be read beside it."""
        self.findings.append((sort, f"{datetime.now().astimezone():%H:%M:%S} {text}"))
        self.tell(f"VIOLATION {sort}: {text}")

    def pause(self, seconds: float) -> None:
        """Let time pass, and start again what ends by itself."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._supervise()
            time.sleep(min(PAUSE_S, left))

    def until(self, what: str, seconds: float, ready: Callable[[], bool]) -> float:
        """The same until it is so; the seconds it took. Raises NotReady."""
        began = time.monotonic()
        while not ready():
            if time.monotonic() - began > seconds:
                raise NotReady(f"{what}: not within {seconds:.0f} s")
            self._supervise()
            time.sleep(PAUSE_S)
        return time.monotonic() - began

    def _supervise(self) -> None:
        self.feeding.check()
        for name, part in self.parts.items():
            if part.alive or name in self.away:
                self._dead_since.pop(name, None)
                continue
            since = self._dead_since.setdefault(name, time.monotonic())
            if time.monotonic() - since >= AGAIN_S:
                self._start_again(name, part)

    def _start_again(self, name: str, part: Process) -> None:
        self.ended[f"{name} with {part.exit_code}"] += 1
        self.tell(f"{name} ended by itself with {part.exit_code}")
        if part.exit_code == STAY_DOWN:
            self.find("stays down", f"{name}: {part.tail(3)}")
        del self._dead_since[name]
        part.start()

    @contextmanager
    def gone(self, *names: str) -> Iterator[None]:
        """These are away on purpose in this block; at its end each runs."""
        self.away |= set(names)
        try:
            yield
        finally:
            for name in names:
                if not self.parts[name].alive:
                    self.parts[name].start()
            self.away -= set(names)

    @contextmanager
    def instead(self, name: str, other: Process) -> Iterator[Process]:
        """Another process has this part's place in this block, supervised like it."""
        part = self.parts[name]
        with self.gone(name):
            part.kill()
            self.parts[name] = other
        try:
            yield other
        finally:
            with self.gone(name):
                other.end()
                self.parts[name] = part

    def resumed(self, seconds: float = RESUMED_S) -> float:
        """Seconds until all that is acknowledged by now is decided, and newer in each partition.

        Raises NotReady, with what the workers say of it.
        """
        ends = dict(self.feeding.sender.ends)
        try:
            return self.until("resumption", seconds, lambda: self.following.reached(ends))
        except NotReady as late:
            left = {p: end - self.following.decided[p] for p, end in ends.items()}
            waiting = {p: count for p, count in left.items() if count > 0}
            raise NotReady(f"{late}; undecided: {waiting}; {self.states()}") from None

    def state(self, name: str) -> dict[str, Any]:
        """What a worker says of itself."""
        path = self.made.home / "run" / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def states(self) -> dict[str, object]:
        """What each worker says of its partitions."""
        told: dict[str, object] = {}
        for name in self.worker_names():
            state = self.state(name)
            told[name] = (state.get("states"), state.get("errors"))
        return told

    def whole(self) -> None:
        """Until every broker has every record again. Raises NotReady."""
        self.until("all copies in sync", WHOLE_S, self.made.whole)

    def settle(self) -> int:
        """No more commands: until all is decided; ms since the epoch when nothing was left.

        Raises NotReady, or RuntimeError where the brokers do not take what was sent.
        """
        self.feeding.finish()
        workers = [self.parts[name] for name in self.worker_names()]
        self.until("all workers at work", START_S, lambda: all(map(self.made.owns, workers)))
        made = self.made
        with Progress(made.kafka, made.topic("commands"), made.topic("changelog")) as progress:
            self.until("all commands decided", SETTLE_S, progress.all_decided)
        return made.settle(SETTLE_S)

    def stop_workers(self) -> None:
        """SIGTERM to each, which must end well."""
        for name in self.worker_names():
            self.away.add(name)
            try:
                code = self.parts[name].stop()
            except NotReady as error:
                self.find("does not stop", str(error))
                continue
            if code:
                self.find("does not end well", f"{name} with {code}: {self.parts[name].tail(3)}")

    def end(self) -> None:
        """No thread of ours is left."""
        self.feeding.stop()
        self.reading.finish()
        self.following.finish()

    def owner_of_some(self) -> str:
        """A worker that has partitions, by the seed; raises NotReady where none has."""
        owning = [name for name in self.worker_names() if self.made.owns(self.parts[name])]
        if not owning:
            raise NotReady("no worker has partitions")
        return self.rng.choice(owning)


class Hit(NamedTuple):
    """A fault that was done and made good."""

    what: str
    resumed_s: float | None = None  # where it was measured meanwhile
    times: int = 1  # how often it happened


Inject = Callable[[Run], Hit]
