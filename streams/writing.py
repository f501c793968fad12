"""Fills a WriteBatch of RocksDB with what one transaction, or several, made of a partition."""

from collections.abc import Iterable, Mapping
from typing import Any

from streams import keys


def fill(
    batch: Any,
    rows: Mapping[bytes, bytes | None],
    ids: Iterable[tuple[bytes, bytes]],
    stale_timers: Iterable[bytes],
    log_time_ms: int,
) -> None:
    """Rows with the timers of those that are due later, ids, and no more of the stale timers."""
    put, delete = batch.put, batch.delete
    for key in stale_timers:
        delete(key)
    for key, value in rows.items():
        if value is None:
            delete(key)
            continue
        put(key, value)
        if keys.is_timed(key):
            due = keys.due_ms(value)
            if due > log_time_ms:
                put(keys.timer_key(due, key), key)
    for key, value in ids:
        put(key, value)
