"""Finance rows as bytes: the keys and values that RocksDB and the changelog hold.

    V 0x00 warehouse 0x00 sku              what the SKU is worth, in MessagePack
    L 0x00 warehouse 0x00 sku 0x00 number  a layer; the number in hexadecimal, so that they sort
    r 0x00 warehouse 0x00 receipt          >Q due (ms since the epoch), then what came, and its cost
    c 0x00 warehouse 0x00 receipt          >Q due, then what its sender told before it came in
    P 0x00 warehouse 0x00                  up to which month all is closed, and which have sums
    P 0x00 warehouse 0x00 month            what it booked, by account and currency

A warehouse and a SKU have no 0x00 in them, so a key is read back without doubt; a receipt's name
may. `r` and `c`, in lower case: timed, are due when they are forgotten.
"""

import struct
from typing import Final

import msgspec

from schemas.finance_rows import JournalSum, Layer, Periods, Receipt, ToldCost, Valuation

VALUATION_KIND = b"V"

_DUE: Final = struct.Struct(">Q")
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_valuation: Final = msgspec.msgpack.Decoder(Valuation).decode
_decode_layer: Final = msgspec.msgpack.Decoder(Layer).decode
_decode_receipt: Final = msgspec.msgpack.Decoder(Receipt).decode
_decode_told: Final = msgspec.msgpack.Decoder(ToldCost).decode
_decode_periods: Final = msgspec.msgpack.Decoder(Periods).decode
_decode_sums: Final = msgspec.msgpack.Decoder(list[JournalSum]).decode


def valuation_key(warehouse: str, sku: str) -> bytes:
    """Key of a SKU's row; with an empty SKU, what a warehouse's rows start with."""
    return f"V\0{warehouse}\0{sku}".encode()


def layer_key(warehouse: str, sku: str, number: int) -> bytes:
    """Key of a layer of a SKU."""
    return f"L\0{warehouse}\0{sku}\0{number:016x}".encode()


def layers_start(warehouse: str, sku: str) -> bytes:
    """What the keys of a SKU's layers start with, in the order of their age."""
    return f"L\0{warehouse}\0{sku}\0".encode()


def receipt_key(warehouse: str, receipt: str) -> bytes:
    """Key of what an event of stock brought."""
    return f"r\0{warehouse}\0{receipt}".encode()


def told_key(warehouse: str, receipt: str) -> bytes:
    """Key of what was told of a receipt that has not come."""
    return f"c\0{warehouse}\0{receipt}".encode()


def periods_key(warehouse: str) -> bytes:
    """Key of what is closed; also what the keys of a warehouse's months start with."""
    return f"P\0{warehouse}\0".encode()


def period_key(warehouse: str, period: str) -> bytes:
    """Key of what a month booked."""
    return f"P\0{warehouse}\0{period}".encode()


def encode_valuation(row: Valuation) -> bytes:
    """A SKU's row as bytes."""
    return _encode(row)


def decode_valuation(value: bytes) -> Valuation:
    """A SKU's row from its bytes; msgspec.DecodeError on any others."""
    return _decode_valuation(value)


def encode_layer(layer: Layer) -> bytes:
    """A layer as bytes."""
    return _encode(layer)


def decode_layer(value: bytes) -> Layer:
    """A layer from its bytes; msgspec.DecodeError on any others."""
    return _decode_layer(value)


def encode_receipt(receipt: Receipt, due_ms: int) -> bytes:
    """A receipt's bytes, led by when it is due."""
    return _DUE.pack(due_ms) + _encode(receipt)


def decode_receipt(value: bytes) -> Receipt:
    """A receipt from its bytes; msgspec.DecodeError on any others."""
    return _decode_receipt(memoryview(value)[_DUE.size :])


def encode_told(told: ToldCost, due_ms: int) -> bytes:
    """A told cost's bytes, led by when it is due."""
    return _DUE.pack(due_ms) + _encode(told)


def decode_told(value: bytes) -> ToldCost:
    """A told cost from its bytes; msgspec.DecodeError on any others."""
    return _decode_told(memoryview(value)[_DUE.size :])


def encode_periods(periods: Periods) -> bytes:
    """What is closed, as bytes."""
    return _encode(periods)


def decode_periods(value: bytes) -> Periods:
    """What is closed, from its bytes; msgspec.DecodeError on any others."""
    return _decode_periods(value)


def encode_sums(sums: list[JournalSum]) -> bytes:
    """What a month booked, as bytes."""
    return _encode(sums)


def decode_sums(value: bytes) -> list[JournalSum]:
    """What a month booked, from its bytes; msgspec.DecodeError on any others."""
    return _decode_sums(value)
