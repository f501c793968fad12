"""The rows of orders as bytes, and what is told of them to readers.

Keys are `kind 0x00 order 0x00`, with no name behind:

    o order  >Q due (ms since the epoch), then [state, attempt, legs, learned]
    W order  [lines, sources, strategy, backorder, attempts_max, hold_s], until the order is over

An order is due when its id is free again once it is over, and else to be looked at again.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

import msgspec

from schemas.orders_lines import reservation_of
from schemas.orders_rows import Order, Wish

Read = Callable[[bytes], bytes | None]
"""Looks up a row by its key; None where there is none."""

ORDER_KIND: Final = b"o"  # lower case: timed
_DUE: Final = struct.Struct(">Q")
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_order: Final = msgspec.msgpack.Decoder(Order).decode
_decode_wish: Final = msgspec.msgpack.Decoder(Wish).decode


def order_key(order: str) -> bytes:
    """Key of an order's row."""
    return f"o\0{order}\0".encode()


def wish_key(order: str) -> bytes:
    """Key of what was wanted by an order."""
    return f"W\0{order}\0".encode()


def encode_order(order: Order, due_ms: int) -> bytes:
    """An order's bytes; it is due at `due_ms`."""
    return _DUE.pack(due_ms) + _encode(order)


def decode_order(value: bytes) -> Order:
    """An order from its bytes; msgspec.DecodeError on any others."""
    return _decode_order(value[_DUE.size :])


def encode_wish(wish: Wish) -> bytes:
    """What was wanted, in bytes."""
    return _encode(wish)


def decode_wish(value: bytes) -> Wish:
    """What was wanted, from its bytes; msgspec.DecodeError on any others."""
    return _decode_wish(value)


def order_told(read: Read, order: str) -> dict[str, Any] | None:
    """Of an order: how far it is, and its legs."""
    value = read(order_key(order))
    if value is None:
        return None
    found = decode_order(value)
    return {
        "order": order,
        "state": found.state,
        "attempt": found.attempt,
        "legs": [
            {
                "attempt": leg.attempt,
                "warehouse": leg.warehouse,
                "reservation": reservation_of(order, leg.attempt),
                "state": leg.state,
                "lines": leg.lines,
            }
            for leg in found.legs
        ],
        "learned": found.learned,
    }
