"""Lots in their order, and whether they live for long enough."""

from typing import Final

from agents.lots.state import Lots
from schemas.lots_order import end_ms, rank
from schemas.lots_rows import NOWHERE, Lot

DAY_MS: Final = 86_400_000


def lives(lot: Lot, days: int, now_ms: int) -> bool:
    """Whether a lot is good for so many days from now."""
    return end_ms(lot) - now_ms >= days * DAY_MS


def in_order(lots: Lots, names: list[str]) -> list[str]:
    """These lots in their order; what is of no known lot comes last."""
    known = sorted((rank(name, lots.lot(name)), name) for name in names if name != NOWHERE)
    return [name for _, name in known] + [name for name in names if name == NOWHERE]
