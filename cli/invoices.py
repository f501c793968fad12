"""Movements become commands: one per invoice and warehouse, and the receipts that open the stock.

Ids are made of what the command says, never of a clock, a line number or chance: loading the
same file again repeats the same ids with the same payloads, which changes nothing.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from cli.sales import Movement
from schemas.fields import LINES_MAX, QUANTITY_MAX

ACTOR = "load"
SALE = ("ShipStock", "sale", "quantity")
RETURN = ("AdjustStock", "return", "delta")


class Command(NamedTuple):
    """A command as it goes to the topic: the key and the bytes; and its type, to count."""

    type: str
    warehouse: str
    value: bytes


class Shortage:
    """How much each SKU would have been missing at its lowest, had every warehouse been empty.

    The opening receipt is that amount: the least with which every shipment of the file succeeds,
    in the order in which it is sent. Memory: one entry per (warehouse, SKU).
    """

    def __init__(self) -> None:
        self._running: Counter[tuple[str, str]] = Counter()
        self._lowest: dict[tuple[str, str], int] = {}
        self.first: datetime | None = None  # when the first invoice was written

    def add(self, invoice: Iterable[Movement]) -> None:
        """Count one invoice, as the actors will: a SKU's lines at once."""
        for warehouse, moved in _by_warehouse(invoice).items():
            for movement in moved:
                self._running[warehouse, movement.sku] += movement.delta
                self.first = min(self.first or movement.at, movement.at)
            for movement in moved:
                row = (warehouse, movement.sku)
                self._lowest[row] = min(self._lowest.get(row, 0), self._running[row])

    def receipts(self) -> Iterator[Command]:
        """Opening receipts, by warehouse and SKU; named by a digest of what they bring."""
        amounts: dict[str, dict[str, int]] = {}
        for (warehouse, sku), lowest in sorted(self._lowest.items()):
            if lowest < 0:
                amounts.setdefault(warehouse, {})[sku] = -lowest
        for warehouse, wanted in amounts.items():
            for part, lines in enumerate(_parts(wanted, "quantity"), 1):
                digest = blake2b(json.dumps(lines).encode(), digest_size=8).hexdigest()
                assert self.first is not None
                yield _command(
                    "ReceiveStock",
                    f"opening-{part}-{digest}",
                    warehouse,
                    {"lines": lines},
                    self.first,
                    "opening",
                )


def whole_invoices(
    movements: Iterable[Movement], last_lines: dict[str, int]
) -> Iterator[list[Movement]]:
    """Group lines by invoice, each handed on with its last line; a file may interleave invoices.

    `last_lines` says where each invoice ends (a first reading of the file tells), so that memory
    holds only the invoices that have begun and not ended.
    """
    begun: dict[str, list[Movement]] = {}
    for movement in movements:
        begun.setdefault(movement.invoice, []).append(movement)
        if last_lines[movement.invoice] == movement.number:
            yield begun.pop(movement.invoice)
    assert not begun, "an invoice has no last line: the file changed while it was read"


def commands_of(invoice: list[Movement]) -> Iterator[Command]:
    """The commands of one invoice: a shipment, or an adjustment where it is a cancellation."""
    number = invoice[0].invoice
    for warehouse, moved in _by_warehouse(invoice).items():
        amounts: Counter[str] = Counter()
        for movement in moved:
            amounts[movement.sku] += abs(movement.delta)
        at = min(movement.at for movement in moved)
        returned = moved[0].delta > 0
        assert all((movement.delta > 0) == returned for movement in moved)
        kind, name, amount = RETURN if returned else SALE
        for part, lines in enumerate(_parts(amounts, amount), 1):
            rest: dict[str, Any] = {"lines": lines}
            if returned:
                rest["reason"] = f"cancellation {number}"
            yield _command(kind, f"{name}-{number}-{part}", warehouse, rest, at, number)


def _by_warehouse(invoice: Iterable[Movement]) -> dict[str, list[Movement]]:
    grouped: dict[str, list[Movement]] = {}
    for movement in invoice:
        grouped.setdefault(movement.warehouse, []).append(movement)
    return grouped


def _parts(amounts: dict[str, int], name: str) -> Iterator[list[dict[str, Any]]]:
    """Lines of one command each, by SKU; more of a SKU than a line may say takes several lines."""
    lines: list[dict[str, Any]] = []
    for sku, amount in sorted(amounts.items()):
        for above in range(0, amount, QUANTITY_MAX):
            lines.append({"sku": sku, name: min(amount - above, QUANTITY_MAX)})
            if len(lines) == LINES_MAX:
                yield lines
                lines = []
    if lines:
        yield lines


def _command(
    kind: str, name: str, warehouse: str, rest: dict[str, Any], at: datetime, correlation: str
) -> Command:
    body = {"type": kind, "id": name, "warehouse": warehouse, **rest}
    second = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    body |= {"time": f"{second.isoformat()}Z", "actor": ACTOR}  # strftime would cut the year 0999
    body["correlation_id"] = correlation
    return Command(kind, warehouse, json.dumps(body, separators=(",", ":")).encode())
