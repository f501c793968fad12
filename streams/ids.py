"""Which commands were decided: ids remembered for a window of log time, in a few buckets.

An id costs 35 bytes in the store and 30 in the changelog, where a transaction's ids are one record.
Buckets are stretches of log time, a quarter of the window each and named by the second of their
first id: all ids of one are older than the name of the next, whatever the window was then. So some
five are looked up, and an old one is dropped whole: a range in the store, tombstones in the
changelog, some per batch.
"""

from hashlib import blake2b
from itertools import pairwise
from typing import Final

from streams import keys
from streams.stamp import Bucket
from streams.store import Store

DIGEST_BYTES: Final = 16
FINGERPRINT_BYTES: Final = 8
_TIME_BYTES: Final = 6  # ms since the epoch, until the year 10889
ENTRY_BYTES = DIGEST_BYTES + FINGERPRINT_BYTES + _TIME_BYTES
BUCKETS_PER_WINDOW = 4
TOMBSTONES_PER_BATCH = 1_000


_UNUSED: Final = blake2b(digest_size=DIGEST_BYTES)  # a copy costs less than a new one


def digest(key: str, command_id: str) -> bytes:
    """What an id is remembered as; 128 bits of BLAKE2b, so that nobody finds two alike."""
    one = _UNUSED.copy()
    one.update(f"{key}\0{command_id}".encode())
    return one.digest()


class Ids:
    """The ids of one partition: those in the store, those of undecided batches, and new ones."""

    def __init__(self, store: Store, window_s: int, buckets: tuple[Bucket, ...]) -> None:
        self._store = store
        self._window_ms = window_s * 1000
        self._width_s = max(1, window_s // BUCKETS_PER_WINDOW)
        self._buckets = {bucket.number: bucket for bucket in buckets}
        self._newest = max(self._buckets, default=0)
        self._pending: list[dict[bytes, bytes]] = []  # digest -> what is remembered; not yet stored
        self._loaded: dict[bytes, bytes] = {}  # the same, read for the records being decided
        self._deciding: dict[bytes, bytes] = {}  # the same, of the batch being decided
        self._new: dict[int, list[bytes]] = {}  # bucket -> digest, what is remembered, digest, ...
        self._entries: list[bytes] = []  # of the newest bucket
        self._time_ms, self._time = 0, bytes(_TIME_BYTES)

    def open_batch(self) -> None:
        """Begin a batch; those before it may be stored later."""
        self._deciding = {}
        self._new = {}
        self._entries = self._new.setdefault(self._newest, [])

    def load(self, digests: list[bytes]) -> None:
        """Read what the store knows of some records' ids, at once."""
        starts = [keys.id_start(number) for number in sorted(self._buckets)]
        found = self._store.get_many([start + one for start in starts for one in digests])
        asked = zip(digests * len(starts), found, strict=True)
        self._loaded = {one: value for one, value in asked if value is not None}

    def recall(self, one: bytes, log_time_ms: int) -> bytes | None:
        """The fingerprint that an id was decided with; None where it is not remembered."""
        value = self._deciding.get(one)
        if value is None:
            for batch in reversed(self._pending):
                value = batch.get(one)
                if value is not None:
                    break
            else:
                value = self._loaded.get(one)
        if value is None:
            return None
        decided_ms = int.from_bytes(value[FINGERPRINT_BYTES:], "big")
        return value[:FINGERPRINT_BYTES] if log_time_ms - decided_ms < self._window_ms else None

    def remember(self, one: bytes, fingerprint: bytes, log_time_ms: int) -> None:
        """Note that an id is decided, from this moment on."""
        if log_time_ms != self._time_ms:
            self._time_ms, self._time = log_time_ms, log_time_ms.to_bytes(_TIME_BYTES, "big")
            seconds = log_time_ms // 1000
            if seconds >= self._newest + self._width_s:
                self._newest = seconds
                self._entries = self._new[seconds] = []
        value = fingerprint + self._time
        self._deciding[one] = value
        self._entries.append(one)
        self._entries.append(value)

    def close_batch(
        self, log_time_ms: int
    ) -> tuple[list[tuple[bytes, bytes | None]], list[tuple[bytes, bytes]], tuple[Bucket, ...]]:
        """End a batch: (changelog records, entries for the store, buckets for the stamp)."""
        records: list[tuple[bytes, bytes | None]] = []
        entries: list[tuple[bytes, bytes]] = []
        for number, new in self._new.items():
            if not new:
                continue
            bucket = self._buckets.get(number, Bucket(number, 0, 0))
            records.append((keys.id_record_key(number, bucket.next), b"".join(new)))
            self._buckets[number] = Bucket(number, bucket.first, bucket.next + 1)
            start = keys.id_start(number)
            entries += [(start + new[at], new[at + 1]) for at in range(0, len(new), 2)]
        self._pending.append(self._deciding)
        records += self._drop(log_time_ms)
        return records, entries, tuple(self._buckets.values())

    def _drop(self, log_time_ms: int) -> list[tuple[bytes, bytes | None]]:
        """Tombstones for a bucket whose ids are all older than the window: the next began then."""
        numbers = sorted(self._buckets)
        for number, following in pairwise(numbers):
            if following * 1000 > log_time_ms - self._window_ms:
                break
            bucket = self._buckets[number]
            last = min(bucket.next, bucket.first + TOMBSTONES_PER_BATCH)
            if last == bucket.next:
                del self._buckets[number]
            else:
                self._buckets[number] = Bucket(number, last, bucket.next)
            return [(keys.id_record_key(number, n), None) for n in range(bucket.first, last)]
        return []

    def stored(self) -> None:
        """Forget the oldest batch's: the store has them by now."""
        del self._pending[0]
