"""Rows of one kind as bytes, and what a decision reads and changes of them.

A key is `kind 0x00 key 0x00 name`, where `key` is the domain's: a warehouse, an order. A row that
says nothing is not there, and equal rows have equal bytes, however they came about. A kind in lower
case is timed: its bytes start with the time it is due, 8 of them, big-endian, ms since the epoch.
"""

import struct
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from streams import keys

R = TypeVar("R")
Read = Callable[[bytes], bytes | None]
"""Looks up a row by its key; None where there is none."""

_DUE: Final = struct.Struct(">Q")
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class Table(Generic[R]):
    """One kind of rows: what they are called, and their bytes."""

    def __init__(self, kind: str, row: type[R], empty: Callable[[], R] | None = None) -> None:
        assert kind.encode() not in (keys.TIMER, keys.ID), "the store's own keys begin so"
        self._kind = kind
        self._decode = msgspec.msgpack.Decoder(row).decode
        self.empty = empty  # what a row says that is not there, where that is something

    def key(self, key: str, name: str) -> bytes:
        """Where a row stands."""
        return f"{self._kind}\0{key}\0{name}".encode()

    def encode(self, row: R) -> bytes:
        """A row's bytes."""
        return _encode(row)

    def stored(self, row: R | None) -> bytes | None:
        """What stands in the store for a row: nothing where it says nothing."""
        if row is None or (self.empty is not None and row == self.empty()):
            return None
        return _encode(row)

    def decode(self, value: bytes) -> R:
        """A row from its bytes; msgspec.DecodeError on any others."""
        return self._decode(value)

    def read(self, read: Read, key: str, name: str) -> R | None:
        """A row, or what one says that is not there; None: nothing."""
        value = read(self.key(key, name))
        if value is not None:
            return self.decode(value)
        return None if self.empty is None else self.empty()


class Timed(Generic[R]):
    """One kind of rows that fall due."""

    def __init__(self, kind: str, row: type[R]) -> None:
        assert kind.islower(), "the runtime knows a timed row by its kind"
        self._kind = kind
        self._decode = msgspec.msgpack.Decoder(row).decode

    def key(self, key: str, name: str) -> bytes:
        """Where a row stands."""
        return f"{self._kind}\0{key}\0{name}".encode()

    def encode(self, row: R, due_ms: int) -> bytes:
        """A row's bytes, led by when it is due, ms since the epoch."""
        return _DUE.pack(due_ms) + _encode(row)

    def decode(self, value: bytes) -> R:
        """A row from its bytes; msgspec.DecodeError on any others."""
        return self._decode(memoryview(value)[_DUE.size :])

    def read(self, read: Read, key: str, name: str) -> R | None:
        """A row; None where there is none."""
        value = read(self.key(key, name))
        return None if value is None else self.decode(value)


class Found(Generic[R]):
    """The rows of one kind and key, as far as a decision asked for them; its changes are of these.

    `rows` must give the same bytes for the same key for as long as this lives.
    """

    def __init__(self, table: Table[R], key: str, rows: Read) -> None:
        self._table, self._key, self._rows = table, key, rows
        self._found: dict[str, R | None] = {}

    def get(self, name: str) -> R | None:
        """A row; None where there is none."""
        if name not in self._found:
            self._found[name] = self._table.read(self._rows, self._key, name)
        return self._found[name]

    def at(self, name: str) -> R:
        """A row that is there, or that says something where it is not."""
        row = self.get(name)
        assert row is not None, "what others name is there"
        return row

    def put(self, name: str, row: R | None) -> None:
        """Another row in its place; None deletes it."""
        self._found[name] = row

    def changes(self) -> dict[bytes, bytes | None]:
        """The rows that are not as they were, by key."""
        changes = {}
        for name, row in self._found.items():
            key = self._table.key(self._key, name)
            value = self._table.stored(row)
            if value != self._rows(key):
                changes[key] = value
        return changes
