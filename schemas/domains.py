"""The domains that are at work: each is one word across the folders, and has topics of its own."""

from typing import Final

DOMAINS: Final = ("stock", "finance", "locations")
STOCK, FINANCE, LOCATIONS = DOMAINS
