"""Of which lots units are that leave an account: stock has said how many.

What is bound to the reservation that they are for goes first, then what is named, then free units
of good lots in their order, then those of no known lot, of lots that do not live long enough, of
lots that are not good, and last what is bound to others. Where there is nothing of all that, units
of no known lot are owed: their count is below zero, until lots come.
"""

from collections.abc import Iterator
from typing import NamedTuple

from agents.lots.binding import let_go, may_hold
from agents.lots.draft import Draft
from agents.lots.order import in_order, lives
from schemas.accounts import Account
from schemas.lots_rows import NOWHERE, Lot

ENOUGH, UNKNOWN, SHORT, BAD = range(4)


class Leaving(NamedTuple):
    """Units that leave an account."""

    warehouse: str
    source: Account
    target: Account
    reservation: str | None = None
    lot: str | None = None  # that is named


Piece = tuple[str | None, int]
"""So many units of a lot, or of none that is known."""


def take(draft: Draft, leaving: Leaving, quantity: int) -> list[Piece]:
    """Units leave; how many of which lot, each lot once in the order in which it was taken."""
    taken: dict[str | None, int] = {}
    left = quantity
    for lot, there, is_bound in _offers(draft, leaving):
        piece = min(there, left)
        if piece > 0:
            if not is_bound and lot is not None:
                _make_free(draft, leaving, lot, piece)
            _leave(draft, leaving, lot, piece, is_bound)
            taken[lot] = taken.get(lot, 0) + piece
            left -= piece
        if not left:
            break
    if left:
        _leave(draft, leaving, None, left, False)
        taken[None] = taken.get(None, 0) + left
    return list(taken.items())


def settle(draft: Draft, warehouse: str) -> None:
    """What was sold before it was there is of the lots that have come since."""
    lots = draft.lots
    owed = -lots.lying(warehouse, None).sellable
    if owed <= 0:
        return
    came = sum(lots.lying(warehouse, lot).sellable for lot in lots.site(warehouse).lots)
    quantity = min(owed, came)
    if quantity:
        draft.move(warehouse, None, "customer", "sellable", quantity)
        take(draft, Leaving(warehouse, "sellable", "customer"), quantity)


def _make_free(draft: Draft, leaving: Leaving, lot: str, quantity: int) -> None:
    """Let go what is bound of units that leave all the same."""
    lacking = quantity - draft.lots.lying(leaving.warehouse, lot).free(leaving.source)
    if lacking > 0:
        let_go(draft, leaving.warehouse, lot, lacking)


def _leave(draft: Draft, leaving: Leaving, lot: str | None, quantity: int, is_bound: bool) -> None:
    draft.move(
        leaving.warehouse,
        lot,
        leaving.source,
        leaving.target,
        quantity,
        leaving.reservation,
        is_bound,
    )


def _offers(draft: Draft, leaving: Leaving) -> Iterator[tuple[str | None, int, bool]]:
    """What may be taken, in this order: (lot, units, whether they are bound to the reservation)."""
    lots, warehouse, source = draft.lots, leaving.warehouse, leaving.source
    if source == "staged":
        yield from _staged(draft, leaving)
        return
    if leaving.reservation is not None and source == "sellable":
        bound = lots.claim(warehouse, leaving.reservation).bound
        for lot in in_order(lots, list(bound)):
            yield lot, bound[lot], True
    if leaving.lot is not None and leaving.lot in lots.site(warehouse).lots:
        yield leaving.lot, lots.lying(warehouse, leaving.lot).of(source), False
    for known in _ranked(draft, leaving):
        yield known, lots.lying(warehouse, known).free(source), False
    for lot in in_order(lots, list(lots.site(warehouse).lots)):
        yield from _bound(draft, leaving, lot)


def _bound(draft: Draft, leaving: Leaving, lot: str) -> Iterator[tuple[str, int, bool]]:
    """What is bound to others, let go as it is asked for."""
    lying = draft.lots.lying(leaving.warehouse, lot)
    if leaving.source == "sellable" and lying.bound:
        yield lot, lying.bound, False


def _staged(draft: Draft, leaving: Leaving) -> Iterator[tuple[str | None, int, bool]]:
    """What is picked for the reservation; what is put back goes the other way round."""
    assert leaving.reservation is not None, "what is staged moves by its reservation"
    name, lots = leaving.reservation, draft.lots
    staged = dict(lots.claim(leaving.warehouse, name).staged)
    names = in_order(lots, list(staged))
    is_back = leaving.target == "sellable"
    for lot in reversed(names) if is_back else names:
        if lot == NOWHERE:
            yield None, staged[lot], False
        else:
            yield lot, staged[lot], is_back and may_hold(lots, leaving.warehouse, name, lot)


def _ranked(draft: Draft, leaving: Leaving) -> list[str | None]:
    """Lots of a warehouse, and those of no known one among them."""
    lots, warehouse = draft.lots, leaving.warehouse
    days = lots.claim(warehouse, leaving.reservation).days if leaving.reservation else 0
    named = in_order(lots, list(lots.site(warehouse).lots))

    def place(name: str) -> int:
        lot = lots.lot(name)
        if _is_meant(lot, leaving.target):
            return -1
        if not lot.is_good:
            return BAD
        return ENOUGH if lives(lot, days, draft.now_ms) else SHORT

    ranked: list[tuple[int, str | None]] = [(place(name), name) for name in named]
    ranked.append((UNKNOWN, None))
    ranked.sort(key=lambda one: one[0])  # stable: those of one place stay in their order
    return [name for _, name in ranked]


def _is_meant(lot: Lot, target: Account) -> bool:
    """Whether a lot's state is what the account is for."""
    return (target == "recalled" and lot.recalled is not None) or (
        target == "expired" and lot.is_expired and lot.recalled is None
    )
