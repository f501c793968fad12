"""A copy of a partition's rows, compared with the ledger at the copy's own position."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cli.findings import Check, Findings
from cli.ledger import Key, Ledger
from schemas.rows import Row
from tables.stock import (
    RESERVATION_KIND,
    STOCK_KIND,
    decode_reservation,
    decode_row,
    split_key,
)

Pairs = Iterable[tuple[bytes, bytes]]


@dataclass
class Copy:
    """Rows, and open reservations where it tells them, before event `next_seq`."""

    name: str
    next_seq: int
    check: Check
    rows: Iterable[tuple[Key, Row]]
    open: Iterable[tuple[Key, dict[str, int]]] | None = None
    whole: bool = True  # whether a row that it does not tell is missing

    def compare(self, ledger: Ledger) -> None:
        """Compare both ways; the ledger stands at `next_seq`, or at its end before that."""
        if ledger.next_seq < self.next_seq:
            self.check.differ(
                f"{self.name}: it has event {self.next_seq - 1}, but the events end with "
                f"{ledger.next_seq - 1}"
            )
            return
        rows = set()
        for key, row in self.rows:
            self.check.compared += 1
            rows.add(key)
            if row != ledger.rows.get(key):
                told, added = _shown(row), _shown(ledger.rows.get(key))
                self.check.differ(f"{self.name}, {key[0]}/{key[1]}: {told}; the events say {added}")
        if self.whole:
            self._missing("row", ledger.rows.keys(), rows)
        if self.open is not None:
            self._compare_open(dict(self.open), ledger)

    def _compare_open(self, told: dict[Key, dict[str, int]], ledger: Ledger) -> None:
        for key, lines in told.items():
            if lines != ledger.open.get(key):
                self.check.differ(
                    f"{self.name}, reservation {key[0]}/{key[1]}: open with {lines}; the events "
                    f"say {ledger.open.get(key, 'it is not open')}"
                )
        self._missing("open reservation", ledger.open.keys(), told)

    def _missing(self, what: str, expected: Collection[Key], told: Collection[Key]) -> None:
        if len(told) >= len(expected):
            return
        for key in sorted(set(expected) - set(told)):
            self.check.differ(f"{self.name}: {what} {key[0]}/{key[1]} is missing")


def _shown(row: Row | None) -> str:
    if row is None:
        return "nothing"
    return (
        f"on_hand {row.on_hand}, reserved {row.reserved}, reorder point {row.reorder_point}, "
        f"version {row.version}"
    )


def stock_rows(pairs: Pairs) -> Iterator[tuple[Key, Row]]:
    """The rows among keys and values of tables.stock."""
    for key, value in pairs:
        kind, warehouse, sku = split_key(key)
        if kind == STOCK_KIND:
            yield (warehouse, sku), decode_row(value)


def open_reservations(pairs: Pairs) -> Iterator[tuple[Key, dict[str, int]]]:
    """The open reservations among keys and values of tables.stock, with their lines."""
    for key, value in pairs:
        kind, warehouse, name = split_key(key)
        if kind != RESERVATION_KIND:
            continue
        reservation = decode_reservation(value)
        if reservation.state == "open":
            yield (warehouse, name), {line.sku: line.quantity for line in reservation.lines}


def add_up(pairs: Mapping[bytes, bytes], ledger: Ledger, findings: Findings) -> None:
    """On hand against the sum of the movements, reserved against the sum of open reservations."""
    promised: Counter[Key] = Counter()
    for (warehouse, _), lines in open_reservations(pairs.items()):
        findings.reserved.compared += 1
        promised.update({(warehouse, sku): quantity for sku, quantity in lines.items()})
    for key, row in stock_rows(pairs.items()):
        findings.movements.compared += 1
        moved = ledger.rows.get(key, Row()).on_hand
        if row.on_hand != moved:
            findings.movements.differ(
                f"{key[0]}/{key[1]}: on hand {row.on_hand}, but its movements add up to {moved}"
            )
        if row.reserved != promised[key]:
            findings.reserved.differ(
                f"{key[0]}/{key[1]}: reserved {row.reserved}, but its open reservations add up to "
                f"{promised[key]}"
            )
