"""The arithmetic of a row: what a change makes of it, and when that is worth an alert."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agents.stock.rejections import (
    NOTHING_KEPT,
    Rejection,
    above_limit,
    conflict,
    insufficient,
)
from agents.stock.state import NOTHING_BESIDE, Beside
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

NEVER_SEEN: Final = Row()
NOTHING_GIVEN: Final[Mapping[str, int]] = {}
_LIMIT: Final = STOCK_MAX
_QuantityMoved: Final = QuantityMoved


def distinct(lines: Sequence[Any], amount: str) -> Sequence[Any]:
    """The lines with each SKU once, in the order of its first: repeated ones are summed."""
    count = len(lines)
    if count == 1 or (count == 2 and lines[0].sku != lines[1].sku):
        return lines
    if len({line.sku for line in lines}) == count:
        return lines
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.sku] = sums.get(line.sku, 0) + getattr(line, amount)
    kind = type(lines[0])
    return [kind(sku=sku, **{amount: total}) for sku, total in sums.items()]


def moved(
    rows: dict[str, Row],
    lines: Sequence[Any],
    on_hand_sign: int,
    reserved_sign: int,
    beside: Beside = NOTHING_BESIDE,
) -> list[QuantityMoved] | Rejection:
    """An event's lines for these quantities moved, or why a row forbids it.

    Where they are promised or sold, `beside` says what must be left.
    """
    after, least = [], beside.least
    wanted = distinct(lines, "quantity")
    for line in wanted:
        sku: str = line.sku
        quantity: int = line.quantity
        row = rows.get(sku, NEVER_SEEN)
        on_hand = row.on_hand + on_hand_sign * quantity
        reserved = row.reserved + reserved_sign * quantity
        available = on_hand - reserved
        if available < (least.get(sku, 0) if least else 0) and (
            reserved_sign > 0 or available < row.available  # else it fills what is owed, or waits
        ):
            return lacking(rows, wanted, beside)
        if on_hand > _LIMIT:
            return above_limit(sku, "on_hand", on_hand)
        assert reserved >= 0, "a reservation holds no more than its row has reserved"
        after.append(
            _QuantityMoved(
                sku=sku,
                quantity=quantity,
                on_hand=on_hand,
                reserved=reserved,
                available=available,
                version=row.version + 1,
            )
        )
    return after


def lacking(
    rows: dict[str, Row],
    wanted: Sequence[Any],
    beside: Beside,
    given: Mapping[str, int] = NOTHING_GIVEN,
) -> Rejection:
    """More of some SKUs is to be promised or sold than may be; `given` is promised to the same.

    Each SKU stands on one line.
    """
    short = []
    for line in wanted:
        sku: str = line.sku
        row = rows.get(sku, NEVER_SEEN)
        free = given.get(sku, 0) + beside.promisable(sku, row.available)
        if line.quantity > free:
            short.append((sku, line.quantity, free))
    kept = NOTHING_KEPT if beside is NOTHING_BESIDE else beside.reasons(short[0][0])
    return insufficient(short, kept=kept)


def unchanged(rows: dict[str, Row], lines: Sequence[Any]) -> list[QuantityMoved]:
    """An event's lines for quantities that change no row."""
    told = []
    for line in lines:
        row = rows.get(line.sku, NEVER_SEEN)
        told.append(
            _QuantityMoved(
                sku=line.sku,
                quantity=line.quantity,
                on_hand=row.on_hand,
                reserved=row.reserved,
                available=row.available,
                version=row.version,
            )
        )
    return told


def corrected(rows: dict[str, Row], lines: Sequence[Any]) -> list[DeltaMoved] | Rejection:
    """An event's lines for stock corrected, or why a row forbids it."""
    after = []
    wanted = distinct(lines, "delta")
    for line in wanted:
        sku: str = line.sku
        delta: int = line.delta
        row = rows.get(sku, NEVER_SEEN)
        on_hand = row.on_hand + delta
        available = on_hand - row.reserved
        if available < 0 and delta < 0:
            return _overdrawn(rows, wanted)
        if on_hand > _LIMIT:
            return above_limit(sku, "on_hand", on_hand)
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


def _overdrawn(rows: dict[str, Row], wanted: Sequence[Any]) -> Rejection:
    """More of some SKUs is to be corrected away than is available."""
    found = [(line, max(0, rows.get(line.sku, NEVER_SEEN).available)) for line in wanted]
    return insufficient(
        [(one.sku, -one.delta, free) for one, free in found if free + one.delta < 0]
    )


def set_points(
    rows: dict[str, Row], lines: Sequence[Any], beside: Beside
) -> list[ReorderPointMoved] | Rejection:
    """An event's lines for reorder points set, or why not: a sum is above the limit.

    A point is also refused above the recover point of the SKU's policy.
    """
    after = []
    for line in distinct(lines, "reorder_point"):
        sku: str = line.sku
        reorder_point: int = line.reorder_point
        row = rows.get(sku, NEVER_SEEN)
        if reorder_point > _LIMIT:
            return above_limit(sku, "reorder_point", reorder_point)
        recover_point = beside.policy(sku).recover_point
        if recover_point is not None and recover_point < reorder_point:
            return conflict(sku, reorder_point, recover_point)
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
    if now <= 0:
        return None if was <= 0 else OutOfStock
    return LowStock if was > before.reorder_point else None
