"""The arithmetic of a row: what a change makes of it, and when that is worth an alert."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agents.stock.rejections import above_limit, insufficient
from schemas.fields import STOCK_MAX
from schemas.rows import Row
from schemas.stock_structs import Alert, LowStock, OutOfStock, QuantityMoved, StockRecovered

NEVER_SEEN = Row()
_OUT, _LOW, _OK = 0, 1, 2


def summed(lines: Iterable[Any], amount: Callable[[Any], int]) -> dict[str, int]:
    """Each SKU's amount over all lines that name it, in the order of their first."""
    sums: dict[str, int] = {}
    for line in lines:
        sku = line.sku
        sums[sku] = sums.get(sku, 0) + amount(line)
    return sums


def moved(
    rows: Mapping[str, Row], sums: dict[str, int], on_hand_sign: int, reserved_sign: int
) -> list[QuantityMoved]:
    """The lines of an event that moves these quantities; raises Refused where a row forbids it."""
    lines = []
    for sku, quantity in sums.items():
        row = rows.get(sku, NEVER_SEEN)
        on_hand, reserved = after(row, sku, on_hand_sign * quantity, reserved_sign * quantity)
        lines.append(
            QuantityMoved(
                sku=sku,
                quantity=quantity,
                on_hand=on_hand,
                reserved=reserved,
                available=on_hand - reserved,
                version=row.version + 1,
            )
        )
    return lines


def after(row: Row, sku: str, on_hand_by: int, reserved_by: int) -> tuple[int, int]:
    """(on_hand, reserved) after a change; raises Refused where the row forbids it."""
    on_hand = row.on_hand + on_hand_by
    reserved = row.reserved + reserved_by
    if on_hand < reserved:
        raise insufficient(sku, reserved_by - on_hand_by, row.available)
    if on_hand > STOCK_MAX:
        raise above_limit(sku, "on_hand", on_hand)
    assert reserved >= 0, "no reservation holds more than its row has reserved"
    return on_hand, reserved


def alert_on(before: Row | None, row: Row) -> type[Alert] | None:
    """The alert that a change of a row is worth; none for a row's first."""
    if before is None:
        return None
    was, now = _level(before), _level(row)
    if now < was:
        return OutOfStock if now == _OUT else LowStock
    return StockRecovered if now == _OK and was != _OK else None


def _level(row: Row) -> int:
    available = row.on_hand - row.reserved
    if available > row.reorder_point:
        return _OK
    return _LOW if available else _OUT
