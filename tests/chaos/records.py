"""What a topic holds and what the oracle expects there: the checker's own words for both."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]


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


@dataclass(slots=True)
class Row:
    """One (warehouse, SKU)."""

    on_hand: int = 0
    reserved: int = 0
    reorder_point: int = 0
    version: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(slots=True)
class Reservation:
    """Stock set aside; remembered for the idempotency window once closed."""

    lines: dict[str, int]
    expires_at_ms: int
    state: str = "open"  # then "released", "shipped" or "expired"
    closed_at_ms: int = 0


@dataclass(slots=True)
class Prediction:
    """What one partition of commands must have brought about."""

    partition: int
    events: list[ExpectedEvent] = field(default_factory=list)
    alerts: list[ExpectedAlert] = field(default_factory=list)
    dead_letters: list[Record] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    reservations: dict[tuple[str, str], Reservation] = field(default_factory=dict)
    log_time_ms: int = 0
    next_offset: int = 0
    duplicates: int = 0
    ticks: int = 0
    records: int = 0
