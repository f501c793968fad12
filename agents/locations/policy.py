"""What stock's events mean to locations: units came onto the site, or left it."""

from collections import Counter
from typing import Any, Final

from schemas.accounts import ON_SITE
from schemas.locations_structs import RecordSiteChange, SiteLine, encode
from schemas.stock_structs import (
    CountApproved,
    PackedShipped,
    StockAdjusted,
    StockMoved,
    StockReceived,
    StockShipped,
    TransferDispatched,
    TransferReceived,
    decode_event,
)

_IN: Final = frozenset((StockReceived, TransferReceived))
_OUT: Final = frozenset((StockShipped, PackedShipped, TransferDispatched))
_CORRECTED: Final = frozenset((StockAdjusted, CountApproved))


def told(value: bytes) -> list[tuple[str, str, bytes]]:
    """What an event of stock asks of locations: (warehouse, event's id, command); or nothing.

    Raises msgspec.DecodeError where the event is of a type that this version does not know.
    """
    movement = movement_of(decode_event(value))
    return [] if movement is None else [(movement.warehouse, movement.id, encode(movement))]


def movement_of(event: Any) -> RecordSiteChange | None:
    """The units of an event of stock that came onto the site or left it."""
    deltas: Counter[str] = Counter()
    for sku, delta in _passed(event):
        deltas[sku] += delta
    lines = [SiteLine(sku=sku, delta=delta) for sku, delta in deltas.items() if delta]
    if not lines:
        return None
    by = {"time": event.time, "actor": event.actor, "correlation_id": event.correlation_id}
    return RecordSiteChange(
        id=event.id, warehouse=event.warehouse, cause=event.id, lines=lines, **by
    )


def _passed(event: Any) -> list[tuple[str, int]]:
    """By how much the units on site of each line's SKU changed."""
    kind = type(event)
    if kind in _CORRECTED:
        return [(line.sku, line.delta) for line in event.lines]
    sign = (kind in _IN) - (kind in _OUT)
    if kind is StockMoved:
        sign = (event.to_account in ON_SITE) - (event.from_account in ON_SITE)
    return [(line.sku, sign * line.quantity) for line in event.lines] if sign else []
