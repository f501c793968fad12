"""The rows of lots as bytes.

Keys are `kind 0x00 sku 0x00 name`; `W` is a warehouse, which has no slash in it:

    S            of the empty name: [lots, numbered, serials]
    L lot        [expires_at, best_before, manufactured_at, number, is_expired, held, recalled,
                 warehouses, in_transit, gone, serials, holders]
    W W          [unassigned, {lot: lying}], both [sellable, quality_hold, damaged, expired,
                 recalled, staged, bound, asked, arriving, returning]
    R W/name     [days, unbound, {lot: bound}, {lot: staged}] of a reservation
    B W/lot      {reservation: bound}
    P W/lot      {reservation: picked}, of a thousand at most
    A name       [warehouse, lot, quantity, from_account, to_account, attempt], asked of stock
    D W/name     [{lot: sent}, early, short, over] of a transfer from W
    G lot number [[warehouse, to_account, quantity, cause, reservation], ...], a hundred at most
    N serial     [lot, warehouse, account, reservation, steps]
    H serial number [[event, recorded_at, warehouse, account, reservation, reference], ...], as G
    J lot number [serial, ...], as G: those of a lot
    C W          {account: serials}, on site
    K W/name     {serial: account}, bound to a reservation
    X lot        {serial: W/reservation}, bound while for sale, of a thousand at most
    e lot        when it is due its time is over: [expires_at]
    q W/lot      when it is due stock is asked again: [attempt]
    m W/name     when it is due it is forgotten: [days], required for a reservation
"""

from typing import Final

from schemas.lots_rows import (
    Again,
    Ask,
    Claim,
    Expiry,
    Gone,
    Header,
    Lot,
    Required,
    Serial,
    Site,
    Step,
    Transit,
)
from tables.table import Table, Timed

ALL: Final = ""  # the name of a SKU's own row
EXPIRY_KIND: Final = b"e"
AGAIN_KIND: Final = b"q"
TRACE_LINES: Final = 100  # of a row: 100 * 100 bytes are written again for each departure, at most

HEADERS: Final = Table("S", Header, Header)
LOTS: Final = Table("L", Lot)
SITES: Final = Table("W", Site, Site)
CLAIMS: Final = Table("R", Claim, Claim)
BINDERS: Final = Table("B", dict[str, int], dict)
PICKERS: Final = Table("P", dict[str, int], dict)
ASKS: Final = Table("A", Ask)
TRANSITS: Final = Table("D", Transit, Transit)
TRACES: Final = Table("G", list[Gone], list)
SERIALS: Final = Table("N", Serial)
STEPS: Final = Table("H", list[Step], list)
LOT_SERIALS: Final = Table("J", list[str], list)
SERIAL_COUNTS: Final = Table("C", dict[str, int], dict)
BOUND_SERIALS: Final = Table("K", dict[str, str], dict)
LOT_BOUND: Final = Table("X", dict[str, str], dict)
EXPIRIES: Final = Timed("e", Expiry)
AGAIN: Final = Timed("q", Again)
REQUIRED: Final = Timed("m", Required)


def at(warehouse: str, name: str) -> str:
    """What a row is called that is of a warehouse: its names are of many things."""
    return f"{warehouse}/{name}"


def trace_name(lot: str, number: int) -> str:
    """What a row of a lot's trace is called, or of what else grows for ever."""
    return f"{lot}\0{number:08x}"
