"""What an event makes of what is to come of a SKU. Cannot fail."""

from bisect import insort
from collections.abc import Sequence
from typing import Any

from schemas.instants import sortable
from schemas.rows import Supply
from schemas.stock_structs import StockMoved, SupplyExpected


def to_come(supplies: Sequence[Supply], name: str) -> int:
    """How many are still to come of this supply."""
    return next((one.quantity for one in supplies if one.supply == name), 0)


def evolve_supplies(supplies: list[Supply], event: Any, line: Any) -> list[Supply]:
    """What is to come of a SKU after a line of an event, by day; the same where it is not told."""
    kind = type(event)
    if kind is SupplyExpected:
        return _with(supplies, event.supply, line.due, line.expected)
    if kind is not StockMoved or event.supply is None:
        return supplies
    due = next(one.due for one in supplies if one.supply == event.supply)
    left = to_come(supplies, event.supply) - line.quantity
    assert left >= 0, "no more arrives of a supply than was to come"
    return _with(supplies, event.supply, due, left)


def _with(supplies: list[Supply], name: str, due: str | None, quantity: int) -> list[Supply]:
    after = [one for one in supplies if one.supply != name]
    if quantity:
        assert due is not None, "what is to come has a day"
        insort(after, Supply(name, due, quantity), key=_by_day)
    return after


def _by_day(one: Supply) -> tuple[str, str]:
    return sortable(one.due), one.supply
