"""What a partition has fetched but not yet decided: none missing, none twice, few at a time."""

import asyncio
import time
from collections.abc import Callable

from streams.transport import Fetch

BYTES_MAX = 1 << 20  # waiting for decision; then the partition is not fetched any further
RECORD_BYTES = 200  # of a record beside its value


class Inbox:
    """A chain of fetches, each beginning where the last one ended.

    Faust may drop a fetch without a word (a changed generation, suspended flow, a cleared queue);
    then the next one does not fit, and the consumer is sent back to what is expected.
    """

    def __init__(self, seek: Callable[[int], int]) -> None:
        self._seek = seek  # offset -> number of the seek, which fetches behind it carry
        self._fetches: list[Fetch] = []
        self._bytes = 0
        self._turn = -1
        self._failure: Exception | None = None
        self.expected = 0
        self.arrived = asyncio.Event()
        self.last_arrival = time.monotonic()

    def reset(self, offset: int) -> None:
        """Begin at an offset; whatever was fetched before is not taken any more."""
        self.clear()
        self.expected = offset
        self._turn = self._seek(offset)

    def clear(self) -> None:
        """Forget what waits, and any failure."""
        self._fetches.clear()
        self._bytes = 0
        self._failure = None
        self.arrived.clear()

    def put(self, fetch: Fetch) -> None:
        """Take a fetch if it is the next one."""
        if fetch.turn != self._turn:
            return  # fetched before the last seek
        if fetch.start != self.expected or fetch.records[0].offset < fetch.start:
            self._turn = self._seek(self.expected)
            return
        self.expected = fetch.end
        self._fetches.append(fetch)
        self._bytes += sum(RECORD_BYTES + len(one.value or b"") for one in fetch.records)
        self.last_arrival = time.monotonic()
        self.arrived.set()

    def fail(self, error: Exception) -> None:
        """Make `take` raise: nothing more will come."""
        self._failure = error
        self.arrived.set()

    @property
    def full(self) -> bool:
        """Whether enough is waiting; by size, as fetches are as small as their source is slow."""
        return self._bytes >= BYTES_MAX

    def take(self) -> list[Fetch]:
        """All that waits, in order."""
        if self._failure is not None:
            raise self._failure
        taken, self._fetches, self._bytes = self._fetches, [], 0
        self.arrived.clear()
        return taken
