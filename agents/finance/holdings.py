"""What becomes of a SKU's row and layers when units come in, leave, or cost something else."""

from typing import NamedTuple

from msgspec.structs import replace

from agents.finance.costing import LAYERED, cut, worth_out, worth_owed
from agents.finance.state import Holding
from schemas.finance_rows import Layer


class Taken(NamedTuple):
    """What units took with them, and how many of them were not there."""

    amount: int
    owed: int = 0
    provisional: int = 0  # of the amount, what those are thought to cost


def brought(
    holding: Holding, quantity: int, amount: int, receipt: str, reference: str | None
) -> Holding:
    """After units came in; where layers count they are one, and the youngest.

    What was owed of them is gone: a layer has the rest, if there is one.
    """
    row, layers = holding.row, holding.layers
    after = replace(
        row,
        quantity=row.quantity + quantity,
        value=row.value + amount,
        brought=row.brought + quantity,
    )
    if row.method in LAYERED and after.quantity > 0:
        count, worth = (after.quantity, after.value) if row.quantity < 0 else (quantity, amount)
        layers = layers | {row.next_layer: Layer(receipt, count, worth, reference)}
        after = replace(after, next_layer=row.next_layer + 1)
    return Holding(after, layers)


def taken(holding: Holding, quantity: int, reference: str | None) -> tuple[Holding, Taken]:
    """After units left, be they there or not; and what they took with them."""
    there = min(quantity, max(holding.row.quantity, 0))
    after, amount = _from_there(holding, there, reference) if there else (holding, 0)
    owed, row = quantity - there, after.row
    if not owed:
        return after, Taken(amount)
    worth = worth_owed(row, owed)
    row = replace(row, quantity=row.quantity - owed, value=row.value - worth)
    provisional = 0 if row.method == "standard" else worth
    return Holding(row, after.layers), Taken(amount + worth, owed, provisional)


def _from_there(holding: Holding, quantity: int, reference: str | None) -> tuple[Holding, int]:
    row, layers = holding.row, holding.layers
    assert 0 < quantity <= row.quantity, "no more leaves than is there"
    first = row.first_layer
    if row.method in LAYERED:
        layers, amount = _from_layers(holding, quantity, reference)
        first = min(layers, default=row.next_layer)
    else:
        amount = worth_out(row, quantity)
    after = replace(
        row,
        quantity=row.quantity - quantity,
        value=row.value - amount,
        last_quantity=quantity,
        last_value=amount,
        first_layer=first,
    )
    return Holding(after, layers), amount


def _from_layers(
    holding: Holding, quantity: int, reference: str | None
) -> tuple[dict[int, Layer], int]:
    layers, amount, left = dict(holding.layers), 0, quantity
    for number in _in_turn(holding, reference):
        layer = layers[number]
        count = min(left, layer.quantity)
        worth = cut(layer, count)
        amount, left = amount + worth, left - count
        if count == layer.quantity:
            del layers[number]
        else:
            layers[number] = replace(
                layer, quantity=layer.quantity - count, value=layer.value - worth
            )
        if not left:
            return layers, amount
    raise AssertionError("the layers have what the row has")


def _in_turn(holding: Holding, reference: str | None) -> list[int]:
    """The layers in the order in which they leave: what is named first, then by their age."""
    named, others = list[int](), list[int]()
    for number, layer in sorted(holding.layers.items()):
        is_named = reference is not None and reference in (layer.receipt, layer.reference)
        (named if is_named and holding.row.method == "specific" else others).append(number)
    return named + others


def corrected(holding: Holding, number: int, part: int) -> Holding:
    """After what is there of a receipt turned out to be worth more or less."""
    row, layers = holding.row, holding.layers
    if part and number:
        layer = layers[number]
        layers = layers | {number: replace(layer, value=layer.value + part)}
    return Holding(replace(row, value=row.value + part), layers)
