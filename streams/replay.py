"""Changelog records in, whole transactions into a store: recovery, and the readers' follower."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from streams import keys, stamp
from streams.exceptions import LogLost
from streams.ids import DIGEST_BYTES, ENTRY_BYTES
from streams.stamp import Stamp
from streams.store import Store

ROWS_PER_WRITE = 20_000  # replayed transactions are joined up to here: one WriteBatch, some MiB


class Record(Protocol):
    """What replay reads of a consumed record."""

    offset: int
    key: bytes | None
    value: bytes | None


class Replay:
    """Applies changelog records of one partition, in order; torn ends wait for their stamp."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: dict[bytes, bytes | None] = {}
        self._ids: list[tuple[bytes, bytes]] = []
        self._whole_rows: dict[bytes, bytes | None] = {}
        self._whole_ids: list[tuple[bytes, bytes]] = []
        self._stamp: tuple[Stamp, int] | None = None
        self._last = position.stamp if (position := store.position()) else None
        self._timers_to_ms = 0  # those due up to here have been removed
        self.rows = 0  # replayed, ids included

    def feed(self, records: Iterable[Record]) -> None:
        """Take records as they were consumed; what a stamp closes is written before returning.

        Raises LogLost where a stamp contradicts the one before it: a torn or repeated log.
        """
        for record in records:
            key, value = record.key, record.value
            if key == stamp.KEY:
                assert value is not None, "a stamp is never deleted"
                self._close(Stamp.decode(value), record.offset + 1)
            elif key is None:
                continue
            elif key.startswith(keys.ID):
                if value is not None:
                    self._ids.extend(_expand(key, value))
            else:
                self._rows[key] = value
        self._write()

    def _close(self, at: Stamp, next_offset: int) -> None:
        last = self._last
        if last and (at.incarnation != last.incarnation or at.next_seq < last.next_seq):
            raise LogLost(
                f"the changelog goes from seq {last.next_seq} to {at.next_seq} of "
                f"{'the same' if at.incarnation == last.incarnation else 'another'} incarnation: "
                "it was written by two owners, or restored in parts"
            )
        self._last = at
        self._whole_rows.update(self._rows)
        self._whole_ids += self._ids
        self.rows += len(self._rows) + len(self._ids)
        self._rows, self._ids = {}, []
        self._stamp = at, next_offset
        if len(self._whole_rows) + len(self._whole_ids) >= ROWS_PER_WRITE:
            self._write()

    def _write(self) -> None:
        if self._stamp is None:
            return
        at, next_offset = self._stamp
        start, stop = keys.timer_start(self._timers_to_ms), keys.timer_start(at.log_time_ms + 1)
        past = [key for key, _ in self._store.scan(start, stop)]
        self._timers_to_ms = at.log_time_ms
        self._store.write(self._whole_rows, self._whole_ids, past, at, next_offset)
        self._whole_rows, self._whole_ids, self._stamp = {}, [], None


def _expand(key: bytes, value: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = key[: len(keys.ID) + 4]
    for at in range(0, len(value), ENTRY_BYTES):
        entry = value[at : at + ENTRY_BYTES]
        yield start + entry[:DIGEST_BYTES], entry[DIGEST_BYTES:]
