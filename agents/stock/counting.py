"""Decides counts: opened on the books as they are, counted blind, approved by somebody else.

What is corrected is what was found less what the books had when the count was opened, applied to
the stock of now: what moves after the finding does not matter. What moves before it must be counted
as if it had not, or it is corrected twice.
"""

from collections.abc import Sequence
from typing import Any

from agents.stock.levels import NEVER_SEEN, corrected
from agents.stock.outcomes import outcome
from agents.stock.rejections import Rejection, of_count
from agents.stock.state import Stock
from schemas.rows import Count, CountLine, CountState
from schemas.stock_structs import (
    ApproveCount,
    CancelCount,
    CountApproved,
    CountCancelled,
    Counted,
    CountOpened,
    CountRecorded,
    DeltaMoved,
    OpenCount,
    RecordCount,
    RowSeen,
    SkuLine,
)
from streams.actor import Moment


class Variance:
    """By how much a SKU's stock is to be corrected."""

    def __init__(self, sku: str, delta: int) -> None:
        self.sku = sku
        self.delta = delta


def open_count(stock: Stock, command: OpenCount, moment: Moment) -> CountOpened | Rejection:
    """The books of these SKUs are what will be compared."""
    if stock.count is not None:
        return of_count("COUNT_EXISTS", command.count, f"exists and is {stock.count.state}")
    lines = [_seen(stock, line.sku) for line in command.lines]
    return outcome(
        CountOpened,
        command,
        moment,
        count=command.count,
        tolerance=command.tolerance,
        lines=lines,
    )


def _seen(stock: Stock, sku: str) -> RowSeen:
    row = stock.rows.get(sku, NEVER_SEEN)
    return RowSeen(
        sku=sku,
        on_hand=row.on_hand,
        reserved=row.reserved,
        available=row.available,
        version=row.version,
    )


def record(stock: Stock, command: RecordCount, moment: Moment) -> CountRecorded | Rejection:
    """What was found; what is over tolerance at first must be counted once more."""
    count = _open(stock, command)
    if isinstance(count, Rejection):
        return count
    lines = {line.sku: line for line in count.lines}
    again = []
    for line in command.lines:
        known = lines.get(line.sku)
        if known is None:
            why = f"does not count {line.sku}"
            return of_count("COUNT_LINE_UNKNOWN", command.count, why, sku=line.sku)
        if known.is_final:
            why = f"has counted {line.sku}"
            return of_count("COUNT_LINE_FINAL", command.count, why, sku=line.sku)
        if not _is_final(known, line.counted, count.tolerance):
            again.append(SkuLine(sku=line.sku))
    return outcome(
        CountRecorded,
        command,
        moment,
        count=command.count,
        lines=[Counted(sku=line.sku, counted=line.counted) for line in command.lines],
        recount=again,
    )


def _is_final(line: CountLine, counted: int, tolerance: int) -> bool:
    return line.counted is not None or abs(counted - line.book) <= tolerance


def approve(stock: Stock, command: ApproveCount, moment: Moment) -> CountApproved | Rejection:
    """Stock is corrected, by somebody who did not count; all lines or none."""
    count = _open(stock, command)
    if isinstance(count, Rejection):
        return count
    if command.actor in count.counters:
        return of_count("COUNT_SELF_APPROVED", command.count, f"was counted by {command.actor}")
    left = [line.sku for line in count.lines if not line.is_final]
    if left:
        return of_count("COUNT_INCOMPLETE", command.count, "has SKUs to count", skus=left)
    lines = _corrections(stock, count)
    if isinstance(lines, Rejection):
        return lines
    return outcome(CountApproved, command, moment, count=command.count, lines=lines)


def _corrections(stock: Stock, count: Count) -> list[DeltaMoved] | Rejection:
    wrong = [Variance(line.sku, line.variance) for line in count.lines if line.variance]
    return corrected(stock.rows, wrong)


def cancel(stock: Stock, command: CancelCount, moment: Moment) -> CountCancelled | Rejection:
    """The count ends, and corrects nothing."""
    count = _open(stock, command)
    if isinstance(count, Rejection):
        return count
    return outcome(CountCancelled, command, moment, count=command.count)


def _open(stock: Stock, command: Any) -> Count | Rejection:
    count = stock.count
    if count is None:
        return of_count("COUNT_NOT_FOUND", command.count, "is not known in this warehouse")
    if count.state != "open":
        return of_count("COUNT_CLOSED", command.count, f"is {count.state}")
    if not command.actor:
        return of_count("ACTOR_REQUIRED", command.count, "needs to know by whom: send `actor`")
    return count


def evolve_count(count: Count | None, event: Any) -> Count | None:
    """The count that an event names, after it. Cannot fail."""
    kind = type(event)
    if kind is CountOpened:
        lines = [CountLine(line.sku, line.on_hand) for line in event.lines]
        return Count("open", event.tolerance, lines)
    if count is None:
        return None
    if kind is CountRecorded:
        counters = [*dict.fromkeys((*count.counters, event.actor))]
        return Count("open", count.tolerance, _recorded(count, event.lines), counters)
    if kind in (CountApproved, CountCancelled):
        state: CountState = "approved" if kind is CountApproved else "cancelled"
        return Count(state, count.tolerance, count.lines, count.counters)
    return count


def _recorded(count: Count, found: Sequence[Counted]) -> list[CountLine]:
    values = {line.sku: line.counted for line in found}
    return [
        CountLine(
            line.sku,
            line.book,
            values[line.sku],
            _is_final(line, values[line.sku], count.tolerance),
        )
        if line.sku in values
        else line
        for line in count.lines
    ]
