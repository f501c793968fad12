"""Where units are: the accounts of a SKU in a warehouse, which sum to zero, and why units move."""

from typing import Final, Literal, NamedTuple, get_args

Account = Literal[
    "sellable",
    "quality_hold",
    "damaged",
    "expired",
    "recalled",
    "staged",
    "on_order",
    "in_transit",
    "supplier",
    "customer",
    "gain_loss",
    "scrap",
    "production",
    "transfers",
]
ACCOUNTS: Final[tuple[Account, ...]] = get_args(Account)

SITE: Final[frozenset[Account]] = frozenset(
    ("sellable", "quality_hold", "damaged", "expired", "recalled")
)
"""Where units lie in the warehouse. What is staged is there too, and moves by its reservation."""

ON_SITE: Final[frozenset[Account]] = SITE | {"staged"}
"""Where units are in the warehouse, whatever is to become of them."""

CONTRA: Final[frozenset[Account]] = frozenset(
    ("supplier", "customer", "gain_loss", "scrap", "production", "transfers")
)
"""Where units come from and go to: below zero without a policy that lets them be."""

ReasonCode = Literal[
    "RECEIVED",
    "ORDERED",
    "ORDER_CANCELLED",
    "VENDOR_RETURN",
    "RETURN",
    "QC_HOLD",
    "QC_RELEASE",
    "DAMAGED",
    "EXPIRED",
    "RECALL",
    "CORRECTION",
    "OPENING",
    "FOUND",
    "LOST",
    "THEFT",
    "SCRAP",
    "SAMPLE",
    "PROMO",
    "INTERNAL",
    "KIT",
]


class Reason(NamedTuple):
    """From which accounts to which units may move for it, and what the ledger books it on."""

    sources: frozenset[Account]
    targets: frozenset[Account]
    gl_account: str  # of the general ledger: the side that is not inventory


_SUPPLIER: Final[frozenset[Account]] = frozenset(("supplier",))
_CUSTOMER: Final[frozenset[Account]] = frozenset(("customer",))
_ON_ORDER: Final[frozenset[Account]] = frozenset(("on_order",))
_GAIN_LOSS: Final[frozenset[Account]] = frozenset(("gain_loss",))
_SCRAP: Final[frozenset[Account]] = frozenset(("scrap",))
_MADE: Final[frozenset[Account]] = frozenset(("production",))
_SELLABLE: Final[frozenset[Account]] = frozenset(("sellable",))
_HOLD: Final[frozenset[Account]] = frozenset(("quality_hold",))
_WITHIN: Final = "inventory"  # units change their state, not their owner

REASONS: Final[dict[ReasonCode, Reason]] = {
    "RECEIVED": Reason(_SUPPLIER | _ON_ORDER, SITE, "goods_received_not_invoiced"),
    "ORDERED": Reason(_SUPPLIER, _ON_ORDER, "purchase_commitments"),
    "ORDER_CANCELLED": Reason(_ON_ORDER, _SUPPLIER, "purchase_commitments"),
    "VENDOR_RETURN": Reason(SITE, _SUPPLIER, "accounts_payable"),
    "RETURN": Reason(_CUSTOMER, SITE, "cost_of_goods_sold"),
    "QC_HOLD": Reason(SITE, _HOLD, _WITHIN),
    "QC_RELEASE": Reason(SITE - _SELLABLE, _SELLABLE, _WITHIN),
    "DAMAGED": Reason(SITE, frozenset(("damaged",)), _WITHIN),
    "EXPIRED": Reason(SITE, frozenset(("expired",)), _WITHIN),
    "RECALL": Reason(SITE, frozenset(("recalled",)), _WITHIN),
    "CORRECTION": Reason(SITE | _GAIN_LOSS, SITE | _GAIN_LOSS, "inventory_adjustments"),
    "OPENING": Reason(_GAIN_LOSS, SITE, "opening_balance"),
    "FOUND": Reason(_GAIN_LOSS, SITE, "inventory_adjustments"),
    "LOST": Reason(SITE, _GAIN_LOSS, "shrinkage"),
    "THEFT": Reason(SITE, _GAIN_LOSS, "shrinkage"),
    "SCRAP": Reason(SITE, _SCRAP, "scrap"),
    "SAMPLE": Reason(SITE, _SCRAP, "marketing"),
    "PROMO": Reason(SITE, _SCRAP, "marketing"),
    "INTERNAL": Reason(SITE, _SCRAP, "internal_use"),
    "KIT": Reason(SITE | _MADE, SITE | _MADE, "work_in_process"),
}


def is_allowed(source: Account, target: Account, reason: ReasonCode) -> bool:
    """Whether units may move from one account to another for this reason; never to itself."""
    found = REASONS[reason]
    return source != target and source in found.sources and target in found.targets
