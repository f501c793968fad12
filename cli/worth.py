"""Checks what stock is worth: every unit that stock's events moved, and every cent of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from cli.event_view import Event as StockEvent
from cli.event_view import Key
from cli.findings import Check
from cli.ledger import legs_of
from schemas.accounts import Account
from schemas.finance_accounts import OWNED
from tables.finance import VALUATION_KIND, decode_valuation

Worth = tuple[int, int]
"""(units, value in minor units) of a SKU in a warehouse."""


class Line(msgspec.Struct, gc=False):
    """What finance says of one SKU."""

    sku: str
    quantity: int = 0
    from_account: Account | None = None
    to_account: Account | None = None
    amount: int = 0
    to_inventory: int = 0
    balance: int = 0
    value: int = 0


class JournalLine(msgspec.Struct, gc=False):
    """What it adds to an account of the general ledger."""

    account: str
    currency: str
    amount: int


class Event(msgspec.Struct, gc=False):
    """What the books read of an event of finance."""

    type: str
    id: str
    seq: int
    warehouse: str
    cause: str = ""
    lines: list[Line] = []
    journal: list[JournalLine] = []
    code: str = ""


decode_event = msgspec.json.Decoder(Event).decode


class Valuations:
    """One partition's values, event by event, beside what stock says was moved."""

    def __init__(self, partition: int, check: Check) -> None:
        self._partition, self._check = partition, check
        self._moved: dict[str, Counter[str]] = {}  # event of stock -> SKU -> units owned more
        self._read_to = 0  # seq of stock's events
        self.next_seq = 1
        self.rows: dict[Key, Worth] = defaultdict(lambda: (0, 0))

    def moved(self, event: StockEvent) -> None:
        """Take an event of stock."""
        self._read_to = event.seq
        moved: Counter[str] = Counter()
        is_movement = False
        for line in event.lines:
            for account, by in legs_of(event, line):
                moved[line.sku] += by if account in OWNED else 0
                is_movement |= account not in OWNED
        if is_movement and event.lines:
            self._moved[event.id] = moved

    @property
    def waiting(self) -> int:
        """Movements that finance has not told yet."""
        return len(self._moved)

    def told(self, event: Event) -> None:
        """Take an event of finance."""
        self._check.compared += 1
        if event.seq != self.next_seq:
            self._check.differ(
                f"finance, partition {self._partition}: {event.id} at {self.next_seq}"
            )
        self.next_seq = event.seq + 1
        sums: Counter[str] = Counter()
        for posted in event.journal:
            sums[posted.currency] += posted.amount
        if any(sums.values()):
            self._check.differ(f"finance, event {event.id}: its journal sums to {dict(sums)}")
        if event.type == "ValueMoved":
            self._compare(event)
        for line in event.lines:
            self._add(event, line)

    def _compare(self, event: Event) -> None:
        expected = self._moved.pop(event.cause, None)
        told: Counter[str] = Counter()
        for line in event.lines:
            told[line.sku] += line.quantity if line.to_account in OWNED else -line.quantity
        if expected is None:
            if int(event.cause.rpartition("-")[2] or 0) <= self._read_to:
                self._check.differ(
                    f"finance, event {event.id}: {event.cause} moved nothing, or twice"
                )
        elif told != expected:
            self._check.differ(
                f"finance, event {event.id}: {dict(told)} units; stock moved {dict(expected)}"
            )

    def _add(self, event: Event, line: Line) -> None:
        units, value = self.rows[event.warehouse, line.sku]
        if event.type == "ValueMoved":
            sign = 1 if line.to_account in OWNED else -1
            units, value = units + sign * line.quantity, value + sign * line.amount
        else:
            value += line.to_inventory if event.type == "CostAdjusted" else line.amount
        self.rows[event.warehouse, line.sku] = units, value
        if (line.balance, line.value) != (units, value):
            self._check.differ(
                f"finance, event {event.id}, {line.sku}: it says {line.balance} units worth "
                f"{line.value}; what came and left says {units} and {value}"
            )

    def compare(self, name: str, rows: Mapping[Key, Worth]) -> None:
        """Compare a copy that has seen the same events."""
        for key in self.rows.keys() | rows.keys():
            self._check.compared += 1
            here, there = self.rows.get(key, (0, 0)), rows.get(key, (0, 0))
            if here != there:
                self._check.differ(f"{name}, {'/'.join(key)}: {there}; the events say {here}")

    def missing(self) -> None:
        """Tell what has not been valued in time."""
        if self._moved:
            first = next(iter(self._moved))
            self._check.differ(
                f"partition {self._partition}: {len(self._moved)} movements were not valued, the "
                f"first is {first}: see ./stockyard status and the log of policies-1"
            )


def rows_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[Key, Worth]:
    """Units and values as finance's changelog has them."""
    found = {}
    for key, value in pairs:
        kind, warehouse, sku = key.split(b"\0", 2)
        if kind == VALUATION_KIND:
            row = decode_valuation(value)
            found[warehouse.decode(), sku.decode()] = row.quantity, row.value
    return found
