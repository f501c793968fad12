"""Meets each event that concerns another warehouse with what became of it there.

The command that it brings about stands in the other's partition, so the two are read apart: what is
under way when one has been read and the other has not is waited for, and told where it never comes.
"""

import re
from collections import Counter
from collections.abc import Iterator

from cli.event_view import Event
from cli.findings import Check
from cli.ledger import Ledger
from streams.topics import owner

WISHES = {  # of an event: what the command's id adds to its own
    "TransferDispatched": "expect",
    "TransferReceived": "settle",
    "TransferClosed": "settle",
}
COMES = {"expect": "TransferExpected", "settle": "TransferSettled"}
NAMED = re.compile(r"([0-9]{1,9})-([0-9]{1,18})/(?:expect|settle)")
Wish = tuple[str, str]
"""(warehouse, id of the command)."""


class Causes:
    """All partitions' causes and outcomes; those that have met are not kept."""

    def __init__(self) -> None:
        self._causes: dict[Wish, Event] = {}
        self._outcomes: dict[Wish, Event] = {}
        self._read: dict[int, int] = {}  # how far each partition was added up: its next seq
        self._differences: list[str] = []
        self._transfers: Counter[str] = Counter()  # the account's sum over warehouses, by SKU

    def take(self, event: Event) -> None:
        """Take an event that a ledger took."""
        wish = wish_of(event)
        if wish is not None:
            outcome = self._outcomes.pop(wish, None)
            if outcome is None:
                self._causes[wish] = event
            else:
                self._meet(event, outcome)
        elif event.type in COMES.values() or _is_refusal(event):
            self._come(event)

    def added(self, partition: int, ledger: Ledger) -> None:
        """A partition's ledger after its last event."""
        self._read[partition] = ledger.next_seq
        for (_, sku), balances in ledger.balances.items():
            if balances.transfers:
                self._transfers[sku] += balances.transfers

    def waiting(self, partitions: int) -> set[int]:
        """The partitions in which something is still to come about."""
        return {owner(warehouse, partitions) for warehouse, _ in self._causes}

    def late(self, event: Event) -> None:
        """Take an event behind what the ledgers took."""
        if (event.warehouse, event.command_id) not in self._causes:
            return
        for sku, quantity in _settled(event).items():
            self._transfers[sku] += quantity
        self._come(event)

    def _come(self, event: Event) -> None:
        wish = (event.warehouse, event.command_id or "")
        cause = self._causes.pop(wish, None)
        if cause is not None:
            self._meet(cause, event)
        elif not _is_refusal(event) or wish not in self._outcomes:
            self._outcomes[wish] = event

    def _meet(self, cause: Event, outcome: Event) -> None:
        told = f"{cause.type} {cause.id}"
        if _is_refusal(outcome):
            self._differences.append(f"{told} was refused as {outcome.code}: event {outcome.id}")
        elif (wrong := _unlike(cause, outcome)) is not None:
            self._differences.append(f"{told}, but {outcome.type} {outcome.id}: {wrong}")

    def check(self, check: Check) -> None:
        """Each was told once at the other end, and so the account sums to zero."""
        check.differ_all(self._differences)
        for (warehouse, name), cause in self._causes.items():
            check.differ(f"{cause.type} {cause.id}: {warehouse} has not decided {name}")
        for wish, outcome in self._outcomes.items():
            if _is_refusal(outcome):
                continue
            if self._is_behind(wish[1]):
                for sku, quantity in _settled(outcome).items():
                    self._transfers[sku] -= quantity
            else:
                check.differ(f"{outcome.type} {outcome.id}: nothing brought {wish[1]} about")
        for sku, total in sorted(self._transfers.items()):
            check.compared += 1
            if total:
                check.differ(f"{sku}: transfers sum to {total} over all warehouses, not to 0")

    def _is_behind(self, name: str) -> bool:
        """Whether a command's cause lies behind what was added up."""
        match = NAMED.fullmatch(name)
        read = self._read.get(int(match[1])) if match is not None else None
        return match is not None and read is not None and int(match[2]) >= read


def wish_of(event: Event) -> Wish | None:
    """What an event brings about in another warehouse."""
    wish, other = WISHES.get(event.type), event.to_warehouse or event.from_warehouse
    return None if wish is None or other is None else (other, f"{event.id}/{wish}")


def _is_refusal(event: Event) -> bool:
    return event.type == "CommandRejected" and NAMED.fullmatch(event.command_id or "") is not None


def _settled(event: Event) -> dict[str, int]:
    return event.amounts if event.type == "TransferSettled" else {}


def _unlike(cause: Event, outcome: Event) -> str | None:
    """What an outcome has otherwise than its cause."""
    for what, told, came in _pairs(cause, outcome):
        if told != came:
            return f"{what} {came}, not {told}"
    return None


def _pairs(cause: Event, outcome: Event) -> Iterator[tuple[str, object, object]]:
    yield "type", COMES[WISHES[cause.type]], outcome.type
    yield "transfer", cause.transfer, outcome.transfer
    yield "other end", cause.warehouse, outcome.from_warehouse or outcome.to_warehouse
    shorts = {line.sku: line.short for line in outcome.lines if line.short}
    amounts = {sku: quantity for sku, quantity in outcome.amounts.items() if quantity}
    if cause.type == "TransferClosed":
        yield "received", {}, amounts
        yield "short", cause.amounts, shorts
        yield "is_final", True, outcome.is_final
    else:
        yield "quantities", cause.amounts, amounts
        yield "is_final", cause.is_closed, outcome.is_final
