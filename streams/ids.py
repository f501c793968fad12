"""Which commands were decided: ids remembered for a window of log time, in a few buckets.

An id costs 35 bytes in the store and 30 in the changelog, where a transaction's ids are one record.
Buckets are stretches of log time, a quarter of the window each and named by the second of their
first id: all ids of one are older than the name of the next, whatever the window was then. So some
five are looked up, and an old one is dropped whole: a range in the store, tombstones in the
changelog, some per batch.
"""

from hashlib import blake2b
from itertools import pairwise

from streams import keys
from streams.stamp import Bucket
from streams.store import Store

DIGEST_BYTES = 16
FINGERPRINT_BYTES = 8
_TIME_BYTES = 6  # ms since the epoch, until the year 10889
ENTRY_BYTES = DIGEST_BYTES + FINGERPRINT_BYTES + _TIME_BYTES
BUCKETS_PER_WINDOW = 4
TOMBSTONES_PER_BATCH = 1_000


def digest(key: str, command_id: str) -> bytes:
    """What an id is remembered as; 128 bits of BLAKE2b, so that nobody finds two alike."""
    return blake2b(f"{key}\0{command_id}".encode(), digest_size=DIGEST_BYTES).digest()


class Ids:
    """The ids of one partition: those in the store, those of undecided batches, and new ones."""

    def __init__(self, store: Store, window_s: int, buckets: tuple[Bucket, ...]) -> None:
        self._store = store
        self._window_ms = window_s * 1000
        self._width_s = max(1, window_s // BUCKETS_PER_WINDOW)
        self._buckets = {bucket.number: bucket for bucket in buckets}
        self._newest = max(self._buckets, default=0)
        self._pending: dict[bytes, bytes] = {}  # digest -> what is remembered; not yet stored
        self._loaded: dict[bytes, bytes] = {}  # the same, read for the batch being decided
        self._new: dict[int, list[bytes]] = {}  # bucket -> entries of the batch being decided

    def load(self, digests: list[bytes]) -> None:
        """Read what the store knows of a batch's ids, at once."""
        self._loaded.clear()
        for number in sorted(self._buckets):
            start = keys.id_start(number)
            found = self._store.get_many([start + one for one in digests])
            self._loaded.update(
                (one, value) for one, value in zip(digests, found, strict=True) if value is not None
            )

    def recall(self, one: bytes, log_time_ms: int) -> bytes | None:
        """The fingerprint that an id was decided with; None where it is not remembered."""
        value = self._pending.get(one) or self._loaded.get(one)
        if value is None:
            return None
        decided_ms = int.from_bytes(value[FINGERPRINT_BYTES:], "big")
        return value[:FINGERPRINT_BYTES] if log_time_ms - decided_ms < self._window_ms else None

    def remember(self, one: bytes, fingerprint: bytes, log_time_ms: int) -> None:
        """Note that an id is decided, from this moment on."""
        value = fingerprint + log_time_ms.to_bytes(_TIME_BYTES, "big")
        self._pending[one] = value
        seconds = log_time_ms // 1000
        if seconds >= self._newest + self._width_s:
            self._newest = seconds
        entries = self._new.get(self._newest)
        if entries is None:
            entries = self._new[self._newest] = []
        entries.append(one + value)

    def close_batch(
        self, log_time_ms: int
    ) -> tuple[list[tuple[bytes, bytes | None]], list[tuple[bytes, bytes]], tuple[Bucket, ...]]:
        """End a batch: (changelog records, entries for the store, buckets for the stamp)."""
        records: list[tuple[bytes, bytes | None]] = []
        entries: list[tuple[bytes, bytes]] = []
        for number, new in self._new.items():
            bucket = self._buckets.get(number, Bucket(number, 0, 0))
            records.append((keys.id_record_key(number, bucket.next), b"".join(new)))
            self._buckets[number] = Bucket(number, bucket.first, bucket.next + 1)
            start = keys.id_start(number)
            entries += [(start + entry[:DIGEST_BYTES], entry[DIGEST_BYTES:]) for entry in new]
        self._new = {}
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

    def stored(self, entries: list[tuple[bytes, bytes]]) -> None:
        """Forget what the store has by now, unless a later batch decided the id anew."""
        start = len(keys.ID) + 4
        for key, value in entries:
            if self._pending.get(key[start:]) == value:
                del self._pending[key[start:]]
