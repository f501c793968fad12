"""What is told of the rows of lots to readers."""

from typing import Any, TypeVar

from schemas.lots_order import rank
from schemas.lots_rows import ACCOUNTS, Lot, Lying
from tables.lots import (
    ALL,
    CLAIMS,
    HEADERS,
    LOTS,
    PICKERS,
    SITES,
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
    if value is None and _sure(HEADERS, read, sku, ALL).lots == 0:
        return None
    site = _sure(SITES, read, sku, warehouse)
    lots = [(name, _sure(LOTS, read, sku, name), lying) for name, lying in site.lots.items()]
    lots.sort(key=lambda one: rank(one[0], one[1]))
    return {
        "sku": sku,
        "warehouse": warehouse,
        "unassigned": {"warehouse": warehouse} | _units(site.unassigned),
        "lots": [
            _state(name, lot, [{"warehouse": warehouse} | _there(lying)])
            for name, lot, lying in lots
        ],
    }


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


def _gone(read: Read, sku: str, name: str, start: int, end: int) -> list[dict[str, Any]]:
    first, last = start // TRACE_LINES, (end - 1) // TRACE_LINES
    lines = [
        line
        for number in range(first, last + 1)
        for line in _sure(TRACES, read, sku, trace_name(name, number))
    ]
    begin = start - first * TRACE_LINES
    return [
        {
            "warehouse": one.warehouse,
            "to_account": one.to_account,
            "quantity": one.quantity,
            "cause": one.cause,
            "reservation": one.reservation,
        }
        for one in lines[begin : begin + max(0, end - start)]
    ]


def claim_told(read: Read, sku: str, warehouse: str, reservation: str) -> dict[str, Any] | None:
    """What a reservation is promised, and of which lots; None where it is nothing."""
    claim = _sure(CLAIMS, read, sku, at(warehouse, reservation))
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
    }


def _by_lot(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"lot": lot or None, "quantity": units} for lot, units in sorted(counts.items())]
