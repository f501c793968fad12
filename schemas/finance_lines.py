"""The lines of finance's commands and events: what is told of a SKU, and what it is worth after."""

from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.accounts import Account
from schemas.envelope import Closed, Language
from schemas.fields import (
    AMOUNT_MAX,
    CHANGE_MAX,
    LINES_MAX,
    STOCK_MAX,
    Amount,
    Currency,
    Quantity,
    Sku,
    StockLevel,
    Worth,
)
from schemas.finance_accounts import OWNED, GlAccount
from schemas.stock_lines import no_sku_twice, not_zero

MOVEMENT_LINES_MAX = 3 * LINES_MAX
"""A settlement has 1,000 SKUs that came and 1,000 that did not; what came can be two moves each:
what was sent and what is short, or what is over and what is received."""

Method = Literal["average", "fifo", "standard", "specific"]
Basis = Literal["quantity", "value"]


class _Moves(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def from_account(self) -> Account: ...
    @property
    def to_account(self) -> Account: ...


Moves = TypeVar("Moves", bound=Iterable[_Moves])


def one_side_is_owned(lines: Moves) -> Moves:
    """The lines themselves where each brings or takes, no SKU is brought twice; else ValueError."""
    brought: set[str] = set()
    for line in lines:
        if (line.from_account in OWNED) == (line.to_account in OWNED):
            raise ValueError("has a line of which not exactly one side is owned")
        if line.to_account in OWNED:
            if line.sku in brought:
                raise ValueError("has a SKU that comes in twice")
            brought.add(line.sku)
    return lines


class _Costs(Protocol):
    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> str | None: ...


Costs = TypeVar("Costs", bound=Iterable[_Costs])


def amounts_have_currencies(lines: Costs) -> Costs:
    """The lines themselves where none has an amount of no currency, else ValueError."""
    if any(line.amount and line.currency is None for line in lines):
        raise ValueError("has an amount without a currency")
    return lines


class MovementLine(Closed):
    """So many base units of a SKU came into what is owned, or left it.

    `owed` of it were sold before they were there, by all that stock has done up to this.
    """

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=CHANGE_MAX)]
    from_account: Account
    to_account: Account
    owed: StockLevel = 0


class CostingLine(Closed):
    """How a SKU's cost is found; with `standard`, so much for each `standard_per` units."""

    sku: Sku
    method: Method
    currency: Currency
    standard_amount: Amount | None = None
    standard_per: Quantity | None = None


class CostLine(Closed):
    """What all units of a SKU in a receipt cost."""

    sku: Sku
    amount: Amount


class TransferCostLine(Closed):
    """What units of a SKU were worth where they came from; without a currency nothing."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=STOCK_MAX)]
    amount: Amount
    currency: Currency | None = None


MovementLines = Annotated[
    list[MovementLine],
    Field(min_length=1, max_length=MOVEMENT_LINES_MAX),
    AfterValidator(one_side_is_owned),
]
CostingLines = Annotated[
    list[CostingLine], Field(min_length=1, max_length=LINES_MAX), AfterValidator(no_sku_twice)
]
CostLines = Annotated[list[CostLine], Field(min_length=1, max_length=LINES_MAX)]
TransferCostLines = Annotated[
    list[TransferCostLine],
    Field(min_length=1, max_length=MOVEMENT_LINES_MAX),
    AfterValidator(no_sku_twice),
    AfterValidator(amounts_have_currencies),
]
SignedAmount = Annotated[int, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX), AfterValidator(not_zero)]


class JournalLine(Language):
    """What an event adds to an account of the general ledger: above zero a debit."""

    account: GlAccount
    currency: Currency
    amount: int


class WorthMoved(Language):
    """Units of a SKU came in or left, what they were worth, and what is there after."""

    sku: Sku
    quantity: int
    from_account: Account
    to_account: Account
    amount: int  # what inventory gained or lost by it
    variance: int = 0  # paid beside that
    owed: int = 0  # of the quantity, sold before they were there
    provisional: int = 0  # what these were thought to cost
    true_up: int = 0  # what they cost beyond that: booked on cost_of_goods_sold
    currency: Currency | None = None  # nobody named one yet: nothing is worth anything
    balance: int
    value: Worth


class CostBooked(Language):
    """What a receipt's SKU costs more or less than was thought, and what is there after."""

    sku: Sku
    quantity: int  # of the receipt, or of what was told of it
    there: int  # of them, not gone yet
    amount: int  # the difference
    to_inventory: int  # of the difference
    cost: int  # of the whole line by now, freight apart
    currency: Currency | None = None
    balance: int
    value: Worth


class CostingMoved(Language):
    """How a SKU's cost is found from now on, and what is there."""

    sku: Sku
    method: Method
    currency: Currency
    standard_amount: Amount | None = None
    standard_per: Quantity | None = None
    amount: int  # by which what is there was revalued
    balance: int
    value: Worth
