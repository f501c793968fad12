"""What a command needs of the tables: the books that it is decided on."""

from collections.abc import Iterable
from typing import Any

from agents.finance.costing import LAYERED
from agents.finance.state import Books, Holding
from schemas.finance_accounts import OWNED
from schemas.finance_rows import Layer, Receipt, Valuation
from schemas.finance_structs import (
    PostCost,
    PostLandedCost,
    ReceiveTransferCost,
    RecordMovement,
    SetCosting,
)
from streams.actor import Rows
from tables.finance import CLOSED, LAYERS, PERIODS, RECEIPTS, TOLD_COSTS, VALUATIONS, layer_name


def load(command: Any, rows: Rows) -> Books:
    """All that the decider may ask for."""
    warehouse, kind = command.warehouse, type(command)
    books = Books({}, periods=PERIODS.read(rows, warehouse, CLOSED))
    if kind is RecordMovement:
        if any(line.from_account == "transfers" for line in command.lines):
            books.told = TOLD_COSTS.read(rows, warehouse, command.cause)
        books.holdings = _moving(command, rows)
    elif kind is SetCosting:
        books.holdings = _holdings(warehouse, (line.sku for line in command.lines), None, rows)
    elif kind in (PostCost, PostLandedCost, ReceiveTransferCost):
        books.receipt = RECEIPTS.read(rows, warehouse, command.receipt)
        if kind is ReceiveTransferCost:
            books.told = TOLD_COSTS.read(rows, warehouse, command.receipt)
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
        row = VALUATIONS.read(rows, command.warehouse, sku)
        if row is not None:
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
        layer = LAYERS.read(rows, warehouse, layer_name(sku, number))
        if layer is not None:  # one that was named is gone before its time
            layers[number] = layer
            quantity += layer.quantity
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
        row = VALUATIONS.read(rows, warehouse, sku)
        if row is not None:
            number = numbers.get(sku, 0)
            layer = LAYERS.read(rows, warehouse, layer_name(sku, number)) if number else None
            found[sku] = Holding(row, {} if layer is None else {number: layer})
    return found
