"""Units of lots follow the serials that are bound: whoever scans one knows of which lot it is.

They follow as far as units of that lot are free; what is bound to others is not taken from them.
"""

from collections import Counter
from collections.abc import Iterator

from agents.lots.binding import may_hold
from agents.lots.draft import Draft
from agents.lots.order import in_order, lives
from agents.lots.quarantine import put_aside
from schemas.lots_rows import NOWHERE, Claim
from tables.lots import at


def lots_follow(draft: Draft, warehouse: str, reservation: str) -> None:
    """A reservation has units of the lots of its serials, instead of others that nobody named."""
    if not draft.lots.header.lots:
        return
    named: dict[str, Counter[str]] = {"sellable": Counter(), "staged": Counter()}
    bound = draft.lots.serials.bound.at(at(warehouse, reservation))
    for serial, account in bound.items():
        lot = draft.lots.serials.rows.at(serial).lot
        if lot is not None:
            named[account][lot] += 1
    for lot in sorted(named["staged"]):
        _picked(draft, warehouse, reservation, lot, named["staged"])
    for lot in sorted(named["sellable"]):
        _bound(draft, warehouse, reservation, lot, named["sellable"])


def _picked(draft: Draft, warehouse: str, reservation: str, lot: str, named: Counter[str]) -> None:
    """Units of this lot were picked instead of others."""
    staged = draft.lots.claim(warehouse, reservation).staged
    lacking = named[lot] - staged.get(lot, 0)
    for source in _others(draft, list(staged), lot):
        free = draft.lots.lying(warehouse, lot).free("sellable")
        quantity = min(lacking, staged.get(source, 0) - named[source], free)
        if quantity > 0:
            known = None if source == NOWHERE else source
            draft.move(warehouse, known, "staged", "sellable", quantity, reservation)
            draft.move(warehouse, lot, "sellable", "staged", quantity, reservation)
            lacking -= quantity
    put_aside(draft, [warehouse])


def _bound(draft: Draft, warehouse: str, reservation: str, lot: str, named: Counter[str]) -> None:
    """Units of this lot are bound instead of others, or of none."""
    claim, found = draft.lots.claim(warehouse, reservation), draft.lots.lot(lot)
    if not may_hold(draft.lots, warehouse, reservation, lot):
        return
    if not lives(found, claim.days, draft.now_ms):
        return
    lacking = named[lot] - claim.bound.get(lot, 0)
    for source in (NOWHERE, *_others(draft, list(claim.bound), lot)):
        free = draft.lots.lying(warehouse, lot).free("sellable")
        quantity = min(lacking, _spare(claim, source, named), free)
        if quantity > 0:
            known = None if source == NOWHERE else source
            draft.bind(warehouse, reservation, lot, quantity, known)
            lacking -= quantity


def _spare(claim: Claim, lot: str, named: Counter[str]) -> int:
    """Units of a reservation that no serial of it names."""
    return claim.unbound if lot == NOWHERE else claim.bound.get(lot, 0) - named[lot]


def _others(draft: Draft, names: list[str], lot: str) -> Iterator[str]:
    """Lots beside this one, what is of no known lot first, then last ended first."""
    return (one for one in reversed(in_order(draft.lots, names)) if one != lot)
