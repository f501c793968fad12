"""The contract's rules for texts, written down once more: which text is good in which field."""

import re
import unicodedata

TEXT_MAX = 128
SKU_MAX = 64

_ID = re.compile(r"[\x21-\x7e]{1,128}")
_WAREHOUSE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def is_unicode(text: str) -> bool:
    """Whether it has no half of a surrogate pair."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_good(field: str, text: str) -> bool:
    """Whether the contract takes a text in a field."""
    if field == "id":
        return _ID.fullmatch(text) is not None
    if field == "warehouse":
        return _WAREHOUSE.fullmatch(text) is not None
    if not is_unicode(text):
        return False
    if field == "sku":
        return _is_sku(text)
    least = 1 if field in ("reservation", "reason") else 0
    return least <= len(text) <= TEXT_MAX


def _is_sku(text: str) -> bool:
    """1-64 characters, NFC, no control characters, no space at the ends."""
    return (
        1 <= len(text) <= SKU_MAX
        and not text[0].isspace()
        and not text[-1].isspace()
        and all(unicodedata.category(letter) != "Cc" for letter in text)
        and unicodedata.normalize("NFC", text) == text
    )
