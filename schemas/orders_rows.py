"""The rows that decisions on orders are made on: what was wanted, and how far it is."""

import msgspec

from schemas.orders_lines import OrderState, Strategy
from schemas.orders_structs import Learned, Leg, OrderSource, QuantityLine


class Wish(msgspec.Struct, gc=False, array_like=True):
    """What was wanted and where it may come from; it never changes."""

    lines: list[QuantityLine]
    sources: list[OrderSource]
    strategy: Strategy
    backorder: bool
    attempts_max: int
    hold_s: int
    channel: str | None = None
    priority: int = 0
    promised: str | None = None
    shelf_life_days: int = 0

    def wanted(self) -> dict[str, int]:
        """Units by SKU: one that is on several lines counts with their sum."""
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.sku] = sums.get(line.sku, 0) + line.quantity
        return sums


class Order(msgspec.Struct, gc=False, array_like=True):
    """How far an order is: its legs, and what its warehouses have said of their stock."""

    state: OrderState
    attempt: int
    legs: list[Leg]
    learned: list[Learned] = []
