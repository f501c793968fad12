"""Decides which channels a SKU has: how much each may promise, and when too little is left to it.

A pool is what is left to its channel. It moves with its channel's promises, and with nothing else:
by what an event of the channel makes available or takes, and by what the channel's waiters get.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agents.stock.levels import NEVER_SEEN
from agents.stock.outcomes import outcome
from agents.stock.owed import is_sale
from agents.stock.state import Beside, Stock, drawn
from schemas.pools import Channel, kept_from
from schemas.rows import Row
from schemas.stock_structs import (
    Alert,
    ChannelPoolsSet,
    Filled,
    LowStock,
    OutOfStock,
    PoolSet,
    PoolsMoved,
    SetChannelPools,
    StockRecovered,
)
from streams.actor import Moment

OK = 2
Crossing = tuple[type[Alert], Channel, int]
"""The alert, the channel, and what is left to it."""


def set_pools(stock: Stock, command: SetChannelPools, moment: Moment) -> ChannelPoolsSet:
    """All channels of each SKU are replaced, and what is left to each is said anew."""
    lines = []
    for line in command.lines:
        row = stock.rows.get(line.sku, NEVER_SEEN)
        lines.append(
            PoolsMoved(
                sku=line.sku,
                pools=[_set(pool) for pool in line.pools],
                on_hand=row.on_hand,
                reserved=row.reserved,
                available=row.available,
                version=row.version + 1,
            )
        )
    return outcome(ChannelPoolsSet, command, moment, lines=lines)


def _set(pool: Any) -> PoolSet:
    return PoolSet(
        channel=pool.channel,
        quantity=pool.quantity,
        safety_stock=pool.safety_stock,
        low_point=pool.low_point,
        recover_point=pool.recover_point,
    )


def evolve_channels(
    rows: Mapping[str, Row], before: Beside, after: Beside, event: Any
) -> dict[str, list[Channel]]:
    """The channels by SKU after an event; `after` has the policies of then."""
    channels = dict(before.channels)
    is_set, filled = type(event) is ChannelPoolsSet, dict[str, list[Filled]]()
    for one in getattr(event, "filled", ()):
        filled.setdefault(one.sku, []).append(one)
    channel: str | None = getattr(event, "channel", None)
    for line in event.lines:
        sku, row = line.sku, rows.get(line.sku, NEVER_SEEN)
        if is_set:
            channels[sku] = _replaced(before.channels.get(sku, ()), line.pools)
        elif sku not in channels:
            continue
        fills = filled.get(sku, [])
        given = sum(one.quantity for one in fills)
        by = line.available + given - row.available
        if is_sale(event) and before.policy(sku).negative_limit:
            by = _as_far_as_it_goes(channels[sku], channel, by)
        told = drawn(channels[sku], {channel: by})
        for one in fills:
            told = drawn(told, {one.channel: -one.quantity})
        safety_stock = after.policy(sku).safety_stock
        channels[sku] = [_levelled(one, told, safety_stock, line.available) for one in told]
    return {sku: told for sku, told in channels.items() if told}


def _as_far_as_it_goes(channels: Sequence[Channel], name: str | None, by: int) -> int:
    """What a sale that was not asked takes out of its channel's pool: no more than is in it."""
    for one in channels:
        if one.channel == name and one.quantity is not None:
            return max(by, -one.quantity)
    return by


def _replaced(before: Sequence[Channel], pools: Sequence[PoolSet]) -> list[Channel]:
    low = {one.channel for one in before if one.is_low}
    return [
        Channel(
            pool.channel,
            pool.quantity,
            pool.safety_stock,
            pool.low_point,
            pool.recover_point,
            pool.channel in low,
        )
        for pool in pools
    ]


def _levelled(one: Channel, channels: list[Channel], safety_stock: int, available: int) -> Channel:
    left = max(0, available - kept_from(channels, safety_stock, one.channel, available))
    recover_point = one.recover_point if one.is_low else None
    is_low = left <= max(one.low_point, recover_point or 0)
    return one if is_low == one.is_low else msgspec.structs.replace(one, is_low=is_low)


def crossings(before: Beside, after: Beside, sku: str, was: Row | None, row: Row) -> list[Crossing]:
    """The alerts that an event is worth to a SKU's channels. A channel's first is worth none."""
    told: list[Crossing] = []
    if was is None or sku not in after.channels:
        return told
    known = {one.channel: one for one in before.channels.get(sku, ())}
    for one in after.channels[sku]:
        if one.channel not in known:
            continue
        left = after.left(sku, one.channel, row.available)
        now = _level(left, one)
        then = _level(before.left(sku, one.channel, was.available), known[one.channel])
        if now < then:
            told.append((LowStock if now else OutOfStock, one, left))
        elif now == OK > then:
            told.append((StockRecovered, one, left))
    return told


def _level(left: int, one: Channel) -> int:
    """0 out, 1 low, 2 ok."""
    return OK - one.is_low if left else 0
