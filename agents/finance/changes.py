"""The rows that an event brings about, as bytes."""

from typing import Any, Final

from agents.finance.state import NOTHING, Books, Holding
from schemas.finance_rows import JournalSum
from schemas.finance_structs import ValueMoved
from streams.actor import Rows
from streams.keys import due_ms
from tables.finance import (
    CLOSED,
    LAYERS,
    PERIODS,
    RECEIPTS,
    SUMS,
    TOLD_COSTS,
    VALUATIONS,
    layer_name,
)

REMEMBERED_MS: Final = 400 * 86_400_000  # as long as the commands of stock are kept
Changes = dict[bytes, bytes | None]


def changed(before: Books, after: Books, event: Any, rows: Rows, log_time_ms: int) -> Changes:
    """All rows that are others after an event, by their keys."""
    changes: Changes = {}
    warehouse = event.warehouse
    for sku, holding in after.holdings.items():
        was = before.holdings.get(sku, NOTHING)
        if holding is not was:
            changes |= _held(warehouse, sku, was, holding)
    changes |= _papers(before, after, event, rows, log_time_ms)
    if after.periods != before.periods:
        changes[PERIODS.key(warehouse, CLOSED)] = PERIODS.encode(after.periods)
        gone = set(before.periods.kept) - set(after.periods.kept)
        changes |= {SUMS.key(warehouse, month): None for month in sorted(gone)}
    if getattr(event, "journal", None):
        _check(before, after, event)
        key = SUMS.key(warehouse, event.period)
        changes[key] = SUMS.encode(_summed(rows(key), event))
    return changes


def _held(warehouse: str, sku: str, was: Holding, holding: Holding) -> Changes:
    changes: Changes = {}
    if holding.row != was.row:
        changes[VALUATIONS.key(warehouse, sku)] = VALUATIONS.encode(holding.row)
    for number in {*was.layers, *holding.layers}:
        layer = holding.layers.get(number)
        if layer != was.layers.get(number):
            value = None if layer is None else LAYERS.encode(layer)
            changes[LAYERS.key(warehouse, layer_name(sku, number))] = value
    return changes


def _papers(before: Books, after: Books, event: Any, rows: Rows, log_time_ms: int) -> Changes:
    """Receipts and told costs. A receipt is forgotten when it would have been."""
    changes: Changes = {}
    name = event.cause if type(event) is ValueMoved else getattr(event, "receipt", "")
    if after.receipt is not None and after.receipt != before.receipt:
        key = RECEIPTS.key(event.warehouse, name)
        value = rows(key) if before.receipt is not None else None
        due = log_time_ms + REMEMBERED_MS if value is None else due_ms(value)
        changes[key] = RECEIPTS.encode(after.receipt, due)
    if after.told != before.told:
        told = after.told
        value = None if told is None else TOLD_COSTS.encode(told, log_time_ms + REMEMBERED_MS)
        changes[TOLD_COSTS.key(event.warehouse, name)] = value
    return changes


def _summed(value: bytes | None, event: Any) -> list[JournalSum]:
    sums = {} if value is None else {(one.account, one.currency): one for one in SUMS.decode(value)}
    for line in event.journal:
        key = line.account, line.currency
        amount = line.amount + (sums[key].amount if key in sums else 0)
        sums[key] = JournalSum(line.account, line.currency, amount)
    return [sums[key] for key in sorted(sums)]


def _check(before: Books, after: Books, event: Any) -> None:
    """What the journal has of inventory is what the rows gained: they are reckoned apart."""
    gained: dict[str, int] = {}
    for sku, holding in after.holdings.items():
        row, was = holding.row, before.holdings.get(sku, NOTHING).row
        gained[row.currency] = gained.get(row.currency, 0) + row.value - was.value
    booked = {one.currency: one.amount for one in event.journal if one.account == "inventory"}
    assert {name: by for name, by in gained.items() if by} == booked, "inventory is what is there"
