"""What the engine takes and gives: consumed records, and all that one transaction carries out."""

from collections.abc import Sequence
from typing import Protocol

from streams.stamp import Stamp
from streams.timers import Timer

Headers = list[tuple[str, bytes | None]]


class Record(Protocol):
    """What the engine reads of a consumed record."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Counts:
    """What a batch did, for the metrics."""

    def __init__(self) -> None:
        self.records = 0
        self.commands = 0
        self.outcomes: dict[tuple[str, str], int] = {}  # (event's type, rejection's code)
        self.duplicates = 0
        self.forwarded = 0
        self.dead_letters = 0


class Batch:
    """One transaction: what is sent, and what the store gets once it is committed."""

    def __init__(self, stamp: Stamp) -> None:
        self.stamp = stamp
        self.events: list[tuple[bytes, bytes]] = []
        self.alerts: list[tuple[bytes, bytes]] = []
        self.changelog: list[tuple[bytes, bytes | None]] = []
        # commands for their owners, forwarded or caused: (partition, key, value, headers)
        self.forwards: list[tuple[int, bytes, bytes, Headers]] = []
        self.dead_letters: list[tuple[bytes | None, bytes | None, Headers]] = []
        self.rows: dict[bytes, bytes | None] = {}
        self.ids: list[tuple[bytes, bytes]] = []
        self.timers: list[Timer] = []  # put by this batch
        self.stale_timers: list[bytes] = []
        self.rest: Sequence[Record] = []  # fetched, left to the next batch
        self.counts = Counts()
