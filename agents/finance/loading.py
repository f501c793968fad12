"""What a command needs of the tables: the books that it is decided on."""

from collections.abc import Iterable
from typing import Any

from agents.finance.costing import LAYERED
from agents.finance.state import Books, Holding
from schemas.finance_accounts import OWNED
from schemas.finance_rows import Layer, Periods, Receipt, ToldCost, Valuation
from schemas.finance_structs import (
    PostCost,
    PostLandedCost,
    ReceiveTransferCost,
    RecordMovement,
    SetCosting,
)
from streams.actor import Rows
from tables.finance import (
    decode_layer,
    decode_periods,
    decode_receipt,
    decode_told,
    decode_valuation,
    layer_key,
    periods_key,
    receipt_key,
    told_key,
    valuation_key,
)


def load(command: Any, rows: Rows) -> Books:
    """All that the decider may ask for."""
    warehouse, kind = command.warehouse, type(command)
    books = Books({}, periods=_periods(warehouse, rows))
    if kind is RecordMovement:
        if any(line.from_account == "transfers" for line in command.lines):
            books.told = _told(warehouse, command.cause, rows)
        books.holdings = _moving(command, rows)
    elif kind is SetCosting:
        books.holdings = _holdings(warehouse, (line.sku for line in command.lines), None, rows)
    elif kind in (PostCost, PostLandedCost, ReceiveTransferCost):
        books.receipt = _receipt(warehouse, command.receipt, rows)
        if kind is ReceiveTransferCost:
            books.told = _told(warehouse, command.receipt, rows)
        received = [] if books.receipt is None else books.receipt.lines
        lines = received if kind is PostLandedCost else command.lines
        books.holdings = _holdings(warehouse, (line.sku for line in lines), books.receipt, rows)
    return books


def _moving(command: RecordMovement, rows: Rows) -> dict[str, Holding]:
    leaving: dict[str, int] = {}
    for line in command.lines:
        out = 0 if line.to_account in OWNED else line.quantity
        leaving[line.sku] = leaving.get(line.sku, 0) + out
    found = {}
    for sku, quantity in leaving.items():
        value = rows(valuation_key(command.warehouse, sku))
        if value is not None:
            row = decode_valuation(value)
            is_named = row.method == "specific" and command.reference is not None
            layers = _layers(command.warehouse, sku, row, quantity, is_named, rows)
            found[sku] = Holding(row, layers)
    return found


def _layers(
    warehouse: str, sku: str, row: Valuation, leaving: int, is_named: bool, rows: Rows
) -> dict[int, Layer]:
    """The oldest, with more than is to leave; all where one of them may be named."""
    layers: dict[int, Layer] = {}
    if row.method not in LAYERED or not leaving:
        return layers
    quantity = 0
    for number in range(row.first_layer, row.next_layer):
        value = rows(layer_key(warehouse, sku, number))
        if value is not None:  # one that was named is gone before its time
            layers[number] = decode_layer(value)
            quantity += layers[number].quantity
            if quantity > leaving and not is_named:
                break
    return layers


def _holdings(
    warehouse: str, skus: Iterable[str], receipt: Receipt | None, rows: Rows
) -> dict[str, Holding]:
    """The rows of SKUs, with the layers of a receipt."""
    numbers = {} if receipt is None else {line.sku: line.layer for line in receipt.lines}
    found = {}
    for sku in skus:
        value = rows(valuation_key(warehouse, sku))
        if value is not None:
            number = numbers.get(sku, 0)
            layer = rows(layer_key(warehouse, sku, number)) if number else None
            layers = {} if layer is None else {number: decode_layer(layer)}
            found[sku] = Holding(decode_valuation(value), layers)
    return found


def _receipt(warehouse: str, receipt: str, rows: Rows) -> Receipt | None:
    value = rows(receipt_key(warehouse, receipt))
    return None if value is None else decode_receipt(value)


def _told(warehouse: str, receipt: str, rows: Rows) -> ToldCost | None:
    value = rows(told_key(warehouse, receipt))
    return None if value is None else decode_told(value)


def _periods(warehouse: str, rows: Rows) -> Periods:
    value = rows(periods_key(warehouse))
    return Periods() if value is None else decode_periods(value)
