"""Decides what reservations get: for how long it must be good, and another lot than was bound."""

from agents.lots import rejections
from agents.lots.binding import bind_all, let_all_go, may_hold
from agents.lots.draft import Draft
from agents.lots.order import lives
from agents.lots.quarantine import put_aside
from agents.lots.state import BINDERS_MAX, HOLDERS_MAX, Lots
from schemas.lots_rows import NOWHERE
from schemas.lots_structs import LotRebound, RebindLot, RequireShelfLife, ShelfLifeRequired
from streams.actor import Moment
from streams.answers import Rejection, outcome
from tables.lots import at


def require_shelf_life(lots: Lots, command: RequireShelfLife, moment: Moment) -> ShelfLifeRequired:
    """What is bound already is let go, and bound anew of lots that are good for long enough."""
    warehouse, reservation = command.warehouse, command.reservation
    is_kept = lots.claim(warehouse, reservation).is_over
    draft = Draft(lots, moment)
    if not is_kept:
        draft.lots.claim(warehouse, reservation).days = command.days
        let_all_go(draft, warehouse, reservation)
        bind_all(draft, warehouse, reservation)
    return outcome(
        ShelfLifeRequired,
        command,
        moment,
        warehouse=warehouse,
        reservation=reservation,
        days=command.days,
        is_kept=is_kept,
        **draft.told(),
    )


def rebind(lots: Lots, command: RebindLot, moment: Moment) -> LotRebound | Rejection:
    """A reservation gets another lot: whoever picks took that one."""
    name, source, quantity = command.lot, command.from_lot, command.quantity
    warehouse, reservation = command.warehouse, command.reservation
    refused = _refused(lots, command, moment)
    if refused is not None:
        return refused
    draft = Draft(lots, moment)
    if not command.picked:
        draft.bind(warehouse, reservation, name, quantity, source)
    else:
        draft.move(warehouse, source, "staged", "sellable", quantity, reservation)
        draft.move(warehouse, name, "sellable", "staged", quantity, reservation)
        put_aside(draft, [warehouse])
    told = {"warehouse": warehouse, "reservation": reservation} | draft.told()
    return outcome(LotRebound, command, moment, **told)


def _refused(lots: Lots, command: RebindLot, moment: Moment) -> Rejection | None:
    name, source, warehouse = command.lot, command.from_lot, command.warehouse
    for one in (name, source):
        if one is not None and lots.lots.get(one) is None:
            return rejections.no_lot(one)
    if name == source:
        return rejections.to_itself(name)
    claim = lots.claim(warehouse, command.reservation)
    if claim.is_over:
        return rejections.no_reservation(warehouse, command.reservation)
    lot = lots.lot(name)
    refused = rejections.not_good(name, lot)
    if refused is not None:
        return refused
    if not lives(lot, claim.days, moment.log_time_ms):
        return rejections.too_short(name, claim.days)
    counts = claim.staged if command.picked else claim.bound
    his = counts.get(source or NOWHERE, 0)
    if source is None and not command.picked:
        his = claim.unbound
    where = {"warehouse": warehouse, "reservation": command.reservation, "lot": source}
    if command.quantity > his:
        return rejections.insufficient(command.quantity, his, **where)
    free = lots.lying(warehouse, name).free("sellable")
    if command.quantity > free:
        return rejections.insufficient(command.quantity, free, warehouse=warehouse, lot=name)
    return _no_room(lots, command)


def _no_room(lots: Lots, command: RebindLot) -> Rejection | None:
    if command.picked or may_hold(lots, command.warehouse, command.reservation, command.lot):
        return None
    most, whose = HOLDERS_MAX, {"lot": command.lot}
    if len(lots.binders.at(at(command.warehouse, command.lot))) >= BINDERS_MAX:
        most, whose = BINDERS_MAX, {"warehouse": command.warehouse} | whose
    return rejections.above_limit("reservations", most + 1, most, **whose)
