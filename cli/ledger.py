"""Adds up a partition's events: what every row and reservation must be, from movements only.

Nothing here is shared with the decider. An event also says what its rows were after it; the ledger
checks that, but never takes it over.
"""

from collections.abc import Iterator

import msgspec

from cli.findings import Findings
from schemas.rows import Row

Key = tuple[str, str]
"""(warehouse, SKU) or (warehouse, reservation)."""


class Line(msgspec.Struct, gc=False):
    """What an event says of one SKU."""

    sku: str
    on_hand: int
    reserved: int
    available: int
    version: int
    quantity: int = 0
    delta: int = 0
    reorder_point: int | None = None


class Source(msgspec.Struct, gc=False):
    """The record that was decided."""

    partition: int
    offset: int


class Event(msgspec.Struct):
    """What the books read of an event."""

    type: str
    id: str
    partition: int
    seq: int
    warehouse: str
    recorded_at: str
    source: Source
    lines: list[Line] = []
    command_id: str | None = None
    reservation: str | None = None
    code: str | None = None


decode_event = msgspec.json.Decoder(Event).decode

SIGNS = {  # how a line's quantity moves on hand and reserved
    "StockReceived": (1, 0),
    "StockShipped": (-1, 0),
    "StockAdjusted": (1, 0),
    "StockReserved": (0, 1),
    "ReservationReleased": (0, -1),
    "ReservationExpired": (0, -1),
    "ReorderPointSet": (0, 0),
}
OPENS = "StockReserved"


class Ledger:
    """One partition's rows and open reservations, event by event."""

    def __init__(self, partition: int, findings: Findings) -> None:
        self._partition = partition
        self._findings = findings
        self.next_seq = 1
        self.rows: dict[Key, Row] = {}
        self.open: dict[Key, dict[str, int]] = {}

    def add(self, event: Event) -> None:
        """Take the next event."""
        check = self._findings.seq
        check.compared += 1
        if event.seq != self.next_seq or event.partition != self._partition:
            check.differ(
                f"partition {self._partition}: event {event.id} where seq {self.next_seq} must be"
            )
        self.next_seq = event.seq + 1
        on_hand, reserved = SIGNS.get(event.type, (0, 0))
        if event.type == "StockShipped" and event.reservation is not None:
            reserved = -1
        for line in event.lines:
            self._move(event, line, on_hand, reserved)
        if event.reservation is not None and event.lines:
            self._promise(event)

    def _move(self, event: Event, line: Line, on_hand: int, reserved: int) -> None:
        row = self.rows.setdefault((event.warehouse, line.sku), Row())
        amount = line.quantity + line.delta
        row.on_hand += on_hand * amount
        row.reserved += reserved * amount
        row.version += 1
        if line.reorder_point is not None:
            row.reorder_point = line.reorder_point
        told = (line.on_hand, line.reserved, line.available, line.version)
        if told != (row.on_hand, row.reserved, row.available, row.version):
            self._findings.movements.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: it says on_hand {line.on_hand}, "
                f"reserved {line.reserved}, version {line.version}; the movements up to it say "
                f"{row.on_hand}, {row.reserved}, {row.version}"
            )
        if row.available < 0 or row.reserved < 0:
            self._findings.movements.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: on_hand {row.on_hand} with "
                f"{row.reserved} reserved: more was given away than there was"
            )

    def _promise(self, event: Event) -> None:
        assert event.reservation is not None
        key = (event.warehouse, event.reservation)
        lines = {line.sku: line.quantity for line in event.lines}
        check = self._findings.reserved
        if event.type == OPENS:
            if key in self.open:
                check.differ(f"event {event.id} opens {key[0]}/{key[1]}, which is open")
            self.open[key] = lines
        elif self.open.pop(key, None) != lines:
            check.differ(f"event {event.id} closes {key[0]}/{key[1]}, which is not open so")

    def promised(self) -> Iterator[tuple[Key, int]]:
        """Reserved amount by (warehouse, SKU), from the open reservations alone."""
        sums: dict[Key, int] = {}
        for (warehouse, _), lines in self.open.items():
            for sku, quantity in lines.items():
                sums[warehouse, sku] = sums.get((warehouse, sku), 0) + quantity
        yield from sums.items()
