"""What it does to the rows that a serial is somewhere: in one place, and in all that count it."""

from agents.lots.state import Lots
from schemas.lots_rows import Serial, Step
from schemas.lots_structs import SerialMoved
from tables.lots import TRACE_LINES, at, trace_name


def place(
    lots: Lots, one: SerialMoved, event_id: str, recorded_at: str, reference: str | None
) -> None:
    """A serial is where an event says; nothing has it any more that had it before."""
    row = lots.serials.rows.get(one.serial)
    if row is None:
        row = Serial(one.lot, one.warehouse, one.to_account)
        _register(lots, one)
    else:
        _count(lots, one.serial, row, -1)
    row.warehouse, row.account, row.reservation = one.warehouse, one.to_account, one.reservation
    _count(lots, one.serial, row, 1)
    step = Step(event_id, recorded_at, one.warehouse, one.to_account, one.reservation, reference)
    lots.serials.steps.at(trace_name(one.serial, row.steps // TRACE_LINES)).append(step)
    row.steps += 1
    lots.serials.rows.put(one.serial, row)


def _register(lots: Lots, one: SerialMoved) -> None:
    lots.header.serials += 1
    if one.lot is not None:
        lot = lots.lot(one.lot)
        lots.serials.of_lot.at(trace_name(one.lot, lot.serials // TRACE_LINES)).append(one.serial)
        lot.serials += 1


def _count(lots: Lots, serial: str, row: Serial, by: int) -> None:
    """Whoever counts a serial that is on site counts it where it is, or does not any more."""
    if not row.is_here:
        return
    counts = lots.serials.counts.at(row.warehouse)
    left = counts.pop(row.account, 0) + by
    assert left >= 0, "what is there is counted"
    if left:
        counts[row.account] = left
    if row.reservation is None:
        return
    place = at(row.warehouse, row.reservation)
    bound = lots.serials.bound.at(place)
    of_lot = None if row.lot is None else lots.serials.lot_bound.at(row.lot)
    if by < 0:
        del bound[serial]
        if of_lot is not None and row.account == "sellable":
            del of_lot[serial]
        return
    bound[serial] = row.account
    if of_lot is not None and row.account == "sellable":
        of_lot[serial] = place
