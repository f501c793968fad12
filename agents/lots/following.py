"""Serials that are bound go where their reservation's units go, as far as that is certain.

Stock says how many units of a reservation move, not which. Where none of them is left in an
account, the serials that are bound to it have left that account too: that is certain. Of a part
nobody knows, and they stay where they were seen last until somebody says more.
"""

from agents.lots.draft import Draft
from agents.lots.state import Lots
from schemas.accounts import Account
from schemas.lots_rows import Claim
from tables.lots import at


def on_shelf(claim: Claim) -> int:
    """Units of a reservation that are not picked."""
    return claim.unbound + sum(claim.bound.values())


def picked(claim: Claim) -> int:
    """Units of a reservation that are picked, and not shipped."""
    return sum(claim.staged.values())


def units_of(claim: Claim, account: Account) -> int:
    """Units of a reservation in an account."""
    return picked(claim) if account == "staged" else on_shelf(claim)


def follow(
    draft: Draft, warehouse: str, reservation: str, source: Account, target: Account
) -> None:
    """Units of a reservation went: with the last of them in an account all its serials there."""
    if units_of(draft.lots.claim(warehouse, reservation), source):
        return
    bound = draft.lots.serials.bound.at(at(warehouse, reservation))
    for serial, account in sorted(bound.items()):
        if account == source:
            bind_to(draft, serial, warehouse, target, reservation)


def bind_to(
    draft: Draft, serial: str, warehouse: str, account: Account, reservation: str | None
) -> None:
    """A serial is there for a reservation; on the shelf for nobody where its lot is not good."""
    if account == "sellable" and not _is_good(draft.lots, serial):
        reservation = None
    draft.place(serial, warehouse, account, reservation)


def _is_good(lots: Lots, serial: str) -> bool:
    lot = lots.serials.rows.at(serial).lot
    return lot is None or lots.lot(lot).is_good


def let_go(draft: Draft, warehouse: str, reservation: str) -> None:
    """A promise was taken back: its serials stay where they are, and are for nobody."""
    bound = draft.lots.serials.bound.at(at(warehouse, reservation))
    for serial, account in sorted(bound.items()):
        draft.place(serial, warehouse, _known(account), None)


def withdraw(draft: Draft, lot: str) -> None:
    """Serials of a lot that is not good are bound to nobody, but where they are picked."""
    for serial, place in sorted(draft.lots.serials.lot_bound.at(lot).items()):
        draft.place(serial, place.partition("/")[0], "sellable", None)


def _known(account: str) -> Account:
    """Where what is bound may be."""
    assert account in ("sellable", "staged"), account
    return "sellable" if account == "sellable" else "staged"
