"""The domains that are at work: each is one word across the folders, and has topics of its own."""

from typing import Final

DOMAINS: Final = ("stock", "finance", "locations")
STOCK, FINANCE, LOCATIONS = DOMAINS

KEYS: Final = {STOCK: "warehouse", FINANCE: "warehouse", LOCATIONS: "warehouse"}
"""The field of a domain's commands and events that says whose they are."""
