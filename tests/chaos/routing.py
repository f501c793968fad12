"""How Kafka finds a key's partition, and how events write a time."""

import time
from functools import lru_cache


def murmur2(key: bytes) -> int:
    """Kafka's hash of a record key, written from its description: 32 bits, seed 0x9747b28c."""
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    mixed = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * multiplier & mask
        word = (word ^ (word >> 24)) * multiplier & mask
        mixed = (mixed * multiplier & mask) ^ word
    if len(key) != whole:
        mixed = (mixed ^ int.from_bytes(key[whole:], "little")) * multiplier & mask
    mixed = (mixed ^ (mixed >> 13)) * multiplier & mask
    return mixed ^ (mixed >> 15)


@lru_cache(maxsize=1 << 16)
def owner(warehouse: str, partitions: int) -> int:
    """Partition that owns a warehouse."""
    return (murmur2(warehouse.encode()) & 0x7FFFFFFF) % partitions


@lru_cache(maxsize=1 << 16)
def rfc3339(time_ms: int) -> str:
    """UTC with milliseconds, as events carry log time."""
    second, millisecond = divmod(time_ms, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{millisecond:03d}Z"
