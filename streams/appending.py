"""Appends records to aiokafka's batch builders: as its own `append` does, without its detours."""

from collections.abc import Sequence
from typing import Any

_NO_HEADERS: list[tuple[str, bytes | None]] = []


def append_plain(
    builder: Any, records: Sequence[tuple[bytes, bytes | None]], first: int, append_ms: int
) -> int:
    """Append (key, value) records from the first on; where it had to stop as the batch is full."""
    append, place = builder._builder.append, builder._relative_offset
    for at in range(first, len(records)):
        key, value = records[at]
        if append(place, append_ms, key, value, _NO_HEADERS) is None:
            builder.close()
            return at
        place += 1
        builder._relative_offset = place
    return len(records)
