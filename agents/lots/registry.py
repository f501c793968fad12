"""Decides what lots are: that they exist, are held, released, recalled, and that they expire."""

from itertools import islice, pairwise
from typing import Any, Final, TypeVar

from agents.lots import effects, rejections
from agents.lots.binding import bind_anew, let_go
from agents.lots.draft import Draft
from agents.lots.following import withdraw
from agents.lots.quarantine import put_aside, put_back
from agents.lots.state import PICKERS_MAX, Lots
from schemas.instants import rfc3339
from schemas.lots_order import instant_ms
from schemas.lots_rows import ACCOUNTS, Lot
from schemas.lots_structs import (
    HoldLot,
    LotExpired,
    LotGone,
    LotHeld,
    LotRecalled,
    LotRegistered,
    LotReleased,
    LotThere,
    RecallLot,
    RegisterLot,
    ReleaseLot,
    SerialThere,
    Source,
    StagedFor,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome
from tables.lots import TRACE_LINES, at, trace_name
from tables.table import Found

R = TypeVar("R")

GONE_MAX: Final = 1_000  # departures or serials in an event: 150 KB; all stand in the trace
_EARLIER_FIRST: Final = ("manufactured_at", "best_before", "expires_at")


def register(lots: Lots, command: RegisterLot, moment: Moment) -> LotRegistered | Rejection:
    """There is a lot."""
    if lots.lots.get(command.lot) is not None:
        return rejections.lot_exists(command.lot)
    told = [(name, getattr(command, name)) for name in _EARLIER_FIRST]
    times = [(name, text) for name, text in told if text is not None]
    for (name, earlier), (other, later) in pairwise(times):
        if instant_ms(earlier) > instant_ms(later):
            return rejections.dates_conflict(name, other)
    expires_at = command.expires_at
    return outcome(
        LotRegistered,
        command,
        moment,
        lot=command.lot,
        is_expired=expires_at is not None and instant_ms(expires_at) <= moment.log_time_ms,
        **dict(told),
    )


def hold(lots: Lots, command: HoldLot, moment: Moment) -> LotHeld | Rejection:
    """Nothing of a lot is for sale until it is released."""
    found = lots.lots.get(command.lot)
    if found is None:
        return rejections.no_lot(command.lot)
    refused = rejections.not_good(command.lot, found)
    if refused is not None:
        return refused
    draft = Draft(lots, moment)
    draft.lots.lot(command.lot).held = command.reason
    _withdraw(draft, command.lot)
    told = {"reason": command.reason, "there": there(lots, command.lot)} | draft.told()
    return outcome(LotHeld, command, moment, lot=command.lot, **told)


def release(lots: Lots, command: ReleaseLot, moment: Moment) -> LotReleased | Rejection:
    """A lot that was held is good, unless it is bad for another reason by now."""
    found = lots.lots.get(command.lot)
    if found is None:
        return rejections.no_lot(command.lot)
    if found.recalled is not None:
        return rejections.recalled(command.lot, found.recalled)
    if found.held is None:
        return rejections.not_held(command.lot)
    draft = Draft(lots, moment)
    changed = draft.lots.lot(command.lot)
    changed.held = None
    if changed.is_good:
        for warehouse in changed.warehouses:
            put_back(draft, warehouse, command.lot)
    else:
        put_aside(draft, changed.warehouses)
    told = {"there": there(lots, command.lot)} | draft.told()
    return outcome(LotReleased, command, moment, lot=command.lot, **told)


def recall(lots: Lots, command: RecallLot, moment: Moment) -> LotRecalled | Rejection:
    """A lot is bad, in all warehouses at once."""
    found = lots.lots.get(command.lot)
    if found is None:
        return rejections.no_lot(command.lot)
    if found.recalled is not None:
        return rejections.recalled(command.lot, found.recalled)
    draft = Draft(lots, moment)
    draft.lots.lot(command.lot).recalled = command.reason
    _withdraw(draft, command.lot)
    return outcome(
        LotRecalled,
        command,
        moment,
        lot=command.lot,
        reason=command.reason,
        there=there(lots, command.lot),
        in_transit=found.in_transit,
        staged=_staged(lots, command.lot, found),
        gone_lines=found.gone,
        gone=_gone(lots, command.lot, found),
        traced_lines=found.serials,
        traced=_traced(lots, command.lot, found),
        **draft.told(),
    )


def expire(lots: Lots, lot: str, moment: Moment) -> LotExpired:
    """A lot's time is over."""
    found = lots.lot(lot)
    assert found.expires_at is not None, "it had an end"
    draft = Draft(lots, moment)
    draft.lots.lot(lot).is_expired = True
    _withdraw(draft, lot)
    recorded_at = rfc3339(moment.log_time_ms)
    return LotExpired(
        id=draft.event_id,
        partition=moment.partition,
        seq=moment.seq,
        sku=lots.sku,
        time=recorded_at,
        recorded_at=recorded_at,
        source=Source(partition=moment.partition, offset=moment.offset),
        lot=lot,
        expires_at=found.expires_at,
        there=there(lots, lot),
        **draft.told(),
    )


def _withdraw(draft: Draft, lot: str) -> None:
    """Nobody gets of a lot any more; what is for sale of it is put aside."""
    warehouses = draft.lots.lot(lot).warehouses
    effects.wait_no_more(draft.lots, lot)
    for warehouse in warehouses:
        let_go(draft, warehouse, lot)
    bind_anew(draft)
    put_aside(draft, warehouses)
    if draft.lots.header.serials:
        withdraw(draft, lot)


def there(lots: Lots, lot: str) -> list[LotThere]:
    """Where a lot is."""
    told = []
    for warehouse in lots.lot(lot).warehouses:
        lying = lots.lying(warehouse, lot)
        counts: dict[str, Any] = {account: lying.of(account) for account in ACCOUNTS}
        counts |= {"bound": lying.bound, "arriving": lying.arriving}
        told.append(LotThere(warehouse=warehouse, **counts))
    return told


def _staged(lots: Lots, lot: str, found: Lot) -> list[StagedFor]:
    """For whom units of a lot are picked, by their warehouses and names."""
    told = (
        StagedFor(warehouse=warehouse, reservation=reservation, quantity=quantity)
        for warehouse in found.warehouses
        for reservation, quantity in sorted(lots.pickers.at(at(warehouse, lot)).items())
    )
    return list(islice(told, PICKERS_MAX))


def _last(found: Found[list[R]], name: str, lines: int) -> list[R]:
    """The last lines of what grows for ever, in their order."""
    first = max(0, lines - GONE_MAX) // TRACE_LINES
    numbers = range(first, (lines - 1) // TRACE_LINES + 1)
    return [one for number in numbers for one in found.at(trace_name(name, number))][-GONE_MAX:]


def _traced(lots: Lots, lot: str, found: Lot) -> list[SerialThere]:
    """Where the last serials of a lot are that were registered."""
    names = _last(lots.serials.of_lot, lot, found.serials)
    rows = [(name, lots.serials.rows.at(name)) for name in names]
    return [
        SerialThere(
            serial=name,
            warehouse=row.warehouse,
            account=row.account,
            reservation=row.reservation,
        )
        for name, row in rows
    ]


def _gone(lots: Lots, lot: str, found: Lot) -> list[LotGone]:
    """The last departures of a lot, in their order."""
    return [
        LotGone(
            warehouse=one.warehouse,
            to_account=one.to_account,
            quantity=one.quantity,
            cause=one.cause,
            reservation=one.reservation,
        )
        for one in _last(lots.traces, lot, found.gone)
    ]
