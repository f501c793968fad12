"""The rules of text that no JSON Schema can say, or none quickly enough."""

import re
import unicodedata

from schemas.memo import Memo

SKUS_KEPT = 65_536  # at most 64 characters of 4 bytes and 100 of overhead: 23 MiB, mostly 10
WAREHOUSES_KEPT = 4_096
CHANNELS_KEPT = 4_096

_WAREHOUSE = re.compile(r"[A-Za-z0-9._-]+")


def visible_ascii(text: str) -> str:
    """The text itself where all of it is within 0x21-0x7E, else ValueError."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    raise ValueError("is not of visible ASCII characters")


def _plain_name(text: str) -> str:
    if _WAREHOUSE.fullmatch(text) is None:
        raise ValueError("is not of A-Z a-z 0-9 . _ -")
    return text


def _sku(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    if text != text.strip():
        raise ValueError("has space at an end")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("has a control character")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("is not in Unicode normal form C")
    return text


warehouse_rule = Memo(_plain_name, WAREHOUSES_KEPT).__getitem__
channel_rule = Memo(_plain_name, CHANNELS_KEPT).__getitem__
sku_rule = Memo(_sku, SKUS_KEPT).__getitem__
