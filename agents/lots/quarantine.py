"""What stock is asked to put aside: units of lots that are not good, and are still for sale."""

from collections.abc import Iterable
from typing import Final

from agents.lots.draft import Draft
from agents.lots.order import in_order
from schemas.accounts import Account, ReasonCode
from schemas.fields import QUANTITY_MAX
from schemas.lots_rows import Lot
from tables.lots import AGAIN, at

AGAIN_MS: Final = 60_000  # after the first refusal; doubled after each more
AGAIN_MS_MAX: Final = 21_600_000  # six hours
_DOUBLED_MAX: Final = 16  # far beyond where six hours are reached


def again_ms(attempt: int) -> int:
    """How long after a refusal stock is asked again; `attempt` refusals came before it."""
    return min(AGAIN_MS << min(attempt, _DOUBLED_MAX), AGAIN_MS_MAX)


def where_to(lot: Lot) -> tuple[Account, ReasonCode]:
    """The account for units of a lot that is not good, and why they go there."""
    if lot.recalled is not None:
        return "recalled", "RECALL"
    if lot.is_expired:
        return "expired", "EXPIRED"
    assert lot.held is not None, "a good lot stays where it is"
    return "quality_hold", "QC_HOLD"


def put_aside(draft: Draft, warehouses: Iterable[str]) -> None:
    """Ask for all that is for sale of bad lots there, and was not asked for yet.

    What stock has refused waits until it is asked again; only what has come since is asked for.
    """
    for warehouse in dict.fromkeys(warehouses):
        for name in in_order(draft.lots, list(draft.lots.site(warehouse).lots)):
            waits = draft.lots.timed(AGAIN, at(warehouse, name)) is not None
            most = draft.came_for_sale(warehouse, name) if waits else None
            put_lot_aside(draft, warehouse, name, most)


def put_lot_aside(
    draft: Draft, warehouse: str, name: str, most: int | None = None, attempt: int = 0
) -> None:
    """Ask for what is for sale of a lot, where it is bad; `most` bounds it."""
    lot, lying = draft.lots.lot(name), draft.lots.lying(warehouse, name)
    quantity = lying.sellable - lying.asked
    if most is not None:
        quantity = min(quantity, most)
    if lot.is_good or quantity <= 0:
        return
    target, reason = where_to(lot)
    for part in _parts(quantity):
        draft.ask(warehouse, name, part, "sellable", target, reason, attempt)


def put_back(draft: Draft, warehouse: str, name: str, most: int | None = None) -> None:
    """Ask for units on hold of a lot that is good again, and were not asked for; `most` of them."""
    lying = draft.lots.lying(warehouse, name)
    quantity = lying.quality_hold - lying.returning
    if most is not None:
        quantity = min(quantity, most)
    for part in _parts(quantity):
        draft.ask(warehouse, name, part, "quality_hold", "sellable", "QC_RELEASE")


def _parts(quantity: int) -> list[int]:
    """Units in as few moves as a command's limit lets."""
    return [min(QUANTITY_MAX, quantity - first) for first in range(0, quantity, QUANTITY_MAX)]
