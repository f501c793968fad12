"""The arithmetic of a row: what a change makes of it, and when that is worth an alert."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.stock.rejections import above_limit, insufficient
from schemas.fields import STOCK_MAX
from schemas.rows import Row
from schemas.stock_structs import (
    Alert,
    DeltaMoved,
    LowStock,
    OutOfStock,
    QuantityMoved,
    ReorderPointMoved,
    StockRecovered,
)

NEVER_SEEN = Row()


def summed(lines: Sequence[Any], amount: Callable[[Any], int]) -> dict[str, int]:
    """Each SKU's amount over all lines that name it, in the order of their first."""
    if len(lines) == 1:  # most commands
        return {lines[0].sku: amount(lines[0])}
    sums: dict[str, int] = {}
    for line in lines:
        sku = line.sku
        sums[sku] = sums.get(sku, 0) + amount(line)
    return sums


def moved(
    rows: Mapping[str, Row], quantities: dict[str, int], on_hand_sign: int, reserved_sign: int
) -> list[QuantityMoved]:
    """An event's lines for these quantities moved; raises Refused where a row forbids it."""
    after = []
    for sku, quantity in quantities.items():
        row = rows.get(sku, NEVER_SEEN)
        on_hand = row.on_hand + on_hand_sign * quantity
        reserved = row.reserved + reserved_sign * quantity
        available = on_hand - reserved
        if available < 0:
            raise insufficient(sku, quantity, row.available)
        if on_hand > STOCK_MAX:
            raise above_limit(sku, "on_hand", on_hand)
        assert reserved >= 0, "a reservation holds no more than its row has reserved"
        after.append(
            QuantityMoved(
                sku=sku,
                quantity=quantity,
                on_hand=on_hand,
                reserved=reserved,
                available=available,
                version=row.version + 1,
            )
        )
    return after


def corrected(rows: Mapping[str, Row], deltas: dict[str, int]) -> list[DeltaMoved]:
    """An event's lines for stock corrected; raises Refused where a row forbids it."""
    after = []
    for sku, delta in deltas.items():
        row = rows.get(sku, NEVER_SEEN)
        on_hand = row.on_hand + delta
        available = on_hand - row.reserved
        if available < 0:
            raise insufficient(sku, -delta, row.available)
        if on_hand > STOCK_MAX:
            raise above_limit(sku, "on_hand", on_hand)
        after.append(
            DeltaMoved(
                sku=sku,
                delta=delta,
                on_hand=on_hand,
                reserved=row.reserved,
                available=available,
                version=row.version + 1,
            )
        )
    return after


def set_points(rows: Mapping[str, Row], points: dict[str, int]) -> list[ReorderPointMoved]:
    """An event's lines for reorder points set; raises Refused where a sum is above the limit."""
    after = []
    for sku, reorder_point in points.items():
        row = rows.get(sku, NEVER_SEEN)
        if reorder_point > STOCK_MAX:
            raise above_limit(sku, "reorder_point", reorder_point)
        after.append(
            ReorderPointMoved(
                sku=sku,
                reorder_point=reorder_point,
                on_hand=row.on_hand,
                reserved=row.reserved,
                available=row.available,
                version=row.version + 1,
            )
        )
    return after


def alert_on(before: Row, row: Row) -> type[Alert] | None:
    """The alert that a change of a row is worth. A row's first change is worth none."""
    was = before.on_hand - before.reserved
    now = row.on_hand - row.reserved
    if now > row.reorder_point:
        return None if was > before.reorder_point else StockRecovered
    if now == 0:
        return None if was == 0 else OutOfStock
    return LowStock if was > before.reorder_point else None
