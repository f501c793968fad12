"""What becomes of a SKU's row and layers when units come in, leave, or cost something else."""

from msgspec.structs import replace

from agents.finance.costing import LAYERED, cut, worth_out
from agents.finance.state import Holding
from schemas.finance_rows import Layer


def brought(
    holding: Holding, quantity: int, amount: int, receipt: str, reference: str | None
) -> Holding:
    """After units came in; where layers count they are one, and the youngest."""
    row, layers = holding.row, holding.layers
    after = replace(
        row,
        quantity=row.quantity + quantity,
        value=row.value + amount,
        brought=row.brought + quantity,
    )
    if row.method in LAYERED:
        layers = layers | {row.next_layer: Layer(receipt, quantity, amount, reference)}
        after = replace(after, next_layer=row.next_layer + 1)
    return Holding(after, layers)


def taken(holding: Holding, quantity: int, reference: str | None) -> tuple[Holding, int]:
    """After units left, and what they took with them."""
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
