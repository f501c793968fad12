"""What a decision of lots is made on: a SKU's rows, each read when it is asked for."""

from typing import TypeVar

from schemas.lots_rows import Claim, Header, Lot, Lying, Site
from streams.actor import Rows
from tables.lots import (
    ALL,
    ASKS,
    BINDERS,
    CLAIMS,
    HEADERS,
    LOTS,
    PICKERS,
    SITES,
    TRACES,
    TRANSITS,
    at,
)
from tables.table import Found, Timed

R = TypeVar("R")

LOTS_MAX = 200  # of a SKU in a warehouse: all of them are looked at, and stand in a row of 8 KB
BINDERS_MAX = 1_000  # reservations that a lot is bound to in a warehouse: a row of 45 KB
PICKERS_MAX = 1_000  # for whom it is picked, as far as they are listed


class Lots:
    """A SKU's lots, wherever they are."""

    def __init__(self, sku: str, rows: Rows) -> None:
        self.sku = sku
        self._rows = rows
        self._read: dict[bytes, bytes | None] = {}
        self._timed: dict[bytes, bytes | None] = {}  # put by this decision
        self.headers = Found(HEADERS, sku, self._once)
        self.lots = Found(LOTS, sku, self._once)
        self.sites = Found(SITES, sku, self._once)  # by warehouse
        self.claims = Found(CLAIMS, sku, self._once)
        self.binders = Found(BINDERS, sku, self._once)
        self.pickers = Found(PICKERS, sku, self._once)
        self.asks = Found(ASKS, sku, self._once)
        self.transits = Found(TRANSITS, sku, self._once)
        self.traces = Found(TRACES, sku, self._once)

    def _once(self, key: bytes) -> bytes | None:
        if key not in self._read:
            self._read[key] = self._rows(key)
        return self._read[key]

    def fork(self) -> "Lots":
        """All as it was found, for a change that this one does not see."""
        return Lots(self.sku, self._once)

    def changes(self) -> dict[bytes, bytes | None]:
        """The rows that are not as they were found, by key."""
        changes = {key: value for key, value in self._timed.items() if value != self._once(key)}
        return (
            changes
            | self.headers.changes()
            | self.lots.changes()
            | self.sites.changes()
            | self.claims.changes()
            | self.binders.changes()
            | self.pickers.changes()
            | self.asks.changes()
            | self.transits.changes()
            | self.traces.changes()
        )

    @property
    def header(self) -> Header:
        """What is said of all lots."""
        return self.headers.at(ALL)

    @property
    def are_known(self) -> bool:
        """Whether the SKU has lots: one that has none is only counted."""
        return self.header.lots > 0

    def lot(self, name: str) -> Lot:
        """A lot that is there."""
        return self.lots.at(name)

    def site(self, warehouse: str) -> Site:
        """What a warehouse has."""
        return self.sites.at(warehouse)

    def lying(self, warehouse: str, lot: str | None) -> Lying:
        """Units of a lot in a warehouse, or of no known one."""
        site = self.site(warehouse)
        if lot is None:
            return site.unassigned
        return site.lots.get(lot) or Lying()

    def has_room(self, warehouse: str, lot: str) -> bool:
        """Whether a warehouse may have this lot, beside those that it has."""
        found = self.site(warehouse).lots
        return lot in found or len(found) < LOTS_MAX

    def claim(self, warehouse: str, reservation: str) -> Claim:
        """What a reservation is promised."""
        return self.claims.at(at(warehouse, reservation))

    def drop_claim(self, warehouse: str, reservation: str) -> None:
        """Nothing is promised to a reservation."""
        self.claims.put(at(warehouse, reservation), Claim())

    def timed(self, table: Timed[R], name: str) -> R | None:
        """A timed row; None where there is none."""
        key = table.key(self.sku, name)
        value = self._timed[key] if key in self._timed else self._once(key)
        return None if value is None else table.decode(value)

    def put_timed(self, table: Timed[R], name: str, row: R, due_ms: int) -> None:
        """A row that falls due."""
        self._timed[table.key(self.sku, name)] = table.encode(row, due_ms)

    def drop_timed(self, table: Timed[R], name: str) -> None:
        """It falls due no more."""
        self._timed[table.key(self.sku, name)] = None
