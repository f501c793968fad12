"""The oracle's part for supplies and pre-orders: what is to come, and by when it is anybody's.

By when somebody has all is played here: each supply comes on its day, and whoever waits is served.
"""

from typing import Any

from tests.chaos import oracle_queues
from tests.chaos.accounts import MOVES
from tests.chaos.oracle_books import Books, Change, Decision, Granted, Move, Refused, refused
from tests.chaos.oracle_queues import day_of, ordered
from tests.chaos.records import Row, Waiting
from tests.chaos.routing import rfc3339
from tests.chaos.rules import LEVEL_MAX, Command

SUPPLIES_MAX, LATE_MAX = 100, 1_000


def decide(books: Books, command: Command) -> Decision:
    """All commands that name a supply."""
    if command.type == "ReceiveSupply":
        told = _received(books, command)
    else:
        told = _expected(books, command)
    return told if isinstance(told, Refused) else with_late(books, command, told)


def _expected(books: Books, command: Command) -> Decision:
    name, changes = command.fields["supply"], {}
    for line in command.fields["lines"]:
        sku, quantity, known = line["sku"], line["quantity"], line.get("expected", 0)
        row = books.row(command.warehouse, sku)
        have = row.coming[name][1] if name in row.coming else 0
        if known != have:
            return refused("SUPPLY_CONFLICT", supply=name, sku=sku, expected=known, to_come=have)
        if have == 0 and quantity > 0 and len(row.coming) == SUPPLIES_MAX:
            return refused("SUPPLIES_FULL", sku=sku, limit=SUPPLIES_MAX)
        move = Move("supplier", "on_order", quantity - have)
        if move.quantity < 0:
            move = Move("on_order", "supplier", have - quantity)
        over = _over(row, sku, move)
        if over is not None:
            return over
        said = {"delta": quantity - have, "expected": quantity}
        said |= {"due": line["due"]} if quantity else {}
        moves = (move,) if move.quantity else ()  # what does not move touches no account
        changes[sku] = Change(said, moves, supply=(name, line["due"], quantity))
    return Granted("SupplyExpected", {"supply": name}, changes)


def _over(row: Row, sku: str, move: Move) -> Refused | None:
    for account, by in ((move.source, -move.quantity), (move.target, move.quantity)):
        value = row.accounts[account] + by
        if abs(value) > LEVEL_MAX:
            return refused("QUANTITY_LIMIT", sku=sku, field=account, value=value, limit=LEVEL_MAX)
    return None


def _received(books: Books, command: Command) -> Decision:
    name, target = command.fields["supply"], command.fields.get("to_account", "sellable")
    told = {"from_account": "on_order", "to_account": target, "reason": "RECEIVED"}
    if ("on_order", target) not in MOVES["RECEIVED"]:
        return refused("MOVE_FORBIDDEN", **told)
    changes = {}
    for sku, quantity in command.lines.items():
        row = books.row(command.warehouse, sku)
        if name not in row.coming:
            return refused("SUPPLY_NOT_FOUND", supply=name, sku=sku)
        due, have = row.coming[name]
        if quantity > have:
            short = {"requested": quantity, "to_come": have}
            return refused("OVER_RECEIPT", supply=name, sku=sku, **short)
        move = Move("on_order", target, quantity)
        over = _over(row, sku, move)
        if over is not None:
            return over
        balances = {
            "from_balance": row.accounts["on_order"] - quantity,
            "to_balance": row.accounts[target] + quantity,
        }
        changes[sku] = Change(
            {"quantity": quantity} | balances, (move,), supply=(name, due, have - quantity)
        )
    return Granted("StockMoved", told | {"supply": name, "reference": name}, changes)


def dates(row: Row, queue: list[Waiting], now: str) -> dict[str, str | None]:
    """By when each who waits has all, if supplies come on their days; None: nobody knows."""
    free, dates = row.available - row.safety_stock, dict[str, str | None]()
    left = {one.reservation: one.missing for one in queue}
    for due, units in [(now, 0), *arrivals(row, now)]:
        free += units
        for one in ordered(queue):
            taken = max(0, min(left[one.reservation], free))
            left[one.reservation] -= taken
            free -= taken
            if left[one.reservation] == 0:
                dates.setdefault(one.reservation, due)
    return {one.reservation: dates.get(one.reservation) for one in ordered(queue)}


def _kept(queue: list[Waiting], whole: dict[str, str | None]) -> set[str]:
    """Who was told a day by which they have all."""
    found = set()
    for one in queue:
        when = whole[one.reservation]
        if one.promised is not None and when is not None and day_of(when) <= day_of(one.promised):
            found.add(one.reservation)
    return found


def first_day(row: Row, own: Waiting, now: str) -> str | None:
    """The first day by which somebody new has all, and nobody is late by it who was not."""
    days = [now, *(due for due, _ in arrivals(row, now))]
    return next((day for day in days if is_kept(row, own, day, now)), None)


def is_kept(row: Row, own: Waiting, day: str, now: str) -> bool:
    """Whether somebody new has all by a day that is told, and nobody is late by it who was not."""
    own.promised, queue = day, [*row.queue, own]
    kept = _kept(row.queue, dates(row, row.queue, now))
    return kept | {own.reservation} <= _kept(queue, dates(row, queue, now))


def arrivals(row: Row, now: str) -> list[tuple[str, int]]:
    """(due, units) of what is not overdue, by day and supply."""
    coming = sorted(row.coming.items(), key=lambda one: (day_of(one[1][0]), one[0]))
    return [told for _, told in coming if day_of(told[0]) > day_of(now)]


def wait(books: Books, command: Command, seq: int) -> Decision:
    """A BackorderStock or a PreorderStock whose name is free."""
    now = rfc3339(books.now_ms)

    def find(row: Row, own: Waiting) -> dict[str, Any] | None:
        by = command.fields["by"]
        day = None if row.pools else first_day(row, own, now)
        if day is not None and day_of(day) <= day_of(by):
            return None
        return {"by": by} | ({} if day is None else {"earliest": day})

    is_preorder = command.type == "PreorderStock"
    told = oracle_queues.decide(books, command, seq, find if is_preorder else None)
    if isinstance(told, Refused) or is_preorder:
        return told
    with_them = with_late(books, command, told)
    if isinstance(with_them, Refused):
        del books.reservations[command.warehouse, command.fields["reservation"]]
    return with_them


def with_late(books: Books, command: Command, told: Granted) -> Decision:
    """With all whose day could be kept before these changes, and cannot be after them."""
    now, late = rfc3339(books.now_ms), list[dict[str, Any]]()
    for sku, change in (told.changes or {}).items():
        row = books.row(command.warehouse, sku)
        if not row.queue or not row.coming or row.pools:
            continue
        kept = _kept(row.queue, dates(row, row.queue, now))
        after = row.like()
        change.apply(after)
        whole = dates(after, after.queue, now)
        lost = kept - _kept(after.queue, whole)
        for one in ordered(after.queue):
            if one.reservation not in lost:
                continue
            said = {"reservation": one.reservation, "sku": sku, "missing": one.missing}
            said |= {"promised": one.promised}
            when = whole[one.reservation]
            late.append(said | ({} if when is None else {"expected": when}))
    if len(late) > LATE_MAX:
        return refused("TOO_MANY_LATE", limit=LATE_MAX)
    if late:
        told.fields["late"] = late
    return told
