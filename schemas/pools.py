"""The channels of a SKU: what each has in its pool, and what of the stock is not for it."""

from collections.abc import Sequence

import msgspec


class Channel(msgspec.Struct, gc=False, array_like=True):
    """A channel of a SKU: what is left of it to promise, and when that is too little."""

    channel: str
    quantity: int | None = None  # left in its pool; none: it draws on what is in no pool
    safety_stock: int = 0  # units that it must leave available
    low_point: int = 0
    recover_point: int | None = None  # above it a low one is ok again; none: the low point
    is_low: bool = False  # it fell low, and has not recovered


def pool_of(channels: Sequence[Channel], name: str | None) -> str | None:
    """Which pool a channel draws on: its own, or, as whoever has none, on what is in no pool."""
    for one in channels:
        if one.channel == name:
            return None if one.quantity is None else name
    return None


def kept_from(
    channels: Sequence[Channel], safety_stock: int, name: str | None, available: int
) -> int:
    """How much of what is available is not for a channel; of no name: for whoever has none."""
    fenced = sum(one.quantity or 0 for one in channels)
    for one in channels:
        if one.channel != name:
            continue
        if one.quantity is None:
            return max(safety_stock + fenced, one.safety_stock)
        return max(safety_stock, one.safety_stock, available - one.quantity)
    return safety_stock + fenced
