"""Which lots reservations get: the first that ends, of those that are good for long enough."""

from agents.lots.draft import Draft
from agents.lots.order import in_order, lives
from agents.lots.state import BINDERS_MAX, HOLDERS_MAX, Lots
from schemas.lots_rows import Lot
from tables.lots import at


def good_lots(draft: Draft, warehouse: str, days: int) -> list[tuple[str, Lot]]:
    """Lots of a warehouse that may be bound, in their order."""
    names = in_order(draft.lots, list(draft.lots.site(warehouse).lots))
    found = [(name, draft.lots.lot(name)) for name in names]
    return [(name, lot) for name, lot in found if lot.is_good and lives(lot, days, draft.now_ms)]


def may_hold(lots: Lots, warehouse: str, reservation: str, lot: str) -> bool:
    """Whether a lot is good, and may be bound to this reservation beside others."""
    holders, found = lots.binders.at(at(warehouse, lot)), lots.lot(lot)
    has_room = len(holders) < BINDERS_MAX and found.holders < HOLDERS_MAX
    return found.is_good and (has_room or reservation in holders)


def bind_all(draft: Draft, warehouse: str, reservation: str) -> None:
    """Bind what a reservation is promised, and is of no lot yet, as far as there are good ones.

    A lot that as many reservations wait for as a row holds ends it: none that ends later is taken
    instead of one that ends sooner.
    """
    claim = draft.lots.claim(warehouse, reservation)
    if not claim.unbound:
        return
    for name, _ in good_lots(draft, warehouse, claim.days):
        quantity = min(draft.lots.lying(warehouse, name).free("sellable"), claim.unbound)
        if quantity <= 0:
            continue
        if not may_hold(draft.lots, warehouse, reservation, name):
            return
        draft.bind(warehouse, reservation, name, quantity)
        if not claim.unbound:
            return


def let_go(draft: Draft, warehouse: str, lot: str, quantity: int | None = None) -> None:
    """Take units of a lot from those whom they are bound to, by their names; all by default."""
    left = draft.lots.lying(warehouse, lot).bound if quantity is None else quantity
    holders = draft.lots.binders.at(at(warehouse, lot))
    for reservation, held in sorted(holders.items()):
        if left <= 0:
            return
        taken = min(held, left)
        draft.unbind(warehouse, reservation, lot, taken)
        draft.bereft[warehouse, reservation] = None
        left -= taken


def let_all_go(draft: Draft, warehouse: str, reservation: str) -> None:
    """Take from a reservation all that is bound to it."""
    bound = draft.lots.claim(warehouse, reservation).bound
    for lot in in_order(draft.lots, list(bound)):
        draft.unbind(warehouse, reservation, lot, bound[lot])


def bind_anew(draft: Draft) -> None:
    """Whoever lost what was bound to him gets of other lots, as far as there are good ones."""
    for warehouse, reservation in sorted(draft.bereft):
        bind_all(draft, warehouse, reservation)
