"""What stands beside marked rows: loaded for a decision, and changed by its event.

A row without marks has nothing beside it, so most commands never come here.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from agents.stock.beside import evolve_filled
from agents.stock.state import NOTHING_BESIDE, REVIEW_MS, Beside
from schemas.row import HAS_CHANNELS, HAS_POLICY, IS_AWAITED
from schemas.rows import Reservation, Row, Supply
from schemas.stock_structs import (
    BackorderStock,
    PreorderStock,
    SetChannelPools,
    SetStockPolicy,
    ShipStock,
)
from streams.actor import Rows
from tables.stock import (
    channels_key,
    decode_channels,
    decode_policy,
    decode_queue,
    decode_reservation,
    decode_supplies,
    encode_channels,
    encode_policy,
    encode_queue,
    encode_reservation,
    policy_key,
    queue_key,
    reservation_key,
    supplies_key,
)

MARKS: Final = frozenset((SetStockPolicy, SetChannelPools, BackorderStock, PreorderStock))
"""The commands that may mark a row which has no mark yet."""


def load(
    kind: Any, warehouse: str, found: dict[str, Row], rows: Rows, channel: str | None
) -> Beside:
    """What stands beside these rows, for a command of this kind that comes through a channel."""
    marked = {sku: row.marks for sku, row in found.items() if row.marks}
    if not marked and kind not in MARKS:
        return NOTHING_BESIDE
    policies, queues, channels = {}, {}, {}
    for sku, marks in marked.items():
        value = rows(policy_key(warehouse, sku)) if marks & HAS_POLICY else None
        if value is not None:
            policies[sku] = decode_policy(value)
        value = rows(queue_key(warehouse, sku)) if marks & IS_AWAITED else None
        if value is not None:
            queues[sku] = decode_queue(value)
        value = rows(channels_key(warehouse, sku)) if marks & HAS_CHANNELS else None
        if value is not None:
            channels[sku] = decode_channels(value)
    waiting, is_sale = partial(_waiting, warehouse, rows), kind is ShipStock
    return Beside(policies, queues, waiting, channels, channel, found, is_sale)


def _waiting(warehouse: str, rows: Rows, name: str) -> Reservation:
    value = rows(reservation_key(warehouse, name))
    assert value is not None, "who waits is known until nothing is missing"
    return decode_reservation(value)


def supplies_of(warehouse: str, skus: Iterable[str], rows: Rows) -> dict[str, list[Supply]]:
    """What is to come of these SKUs, of those of which something is."""
    found = {sku: rows(supplies_key(warehouse, sku)) for sku in skus}
    return {sku: decode_supplies(value) for sku, value in found.items() if value is not None}


def changed_beside(
    before: Beside, after: Beside, event: Any, now_ms: int
) -> dict[bytes, bytes | None]:
    """What has become of what stands beside the rows, by its keys."""
    warehouse, changes = event.warehouse, dict[bytes, bytes | None]()
    if after is before:
        return changes
    for sku in {**before.policies, **after.policies}:  # in an order: a set has another each time
        policy = after.policies.get(sku)
        if policy != before.policies.get(sku):
            changes[policy_key(warehouse, sku)] = None if policy is None else encode_policy(policy)
    for sku in {**before.queues, **after.queues}:
        queue = after.queues.get(sku)
        if queue != before.queues.get(sku):
            changes[queue_key(warehouse, sku)] = None if queue is None else encode_queue(queue)
    for sku in {**before.channels, **after.channels}:
        told = after.channels.get(sku)
        if told != before.channels.get(sku):
            changes[channels_key(warehouse, sku)] = None if told is None else encode_channels(told)
    for name, held in evolve_filled(before, event).items():
        key = reservation_key(warehouse, name)
        changes[key] = encode_reservation(held, now_ms + REVIEW_MS)
    return changes
