"""Follows how SKUs are to be kept: their policies, and which of them are low until they recover."""

from cli.event_view import Event, Key, Line
from schemas.row import HAS_POLICY, IS_LOW
from schemas.rows import Policy, Row


class Policies:
    """One partition's policies, event by event; those that ask for nothing are out."""

    def __init__(self) -> None:
        self.held: dict[Key, Policy] = {}

    def take(self, event: Event, line: Line, was_low: bool, row: Row) -> None:
        """Take the next line that changed a row, and mark the row."""
        key = (event.warehouse, line.sku)
        if event.type == "StockPolicySet":
            self.held.pop(key, None)
            policy = Policy(line.safety_stock, line.recover_point, line.negative_limit)
            if policy != Policy():
                self.held[key] = policy
        held = self.held.get(key)
        row.marks &= ~(HAS_POLICY | IS_LOW)
        row.marks |= HAS_POLICY if held is not None else 0
        if held is None or held.recover_point is None:
            return
        if row.available <= (held.recover_point if was_low else row.reorder_point):
            row.marks |= IS_LOW


def is_low(row: Row) -> bool:
    """Whether it is at its reorder point or below, or has not recovered since."""
    return row.version > 0 and (row.available <= row.reorder_point or row.marks & IS_LOW > 0)
