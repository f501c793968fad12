"""The rows that finance decides on: what SKUs are worth, receipts, told costs, and the books."""

import msgspec

from schemas.finance_accounts import ContraAccount, GlAccount
from schemas.finance_lines import Method


class Valuation(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a SKU of a warehouse is worth, and by which rule it leaves."""

    method: Method = "average"
    currency: str = ""  # none named yet
    quantity: int = 0
    value: int = 0
    brought: int = 0  # units that ever came in: tells how many came after a receipt
    last_quantity: int = 0  # what left last, and its cost
    last_value: int = 0
    standard_amount: int = 0
    standard_per: int = 1
    first_layer: int = 1  # no older one is left
    next_layer: int = 1


class Layer(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is left of the units that came in together."""

    receipt: str
    quantity: int
    value: int
    reference: str | None = None  # of the movement that brought them: an order, a lot


class ReceiptLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What came in of a SKU, and what all of it has cost so far, freight apart."""

    sku: str
    quantity: int
    cost: int
    contra: ContraAccount  # what it was booked against
    brought: int  # of the SKU's valuation, this line included
    layer: int  # its number; 0: the method has none


class Receipt(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Units that one event of stock brought; remembered while costs may be told of it."""

    lines: list[ReceiptLine]


class ToldLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a sender says its units were worth."""

    sku: str
    amount: int


class ToldCost(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a sender told of a receipt that has not come here yet."""

    lines: list[ToldLine]


class Periods(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Up to which month the books of a warehouse are closed, and which months have sums."""

    closed_to: str = ""  # none is closed
    kept: list[str] = []


class JournalSum(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a month booked on an account in a currency."""

    account: GlAccount
    currency: str
    amount: int
