"""What a decision of lots is made on: a SKU's rows, each read when it is asked for."""

from functools import cached_property
from typing import TypeVar

from schemas.accounts import Account
from schemas.lots_rows import Claim, Header, Lot, Lying, Site
from streams.actor import Rows
from tables.lots import (
    ALL,
    ASKS,
    BINDERS,
    BOUND_SERIALS,
    CLAIMS,
    HEADERS,
    LOT_BOUND,
    LOT_SERIALS,
    LOTS,
    PICKERS,
    SERIAL_COUNTS,
    SERIALS,
    SITES,
    STEPS,
    TRACES,
    TRANSITS,
    at,
)
from tables.table import Found, Timed

R = TypeVar("R")

LOTS_MAX = 200  # of a SKU in a warehouse: all of them are looked at, and stand in a row of 8 KB
BINDERS_MAX = 1_000  # reservations that a lot is bound to in a warehouse: a row of 45 KB
HOLDERS_MAX = 3_000  # the same in all warehouses: a recall tells of each twice, in 1 of 2 MiB
PICKERS_MAX = 1_000  # for whom it is picked, as far as they are listed


class Serials:
    """A SKU's serials: where each is and was, and what is counted of them."""

    def __init__(self, sku: str, rows: Rows) -> None:
        self.rows = Found(SERIALS, sku, rows)
        self.steps = Found(STEPS, sku, rows)
        self.of_lot = Found(LOT_SERIALS, sku, rows)
        self.counts = Found(SERIAL_COUNTS, sku, rows)  # by warehouse
        self.bound = Found(BOUND_SERIALS, sku, rows)
        self.lot_bound = Found(LOT_BOUND, sku, rows)

    def changes(self) -> dict[bytes, bytes | None]:
        """The rows that are not as they were found, by key."""
        return (
            self.rows.changes()
            | self.steps.changes()
            | self.of_lot.changes()
            | self.counts.changes()
            | self.bound.changes()
            | self.lot_bound.changes()
        )


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
        if "serials" in self.__dict__:
            changes |= self.serials.changes()
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

    @cached_property
    def serials(self) -> Serials:
        """Its units that have names: made where they are asked for, as most SKUs have none."""
        return Serials(self.sku, self._once)

    @property
    def header(self) -> Header:
        """What is said of all lots."""
        return self.headers.at(ALL)

    @property
    def are_known(self) -> bool:
        """Whether the SKU has lots or serials: one that has none is only counted."""
        return self.header.lots > 0 or self.header.serials > 0

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

    def units(self, warehouse: str, account: Account) -> int:
        """Units in an account, of all lots and of none that is known."""
        site = self.site(warehouse)
        return site.unassigned.of(account) + sum(one.of(account) for one in site.lots.values())

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
