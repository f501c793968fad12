"""The fields every domain shares, each with its rule: the definition that both codecs apply."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.instants import utc_instant
from schemas.rules import channel_rule, visible_ascii, warehouse_rule
from schemas.rules import sku_rule as sku_rule

QUANTITY_MAX = 10**12  # of one line
STOCK_MAX = 10**15  # of a row; JavaScript counts exactly to 9 * 10^15
CHANGE_MAX = 2 * STOCK_MAX  # of a row by an event: from as many owed as may be to as many on hand
LINES_MAX = 1_000
QUEUE_MAX = 1_000  # who waits for a SKU: the queue's row stays below a record's MiB
SUPPLIES_MAX = 100  # of a SKU: each may be the day by which something is promised
LATE_MAX = 1_000  # of an event: at most 1.4 KB each, beside lines of 600 bytes below 2 MiB
CHANNELS_MAX = 16  # of a SKU: each is looked at, and may alert, whenever its row changes
POOL_LINES_MAX = 200  # with 16 channels of 250 bytes each, and 1,000 fills, an event is below 2 MiB
TTL_S_MAX = 31_536_000  # a year
AMOUNT_MAX = 10**15  # minor units of a currency, for the same reason

_CURRENCY = re.compile(r"[A-Z]{3}")
_PERIOD = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


def _currency(text: str) -> str:
    if _CURRENCY.fullmatch(text) is None:
        raise ValueError("is no currency of ISO 4217, such as EUR")
    return text


def _period(text: str) -> str:
    if _PERIOD.fullmatch(text) is None:
        raise ValueError("is no month, such as 2026-11")
    return text


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
Channel = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": "^[A-Za-z0-9._-]+$"}),
    AfterValidator(channel_rule),
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
OwingLevel = Annotated[
    int,
    Field(
        ge=-STOCK_MAX,
        le=STOCK_MAX,
        description="below zero where a policy lets units be sold before they are there",
    ),
]
Version = Annotated[int, Field(ge=0, le=2**63 - 1)]
Priority = Annotated[int, Field(ge=0, le=9)]
TtlSeconds = Annotated[int, Field(ge=1, le=TTL_S_MAX)]
Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
Worth = Annotated[
    int,
    Field(
        ge=-AMOUNT_MAX,
        le=AMOUNT_MAX,
        description="below zero while more units were sold than were there",
    ),
]
Currency = Annotated[
    str,
    Field(min_length=3, max_length=3, json_schema_extra={"pattern": "^[A-Z]{3}$"}),
    AfterValidator(_currency),
]
Period = Annotated[
    str,
    Field(
        min_length=7,
        max_length=7,
        json_schema_extra={"pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"},
        description="a month",
    ),
    AfterValidator(_period),
]
