"""Decides the rarer steps of a reservation's life: extended, replaced, confirmed, picked, shipped.

open -> confirmed -> picked -> packed -> shipped, in parts
open -> expired -> confirmed, where all of it is still available
open or confirmed -> released;  open -> superseded
waiting -> released, or confirmed by what fills it
"""

from collections.abc import Callable, Sequence
from typing import Any

from agents.stock.levels import NEVER_SEEN, distinct, lacking, moved, unchanged
from agents.stock.outcomes import outcome
from agents.stock.rejections import (
    Rejection,
    closed,
    confirmed,
    exists,
    insufficient,
    not_confirmed,
    not_found,
    short,
    waiting,
)
from agents.stock.state import Stock, channel_of
from schemas.instants import rfc3339
from schemas.rows import Reservation, ReservedLine
from schemas.stock_structs import (
    ConfirmReservation,
    ExtendReservation,
    PackedShipped,
    PackStock,
    PickStock,
    QuantityMoved,
    ReservationConfirmed,
    ReservationExtended,
    ReservationSuperseded,
    ShipPacked,
    StockPacked,
    StockPicked,
    StockUnpicked,
    SupersedeReservation,
    UnpickStock,
)
from streams.actor import Moment


def extend(
    stock: Stock, command: ExtendReservation, moment: Moment
) -> ReservationExtended | Rejection:
    """An open reservation ends so many seconds from now."""
    held = _open(command.reservation, stock.reservation)
    if isinstance(held, Rejection):
        return held
    expires_at = rfc3339(moment.log_time_ms + command.ttl_seconds * 1_000)
    return outcome(
        ReservationExtended,
        command,
        moment,
        lines=[],
        reservation=command.reservation,
        expires_at=expires_at,
    )


def supersede(
    stock: Stock, command: SupersedeReservation, moment: Moment
) -> ReservationSuperseded | Rejection:
    """What the old one holds is available to the new one, and to nobody else, in between."""
    if stock.reservation is not None:
        return exists(command.reservation, stock.reservation)
    old = _open(command.replaces, stock.replaced)
    if isinstance(old, Rejection):
        return old
    lines = _replaced(stock, old, command.lines)
    if isinstance(lines, Rejection):
        return lines
    return outcome(
        ReservationSuperseded,
        command,
        moment,
        lines=lines,
        reservation=command.reservation,
        replaces=command.replaces,
        channel=command.channel or channel_of(old),
        expires_at=rfc3339(moment.log_time_ms + command.ttl_seconds * 1_000),
    )


def _replaced(
    stock: Stock, old: Reservation, wanted: Sequence[Any]
) -> list[QuantityMoved] | Rejection:
    given = {line.sku: line.quantity for line in old.lines}
    lines = distinct(wanted, "quantity")
    taken = {line.sku: line.quantity for line in lines}
    after = []
    for sku in dict.fromkeys((*taken, *given)):
        row = stock.rows.get(sku, NEVER_SEEN)
        quantity, returned = taken.get(sku, 0), given.get(sku, 0)
        if quantity > returned + stock.beside.promisable(sku, row.available):
            return lacking(stock.rows, lines, stock.beside, given)
        after.append(
            QuantityMoved(
                sku=sku,
                quantity=quantity,
                on_hand=row.on_hand,
                reserved=row.reserved - returned + quantity,
                available=row.available + returned - quantity,
                version=row.version + 1,
            )
        )
    return after


def confirm(
    stock: Stock, command: ConfirmReservation, moment: Moment
) -> ReservationConfirmed | Rejection:
    """Promised for good. One that ran out is promised anew, whole, where that can be."""
    held = stock.reservation
    if held is None:
        return not_found(command.reservation)
    if held.state == "confirmed":
        return confirmed(command.reservation)
    if held.state == "waiting":
        return waiting(command.reservation)
    if held.state not in ("open", "expired"):
        return closed(command.reservation, held)
    if held.state == "expired":
        lines = moved(stock.rows, held.lines, 0, 1, stock.beside)
    else:
        lines = moved(stock.rows, held.lines, 0, 0)
    if isinstance(lines, Rejection):
        return lines
    return outcome(
        ReservationConfirmed,
        command,
        moment,
        lines=lines,
        reservation=command.reservation,
        channel=channel_of(held),
    )


def pick(stock: Stock, command: PickStock, moment: Moment) -> StockPicked | Rejection:
    """Units leave the shelf: they are neither on hand nor reserved any more, but staged."""
    lines = _within(stock, command, "OVER_PICK", lambda line: line.shelved)
    if not isinstance(lines, Rejection):
        lines = moved(stock.rows, lines, -1, -1)
    if isinstance(lines, Rejection):
        return lines
    return outcome(StockPicked, command, moment, lines=lines, reservation=command.reservation)


def unpick(stock: Stock, command: UnpickStock, moment: Moment) -> StockUnpicked | Rejection:
    """Units that are not packed go back on the shelf, promised as before.

    Where units are owed they do not: what comes there is for those who had it already.
    """
    lines = _within(stock, command, "NOT_PICKED", lambda line: line.picked - line.packed)
    if not isinstance(lines, Rejection):
        owing = [line for line in lines if stock.rows.get(line.sku, NEVER_SEEN).on_hand < 0]
        none = [(line.sku, line.quantity, 0) for line in owing]
        lines = insufficient(none) if none else moved(stock.rows, lines, 1, 1)
    if isinstance(lines, Rejection):
        return lines
    return outcome(StockUnpicked, command, moment, lines=lines, reservation=command.reservation)


def pack(stock: Stock, command: PackStock, moment: Moment) -> StockPacked | Rejection:
    """Picked units are packed, which changes no row."""
    lines = _within(stock, command, "NOT_PICKED", lambda line: line.picked - line.packed)
    if isinstance(lines, Rejection):
        return lines
    told = unchanged(stock.rows, lines)
    return outcome(StockPacked, command, moment, lines=told, reservation=command.reservation)


def ship_packed(stock: Stock, command: ShipPacked, moment: Moment) -> PackedShipped | Rejection:
    """Packed units leave; of what is on hand they were none any more."""
    lines = _within(stock, command, "NOT_PACKED", lambda line: line.packed)
    if not isinstance(lines, Rejection):
        lines = moved(stock.rows, lines, 0, 0)
    if isinstance(lines, Rejection):
        return lines
    return outcome(PackedShipped, command, moment, lines=lines, reservation=command.reservation)


def _open(name: str, held: Reservation | None) -> Reservation | Rejection:
    if held is None:
        return not_found(name)
    if held.state == "confirmed":
        return confirmed(name)
    if held.state == "waiting":
        return waiting(name)
    return held if held.state == "open" else closed(name, held)


def _within(
    stock: Stock, command: Any, code: Any, left: Callable[[ReservedLine], int]
) -> Any | Rejection:
    """The command's lines, each SKU once, where a confirmed reservation has so many left."""
    held = stock.reservation
    if held is None:
        return not_found(command.reservation)
    if held.state == "open":
        return not_confirmed(command.reservation)
    if held.state == "waiting":
        return waiting(command.reservation)
    if held.state != "confirmed":
        return closed(command.reservation, held)
    found = {line.sku: left(line) for line in held.lines}
    lines = distinct(command.lines, "quantity")
    for line in lines:
        if line.quantity > found.get(line.sku, 0):
            return short(code, line.sku, line.quantity, found.get(line.sku, 0))
    return lines
