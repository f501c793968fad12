"""Decides where serials are: what is said of the units that stock counts, each by its number."""

from collections.abc import Callable, Iterable
from typing import Final

from agents.lots import rejections
from agents.lots.draft import Draft
from agents.lots.following import bind_to, on_shelf, picked, units_of
from agents.lots.naming import lots_follow
from agents.lots.order import lives
from agents.lots.state import BINDERS_MAX, Lots
from schemas.accounts import ON_SITE, Account
from schemas.lots_rows import Serial
from schemas.lots_structs import (
    BindSerials,
    MoveSerials,
    RegisterSerials,
    SerialsBound,
    SerialsMoved,
    SerialsRegistered,
    SerialsSwapped,
    SerialsUnbound,
    SwapSerials,
    UnbindSerials,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome
from tables.lots import at

LEAVES: Final[frozenset[Account]] = ON_SITE | {"in_transit"}
"""From where a serial may go off the site; from anywhere else it only comes back."""

FOR_RESERVATIONS: Final[frozenset[Account]] = frozenset(("sellable", "staged", "customer"))
"""Where a serial may be that is bound, or that has left for a reservation."""

Flaw = Callable[[str, Serial], Rejection | None]
"""What keeps a command from a serial, which is known."""


def register(lots: Lots, command: RegisterSerials, moment: Moment) -> SerialsRegistered | Rejection:
    """Units that are there have serials that nobody has seen before."""
    warehouse, account, lot = command.warehouse, command.account, command.lot
    if lot is not None and lots.lots.get(lot) is None:
        return rejections.no_lot(lot)
    names = [one.serial for one in command.serials]
    for name in names:
        found = lots.serials.rows.get(name)
        if found is not None:
            return rejections.seen_twice(name, found)
    there = nameless(lots, warehouse, account)
    if len(names) > there:
        return rejections.insufficient(len(names), there, warehouse=warehouse, account=account)
    draft = Draft(lots, moment)
    for name in names:
        draft.first_seen(name, lot, warehouse, account)
    return outcome(SerialsRegistered, command, moment, warehouse=warehouse, lot=lot, **draft.told())


def move(lots: Lots, command: MoveSerials, moment: Moment) -> SerialsMoved | Rejection:
    """The units that stock has moved so, or is about to let go, were these."""
    warehouse, source, target = command.warehouse, command.from_account, command.to_account
    reservation = command.reservation
    is_away = source not in LEAVES and target not in ON_SITE
    if source == target or is_away:
        return rejections.move_forbidden(source, target)

    def flaw(name: str, found: Serial) -> Rejection | None:
        return _not_where(name, found, command) or _not_for(name, found, command)

    names = [one.serial for one in command.serials]
    refused = _first(lots, names, flaw)
    if refused is not None:
        return refused
    his = {name for name in names if lots.serials.rows.at(name).bound_to is not None}
    refused = _no_room(lots, command, len(his))
    if refused is not None:
        return refused
    draft = Draft(lots, moment)
    for name in names:
        is_his = name in his or target == "customer"
        bind_to(draft, name, warehouse, target, reservation if is_his else None)
    told = {"warehouse": warehouse, "reference": command.reference}
    return outcome(SerialsMoved, command, moment, **told, **draft.told())


def _not_where(name: str, found: Serial, command: MoveSerials) -> Rejection | None:
    """Why a serial cannot have moved so, by where it is."""
    source, target = command.from_account, command.to_account
    comes = source not in ON_SITE and target in ON_SITE
    if found.account == source and (comes or found.warehouse == command.warehouse):
        return None
    if comes and found.is_here:
        return rejections.seen_twice(name, found)
    return _away(name, found) if found.account != source else rejections.elsewhere(name, found)


def _not_for(name: str, found: Serial, command: MoveSerials) -> Rejection | None:
    """Why a serial cannot have moved so, by whose it is."""
    if found.bound_to is None:
        is_for_somebody = command.to_account == "staged"
        return rejections.not_bound(name, found) if is_for_somebody else None
    is_his = found.bound_to == command.reservation and command.to_account in FOR_RESERVATIONS
    return None if is_his else rejections.serial_bound(name, found)


def _no_room(lots: Lots, command: MoveSerials, bound: int) -> Rejection | None:
    """Why there is no unit where these serials go; so many of them are bound."""
    warehouse, target = command.warehouse, command.to_account
    if target not in ON_SITE:
        return None
    if command.reservation is not None and bound:
        there = nameless_of(lots, warehouse, command.reservation, target)
        if bound > there:
            where = {"account": target, "reservation": command.reservation}
            return rejections.insufficient(bound, there, warehouse=warehouse, **where)
    requested = len(command.serials)
    there = requested if target == "staged" else nameless(lots, warehouse, target)
    if requested <= there:
        return None
    return rejections.insufficient(requested, there, warehouse=warehouse, account=target)


def bind(lots: Lots, command: BindSerials, moment: Moment) -> SerialsBound | Rejection:
    """A reservation gets these units, and nobody else does."""
    warehouse, reservation = command.warehouse, command.reservation
    claim = lots.claim(warehouse, reservation)
    if claim.is_over:
        return rejections.no_reservation(warehouse, reservation)

    def flaw(name: str, found: Serial) -> Rejection | None:
        refused = _not_on_shelf(name, found, warehouse)
        if refused is None and found.bound_to is not None:
            refused = rejections.serial_bound(name, found)
        return refused or _not_good(lots, found, claim.days, moment)

    names = [one.serial for one in command.serials]
    refused = _first(lots, names, flaw) or _too_many(lots, command)
    if refused is not None:
        return refused
    draft = Draft(lots, moment)
    for name in names:  # of what is picked where all that is not has its serials
        on_it = nameless_of(draft.lots, warehouse, reservation, "sellable")
        draft.place(name, warehouse, "sellable" if on_it else "staged", reservation)
    lots_follow(draft, warehouse, reservation)
    told = {"warehouse": warehouse, "reservation": reservation}
    return outcome(SerialsBound, command, moment, **told, **draft.told())


def unbind(lots: Lots, command: UnbindSerials, moment: Moment) -> SerialsUnbound | Rejection:
    """A reservation gets others instead of these, which are on the shelf."""
    warehouse = command.warehouse

    def flaw(name: str, found: Serial) -> Rejection | None:
        refused = _not_on_shelf(name, found, warehouse)
        if refused is None and found.bound_to is None:
            refused = rejections.not_bound(name, found)
        return refused

    names = [one.serial for one in command.serials]
    refused = _first(lots, names, flaw)
    if refused is not None:
        return refused
    draft = Draft(lots, moment)
    for name in names:
        draft.place(name, warehouse, "sellable", None)
    return outcome(SerialsUnbound, command, moment, warehouse=warehouse, **draft.told())


def swap(lots: Lots, command: SwapSerials, moment: Moment) -> SerialsSwapped | Rejection:
    """Each of two units is where the other was said to be, and for whom."""
    names = (command.serial, command.other)
    if command.serial == command.other:
        return rejections.serial_to_itself(command.serial)
    refused = _first(lots, names, lambda _name, _found: None)
    if refused is not None:
        return refused
    one, other = (lots.serials.rows.at(name) for name in names)
    pairs = ((command.serial, one, other), (command.other, other, one))
    for _, was, becomes in pairs:
        refused = _not_fit(lots, was, becomes, moment)
        if refused is not None:
            return refused
    draft = Draft(lots, moment)
    for name, _, becomes in pairs:
        draft.place(name, becomes.warehouse, becomes.account, becomes.reservation)
    for warehouse, reservation in sorted(
        {(its.warehouse, its.bound_to) for its in (one, other) if its.bound_to is not None}
    ):
        lots_follow(draft, warehouse, reservation)
    return outcome(SerialsSwapped, command, moment, **draft.told())


def _not_fit(lots: Lots, was: Serial, becomes: Serial, moment: Moment) -> Rejection | None:
    """Why a serial cannot take the place of another: one that is still to be picked is good."""
    if becomes.bound_to is None or becomes.account != "sellable":
        return None
    days = lots.claim(becomes.warehouse, becomes.bound_to).days
    refused = _not_good(lots, was, days, moment)
    is_new = was.lot is not None and was.lot != becomes.lot
    return refused or (_lot_full(lots, str(was.lot), 1) if is_new else None)


def nameless(lots: Lots, warehouse: str, account: Account) -> int:
    """Units in an account that have no serial."""
    named = lots.serials.counts.at(warehouse).get(account, 0)
    return max(0, lots.units(warehouse, account) - named)


def nameless_of(lots: Lots, warehouse: str, reservation: str, account: Account) -> int:
    """Units of a reservation, picked or not, that have no serial."""
    units = units_of(lots.claim(warehouse, reservation), account)
    bound = lots.serials.bound.at(at(warehouse, reservation))
    return max(0, units - sum(one == account for one in bound.values()))


def _first(lots: Lots, names: Iterable[str], flaw: Flaw) -> Rejection | None:
    """The first flaw of the first serial that has one."""
    for name in names:
        found = lots.serials.rows.get(name)
        refused = rejections.no_serial(name) if found is None else flaw(name, found)
        if refused is not None:
            return refused
    return None


def _away(name: str, found: Serial) -> Rejection:
    """It is not where it was said to be: it is somewhere else, on its way, or gone."""
    if found.is_here:
        return rejections.elsewhere(name, found)
    return (
        rejections.in_transit(name, found)
        if found.account == "in_transit"
        else rejections.gone(name, found)
    )


def _not_on_shelf(name: str, found: Serial, warehouse: str) -> Rejection | None:
    is_there = found.warehouse == warehouse and found.account == "sellable"
    return None if is_there else _away(name, found)


def _not_good(lots: Lots, found: Serial, days: int, moment: Moment) -> Rejection | None:
    """Why a unit of its lot may not be promised."""
    if found.lot is None:
        return None
    lot = lots.lot(found.lot)
    refused = rejections.not_good(found.lot, lot)
    if refused is None and not lives(lot, days, moment.log_time_ms):
        refused = rejections.too_short(found.lot, days)
    return refused


def _too_many(lots: Lots, command: BindSerials) -> Rejection | None:
    """More than the reservation is promised, or than a row holds."""
    warehouse, reservation = command.warehouse, command.reservation
    count = len(lots.serials.bound.at(at(warehouse, reservation)))
    claim, requested = lots.claim(warehouse, reservation), len(command.serials)
    there = max(0, on_shelf(claim) + picked(claim) - count)
    where = {"warehouse": warehouse, "reservation": reservation}
    if requested > there:
        return rejections.insufficient(requested, there, **where)
    if count + requested > BINDERS_MAX:
        return rejections.above_limit("serials", count + requested, BINDERS_MAX, **where)
    of_lots = [lots.serials.rows.at(one.serial).lot for one in command.serials]
    for lot in sorted({one for one in of_lots if one is not None}):
        refused = _lot_full(lots, lot, of_lots.count(lot))
        if refused is not None:
            return refused
    return None


def _lot_full(lots: Lots, lot: str, more: int) -> Rejection | None:
    count = len(lots.serials.lot_bound.at(lot)) + more
    if count <= BINDERS_MAX:
        return None
    return rejections.above_limit("serials", count, BINDERS_MAX, lot=lot)
