"""Timers against a plain sorted list: the same ones, in the same order, however few are held."""

from bisect import bisect_left
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams import keys, timers
from streams.stamp import Stamp
from streams.store import Memory, Store
from streams.timers import Timer, Timers
from tests.streams.world import folder_in_memory

_puts = st.tuples(st.sampled_from("abcdefghijkl"), st.integers(1, 12))
_batches = st.lists(st.tuples(st.lists(_puts, max_size=8), st.integers(0, 4)), max_size=20)


def _row(name: str) -> bytes:
    return f"h\0key\0{name}".encode()


def _value(due: int) -> bytes:
    return due.to_bytes(8, "big")


class Rows:
    """A partition's rows with timers that are put and popped in batches, applied some later."""

    def __init__(self, path: Path, lag: int) -> None:
        self.store = Store(path, Memory())
        self.timers = Timers(self.store)
        self.due: dict[bytes, int] = {}
        self.popped: list[Timer] = []
        self._lag = lag
        self._waiting: list[tuple[dict[bytes, bytes | None], list[Timer], list[bytes], int]] = []
        self._now = 0

    def batch(self, puts: list[tuple[str, int]], later: int) -> None:
        """Put some, then pop what is due so much later."""
        put, stale = [], []
        for name, ahead in puts:
            self.due[_row(name)] = self._now + ahead
            put.append(self.timers.put(_row(name), self._now + ahead))
        rows: dict[bytes, bytes | None] = {one[2]: _value(self.due[one[2]]) for one in put}
        self._now += later
        while (next_ms := self.timers.next_ms()) is not None and next_ms <= self._now:
            due, row = self.timers.pop()
            stale.append(keys.timer_key(due, row))
            if self.due.get(row) == due:
                self.popped.append((due, keys.row_id(row), row))
                del self.due[row]
                rows[row] = None
        self._waiting.append((rows, put, stale, self._now))
        while len(self._waiting) > self._lag:
            self.apply()

    def apply(self) -> None:
        """Store the oldest batch."""
        rows, put, stale, now = self._waiting.pop(0)
        self.store.write(rows, [], stale, Stamp(b"i" * 16, 0, 1, now, 1), 0)
        self.timers.stored(put)

    def restart(self) -> None:
        """Begin with what is stored."""
        while self._waiting:
            self.apply()
        self.timers = Timers(self.store)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOADED", 2)
    monkeypatch.setattr(timers, "HELD_MAX", 4)


@settings(max_examples=200, deadline=None)
@given(_batches, st.integers(0, 2), st.sets(st.integers(0, 20), max_size=3))
@example(
    [([("a", 4), ("a", 6), ("a", 4)], 3), ([("a", 3), ("b", 1)], 0), ([], 1), ([], 2)], 1, set()
)
def test_what_is_due_comes_in_the_order_due_then_id(
    batches: list[tuple[list[tuple[str, int]], int]], lag: int, restarts: set[int]
) -> None:
    with folder_in_memory() as folder:
        rows = Rows(folder / "store", lag)
        expected: list[Timer] = []
        due: dict[bytes, int] = {}
        now = 0
        for number, (puts, later) in enumerate(batches):
            if number in restarts:
                rows.restart()
            due |= {_row(name): now + ahead for name, ahead in puts}
            now += later
            ready = sorted((at, keys.row_id(row), row) for row, at in due.items() if at <= now)
            expected += ready
            for _, _, row in ready:
                del due[row]
            rows.batch(puts, later)
            assert rows.popped == expected
        rows.store.close()


def test_ids_decide_among_equal_times_whatever_their_key(store: Store) -> None:
    made = Timers(store)
    for row in (b"h\0b\0x", b"h\0a\0y", b"h\0c\0w", b"h\0a\0x\0", b"h\0a\0x"):
        made.put(row, 5)

    assert [made.pop()[1] for _ in range(5)] == [
        b"h\0c\0w",
        b"h\0a\0x",
        b"h\0b\0x",
        b"h\0a\0x\0",
        b"h\0a\0y",
    ]


def test_few_are_held(store: Store) -> None:
    made = Timers(store)
    for number in range(1_000):
        made.put(b"h\0k\0%04d" % number, 1_000 - number)

    assert len(made._heap) <= timers.HELD_MAX + 1


def test_many_that_are_due_together_cost_no_sort_each(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Timers(store)
    sorts = 0

    def counted(heap: list[Timer], limit: tuple[int]) -> int:
        nonlocal sorts
        sorts += 1  # the heap has just been sorted
        return bisect_left(heap, limit)

    monkeypatch.setattr(timers, "bisect_left", counted)
    for number in range(4_096):
        made.put(b"h\0k\0%04d" % number, 7)

    assert sorts <= 12, "doubling: the logarithm of their number"
    assert [made.pop()[1] for _ in range(3)] == [b"h\0k\0%04d" % n for n in range(3)]


def test_a_timer_put_below_what_was_left_to_the_store_comes_first(store: Store) -> None:
    made = Timers(store)
    for due in (50, 40, 30, 20, 60, 70):
        made.put(b"h\0k\0%d" % due, due)
    made.put(b"h\0k\0new", 10)

    assert [made.pop()[0] for _ in range(7) if made.next_ms()] == [10, 20, 30, 40, 50, 60, 70]
    assert made.next_ms() is None
