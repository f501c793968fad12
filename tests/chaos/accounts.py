"""The table of accounts, and of the reasons for which units move between them, told once more."""

OWN_ROW = ("supplier", "customer", "gain_loss")  # beside sellable in a SKU's own row
BESIDE = (
    "quality_hold",
    "damaged",
    "expired",
    "recalled",
    "staged",
    "on_order",
    "scrap",
    "production",
    "in_transit",
    "transfers",
)
"""In the order in which the changelog has their balances."""
ACCOUNTS = ("sellable", *OWN_ROW, *BESIDE)
BOTTOMLESS = frozenset((*OWN_ROW, "scrap", "production", "transfers"))
SITE = frozenset(("sellable", "quality_hold", "damaged", "expired", "recalled"))

_TABLE = """
RECEIVED         supplier on_order    site
ORDERED          supplier             on_order
ORDER_CANCELLED  on_order             supplier
VENDOR_RETURN    site                 supplier
RETURN           customer             site
QC_HOLD          site                 quality_hold
QC_RELEASE       set_apart            sellable
DAMAGED          site                 damaged
EXPIRED          site                 expired
RECALL           site                 recalled
CORRECTION       site gain_loss       site gain_loss
OPENING          gain_loss            site
FOUND            gain_loss            site
LOST             site                 gain_loss
THEFT            site                 gain_loss
SCRAP            site                 scrap
SAMPLE           site                 scrap
PROMO            site                 scrap
INTERNAL         site                 scrap
KIT              site production      site production
"""
_GROUPS = {"site": SITE, "set_apart": SITE - {"sellable"}}


def _pairs(sources: str, targets: str) -> frozenset[tuple[str, str]]:
    def accounts(names: str) -> set[str]:
        return {one for name in names.split() for one in _GROUPS.get(name, {name})}

    return frozenset(
        (source, target)
        for source in accounts(sources)
        for target in accounts(targets)
        if source != target
    )


MOVES = {line[:17].strip(): _pairs(line[17:38], line[38:]) for line in _TABLE.strip().splitlines()}
"""For each reason, the pairs of accounts (from, to) that it allows."""
