"""One partition's committed rows on this host, and who waits for them to move on."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from aiokafka import ConsumerRecord

from api.problems import Problem, unavailable
from streams import stamp as stamps
from streams.exceptions import StoreCorrupt, StoreError
from streams.replay import Replay
from streams.stamp import Stamp
from streams.store import Memory, Store, set_aside
from streams.telemetry import log
from streams.topics import DELETE_RETENTION_MS

AGE_MS_MAX = DELETE_RETENTION_MS // 2  # an older copy may have missed deletions


def not_caught_up() -> Problem:
    """503: the copy is behind what was there when it was opened."""
    detail = "The API is still reading the changelog; ask again soon."
    return unavailable("NOT_CAUGHT_UP", detail)


class Replica:
    """A copy of one partition; it answers only whole committed transactions.

    `caught_up` once it has reached the end of the changelog that was seen when it was opened.
    """

    def __init__(self, partition: int, path: Path, memory: Memory) -> None:
        self.partition, self._path, self._memory = partition, path, memory
        self._store: Store | None = None
        self._replay: Replay | None = None
        self._waiting: set[tuple[Callable[[], bool], asyncio.Future[None]]] = set()
        self.stamp: Stamp | None = None
        self.caught_up = False
        self.end = 0  # of the changelog, seen when the copy was opened
        self.next_offset = 0  # of the changelog: where reading goes on
        self.applied_ms = 0  # append time of the newest record applied
        self.rebuilds = 0
        self._failure: StoreError | None = None  # of a read: the follower opens the copy again

    @property
    def seq(self) -> int:
        """Seq of the newest event whose effects this copy has; 0 before the first one."""
        return self.stamp.next_seq - 1 if self.stamp is not None else 0

    @property
    def decided(self) -> int:
        """Offset in the partition of commands that decisions have reached."""
        return self.stamp.next_offset if self.stamp is not None else 0

    def age_s(self, now_s: float) -> float:
        """How long ago the newest record applied was appended."""
        return max(0.0, now_s - self.applied_ms / 1000) if self.applied_ms else 0.0

    def get(self, key: bytes) -> bytes | None:
        """A row's bytes; Problem 503 while the copy is not caught up, or cannot be read."""
        try:
            return self._readable().get(key)
        except StoreError as error:
            raise self._suspect(error) from error

    def scan(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows from `start` up to but without `stop`; Problem 503 as in `get`."""
        try:
            yield from self._readable().scan(start, stop)
        except StoreError as error:
            raise self._suspect(error) from error

    def _readable(self) -> Store:
        if self._store is None or not self.caught_up:
            raise not_caught_up()
        return self._store

    def _suspect(self, error: StoreError) -> Problem:
        self._failure = error
        return not_caught_up()

    def open(self, begin: int, end: int) -> int:
        """Open the copy for a changelog [begin, end); returns the offset to read on from.

        A copy that is missing, corrupt, foreign, outdated or ahead is made anew: it is derived,
        so nothing is lost. Reading starts at its own stamp, which shows whose log this is.
        """
        self.close()
        store = self._opened(begin, end)
        position = store.position()
        self._store, self._replay = store, Replay(store)
        self.stamp = position.stamp if position else None
        self.next_offset = max(begin, position.next_offset - 1) if position else begin
        self.end = end
        self.caught_up = self.next_offset >= end
        self._wake()
        return self.next_offset

    def _opened(self, begin: int, end: int) -> Store:
        store, flaw = self._found(begin, end)
        if store is not None and flaw is None:
            return store
        if store is not None:
            store.close()
        log.warning("replica_rebuilt", partition=self.partition, reason=flaw)
        self.set_aside()
        return Store(self._path, self._memory)

    def _found(self, begin: int, end: int) -> tuple[Store | None, str | None]:
        """What is at the path, and why it cannot be used."""
        if self._path.exists() and not self._path.is_dir():
            return None, "it is no directory"
        store = None
        try:
            store = Store(self._path, self._memory)
            return store, self._flaw(store, begin, end)
        except StoreCorrupt as error:
            return store, str(error)

    def set_aside(self) -> None:
        """Give the closed copy up: the next `open` starts from nothing."""
        self.rebuilds += 1
        set_aside(self._path)

    @staticmethod
    def _flaw(store: Store, begin: int, end: int) -> str | None:
        position = store.position()
        if position is None:
            return None if store.is_empty() else "it has rows but no position"
        if position.next_offset > end:
            return f"it is ahead of the changelog: {position.next_offset} > {end}"
        if position.next_offset <= begin:
            return f"the changelog starts behind it: {position.next_offset} < {begin}"
        age_ms = int(time.time() * 1000) - position.written_at_ms
        if position.next_offset < end and age_ms > AGE_MS_MAX:
            return f"it was written {age_ms // 3_600_000} hours ago"
        return None

    def feed(self, records: Sequence[ConsumerRecord[bytes, bytes]], next_offset: int) -> None:
        """Apply what was read up to `next_offset`; raises StoreError, LogLost of another log."""
        if self._failure is not None:
            raise self._failure
        if next_offset == self.next_offset:
            return
        assert self._replay is not None, "the copy is open"
        self._replay.feed(records)
        self.next_offset = next_offset
        self.caught_up = self.caught_up or next_offset >= self.end
        if records:
            self.applied_ms = records[-1].timestamp
        stamp = next((one.value for one in reversed(records) if one.key == stamps.KEY), None)
        if stamp is not None:
            self.stamp = Stamp.decode(stamp)
            self._wake()

    async def reached(self, seq: int) -> None:
        """Return once the effects of event `seq` are in the copy."""
        await self._until(lambda: self.seq >= seq)

    async def decided_to(self, offset: int) -> None:
        """Return once every command before `offset` is decided, as far as the copy knows."""
        await self._until(lambda: self.decided >= offset)

    async def _until(self, condition: Callable[[], bool]) -> None:
        if condition():
            return
        entry = condition, asyncio.get_running_loop().create_future()
        self._waiting.add(entry)
        try:
            await entry[1]
        finally:
            self._waiting.discard(entry)

    def _wake(self) -> None:
        for condition, future in self._waiting:
            if not future.done() and condition():
                future.set_result(None)

    def close(self) -> None:
        """Close the store; the copy answers 503 until it is opened again."""
        self.caught_up = False
        self._failure = None
        store, self._store, self._replay = self._store, None, None
        if store is not None:
            store.close()
