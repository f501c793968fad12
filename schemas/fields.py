"""The fields every domain shares, each with its rule: the definition that both codecs apply."""

from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.instants import utc_instant
from schemas.rules import sku_rule as sku_rule
from schemas.rules import visible_ascii, warehouse_rule

QUANTITY_MAX = 10**12  # of one line
STOCK_MAX = 10**15  # of a row; JavaScript counts exactly to 9 * 10^15
LINES_MAX = 1_000
TTL_S_MAX = 31_536_000  # a year

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
