"""The fields every domain shares, each with its rule: the definition that both codecs apply."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.instants import utc_instant
from schemas.memo import Memo

QUANTITY_MAX = 10**12  # of one line
STOCK_MAX = 10**15  # of a row; JavaScript counts exactly to 9 * 10^15
LINES_MAX = 1_000
TTL_S_MAX = 31_536_000  # a year
SKUS_KEPT = 65_536  # at most 64 characters of 4 bytes and 100 of overhead: 23 MiB, mostly 10
WAREHOUSES_KEPT = 4_096

_WAREHOUSE = re.compile(r"[A-Za-z0-9._-]+")


def visible_ascii(text: str) -> str:
    """The text itself where all of it is within 0x21-0x7E, else ValueError."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    raise ValueError("is not of visible ASCII characters")


def _warehouse(text: str) -> str:
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


warehouse_rule = Memo(_warehouse, WAREHOUSES_KEPT).__getitem__
sku_rule = Memo(_sku, SKUS_KEPT).__getitem__

CommandId = Annotated[
    str,
    Field(min_length=1, max_length=128, json_schema_extra={"pattern": "^[!-~]+$"}),
    AfterValidator(visible_ascii),
]
Warehouse = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": "^[A-Za-z0-9._-]+$"}),
    AfterValidator(warehouse_rule),
]
Sku = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="Unicode NFC, no control characters, no space at the ends",
    ),
    AfterValidator(sku_rule),
]
Instant = Annotated[
    str,
    Field(max_length=128, json_schema_extra={"format": "date-time"}, description="UTC"),
    AfterValidator(utc_instant),
]
Label = Annotated[str, Field(min_length=1, max_length=128)]
Note = Annotated[str, Field(max_length=128)]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
StockLevel = Annotated[int, Field(ge=0, le=STOCK_MAX)]
TtlSeconds = Annotated[int, Field(ge=1, le=TTL_S_MAX)]
