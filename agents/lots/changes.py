"""Decides what events of stock mean: of which lots the units are that it moved and promised.

Stock is never refused: it has said how many, and lots say which.
"""

from agents.lots import effects, following, transit
from agents.lots.binding import bind_all, bind_anew, let_all_go
from agents.lots.draft import Draft
from agents.lots.quarantine import again_ms, put_aside, put_back, put_lot_aside
from agents.lots.state import Lots
from agents.lots.taking import Leaving, Piece, settle, take
from schemas.accounts import ON_SITE
from schemas.instants import rfc3339
from schemas.lots_rows import NOWHERE, Ask
from schemas.lots_structs import (
    LotMoved,
    RecordRefusal,
    RecordStockChange,
    RefusalRecorded,
    StockChangeRecorded,
)
from streams.actor import Moment
from streams.answers import outcome


def record_change(lots: Lots, command: RecordStockChange, moment: Moment) -> StockChangeRecorded:
    """What an event of stock moved, and promised for good."""
    return outcome(
        StockChangeRecorded,
        command,
        moment,
        cause=command.cause,
        warehouse=command.warehouse,
        **(_known(lots, command, moment) if lots.are_known else _counted(command)),
    )


def _counted(command: RecordStockChange) -> dict[str, list[LotMoved]]:
    """Of a SKU without lots, units are counted and nothing else."""
    if command.from_account is None or command.to_account is None or not command.quantity:
        return {}
    one = LotMoved(
        warehouse=command.warehouse,
        from_account=command.from_account,
        to_account=command.to_account,
        quantity=command.quantity,
    )
    return {"units": [one]}


def _known(lots: Lots, command: RecordStockChange, moment: Moment) -> dict[str, object]:
    draft, warehouse = Draft(lots, moment, command.cause), command.warehouse
    asked = None if command.ask is None else effects.answered(draft.lots, command.ask)
    reservation = command.reservation
    if command.released and reservation is not None:
        let_all_go(draft, warehouse, reservation)
        effects.forget(draft.lots, warehouse, reservation)
        if lots.header.serials:
            following.let_go(draft, warehouse, reservation)
    touched = [warehouse]
    if command.from_account is not None and command.to_account is not None:
        if command.from_account in ON_SITE:
            touched += _left(draft, command)
        else:
            _came(draft, command, asked)
        settle(draft, warehouse)
        if reservation is not None and lots.header.serials:
            source, target = command.from_account, command.to_account
            following.follow(draft, warehouse, reservation, source, target)
    elif command.transfer is not None:
        found = transit.transit_of(draft.lots, warehouse, command.transfer)
        transit.settle(draft.lots, found, command.short, command.over)
    for line in command.promised:
        draft.promise(warehouse, line)
        bind_all(draft, warehouse, line.reservation)
    bind_anew(draft)
    if asked is not None:
        _undo_hold(draft, asked)
    put_aside(draft, touched)
    told = {
        "ask": command.ask,
        "reservation": reservation,
        "released": command.released,
        "transfer": command.transfer,
        "counterpart": command.counterpart,
        "short": command.short,
        "over": command.over,
    }
    return told | draft.told()


def _left(draft: Draft, command: RecordStockChange) -> list[str]:
    """Units left an account on site; the warehouses beside it where something is known by that."""
    assert command.from_account is not None and command.to_account is not None
    warehouse, reservation = command.warehouse, command.reservation
    leaving = Leaving(
        warehouse, command.from_account, command.to_account, reservation, command.reference
    )
    pieces = take(draft, leaving, command.quantity) if command.quantity else []
    if reservation is not None and command.to_account == "sellable":
        draft.bereft[warehouse, reservation] = None
    if command.transfer is None or command.counterpart is None:
        return []
    found = transit.transit_of(draft.lots, warehouse, command.transfer)
    early = transit.depart(draft.lots, found, by_name(pieces))
    return _known_late(draft, command.counterpart, early)


def by_name(pieces: list[Piece]) -> transit.Pieces:
    """The same with the name that a transfer has for no known lot."""
    return [(NOWHERE if lot is None else lot, quantity) for lot, quantity in pieces]


def _known_late(draft: Draft, warehouse: str, early: transit.Pieces) -> list[str]:
    """Units that had come before their lots were told are of these, as far as they are there."""
    for lot, quantity in early:
        there = draft.lots.lying(warehouse, None).sellable
        if lot != NOWHERE and there > 0 and draft.lots.has_room(warehouse, lot):
            draft.assign(warehouse, "sellable", lot, min(there, quantity))
    return [warehouse]


def _came(draft: Draft, command: RecordStockChange, asked: Ask | None) -> None:
    """Units came onto the site, of the lot that was asked for, named or sent, or of none known."""
    assert command.from_account is not None and command.to_account is not None
    lots, warehouse = draft.lots, command.warehouse
    name = command.reference if asked is None else asked.lot
    pieces: transit.Pieces = [(NOWHERE if name is None else name, command.quantity)]
    if command.transfer is not None and command.counterpart is not None:
        found = transit.transit_of(lots, command.counterpart, command.transfer)
        pieces = transit.arrive(lots, found, command.quantity)
        rest = command.quantity - sum(quantity for _, quantity in pieces)
        pieces.append((NOWHERE, rest))
    unknown = 0
    for lot, quantity in pieces:
        if lot != NOWHERE and lots.lots.get(lot) is not None and lots.has_room(warehouse, lot):
            draft.move(warehouse, lot, command.from_account, command.to_account, quantity)
        else:
            unknown += quantity
    if unknown:
        draft.move(warehouse, None, command.from_account, command.to_account, unknown)


def _undo_hold(draft: Draft, asked: Ask) -> None:
    """A lot may have been released while stock was putting it on hold."""
    was_held = asked.to_account == "quality_hold" and asked.from_account == "sellable"
    if was_held and draft.lots.lot(asked.lot).is_good:
        put_back(draft, asked.warehouse, asked.lot, asked.quantity)


def record_refusal(lots: Lots, command: RecordRefusal, moment: Moment) -> RefusalRecorded:
    """Stock refused: it is asked for less where it has less, and for the rest later."""
    draft = Draft(lots, moment)
    asked, told = effects.answered(draft.lots, command.ask), dict[str, object]()
    if asked is not None:
        told |= {"lot": asked.lot, "quantity": asked.quantity, "attempt": asked.attempt}
        _ask_for_fewer(draft, asked, command.available or 0)
        if asked.from_account == "sellable" and not draft.lots.lot(asked.lot).is_good:
            due_ms = moment.log_time_ms + again_ms(asked.attempt)
            told["again_at"] = rfc3339(due_ms)
    return outcome(
        RefusalRecorded,
        command,
        moment,
        cause=command.cause,
        warehouse=command.warehouse,
        ask=command.ask,
        refusal=command.refusal,
        **(told | draft.told()),
    )


def _ask_for_fewer(draft: Draft, asked: Ask, available: int) -> None:
    """Of what stock refused, it is asked at once for as many as it has."""
    if not 0 < available < asked.quantity:
        return
    if asked.from_account == "sellable":
        put_lot_aside(draft, asked.warehouse, asked.lot, available)
    elif asked.from_account == "quality_hold" and draft.lots.lot(asked.lot).is_good:
        put_back(draft, asked.warehouse, asked.lot, available)
