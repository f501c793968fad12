"""MessagePack, read from its description: nil, booleans, integers, texts and arrays."""

from typing import Any

_UNSIGNED = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}  # sizes, by first byte
_SIGNED = {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_TEXTS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAYS = {0xDC: 2, 0xDD: 4}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


def unpack(value: bytes, at: int = 0) -> Any:
    """The one value from there to the end."""
    found, end = _value(value, at)
    assert end == len(value), "bytes behind the value"
    return found


def _value(value: bytes, at: int) -> tuple[Any, int]:
    """(a value, where the next begins)."""
    first, at = value[at], at + 1
    if first < 0x80:
        return first, at
    if first >= 0xE0:
        return first - 0x100, at
    if first in _CONSTANTS:
        return _CONSTANTS[first], at
    if first in _UNSIGNED or first in _SIGNED:
        size = _UNSIGNED.get(first) or _SIGNED[first]
        number = int.from_bytes(value[at : at + size], "big", signed=first in _SIGNED)
        return number, at + size
    if 0xA0 <= first < 0xC0 or first in _TEXTS:
        length, at = _length(value, at, first & 0x1F, _TEXTS.get(first, 0))
        return value[at : at + length].decode(), at + length
    assert 0x90 <= first < 0xA0 or first in _ARRAYS, f"unexpected MessagePack 0x{first:02x}"
    length, at = _length(value, at, first & 0x0F, _ARRAYS.get(first, 0))
    items = []
    for _ in range(length):
        item, at = _value(value, at)
        items.append(item)
    return items, at


def _length(value: bytes, at: int, short: int, size: int) -> tuple[int, int]:
    return (int.from_bytes(value[at : at + size], "big"), at + size) if size else (short, at)
