"""What is owed: units that were sold before they were there, and what comes in for them first."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from agents.stock.levels import NEVER_SEEN
from schemas.rows import Row
from schemas.stock_structs import (
    CountApproved,
    StockAdjusted,
    StockMoved,
    StockReceived,
    StockShipped,
    TransferReceived,
    TruedUp,
)

BRINGS: Final = frozenset(
    (StockReceived, StockAdjusted, StockMoved, CountApproved, TransferReceived)
)
"""The events by which units may come that can be sold."""


def told_owed(rows: Mapping[str, Row], event: Any) -> Any:
    """The event with what of its units was owed; the rows are as they were before it."""
    if type(event) not in BRINGS:
        return event
    trued_up = []
    for line in event.lines:
        before = rows.get(line.sku, NEVER_SEEN).on_hand
        units = min(line.on_hand, 0) - min(before, 0)
        if units:
            assert units > 0, "only a sale takes what is not there"
            trued_up.append(TruedUp(sku=line.sku, quantity=units))
    return msgspec.structs.replace(event, trued_up=trued_up) if trued_up else event


def is_sale(event: Any) -> bool:
    """Whether units left that nobody had promised."""
    return type(event) is StockShipped and event.reservation is None
