"""What the oracle's parts share: a partition as it stands, and what a command comes to."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tests.chaos.accounts import BESIDE, BOTTOMLESS
from tests.chaos.records import Count, Key, Pool, Prediction, Reservation, Row, Transfer, Waiting
from tests.chaos.rules import LEVEL_MAX


class Move(NamedTuple):
    """Units that go from one account to another."""

    source: str
    target: str
    quantity: int


@dataclass(slots=True)
class Change:
    """What an event does to one row, and what its line says before the row's values."""

    said: dict[str, Any]
    moves: tuple[Move, ...] = ()
    reserved: int = 0  # by how much
    allocated: int = 0
    reorder_point: int | None = None
    waits: Waiting | None = None  # whoever is in its queue from now on
    policy: tuple[int, int | None, int] | None = None  # (safety stock, recover point, may owe)
    pools: dict[str, Pool] | None = None
    supply: tuple[str, str, int] | None = None  # (its name, due, what is to come from now on)
    channel: str | None = None  # whose pool has what this makes available, or takes
    is_till: bool = False  # sold, whatever was left to whom
    is_one: bool = True  # else the line shows the row as it is

    def apply(self, row: Row) -> None:
        """Change the row."""
        available = row.available
        for source, target, quantity in self.moves:
            row.accounts[source] -= quantity
            row.accounts[target] += quantity
            row.is_beside = row.is_beside or not {source, target}.isdisjoint(BESIDE)
        row.reserved += self.reserved
        row.allocated += self.allocated
        if self.reorder_point is not None:
            row.reorder_point = self.reorder_point
        if self.policy is not None:
            row.safety_stock, row.recover_point, row.may_owe = self.policy
        if self.pools is not None:
            row.pools = {name: replace(one) for name, one in self.pools.items()}
        row.draw(self.channel, available - row.available, self.is_till)
        if self.waits is not None:
            row.queue.append(self.waits)
        if self.supply is not None:
            name, due, units = self.supply
            row.coming.pop(name, None)
            row.coming |= {name: (due, units)} if units else {}
        row.version += 1
        assert sum(row.accounts.values()) == 0
        least = {"sellable": -row.may_owe}
        assert all(
            row.accounts[name] >= least.get(name, 0) for name in row.accounts.keys() - BOTTOMLESS
        )
        assert 0 <= row.allocated <= row.reserved <= max(0, row.on_hand) <= LEVEL_MAX
        assert row.dated <= row.accounts["on_order"]


class Wish(NamedTuple):
    """A command that an event brings about at another warehouse."""

    type: str
    warehouse: str
    suffix: str  # of its id, behind the event's
    fields: dict[str, Any]
    lines: dict[str, int]  # by SKU, whatever lines that takes


@dataclass(slots=True)
class Granted:
    """It is done: the event, and the rows that it changes."""

    event: str
    fields: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Change] | None = None  # by SKU; None: its lines, if any, are in the fields
    may: dict[str, Any] = field(default_factory=dict)  # fields that may as well be missing
    causes: Wish | None = None


@dataclass(slots=True)
class Refused:
    """Nothing happens, for one of these reasons."""

    codes: tuple[str, ...]
    details: dict[str, Any] = field(default_factory=dict)  # all of them, where it is told
    among: dict[str, Any] = field(default_factory=dict)  # else these and perhaps others


Decision = Granted | Refused


def refused(code: str, **details: Any) -> Refused:
    """For this reason, with exactly these details where there are any."""
    return Refused((code,), details)


def too_little(missed: list[dict[str, Any]]) -> dict[str, Any]:
    """What is told of SKUs, in their order, of which too little is there: the first is told twice.

    Each says `sku, requested, available`, and the first as well why there is no more.
    """
    names = ("sku", "requested", "available")
    each = [{name: one[name] for name in names} for one in missed]
    return missed[0] | ({"short": each} if each[1:] else {})


def lacking(
    books: "Books",
    warehouse: str,
    wanted: Mapping[str, int],
    channel: str | None = None,
    held: Mapping[str, int] | None = None,
) -> dict[str, Any] | None:
    """The details of a refusal where more of SKUs is wanted than may be promised; else None.

    `held` is what the same already has.
    """
    missed = []
    for sku, units in wanted.items():
        row, given = books.row(warehouse, sku), (held or {}).get(sku, 0)
        if units > given + row.promisable(channel):
            missed.append(_missed(sku, units, row, channel, given))
    return too_little(missed) if missed else None


def unsold(
    books: "Books", warehouse: str, wanted: Mapping[str, int], channel: str | None
) -> dict[str, Any] | None:
    """The details of a refusal where more of SKUs is sold than may be; else None.

    Of what a till may owe it is sold already: only promises and the policy are in the way.
    """
    missed = []
    for sku, units in wanted.items():
        row = books.row(warehouse, sku)
        if not row.may_owe:
            missed += [_missed(sku, units, row, channel, 0)] * (units > row.promisable(channel))
            continue
        free = row.available if row.reserved else row.on_hand + row.may_owe
        if units > free:
            told = {"sku": sku, "requested": units, "available": free}
            missed.append(told | {"negative_limit": row.may_owe})
    return too_little(missed) if missed else None


def _missed(sku: str, requested: int, row: Row, channel: str | None, given: int) -> dict[str, Any]:
    named = row.pools.get(channel) if channel is not None else None
    safety_stocks = [row.safety_stock] + ([named.safety_stock] if named else [])
    kept: dict[str, Any] = {
        "safety_stock": max(safety_stocks),
        "waiting": sum(one.missing for one in row.before(channel)),
        "fenced": 0 if row.pool(channel) else row.fenced,
    }
    kept = {name: units for name, units in kept.items() if units}
    if named is not None:
        kept |= {"channel": channel} | ({} if named.quantity is None else {"pool": named.quantity})
    free = given + row.promisable(channel)
    return {"sku": sku, "requested": requested, "available": free} | kept


Closable = Reservation | Count | Transfer


class Books:
    """One partition's rows, reservations, counts and transfers, and what is due of them."""

    def __init__(self, told: Prediction, window_s: int) -> None:
        self.rows, self.reservations, self.counts = told.rows, told.reservations, told.counts
        self.transfers, self.arrivals = told.transfers, told.arrivals
        self.window_ms = window_s * 1000
        self.now_ms = 0
        self._ends: list[tuple[int, str, str]] = []  # (expires at, reservation, warehouse)
        self._closed: list[tuple[int, str, Key]] = []  # (forgotten at, of which, key)
        self._kept: dict[str, dict[Key, Any]] = {
            "reservation": self.reservations,
            "count": self.counts,
            "transfer": self.transfers,
            "arrival": self.arrivals,
        }

    def row(self, warehouse: str, sku: str) -> Row:
        """The row, or what one is before its first change."""
        return self.rows.get((warehouse, sku)) or Row()

    def ends(self, key: Key, reservation: Reservation) -> None:
        """Keep it, and when it ends."""
        self.reservations[key] = reservation
        heapq.heappush(self._ends, (reservation.expires_at_ms, key[1], key[0]))

    def close(self, kind: str, key: Key, ended: Closable, state: str) -> None:
        """It is what it says now, and forgotten after the window."""
        ended.state, ended.closed_at_ms = state, self.now_ms
        heapq.heappush(self._closed, (self.now_ms + self.window_ms, kind, key))

    def forget(self) -> None:
        """Let go what was closed a window ago, and is closed still."""
        while self._closed and self._closed[0][0] <= self.now_ms:
            due_ms, kind, key = heapq.heappop(self._closed)
            kept = self._kept[kind]
            if key in kept and self._is_over(kept[key]) and self._forgotten(kept[key]) == due_ms:
                del kept[key]

    def overdue(self) -> Iterator[tuple[Key, Reservation]]:
        """Open reservations that have come to their end, in the order of it."""
        while self._ends and self._ends[0][0] <= self.now_ms:
            expires_ms, name, warehouse = heapq.heappop(self._ends)
            found = self.reservations.get((warehouse, name))
            if found and found.state == "open" and found.expires_at_ms == expires_ms:
                yield (warehouse, name), found

    def _forgotten(self, ended: Closable) -> int:
        return ended.closed_at_ms + self.window_ms

    @staticmethod
    def _is_over(one: Closable) -> bool:
        return one.state not in ("open", "waiting", "confirmed")
