"""The tables as the events alone tell of them: what an event-sourced reader would have."""

from typing import Any

from agents.finance.evolve import evolve
from agents.finance.state import Books, Holding, initial
from schemas.finance_rows import JournalSum, Receipt, ToldCost
from schemas.finance_structs import decode_event, encode
from tables.finance import CLOSED, LAYERS, PERIODS, SUMS, VALUATIONS, layer_name


def fold(events: list[dict[str, Any]]) -> dict[bytes, bytes]:
    """What a warehouse's events make of its tables, of receipts nothing."""
    books = initial()
    receipts: dict[str, Receipt] = {}
    told: dict[str, ToldCost] = {}
    sums: dict[str, dict[tuple[str, str], JournalSum]] = {}
    for fields in events:
        event = decode_event(encode(fields))
        name = fields.get("cause") or fields.get("receipt", "")
        before = None if "cause" in fields else receipts.get(name)
        books = evolve(Books(books.holdings, before, told.pop(name, None), books.periods), event)
        if books.receipt is not None:
            receipts[name] = books.receipt
        if books.told is not None:
            told[name] = books.told
        for line in fields.get("journal", []):
            month = sums.setdefault(fields["period"], {})
            key = line["account"], line["currency"]
            amount = line["amount"] + (month[key].amount if key in month else 0)
            month[key] = JournalSum(line["account"], line["currency"], amount)
    (warehouse,) = {fields["warehouse"] for fields in events}
    rows = _held(warehouse, books.holdings)
    if books.periods.closed_to or books.periods.kept:
        rows[PERIODS.key(warehouse, CLOSED)] = PERIODS.encode(books.periods)
    for period in books.periods.kept:
        month = sums[period]
        rows[SUMS.key(warehouse, period)] = SUMS.encode([month[key] for key in sorted(month)])
    return rows


def _held(warehouse: str, holdings: dict[str, Holding]) -> dict[bytes, bytes]:
    rows = {}
    for sku, holding in holdings.items():
        rows[VALUATIONS.key(warehouse, sku)] = VALUATIONS.encode(holding.row)
        for number, layer in holding.layers.items():
            rows[LAYERS.key(warehouse, layer_name(sku, number))] = LAYERS.encode(layer)
    return rows
