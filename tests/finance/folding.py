"""The tables as the events alone tell of them: what an event-sourced reader would have."""

from typing import Any

from agents.finance.evolve import evolve
from agents.finance.state import Books, Holding, initial
from schemas.finance_rows import JournalSum, Receipt, ToldCost
from schemas.finance_structs import decode_event, encode
from tables.finance import (
    encode_layer,
    encode_periods,
    encode_sums,
    encode_valuation,
    layer_key,
    period_key,
    periods_key,
    valuation_key,
)


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
        rows[periods_key(warehouse)] = encode_periods(books.periods)
    for period in books.periods.kept:
        month = sums[period]
        rows[period_key(warehouse, period)] = encode_sums([month[key] for key in sorted(month)])
    return rows


def _held(warehouse: str, holdings: dict[str, Holding]) -> dict[bytes, bytes]:
    rows = {}
    for sku, holding in holdings.items():
        rows[valuation_key(warehouse, sku)] = encode_valuation(holding.row)
        for number, layer in holding.layers.items():
            rows[layer_key(warehouse, sku, number)] = encode_layer(layer)
    return rows
