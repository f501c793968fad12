"""Fetched record batches, readable whatever a producer called its headers.

Kafka takes any bytes for a header's name; aiokafka decodes them as UTF-8 and raises where they are
none, each time it comes to that record, so that one such record would stop its partition for good.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

LENGTH_AT, HEAD_BYTES = 8, 12  # base offset, then the length of what follows it


class TolerantRecords(MemoryRecords):
    """aiokafka's reader of a fetch; where it fails at a header's name, a slower one reads."""

    def __init__(self, fetched: bytes) -> None:
        super().__init__(fetched)
        self._fetched, self._at = fetched, 0

    def next_batch(self) -> Any:
        """The next batch, or None."""
        start = self._at
        length = int.from_bytes(self._fetched[start + LENGTH_AT : start + HEAD_BYTES], "big")
        self._at = start + HEAD_BYTES + length
        batch = super().next_batch()
        return None if batch is None else _Batch(batch, self._fetched[start : self._at])


class _Batch:
    """A batch as the fetcher uses it, its records read at once."""

    __slots__ = ("_batch", "_bytes")

    def __init__(self, batch: Any, stored: bytes) -> None:
        self._batch, self._bytes = batch, stored

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return _AnyNames(self._bytes)


class _AnyNames(_DefaultRecordBatchPy):
    """Shows the bytes of a name that are no UTF-8 by their numbers."""

    _buffer: Any

    def _read_msg(self) -> Any:
        if type(self._buffer) is not _Buffer:  # as it is, and once more when it was uncompressed
            self._buffer = _Buffer(self._buffer)
        return super()._read_msg()


class _Buffer(bytearray):
    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Name(found) if isinstance(at, slice) else found


class _Name(bytearray):
    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)
