"""Stock rows as bytes: the keys and values that RocksDB and the changelog hold.

    S 0x00 warehouse 0x00 sku          >QQQQ on_hand, reserved, reorder_point, version
    r 0x00 warehouse 0x00 reservation  >Q due (ms since the epoch), then state, expiry and lines

A reservation is due at its expiry while it is open, and when its id is free again once it is not.
A warehouse has no 0x00 in it, so a key is read back without doubt; a reservation's name may.
"""

import struct
from collections.abc import Callable
from typing import Final

import msgspec

from schemas.rows import Reservation, Row

STOCK_KIND = b"S"
RESERVATION_KIND = b"r"  # lower case: timed

_ROW: Final = struct.Struct(">QQQQ")
_DUE: Final = struct.Struct(">Q")
_pack_row: Final = _ROW.pack
_unpack_row: Final[Callable[[bytes], tuple[int, int, int, int]]] = _ROW.unpack
_pack_due: Final = _DUE.pack
_encode_reservation: Final = msgspec.msgpack.Encoder().encode
_decode_reservation: Final = msgspec.msgpack.Decoder(Reservation).decode


def stock_key(warehouse: str, sku: str) -> bytes:
    """Key of a SKU's row; with an empty SKU, what a warehouse's rows start with."""
    return f"S\0{warehouse}\0{sku}".encode()


def reservation_key(warehouse: str, reservation: str) -> bytes:
    """Key of a reservation's row; with an empty name, what a warehouse's start with."""
    return f"r\0{warehouse}\0{reservation}".encode()


def split_key(key: bytes) -> tuple[bytes, str, str]:
    """(kind, warehouse, SKU or reservation) of a key."""
    kind, warehouse, name = key.split(b"\0", 2)
    return kind, warehouse.decode(), name.decode()


def encode_row(row: Row) -> bytes:
    """A row's 32 bytes."""
    return _pack_row(row.on_hand, row.reserved, row.reorder_point, row.version)


def decode_row(value: bytes) -> Row:
    """A row from its 32 bytes; struct.error on any others."""
    on_hand, reserved, reorder_point, version = _unpack_row(value)
    return Row(on_hand, reserved, reorder_point, version)


def encode_reservation(reservation: Reservation, due_ms: int) -> bytes:
    """A reservation's bytes, led by when it is due."""
    return _pack_due(due_ms) + _encode_reservation(reservation)


def decode_reservation(value: bytes) -> Reservation:
    """A reservation from its bytes; msgspec.DecodeError on any others."""
    return _decode_reservation(memoryview(value)[_DUE.size :])


def due_ms(value: bytes) -> int:
    """When a reservation is due, ms since the epoch."""
    return int.from_bytes(value[: _DUE.size])
