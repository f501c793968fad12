"""The arithmetic of cost, in minor units: what comes in is worth, what leaves takes with it.

Every division is rounded down, and what that leaves stays with the units that stay: a value is
never made or lost by rounding. Under `standard` the value there is always the standard of all of
it, rounded down once, and what moves is the difference.
"""

from collections.abc import Sequence

from schemas.fields import AMOUNT_MAX
from schemas.finance_rows import Layer, ReceiptLine, Valuation

LAYERED = frozenset(("fifo", "specific"))


def standard_worth(row: Valuation, quantity: int) -> int:
    """What so many units are worth by their standard; no more than a row holds, either way."""
    worth = row.standard_amount * quantity // row.standard_per
    return max(-AMOUNT_MAX, min(worth, AMOUNT_MAX))


def worth_in(row: Valuation, quantity: int, is_return: bool) -> int:
    """What units that bring no cost of their own are worth; no more than there is room for."""
    if row.method == "standard":
        return standard_worth(row, row.quantity + quantity) - row.value
    value, count = row.value, row.quantity
    if row.last_quantity and (is_return or row.quantity <= 0):
        value, count = row.last_value, row.last_quantity
    worth = value * quantity // count if count > 0 else 0
    return min(worth, AMOUNT_MAX - max(row.value, 0))


def paid_in(row: Valuation, quantity: int, cost: int) -> int:
    """What inventory gains by units of a known cost. The rest of it is a variance."""
    if row.method == "standard":
        return worth_in(row, quantity, is_return=False)
    return min(cost, AMOUNT_MAX - max(row.value, 0))


def worth_out(row: Valuation, quantity: int) -> int:
    """What units take with them where there are no layers; the last unit takes all."""
    assert quantity <= row.quantity, "no more leaves than is there"
    if row.method == "standard":
        return row.value - standard_worth(row, row.quantity - quantity)
    return row.value * quantity // row.quantity


def worth_owed(row: Valuation, quantity: int) -> int:
    """What units that leave before they are there are thought to cost: as what left last."""
    if row.method == "standard":
        return row.value - standard_worth(row, row.quantity - quantity)
    worth = row.last_value * quantity // row.last_quantity if row.last_quantity else 0
    return min(worth, AMOUNT_MAX + row.value)


def filled(row: Valuation, quantity: int, worth: int) -> tuple[int, int, int]:
    """(units, provisional cost, what they cost beyond that) of what was owed, as units come in.

    They cost what the others do that came with them. A standard is known: it is never provisional.
    """
    owed = min(quantity, max(-row.quantity, 0))
    if not owed or row.method == "standard":
        return owed, 0, 0
    provisional = -row.value * owed // -row.quantity
    return owed, provisional, worth * owed // quantity - provisional


def cut(layer: Layer, quantity: int) -> int:
    """What units take with them of a layer, in the same way."""
    return layer.value * quantity // layer.quantity


def there(row: Valuation, layer: Layer | None, line: ReceiptLine) -> int:
    """How many units of a receipt are not gone yet.

    A layer knows; without one it is told as if the oldest unit always left first.
    """
    if line.layer:
        return 0 if layer is None else layer.quantity
    since = row.brought - line.brought
    return min(max(row.quantity - since, 0), line.quantity)


def share(difference: int, quantity: int, left: int) -> int:
    """The part of a late difference that is of the units left; rounding stays with them."""
    gone = abs(difference) * (quantity - left) // quantity
    return difference - gone if difference > 0 else difference + gone


def bounded(part: int, value: int, held: int) -> int:
    """As much of a difference as a SKU's value has room for, and as what it corrects has.

    `held` is the value of the layer, or of all where there are none.
    """
    return max(min(part, AMOUNT_MAX - value), -held)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount over some weights, by largest remainder: it sums to the amount, to the cent."""
    total = sum(weights)
    assert total, "something is there to spread it over"
    parts = [abs(amount) * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: -(abs(amount) * weights[at] % total))
    for at in order[: abs(amount) - sum(parts)]:
        parts[at] += 1
    return parts if amount > 0 else [-part for part in parts]
