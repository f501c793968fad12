"""The oracle's part for counts: opened, recorded blind, and approved by somebody else."""

from collections.abc import Callable

from tests.chaos.oracle_books import Books, Change, Decision, Granted, Refused, too_little
from tests.chaos.oracle_stock import corrected
from tests.chaos.records import Count, CountLine
from tests.chaos.rules import LEVEL_MAX, Command

Handler = Callable[[Books, Command, Count], Decision]


def decide(books: Books, command: Command) -> Decision:
    """All commands that name a count."""
    key = (command.warehouse, command.fields["count"])
    found = books.counts.get(key)
    if command.type == "OpenCount":
        return _refused("COUNT_EXISTS", command) if found else _opened(books, command)
    if found is None:
        return _refused("COUNT_NOT_FOUND", command)
    if found.state != "open":
        return _refused("COUNT_CLOSED", command)
    if not command.fields.get("actor"):  # nobody, or one without a name
        return _refused("ACTOR_REQUIRED", command)
    return _HANDLERS[command.type](books, command, found)


def _refused(code: str, command: Command, **among: object) -> Refused:
    return Refused((code,), among={"count": command.fields["count"], **among})


def _named(command: Command) -> dict[str, object]:
    return {"count": command.fields["count"]}


def _opened(books: Books, command: Command) -> Decision:
    rows = {sku: books.row(command.warehouse, sku) for sku in command.lines}
    lines = {sku: CountLine(row.on_hand) for sku, row in rows.items()}
    tolerance = command.fields.get("tolerance", 0)
    key = (command.warehouse, command.fields["count"])
    books.counts[key] = Count(lines, tolerance, books.now_ms)
    seen = {sku: Change({}, is_one=False) for sku in lines}
    return Granted("CountOpened", _named(command) | {"tolerance": tolerance}, seen)


def _recorded(_books: Books, command: Command, found: Count) -> Decision:
    for sku in command.lines:
        line = found.lines.get(sku)
        if line is None or line.is_final:
            code = "COUNT_LINE_FINAL" if line else "COUNT_LINE_UNKNOWN"
            return _refused(code, command, sku=sku)
    again = []
    for sku, counted in command.lines.items():
        line = found.lines[sku]
        second = line.counted is not None
        line.counted = counted
        line.is_final = second or abs(counted - line.book) <= found.tolerance
        if not line.is_final:
            again.append({"sku": sku})
    if command.fields["actor"] not in found.counters:
        found.counters.append(command.fields["actor"])
    lines = [{"sku": sku, "counted": counted} for sku, counted in command.lines.items()]
    return Granted("CountRecorded", _named(command) | {"lines": lines, "recount": again})


def _approved(books: Books, command: Command, found: Count) -> Decision:
    if command.fields["actor"] in found.counters:
        return _refused("COUNT_SELF_APPROVED", command)
    missing = [sku for sku, line in found.lines.items() if not line.is_final]
    if missing:
        return _refused("COUNT_INCOMPLETE", command, skus=missing)
    changes = {}
    by = {sku: (line.counted or 0) - line.book for sku, line in found.lines.items()}
    rows = {sku: books.row(command.warehouse, sku) for sku in by}
    missed = [
        {"sku": sku, "requested": -delta, "available": max(0, rows[sku].available)}
        for sku, delta in by.items()
        if -delta > max(0, rows[sku].available)
    ]
    for sku, delta in by.items():
        row = rows[sku]
        if missed and sku == missed[0]["sku"]:
            return Refused(("INSUFFICIENT_STOCK",), among=too_little(missed))
        if row.on_hand + delta > LEVEL_MAX:
            return Refused(("QUANTITY_LIMIT",), among={"sku": sku})
        if delta:
            changes[sku] = Change({"delta": delta}, (corrected(delta),))
    _close(books, command, found, "approved")
    return Granted("CountApproved", _named(command), changes)


def _cancelled(books: Books, command: Command, found: Count) -> Decision:
    _close(books, command, found, "cancelled")
    return Granted("CountCancelled", _named(command))


def _close(books: Books, command: Command, found: Count, state: str) -> None:
    books.close("count", (command.warehouse, command.fields["count"]), found, state)


_HANDLERS: dict[str, Handler] = {
    "RecordCount": _recorded,
    "ApproveCount": _approved,
    "CancelCount": _cancelled,
}
