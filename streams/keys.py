"""How bytes are named in a store: rows, timers, remembered ids, and the store's own notes.

A row is `kind 0x00 key 0x00 id`. A kind in lower case is timed: its value starts with the time it
is due. A timer repeats such a time as a key, so that what is due next is found by one seek; one
whose row has another time by now is stale and means nothing.
"""

import struct
from typing import Final

TIMER, ID = b"T", b"I"
# Behind all else, as a note is in every write: a table reaches from its first key to its last, and
# one that began with a note would overlap the ids of every bucket. Each lookup would search it, and
# each compaction rewrite all ids.
NOTES = b"~"
_U64: Final = struct.Struct(">Q")
_read_u64: Final = _U64.unpack_from
TIMER_STOP = b"U"
DUE_MAX = (1 << 64) - 1
_LOWER_A: Final = 0x61
_LOWER_Z: Final = 0x7A


def is_timed(row_key: bytes) -> bool:
    """Whether a row's value starts with the time it is due."""
    return _LOWER_A <= row_key[0] <= _LOWER_Z


def due_ms(value: bytes) -> int:
    """The time a timed row is due, ms since the epoch."""
    return int(_read_u64(value)[0])


def row_id(row_key: bytes) -> bytes:
    """A row's id, without its kind and key."""
    return row_key.split(b"\0", 2)[2]


def timer_key(due: int, row_key: bytes) -> bytes:
    """Orders timers by (due, id); the value is the row's key."""
    return TIMER + _U64.pack(due) + row_id(row_key) + b"\0" + row_key


def timer_due(key: bytes) -> int:
    """The time in a timer's key."""
    return int(_read_u64(key, len(TIMER))[0])


def timer_start(due: int) -> bytes:
    """Where the timers of a time begin."""
    return TIMER + _U64.pack(due)


def id_start(bucket: int) -> bytes:
    """Where the ids of a bucket begin; the next bucket's start is their end."""
    return ID + bucket.to_bytes(4, "big")


def id_key(bucket: int, digest: bytes) -> bytes:
    """Where one id of a bucket is remembered."""
    return ID + bucket.to_bytes(4, "big") + digest


def id_record_key(bucket: int, number: int) -> bytes:
    """Key of the changelog record that carries a transaction's ids."""
    return ID + bucket.to_bytes(4, "big") + _U64.pack(number)
