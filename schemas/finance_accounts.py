"""What is owned, and the accounts of the general ledger that value comes from and goes to."""

from typing import Final, Literal

from schemas.accounts import ON_SITE, Account

OWNED: Final[frozenset[Account]] = ON_SITE | {"in_transit"}
"""Where units have a value that is ours. Between these none is moved."""

ContraAccount = Literal[
    "goods_received_not_invoiced",
    "accounts_payable",
    "cost_of_goods_sold",
    "inventory_adjustments",
    "opening_balance",
    "shrinkage",
    "scrap",
    "marketing",
    "internal_use",
    "work_in_process",
    "transfer_clearing",
    "purchase_price_variance",
    "inventory_revaluation",
]
GlAccount = Literal["inventory", ContraAccount]

CONTRA_IN: Final[dict[Account, ContraAccount]] = {
    "supplier": "goods_received_not_invoiced",
    "on_order": "goods_received_not_invoiced",
    "customer": "cost_of_goods_sold",
    "gain_loss": "inventory_adjustments",
    "scrap": "scrap",
    "production": "work_in_process",
    "transfers": "transfer_clearing",
}
"""What inventory is booked against for units that come from there."""

CONTRA_OUT: Final[dict[Account, ContraAccount]] = CONTRA_IN | {
    "supplier": "accounts_payable",
    "on_order": "accounts_payable",
}
"""The same for units that go there."""

REASONED: Final[frozenset[Account]] = frozenset(("gain_loss", "scrap"))
"""Where the reason of a move says what it is booked on."""
