"""What each part of an event does to the rows: units, bindings, promises, what is asked of stock.

Decisions are made with the same steps on a fork, so what they saw is what comes about.
"""

from agents.lots.state import PICKERS_MAX, Lots
from schemas.accounts import ON_SITE
from schemas.lots_rows import NOWHERE, Ask, Gone, Lying, Site
from schemas.lots_structs import LotAssignment, LotBinding, LotMoved, MoveAsked, PromisedLine
from tables.lots import AGAIN, REQUIRED, TRACE_LINES, at, trace_name


def _there(lots: Lots, warehouse: str, lot: str | None) -> Lying:
    """Where units of a lot are counted, made where there were none."""
    site = lots.site(warehouse)
    if lot is None:
        return site.unassigned
    if lot not in site.lots:
        site.lots[lot] = Lying()
        found = lots.lot(lot)
        found.warehouses = sorted({*found.warehouses, warehouse})
    return site.lots[lot]


def _tidy(lots: Lots, warehouse: str, lot: str | None) -> None:
    site: Site = lots.site(warehouse)
    if lot is not None and site.lots[lot] == Lying():
        del site.lots[lot]
        found = lots.lot(lot)
        found.warehouses = [one for one in found.warehouses if one != warehouse]


def bind(lots: Lots, one: LotBinding) -> None:
    """Units of a reservation are of another lot than before, or of none."""
    for lot, by in ((one.from_lot, -one.quantity), (one.to_lot, one.quantity)):
        if lot is None:
            claim = lots.claim(one.warehouse, one.reservation)
            claim.unbound += by
            assert claim.unbound >= 0, "what is bound was promised"
        else:
            _hold(lots, one.warehouse, one.reservation, lot, by)


def _hold(lots: Lots, warehouse: str, reservation: str, lot: str, by: int) -> None:
    lying = lots.site(warehouse).lots[lot]
    lying.bound += by
    assert 0 <= lying.bound <= lying.sellable, "what is bound is there, and good"
    bound, holders = lots.claim(warehouse, reservation).bound, lots.binders.at(at(warehouse, lot))
    before, found = len(holders), lots.lot(lot)
    _count(bound, lot, by)
    _count(holders, reservation, by)
    found.holders = max(0, found.holders + len(holders) - before)  # older ones were not counted


def move(lots: Lots, one: LotMoved, cause: str) -> None:
    """Units go from one account to another."""
    lot, source, target = one.lot, one.from_account, one.to_account
    if source in ON_SITE:
        if one.bound and target != "sellable" and one.reservation is not None:
            assert lot is not None, "what is bound is of a lot"
            _hold(lots, one.warehouse, one.reservation, lot, -one.quantity)
        lying = _there(lots, one.warehouse, lot)
        lying.add(source, -one.quantity)
        assert lot is None or lying.free(source) >= 0, "nothing is taken that is not there"
    if target in ON_SITE:
        _there(lots, one.warehouse, lot).add(target, one.quantity)
        if lot is not None:
            _number(lots, lot)
    if one.reservation is not None:
        _follow(lots, one, one.reservation)
    if lot is not None:
        _leave(lots, one, lot, cause)
        if source in ON_SITE or target in ON_SITE:
            _tidy(lots, one.warehouse, lot)


def _number(lots: Lots, lot: str) -> None:
    found = lots.lot(lot)
    if not found.number:
        lots.header.numbered += 1
        found.number = lots.header.numbered


def _follow(lots: Lots, one: LotMoved, reservation: str) -> None:
    """What a reservation has of them after it."""
    claim, lot = lots.claim(one.warehouse, reservation), one.lot
    if one.from_account == "sellable" and not one.bound:
        claim.unbound = max(0, claim.unbound - one.quantity)
    elif one.to_account == "sellable":
        if one.bound:
            assert lot is not None, "what is bound is of a lot"
            _hold(lots, one.warehouse, reservation, lot, one.quantity)
        else:
            claim.unbound += one.quantity
    by = ((one.to_account == "staged") - (one.from_account == "staged")) * one.quantity
    if by:
        _pick(lots, one, reservation, by)


def _pick(lots: Lots, one: LotMoved, reservation: str, by: int) -> None:
    """So many more are picked for a reservation, or fewer."""
    staged, lot = lots.claim(one.warehouse, reservation).staged, one.lot
    if lot is None:  # before the SKU had lots it was not told for whom they were picked
        _count(staged, NOWHERE, max(by, -staged.get(NOWHERE, 0)))
        return
    _count(staged, lot, by)
    pickers = lots.pickers.at(at(one.warehouse, lot))
    if reservation in pickers or len(pickers) < PICKERS_MAX:
        pickers[reservation] = staged.get(lot, 0)
        if not pickers[reservation]:
            del pickers[reservation]


def _count(counts: dict[str, int], name: str, by: int) -> None:
    """So many more, or fewer; what is 0 is not there."""
    left = counts.pop(name, 0) + by
    assert left >= 0, "nobody loses what was not his"
    if left:
        counts[name] = left


def _leave(lots: Lots, one: LotMoved, lot: str, cause: str) -> None:
    """What is told of a lot's units that are on no site any more."""
    found = lots.lot(lot)
    if one.to_account == "in_transit":
        found.in_transit += one.quantity
    elif one.to_account not in ON_SITE:
        gone = Gone(one.warehouse, one.to_account, one.quantity, cause, one.reservation)
        lots.traces.at(trace_name(lot, found.gone // TRACE_LINES)).append(gone)
        found.gone += 1


def promise(lots: Lots, warehouse: str, one: PromisedLine) -> None:
    """Units are a reservation's, of no lot yet."""
    claim, name = lots.claim(warehouse, one.reservation), at(warehouse, one.reservation)
    required = lots.timed(REQUIRED, name)
    if required is not None:
        claim.days = required.days
        lots.drop_timed(REQUIRED, name)
    claim.unbound += one.quantity


def forget(lots: Lots, warehouse: str, reservation: str) -> None:
    """Nothing is promised to a reservation any more; what is bound to it was let go before."""
    claim = lots.claim(warehouse, reservation)
    assert not claim.bound, "what is bound is let go by its lot"
    claim.unbound = 0


def tidy_claim(lots: Lots, warehouse: str, reservation: str) -> None:
    """What is over is forgotten."""
    if lots.claim(warehouse, reservation).is_over:
        lots.drop_claim(warehouse, reservation)


def assign(lots: Lots, one: LotAssignment) -> None:
    """Units in an account are of a lot."""
    source = _there(lots, one.warehouse, one.from_lot)
    source.add(one.account, -one.quantity)
    assert source.free(one.account) >= 0, "nothing is taken that is not there"
    _there(lots, one.warehouse, one.lot).add(one.account, one.quantity)
    _number(lots, one.lot)
    _tidy(lots, one.warehouse, one.from_lot)


def ask(lots: Lots, one: MoveAsked, event_id: str) -> None:
    """Stock is asked for a move, and will answer."""
    name = f"{event_id}/{one.number}"
    asked = Ask(one.warehouse, one.lot, one.quantity, one.from_account, one.to_account, one.attempt)
    lots.asks.put(name, asked)
    _await(lots, asked, 1)


def answered(lots: Lots, name: str) -> Ask | None:
    """Stock has answered; what it was asked. None where that is not known."""
    asked = lots.asks.get(name)
    if asked is not None:
        lots.asks.put(name, None)
        _await(lots, asked, -1)
    return asked


def _await(lots: Lots, asked: Ask, sign: int) -> None:
    lying = _there(lots, asked.warehouse, asked.lot)
    if asked.from_account == "supplier":
        lying.arriving += sign * asked.quantity
        assert lying.arriving >= 0
    elif asked.from_account == "sellable":
        lying.asked += sign * asked.quantity
        assert lying.asked >= 0
    elif asked.from_account == "quality_hold":  # older asks were not counted
        lying.returning = max(0, lying.returning + sign * asked.quantity)
    _tidy(lots, asked.warehouse, asked.lot)


def wait_no_more(lots: Lots, lot: str) -> None:
    """A lot is bad for another reason: stock is asked at once for what it had refused."""
    for warehouse in lots.lot(lot).warehouses:
        lots.drop_timed(AGAIN, at(warehouse, lot))
