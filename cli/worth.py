"""Checks what stock is worth: every unit that stock's events moved, and every cent of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import msgspec

from cli.api_copy import PAGE_ROWS, Api
from cli.event_view import Key
from cli.findings import Check
from cli.movements import Movements
from schemas.accounts import Account
from schemas.domains import FINANCE
from schemas.finance_accounts import OWNED
from tables.finance import VALUATION_KIND, VALUATIONS

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


_decode = msgspec.json.Decoder(Event).decode


class Valuations(Movements):
    """One partition's values, event by event, beside what stock says was moved."""

    def __init__(self, partition: int, check: Check) -> None:
        super().__init__(partition, FINANCE, check, OWNED)
        self._rows: dict[Key, Worth] = defaultdict(lambda: (0, 0))

    def told(self, value: bytes) -> None:
        """Take an event of finance."""
        event = _decode(value)
        moved: Counter[str] = Counter()
        for line in event.lines:
            moved[line.sku] += line.quantity if line.to_account in OWNED else -line.quantity
        self.take(event.id, event.seq, event.cause, moved)
        sums: Counter[str] = Counter()
        for posted in event.journal:
            sums[posted.currency] += posted.amount
        if any(sums.values()):
            self._check.differ(f"{self._name}, event {event.id}: its journal sums to {dict(sums)}")
        for line in event.lines:
            self._add(event, line)

    def _add(self, event: Event, line: Line) -> None:
        units, value = self._rows[event.warehouse, line.sku]
        if event.type == "ValueMoved":
            sign = 1 if line.to_account in OWNED else -1
            units, value = units + sign * line.quantity, value + sign * line.amount
        else:
            value += line.to_inventory if event.type == "CostAdjusted" else line.amount
        self._rows[event.warehouse, line.sku] = units, value
        if (line.balance, line.value) != (units, value):
            self._check.differ(
                f"{self._name}, event {event.id}, {line.sku}: it says {line.balance} units worth "
                f"{line.value}; what came and left says {units} and {value}"
            )

    def compare(self, name: str, rows: Mapping[Key, Worth]) -> None:
        """Compare a copy that has seen the same events."""
        for key in self._rows.keys() | rows.keys():
            self._check.compared += 1
            here, there = self._rows.get(key, (0, 0)), rows.get(key, (0, 0))
            if here != there:
                self._check.differ(f"{name}, {'/'.join(key)}: {there}; the events say {here}")

    def rows_of(self, pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[Key, Worth]:
        """Units and values as a changelog has them."""
        found = {}
        for key, value in pairs:
            kind, warehouse, sku = key.split(b"\0", 2)
            if kind == VALUATION_KIND:
                row = VALUATIONS.decode(value)
                found[warehouse.decode(), sku.decode()] = row.quantity, row.value
        return found


def pages_of(api: Api) -> dict[int, tuple[int, Mapping[Key, Worth]]]:
    """All pages of the API by partition, of those that stood still meanwhile: (seq, rows)."""
    told: dict[int, tuple[int, dict[Key, Worth]]] = {}
    query, moved = {"limit": str(PAGE_ROWS)}, set()
    while True:
        page = api.get(f"/v1/finance/valuation?{urlencode(query)}")
        for position in page["positions"]:
            number, seq = position["partition"], position["seq"]
            if told.setdefault(number, (seq, {}))[0] != seq:
                moved.add(number)
        for row in page["rows"]:
            worth = row["quantity"], row["value"]
            told[row["position"]["partition"]][1][row["warehouse"], row["sku"]] = worth
        if page["next"] is None:
            return {number: rows for number, rows in told.items() if number not in moved}
        query["after"] = page["next"]
