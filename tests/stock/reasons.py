"""Why units move: the table of docs/stock.md, told once more and from it alone."""

ACCOUNTS = [
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
SITE = "sellable quality_hold damaged expired recalled"
ENDLESS = ("supplier", "customer", "gain_loss", "scrap", "production", "transfers")  # they may owe
ALLOWED = {  # reason -> (from, to, booked on)
    "RECEIVED": ("supplier on_order", SITE, "goods_received_not_invoiced"),
    "ORDERED": ("supplier", "on_order", "purchase_commitments"),
    "ORDER_CANCELLED": ("on_order", "supplier", "purchase_commitments"),
    "VENDOR_RETURN": (SITE, "supplier", "accounts_payable"),
    "RETURN": ("customer", SITE, "cost_of_goods_sold"),
    "QC_HOLD": (SITE, "quality_hold", "inventory"),
    "QC_RELEASE": ("quality_hold damaged expired recalled", "sellable", "inventory"),
    "DAMAGED": (SITE, "damaged", "inventory"),
    "EXPIRED": (SITE, "expired", "inventory"),
    "RECALL": (SITE, "recalled", "inventory"),
    "CORRECTION": (f"{SITE} gain_loss", f"{SITE} gain_loss", "inventory_adjustments"),
    "OPENING": ("gain_loss", SITE, "opening_balance"),
    "FOUND": ("gain_loss", SITE, "inventory_adjustments"),
    "LOST": (SITE, "gain_loss", "shrinkage"),
    "THEFT": (SITE, "gain_loss", "shrinkage"),
    "SCRAP": (SITE, "scrap", "scrap"),
    "SAMPLE": (SITE, "scrap", "marketing"),
    "PROMO": (SITE, "scrap", "marketing"),
    "INTERNAL": (SITE, "scrap", "internal_use"),
    "KIT": (f"{SITE} production", f"{SITE} production", "work_in_process"),
}


def may_move(source: str, target: str, reason: str) -> bool:
    """Whether the table allows it; never from an account to itself."""
    sources, targets, _ = ALLOWED[reason]
    return source != target and source in sources.split() and target in targets.split()
