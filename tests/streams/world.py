"""One partition without Kafka: commands and a changelog in memory, a real engine and store."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from streams import keys
from streams.actor import Actor
from streams.engine import Batch, Engine, Headers
from streams.engine import Record as Fetched
from streams.replay import Replay
from streams.stamp import Stamp
from streams.store import Memory, Store
from streams.topics import owner
from tests.streams.counter import CounterActor

TOPIC = "counter.commands.v1"
PARTITIONS = 4
PARTITION = 1
WINDOW_S = 1
START_MS = 1_763_700_000_000
CLOCK_MS = START_MS + 60_000  # of the worker, unless a test says otherwise
INCARNATION = b"incarnation-0001"
HOME = next(name for name in map(str, range(99)) if owner(name, PARTITIONS) == PARTITION)
AWAY = next(name for name in map(str, range(99)) if owner(name, PARTITIONS) == 2)


@dataclass
class Record:
    """A consumed record."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


def command(do: str, command_id: str, key: str = HOME, **fields: Any) -> bytes:
    """A command's bytes."""
    return json.dumps({"key": key, "id": command_id, "do": do, **fields}).encode()


def add(command_id: str, n: int = 1, key: str = HOME) -> bytes:
    """The bytes of an addition."""
    return command("add", command_id, key, n=n)


def hold(command_id: str, name: str, ms: int) -> bytes:
    """The bytes of a hold."""
    return command("hold", command_id, name=name, ms=ms)


def record(offset: int, value: bytes | None, ms: int = 0, headers: Headers | None = None) -> Record:
    """A record that was appended so many ms after START_MS."""
    return Record(offset, START_MS + ms, b"key", value, headers or [])


def records(*values: bytes | None, start: int = 0) -> list[Record]:
    """Records at one time, one behind the other."""
    return [record(start + index, value) for index, value in enumerate(values)]


@dataclass
class Log:
    """What is committed: every topic of a partition, each transaction whole."""

    changelog: list[Record] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    end: int = 0

    def commit(self, batch: Batch) -> int:
        """Append a transaction and its marker; the changelog's offset behind the stamp."""
        for key, value in batch.changelog:
            self.changelog.append(Record(self.end, 0, key, value))
            self.end += 1
        self.batches.append(batch)
        behind = self.end
        self.end += 1
        return behind

    @property
    def events(self) -> list[bytes]:
        """The bytes of all events, in their order."""
        return [event for batch in self.batches for _, event in batch.events]

    def told(self) -> dict[str, list[Any]]:
        """All that other topics got, apart from how it was cut into transactions."""
        return {
            "events": self.events,
            "alerts": [one for batch in self.batches for one in batch.alerts],
            "forwards": [one for batch in self.batches for one in batch.forwards],
            "dead_letters": [one for batch in self.batches for one in batch.dead_letters],
        }


class World:
    """A partition that can be driven step by step, killed, and recovered from its log."""

    def __init__(self, path: Path, log: Log | None = None, window_s: int = WINDOW_S) -> None:
        self.path, self.log, self._window_s = path, log or Log(), window_s
        self.actor: Actor = CounterActor()
        self.memory = Memory()
        self.recover()

    def recover(self) -> None:
        """Open the store, bring it to the end of the changelog, make an engine."""
        self.store = Store(self.path, self.memory)
        position = self.store.position()
        start = position.next_offset - 1 if position else 0
        Replay(self.store).feed([one for one in self.log.changelog if one.offset >= start])
        position = self.store.position()
        at = position.stamp if position else Stamp(INCARNATION, 0, 1, 0, PARTITIONS)
        self.engine = Engine(self.actor, TOPIC, PARTITION, self.store, at, self._window_s)

    def crash(self) -> None:
        """Lose what is not on disk or in the log, and recover."""
        self.store.close()
        self.recover()

    def decide(
        self, given: Sequence[Fetched], now_ms: int = CLOCK_MS, end: int | None = None
    ) -> Batch:
        """Decide records as one batch, all steps at once; `end` is behind the last by default."""
        end = given[-1].offset + 1 if end is None else end
        for _ in self.engine.deciding(given, end, now_ms):
            pass
        return self.engine.batch

    def apply(self, batch: Batch, next_offset: int) -> None:
        """What follows a confirmed commit."""
        self.store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, next_offset)
        self.engine.applied(batch)

    def run(self, given: Sequence[Fetched], now_ms: int = CLOCK_MS) -> Batch:
        """Decide, commit and apply records as one batch."""
        batch = self.decide(given, now_ms)
        self.apply(batch, self.log.commit(batch))
        return batch


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder for one example; a store opens ten times faster where nothing is synced."""
    fast = Path("/dev/shm")
    with TemporaryDirectory(dir=fast if fast.is_dir() else None) as folder:
        yield Path(folder)


def contents(store: Store, *kinds: bytes) -> dict[bytes, bytes]:
    """A store's bytes whose keys begin with one of these; all but notes where none is named."""
    found = dict(store.scan(b"", keys.NOTES))
    return {key: value for key, value in found.items() if not kinds or key.startswith(kinds)}


def live_timers(store: Store) -> set[bytes]:
    """The keys of the timers whose rows are still due then."""
    found = contents(store)
    rows = {key: value for key, value in found.items() if key[0] in range(97, 123)}
    timers = {key: row for key, row in found.items() if key.startswith(keys.TIMER)}
    return {
        key
        for key, row in timers.items()
        if row in rows and keys.due_ms(rows[row]) == keys.timer_due(key)
    }


def told(batch: Batch) -> list[dict[str, Any]]:
    """A batch's events, decoded."""
    return [json.loads(event) for _, event in batch.events]
