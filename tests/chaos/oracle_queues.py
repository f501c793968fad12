"""The oracle's part for backorders: who waits, in what order, and what each of them is given."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.chaos.oracle_books import Books, Change, Decision, Granted, refused
from tests.chaos.records import Key, Reservation, ReservedLine, Row, Waiting
from tests.chaos.rules import Command

QUEUE_MAX = 1_000
FILLS_MAX = 1_000  # of one event
GIVES = frozenset(
    (
        "StockReceived",
        "StockAdjusted",
        "ReservationReleased",
        "ReservationExpired",
        "ReservationSuperseded",
        "StockPolicySet",
        "ChannelPoolsSet",
        "StockMoved",
        "CountApproved",
        "TransferReceived",
    )
)
"""Events by which something may become available."""


FindDay = Callable[[Row, Waiting], dict[str, Any] | None]
"""Gives somebody new a promised day, or tells why there is none."""


def ordered(queue: list[Waiting]) -> list[Waiting]:
    """Urgent ones first, then by the promised day, none last, then by their coming."""
    return sorted(queue, key=lambda one: (-one.priority, *day_of(one.promised), one.seq))


def day_of(promised: str | None) -> tuple[bool, str, Fraction]:
    """When it is, in an order; no day is after all days."""
    if promised is None:
        return True, "", Fraction(0)
    tail = promised[19:].upper().replace("Z", "").split("+")[0].split("-")[0]
    return False, promised[:19].upper(), Fraction("0" + tail)


def decide(books: Books, command: Command, seq: int, find_day: FindDay | None = None) -> Decision:
    """A BackorderStock whose name is free, or with a way to find its day a PreorderStock."""
    name, how = command.fields["reservation"], _how(command)
    lines: dict[str, ReservedLine] = {}
    changes = {}
    for sku, quantity in command.lines.items():
        row = books.row(command.warehouse, sku)
        own = Waiting(name, quantity, seq=seq, **how)
        no_day = find_day(row, own) if find_day is not None else None
        if no_day is not None:
            return refused("NOT_PROMISABLE", sku=sku, requested=quantity, **no_day)
        first = ordered([*row.before(own.channel), own])[0]
        missing = quantity - (_share(row, own) if first is own else 0)
        if missing and len(row.queue) >= QUEUE_MAX:
            return refused("QUEUE_FULL", sku=sku, limit=QUEUE_MAX)
        lines[sku] = ReservedLine(quantity, missing=missing)
        taken, told = quantity - missing, dict[str, Any]()
        if missing:
            told["missing"] = missing
        if missing and find_day is not None:
            told["promised"] = own.promised
        changes[sku] = Change(
            {"quantity": quantity} | told, reserved=taken, allocated=taken, channel=own.channel
        )
        if missing:
            own.missing = missing
            changes[sku].waits = own
    held = Reservation(lines, books.now_ms, confirmed_at_ms=books.now_ms)
    held.channel = how["channel"]
    held.state = "waiting" if any(line.missing for line in lines.values()) else "confirmed"
    books.reservations[command.warehouse, name] = held
    granted = Granted("StockBackordered", {"reservation": name}, changes)
    granted.fields |= {"by": command.fields["by"]} if find_day is not None else {}
    for field, usual in (("priority", 0), ("promised", None), ("partial", True), ("channel", None)):
        told_in = granted.may if how[field] == usual else granted.fields
        if how[field] is not None:
            told_in[field] = how[field]
    return granted


def _how(command: Command) -> dict[str, Any]:
    told = command.fields
    return {
        "priority": told.get("priority", 0),
        "promised": told.get("promised"),
        "partial": told.get("partial", True),
        "channel": told.get("channel"),
    }


def _share(row: Row, one: Waiting) -> int:
    free = row.free(one.channel)
    if free >= one.missing:
        return one.missing
    return free if one.partial else 0


def leave(books: Books, warehouse: str, name: str) -> None:
    """Who waited and gave up is in no queue any more."""
    for sku in books.reservations[warehouse, name].lines:
        row = books.row(warehouse, sku)
        row.queue[:] = [one for one in row.queue if one.reservation != name]


def serve(books: Books, key: Key, row: Row, most: int) -> list[dict[str, Any]]:
    """What a row has available goes to those who wait, the first of them first."""
    filled: list[dict[str, Any]] = []
    shut: list[str] = []
    for one in ordered(row.queue):
        pool = row.pool(one.channel)
        name = pool.channel if pool is not None else ""
        units = 0 if name in shut or len(filled) == most else _share(row, one)
        if not units:
            shut.append(name)
            continue
        one.missing -= units
        row.draw(one.channel, units)
        row.reserved += units
        row.allocated += units
        if not one.missing:
            row.queue.remove(one)
        _give(books, (key[0], one.reservation), key[1], units)
        fill = {"reservation": one.reservation, "sku": key[1], "quantity": units}
        filled.append(fill | ({} if one.channel is None else {"channel": one.channel}))
    return filled


def _give(books: Books, key: Key, sku: str, units: int) -> None:
    held = books.reservations[key]
    assert held.state == "waiting"
    held.lines[sku].missing -= units
    held.confirmed_at_ms = books.now_ms
    if not any(line.missing for line in held.lines.values()):
        held.state = "confirmed"
