"""What a topic holds and what the oracle expects there: the checker's own words for both."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.chaos.accounts import ACCOUNTS, BESIDE

Headers = tuple[tuple[str, bytes | None], ...]
Key = tuple[str, str]
"""(warehouse, and a SKU, a reservation, a count or a transfer of it)."""


class Record(NamedTuple):
    """One committed record, as a read_committed consumer sees it."""

    partition: int
    offset: int
    timestamp_ms: int  # append time, by the broker
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(slots=True)
class ExpectedEvent:
    """An event to be: every field that must be there, and those that may."""

    fields: dict[str, Any]
    may: dict[str, Any] = field(default_factory=dict)  # absent or equal
    codes: tuple[str, ...] = ()  # for a rejection: where several apply, any of them
    among: dict[str, Any] = field(default_factory=dict)  # what its details have, beside others
    anything: tuple[str, ...] = ()  # present or not, of any value


@dataclass(slots=True)
class ExpectedAlert:
    """An alert to be."""

    key: bytes
    fields: dict[str, Any]


class Forward(NamedTuple):
    """A misrouted command on its way to its owner."""

    origin: str  # topic/partition/offset, the value of header forwarded_from
    target: int
    key: bytes
    value: bytes
    headers: Headers  # the original's


class Caused(NamedTuple):
    """A command that an event brings about, on its way to its owner."""

    event: str  # its id, the value of header caused_by
    target: int
    key: bytes
    fields: dict[str, Any]  # but for its lines
    lines: dict[str, int]  # by SKU, in their order


@dataclass(slots=True)
class Waiting:
    """A reservation's place in the queue for a SKU."""

    reservation: str
    missing: int
    priority: int
    promised: str | None
    seq: int  # of the event by which it waits
    partial: bool
    channel: str | None = None  # through which it was sold


@dataclass(slots=True)
class Pool:
    """A channel of a SKU."""

    channel: str
    quantity: int | None = None  # left in it; none: it is no pool of its own
    safety_stock: int = 0
    low_point: int = 0
    recover_point: int | None = None
    is_low: bool = False


@dataclass(slots=True)
class Row:
    """One (warehouse, SKU): where its units are, and what is promised of them."""

    accounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    reserved: int = 0
    allocated: int = 0
    reorder_point: int = 0
    version: int = 0
    safety_stock: int = 0  # policy
    recover_point: int | None = None
    may_owe: int = 0  # units that tills may sell before they are there
    is_low: bool = False  # by its recover point
    queue: list[Waiting] = field(default_factory=list)  # in the order of their coming
    pools: dict[str, Pool] = field(default_factory=dict)  # by channel
    coming: dict[str, tuple[str, int]] = field(default_factory=dict)  # (due, units) by supply
    is_beside: bool = False  # whether an account was touched that has no place in its own row

    @property
    def on_hand(self) -> int:
        return self.accounts["sellable"]

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    def like(self) -> "Row":
        """Another one that is as this, to be changed."""
        return deepcopy(self)

    @property
    def has_policy(self) -> bool:
        return self.safety_stock > 0 or self.recover_point is not None or self.may_owe > 0

    @property
    def owed(self) -> int:
        """What was sold and is not there."""
        return max(0, -self.on_hand)

    def pool(self, channel: str | None) -> Pool | None:
        """What a channel takes from, where that is its own."""
        found = self.pools.get(channel) if channel is not None else None
        return None if found is None or found.quantity is None else found

    @property
    def dated(self) -> int:
        """What is to come on a day."""
        return sum(units for _, units in self.coming.values())

    @property
    def fenced(self) -> int:
        return sum(one.quantity for one in self.pools.values() if one.quantity is not None)

    def free(self, channel: str | None) -> int:
        """What a channel may take, if nobody waits."""
        named = self.pools.get(channel) if channel is not None else None
        bounds = [self.available - self.safety_stock]
        if named is not None:
            bounds.append(self.available - named.safety_stock)
        if named is not None and named.quantity is not None:
            bounds.append(named.quantity)
        else:
            bounds[0] -= self.fenced
        return max(0, min(bounds))

    def before(self, channel: str | None) -> list[Waiting]:
        """Who waits for what a channel would take."""
        mine = self.pool(channel)
        return [one for one in self.queue if self.pool(one.channel) is mine]

    def promisable(self, channel: str | None) -> int:
        """What whoever comes next may have."""
        return 0 if self.before(channel) else self.free(channel)

    def draw(self, channel: str | None, units: int, is_till: bool = False) -> None:
        """So much less is left to a channel, or more; a till asks nobody how much is left."""
        pool = self.pool(channel)
        if pool is not None and pool.quantity is not None:
            units = min(units, pool.quantity) if is_till else units
            pool.quantity = min(10**15, pool.quantity - units)
            assert pool.quantity >= 0

    @property
    def elsewhere(self) -> int:
        return sum(self.accounts[name] for name in BESIDE)


@dataclass(slots=True)
class ReservedLine:
    """A SKU of a reservation; what is shipped is neither picked nor packed any more."""

    quantity: int
    picked: int = 0
    packed: int = 0  # of the picked
    shipped: int = 0
    missing: int = 0  # of one that waits

    @property
    def shelved(self) -> int:
        return self.quantity - self.picked - self.shipped - self.missing


@dataclass(slots=True)
class Reservation:
    """Stock set aside; remembered for the idempotency window once closed."""

    lines: dict[str, ReservedLine]
    expires_at_ms: int
    state: str = "open"  # then "confirmed", "released", "shipped", "superseded" or "expired"
    confirmed_at_ms: int = 0  # of one that waits: when it was last given something
    closed_at_ms: int = 0
    channel: str | None = None


@dataclass(slots=True)
class CountLine:
    """A SKU of a count."""

    book: int
    counted: int | None = None
    is_final: bool = False


@dataclass(slots=True)
class Count:
    """A count of some SKUs; remembered for the idempotency window once closed."""

    lines: dict[str, CountLine]
    tolerance: int
    opened_at_ms: int
    state: str = "open"  # then "approved" or "cancelled"
    counters: list[str] = field(default_factory=list)  # in the order of their first record
    closed_at_ms: int = 0


@dataclass(slots=True)
class TransferLine:
    """A SKU of a transfer; of one that nobody sent the quantity is 0."""

    quantity: int
    received: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.quantity - self.received)


@dataclass(slots=True)
class Transfer:
    """One end of a transfer; remembered for the idempotency window once closed."""

    other: str  # the warehouse at the other end
    lines: dict[str, TransferLine]
    changed_at_ms: int
    state: str = "open"  # then "closed"
    closed_at_ms: int = 0


@dataclass(slots=True)
class Prediction:
    """What one partition of commands must have brought about."""

    partition: int
    events: list[ExpectedEvent] = field(default_factory=list)
    alerts: list[ExpectedAlert] = field(default_factory=list)
    dead_letters: list[Record] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)
    caused: list[Caused] = field(default_factory=list)
    rows: dict[Key, Row] = field(default_factory=dict)
    reservations: dict[Key, Reservation] = field(default_factory=dict)
    counts: dict[Key, Count] = field(default_factory=dict)
    transfers: dict[Key, Transfer] = field(default_factory=dict)  # that leave
    arrivals: dict[Key, Transfer] = field(default_factory=dict)  # by sender/transfer
    unmatched: Counter[str] = field(default_factory=Counter)  # by SKU, see oracle_transfers
    log_time_ms: int = 0
    next_offset: int = 0
    duplicates: int = 0
    ticks: int = 0
    records: int = 0
