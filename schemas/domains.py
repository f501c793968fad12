"""The domains that are at work: each is one word across the folders, and has topics of its own."""

from typing import Final

DOMAINS: Final = ("stock", "finance", "locations", "orders", "catalog", "lots")
STOCK, FINANCE, LOCATIONS, ORDERS, CATALOG, LOTS = DOMAINS

KEYS: Final = {
    STOCK: "warehouse",
    FINANCE: "warehouse",
    LOCATIONS: "warehouse",
    ORDERS: "order",
    CATALOG: "catalog",
    LOTS: "sku",
}
"""The field of a domain's commands and events that says whose they are."""

TOLD: Final = (FINANCE, LOCATIONS, ORDERS, LOTS)
"""The domains that policies tell of the events of others."""
