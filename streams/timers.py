"""What is due next in a partition: the earliest timers in a heap, the rest left in the store."""

from bisect import bisect_left
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from streams import keys
from streams.store import Store

LOADED = 4_096  # timers read ahead; a partition with more open rows reads on as these pass
HELD_MAX = 4 * LOADED  # about 4 MiB; what is put beyond that waits in the store

Timer = tuple[int, bytes, bytes]
"""(due in ms, the row's id, the row's key): the contract's order."""


class Timers:
    """Timers of one partition, in the order (due, id). Stale ones come out too: check the row."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heap: list[Timer] = []
        self._limit = keys.DUE_MAX  # timers from here on are in the store or pending only
        self._pending: dict[Timer, int] = {}  # put, but not yet stored: how often
        self._held_max = HELD_MAX
        self._load(0)

    def _load(self, start_ms: int) -> None:
        self._limit, last = keys.DUE_MAX, 0
        found: set[Timer] = set()
        for key, row_key in self._store.scan(keys.timer_start(start_ms), keys.TIMER_STOP):
            due = keys.timer_due(key)
            if len(found) >= LOADED and due > last:
                self._limit = due
                break
            found.add((due, keys.row_id(row_key), row_key))
            last = due
        found.update(one for one in self._pending if start_ms <= one[0] < self._limit)
        self._heap = list(found)
        heapify(self._heap)

    def put(self, row_key: bytes, due: int) -> Timer:
        """A timed row was decided; its timer is pending until its batch is in the store."""
        one = (due, keys.row_id(row_key), row_key)
        self._pending[one] = self._pending.get(one, 0) + 1
        if due < self._limit:
            heappush(self._heap, one)
            if len(self._heap) > self._held_max:
                self._trim()
        return one

    def _trim(self) -> None:
        """Leave the later ones to the store; timers that are due together stay together."""
        self._heap.sort()
        limit = self._heap[LOADED][0]
        if limit == self._heap[0][0]:
            limit += 1
        kept = bisect_left(self._heap, (limit,))
        if kept == len(self._heap):
            self._held_max = 2 * kept
            return
        self._limit = self._heap[kept][0]
        del self._heap[kept:]

    def stored(self, timers: Iterable[Timer]) -> None:
        """The batch that put these has been applied."""
        pending = self._pending
        for one in timers:
            left = pending[one] - 1
            if left:
                pending[one] = left
            else:
                del pending[one]

    def next_ms(self) -> int | None:
        """When the earliest timer is due; None while there is none."""
        if not self._heap and self._limit != keys.DUE_MAX:
            self._load(self._limit)
        return self._heap[0][0] if self._heap else None

    def pop(self) -> tuple[int, bytes]:
        """(due, row key) of the earliest timer; `next_ms` has said that there is one."""
        due, _, row_key = heappop(self._heap)
        return due, row_key
