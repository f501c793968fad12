"""What an event makes of the rows. Cannot fail: history is not refused."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from agents.lots import effects, placing, transit
from agents.lots.state import Lots
from schemas.lots_order import instant_ms
from schemas.lots_rows import NOWHERE, Again, Expiry, Lot, Required
from schemas.lots_structs import (
    Event,
    LotExpired,
    LotHeld,
    LotMoved,
    LotRecalled,
    LotRegistered,
    LotReleased,
    QuarantineAsked,
    RefusalRecorded,
    ShelfLifeRequired,
    StockChangeRecorded,
)
from tables.lots import AGAIN, EXPIRIES, REQUIRED, at

REQUIRED_MS: Final = 30 * 86_400_000  # a shelf life is forgotten where nothing is promised by then


def evolve(lots: Lots, event: Event) -> None:
    """All is as it is after an event of the SKU."""
    effect = _EFFECTS.get(type(event))
    if effect is not None:
        effect(lots, event)
    for one in _parts(event, "unbound"):
        effects.bind(lots, one)
    if type(event) is StockChangeRecorded:
        _changed(lots, event)
    else:
        for one in _parts(event, "units"):
            effects.move(lots, one, "")
    for one in _parts(event, "assigned"):
        effects.assign(lots, one)
    for one in _parts(event, "bound"):
        effects.bind(lots, one)
    for one in _parts(event, "asked"):
        effects.ask(lots, one, event.id)
    reference = getattr(event, "reference", None)
    for one in _parts(event, "serials"):
        placing.place(lots, one, event.id, event.recorded_at, reference)
    for warehouse, reservation in sorted(_reservations(event)):
        effects.tidy_claim(lots, warehouse, reservation)


def _parts(event: Any, name: str) -> Iterable[Any]:
    return getattr(event, name, ())


def _reservations(event: Any) -> set[tuple[str, str]]:
    """Whose claims an event may have changed."""
    found = {
        (one.warehouse, one.reservation)
        for name in ("unbound", "units", "bound")
        for one in _parts(event, name)
        if one.reservation is not None
    }
    found |= {(event.warehouse, one.reservation) for one in _parts(event, "promised")}
    if getattr(event, "reservation", None) is not None:
        found.add((event.warehouse, event.reservation))
    return found


def _changed(lots: Lots, event: StockChangeRecorded) -> None:
    """What stock moved and promised, in the order in which it was decided."""
    if event.ask is not None:
        effects.answered(lots, event.ask)
    if event.released and event.reservation is not None:
        effects.forget(lots, event.warehouse, event.reservation)
    if event.transfer is not None:
        _transfer(lots, event)
    else:
        _move(lots, event)
    for line in event.promised:
        effects.promise(lots, event.warehouse, line)


def _move(lots: Lots, event: StockChangeRecorded) -> None:
    for one in event.units:
        effects.move(lots, one, event.cause)


def _transfer(lots: Lots, event: StockChangeRecorded) -> None:
    assert event.transfer is not None
    sender, total = event.warehouse, sum(one.quantity for one in event.units)
    arrived = any(one.from_account == "transfers" for one in event.units)
    if arrived:
        assert event.counterpart is not None, "units come from somewhere"
        sender = event.counterpart
    found = transit.transit_of(lots, sender, event.transfer)
    if arrived:
        transit.arrive(lots, found, total)
    _move(lots, event)
    if event.units and not arrived:
        transit.depart(lots, found, _sent(event.units))
    if not event.units:
        transit.settle(lots, found, event.short, event.over)


def _sent(units: Iterable[LotMoved]) -> transit.Pieces:
    """Each lot once, in the order in which it was first taken."""
    pieces: dict[str, int] = {}
    for one in units:
        lot = NOWHERE if one.lot is None else one.lot
        pieces[lot] = pieces.get(lot, 0) + one.quantity
    return list(pieces.items())


def _registered(lots: Lots, event: LotRegistered) -> None:
    lots.header.lots += 1
    row = Lot(
        event.expires_at, event.best_before, event.manufactured_at, is_expired=event.is_expired
    )
    lots.lots.put(event.lot, row)
    if event.expires_at is not None and not event.is_expired:
        due_ms = instant_ms(event.expires_at)
        lots.put_timed(EXPIRIES, event.lot, Expiry(event.expires_at), due_ms)


def _held(lots: Lots, event: LotHeld) -> None:
    lots.lot(event.lot).held = event.reason
    effects.wait_no_more(lots, event.lot)


def _released(lots: Lots, event: LotReleased) -> None:
    lots.lot(event.lot).held = None


def _recalled(lots: Lots, event: LotRecalled) -> None:
    lots.lot(event.lot).recalled = event.reason
    effects.wait_no_more(lots, event.lot)


def _expired(lots: Lots, event: LotExpired) -> None:
    lots.lot(event.lot).is_expired = True
    effects.wait_no_more(lots, event.lot)
    lots.drop_timed(EXPIRIES, event.lot)


def _required(lots: Lots, event: ShelfLifeRequired) -> None:
    if event.is_kept:
        due_ms = instant_ms(event.recorded_at) + REQUIRED_MS
        name = at(event.warehouse, event.reservation)
        lots.put_timed(REQUIRED, name, Required(event.days), due_ms)
    else:
        lots.claim(event.warehouse, event.reservation).days = event.days


def _refused(lots: Lots, event: RefusalRecorded) -> None:
    effects.answered(lots, event.ask)
    if event.again_at is not None and event.lot is not None:
        name = at(event.warehouse, event.lot)
        lots.put_timed(AGAIN, name, Again(event.attempt + 1), instant_ms(event.again_at))


def _asked_again(lots: Lots, event: QuarantineAsked) -> None:
    lots.drop_timed(AGAIN, at(event.warehouse, event.lot))


_EFFECTS: Final[dict[Any, Callable[[Lots, Any], None]]] = {
    LotRegistered: _registered,
    LotHeld: _held,
    LotReleased: _released,
    LotRecalled: _recalled,
    LotExpired: _expired,
    ShelfLifeRequired: _required,
    RefusalRecorded: _refused,
    QuarantineAsked: _asked_again,
}
