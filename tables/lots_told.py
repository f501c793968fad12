"""What is told of the rows of lots to readers."""

from typing import Any, TypeVar

from schemas.instants import rfc3339
from schemas.lots_order import NO_END, end_ms, rank
from schemas.lots_rows import ACCOUNTS, Lot, Lying, Serial
from tables.lots import (
    ALL,
    BOUND_SERIALS,
    CLAIMS,
    HEADERS,
    LOT_SERIALS,
    LOTS,
    PICKERS,
    SERIAL_COUNTS,
    SERIALS,
    SITES,
    STEPS,
    TRACE_LINES,
    TRACES,
    at,
    trace_name,
)
from tables.table import Read, Table

R = TypeVar("R")


def _sure(table: Table[R], read: Read, sku: str, name: str) -> R:
    """A row that is there, or that says something where it is not."""
    row = table.read(read, sku, name)
    assert row is not None, "what others name is there"
    return row


def _units(lying: Lying) -> dict[str, int]:
    return {account: lying.of(account) for account in ACCOUNTS}


def _there(lying: Lying) -> dict[str, int]:
    return _units(lying) | {"bound": lying.bound, "arriving": lying.arriving}


def _state(name: str, lot: Lot, warehouses: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "lot": name,
        "expires_at": lot.expires_at,
        "best_before": lot.best_before,
        "manufactured_at": lot.manufactured_at,
        "is_good": lot.is_good,
        "is_expired": lot.is_expired,
        "held": lot.held,
        "recalled": lot.recalled,
        "in_transit": lot.in_transit,
        "warehouses": warehouses,
    }


def site_told(read: Read, sku: str, warehouse: str) -> dict[str, Any] | None:
    """What a warehouse has of a SKU, its lots in their order; None where it was never told of."""
    value = read(SITES.key(sku, warehouse))
    header = _sure(HEADERS, read, sku, ALL)
    if value is None and not (header.lots or header.serials):
        return None
    site = _sure(SITES, read, sku, warehouse)
    lots = [(name, _sure(LOTS, read, sku, name), lying) for name, lying in site.lots.items()]
    lots.sort(key=lambda one: rank(one[0], one[1]))
    return {
        "sku": sku,
        "warehouse": warehouse,
        "unassigned": {"warehouse": warehouse} | _units(site.unassigned),
        "serials": _sure(SERIAL_COUNTS, read, sku, warehouse),
        "lots": [
            _state(name, lot, [{"warehouse": warehouse} | _there(lying)])
            for name, lot, lying in lots
        ],
    }


def days_of(read: Read, sku: str, warehouse: str) -> dict[str, int]:
    """Units for sale that nobody is promised for good, by the last day on which their lots live.

    Of good lots alone, the earliest day first; what has no end has no day, nor what is of no lot.
    """
    site = _sure(SITES, read, sku, warehouse)
    lots = [(_sure(LOTS, read, sku, name), lying) for name, lying in site.lots.items()]
    days: dict[str, int] = {}
    for end, units in sorted(
        (end_ms(lot), one.free("sellable")) for lot, one in lots if lot.is_good
    ):
        if units and 0 < end < NO_END:
            day = rfc3339(end - 1)[:10]
            days[day] = days.get(day, 0) + units
    return days


def lot_told(read: Read, sku: str, name: str, after: int, limit: int) -> dict[str, Any] | None:
    """A lot everywhere, and so many of its departures from one on; None where there is none."""
    lot = LOTS.read(read, sku, name)
    if lot is None:
        return None
    sites = [(one, _sure(SITES, read, sku, one).lots[name]) for one in lot.warehouses]
    there = [{"warehouse": warehouse} | _there(lying) for warehouse, lying in sites]
    end = min(after + limit, lot.gone)
    staged = [
        {"warehouse": warehouse, "reservation": reservation, "quantity": quantity}
        for warehouse, _ in sites
        for reservation, quantity in sorted(_sure(PICKERS, read, sku, at(warehouse, name)).items())
    ]
    return (
        {"sku": sku}
        | _state(name, lot, there)
        | {
            "staged": staged,
            "gone_lines": lot.gone,
            "gone": _gone(read, sku, name, after, end),
            "next": end if end < lot.gone else None,
        }
    )


def _lines(table: Table[list[R]], read: Read, sku: str, name: str, start: int, end: int) -> list[R]:
    """Lines of what grows for ever, from one on to another; there are so many."""
    first, last = start // TRACE_LINES, (end - 1) // TRACE_LINES
    numbers = range(first, last + 1)
    lines = [
        line for number in numbers for line in _sure(table, read, sku, trace_name(name, number))
    ]
    begin = start - first * TRACE_LINES
    return lines[begin : begin + max(0, end - start)]


def _gone(read: Read, sku: str, name: str, start: int, end: int) -> list[dict[str, Any]]:
    return [
        {
            "warehouse": one.warehouse,
            "to_account": one.to_account,
            "quantity": one.quantity,
            "cause": one.cause,
            "reservation": one.reservation,
        }
        for one in _lines(TRACES, read, sku, name, start, end)
    ]


def serial_told(read: Read, sku: str, name: str, after: int, limit: int) -> dict[str, Any] | None:
    """Where a serial is, and so many parts of its history from one on; None: nobody has seen it."""
    row = SERIALS.read(read, sku, name)
    if row is None:
        return None
    end = min(after + limit, row.steps)
    return (
        {"sku": sku}
        | _serial(name, row)
        | {
            "lot": row.lot,
            "is_good": row.lot is None or _sure(LOTS, read, sku, row.lot).is_good,
            "steps": row.steps,
            "history": [
                {
                    "event_id": one.event,
                    "recorded_at": one.recorded_at,
                    "warehouse": one.warehouse,
                    "account": one.account,
                    "reservation": one.reservation,
                    "reference": one.reference,
                }
                for one in _lines(STEPS, read, sku, name, after, end)
            ],
            "next": end if end < row.steps else None,
        }
    )


def _serial(name: str, row: Serial) -> dict[str, Any]:
    return {
        "serial": name,
        "warehouse": row.warehouse,
        "account": row.account,
        "reservation": row.reservation,
    }


def serials_told(read: Read, sku: str, lot: str, after: int, limit: int) -> dict[str, Any] | None:
    """So many serials of a lot from one on, each where it is; None where there is no such lot."""
    row = LOTS.read(read, sku, lot)
    if row is None:
        return None
    end = min(after + limit, row.serials)
    names = _lines(LOT_SERIALS, read, sku, lot, after, end)
    return {
        "sku": sku,
        "lot": lot,
        "count": row.serials,
        "serials": [_serial(name, _sure(SERIALS, read, sku, name)) for name in names],
        "next": end if end < row.serials else None,
    }


def claim_told(read: Read, sku: str, warehouse: str, reservation: str) -> dict[str, Any] | None:
    """What a reservation is promised, and of which lots; None where it is nothing."""
    claim = _sure(CLAIMS, read, sku, at(warehouse, reservation))
    bound = sorted(_sure(BOUND_SERIALS, read, sku, at(warehouse, reservation)).items())
    if claim.is_over:
        return None
    return {
        "sku": sku,
        "warehouse": warehouse,
        "reservation": reservation,
        "days": claim.days,
        "unbound": claim.unbound,
        "bound": _by_lot(claim.bound),
        "staged": _by_lot(claim.staged),
        "serials": [{"serial": serial, "account": account} for serial, account in bound],
    }


def _by_lot(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"lot": lot or None, "quantity": units} for lot, units in sorted(counts.items())]
