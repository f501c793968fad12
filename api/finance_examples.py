"""What the documentation shows of finance: the story of stock goes on, in money.

`./stockyard export` has it decided: first how costs are found, then all that stock's story moves,
then what the receipts of it cost, of which the last command is refused.
"""

from typing import Any

from api.examples import STORY as STOCK_STORY
from api.language import Language
from api.problems import Problem
from schemas.domains import FINANCE
from schemas.finance import FinanceEvent

_WAREHOUSE = STOCK_STORY[0]["warehouse"]
_HANGING_HEART, _CAKESTAND = (line["sku"] for line in STOCK_STORY[0]["lines"])
_RECEIPT, _CURRENCY = "3-1", "GBP"  # the first event of stock's story


def _command(kind: str, number: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "id": f"01JD4A2B9K2M4N6P8Q0R2S4T{number}",
        "warehouse": _WAREHOUSE,
    } | fields


_SET = _command(
    "SetCosting",
    "01",
    lines=[
        {"sku": _HANGING_HEART, "method": "fifo", "currency": _CURRENCY},
        {
            "sku": _CAKESTAND,
            "method": "standard",
            "currency": _CURRENCY,
            "standard_amount": 640,
            "standard_per": 1,
        },
    ],
)
_COST = _command(
    "PostCost",
    "02",
    receipt=_RECEIPT,
    currency=_CURRENCY,
    lines=[{"sku": _HANGING_HEART, "amount": 13_770}, {"sku": _CAKESTAND, "amount": 7_740}],
    actor="user:31",
)
_FREIGHT = _command(
    "PostLandedCost",
    "03",
    receipt=_RECEIPT,
    currency=_CURRENCY,
    amount=1_999,
    basis="quantity",
    note="freight",
)
_TOO_EARLY = _command("ClosePeriod", "05", period="2026-11")

BEFORE: tuple[dict[str, Any], ...] = (_SET,)
AFTER: tuple[dict[str, Any], ...] = (
    _COST,
    _FREIGHT,
    _command("ClosePeriod", "04", period="2026-10"),
    _TOO_EARLY,
)

COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {}
"""By its type the first command of each, as OpenAPI wants it."""
for _told in (*BEFORE, *AFTER):
    COMMAND_EXAMPLES.setdefault(_told["type"], {"value": _told})

EVENT: dict[str, Any] = {
    "type": "CostAdjusted",
    "id": "3-15",
    "partition": 3,
    "seq": 15,
    "command_id": _COST["id"],
    "warehouse": _WAREHOUSE,
    "receipt": _RECEIPT,
    "lines": [
        {
            "sku": _HANGING_HEART,
            "quantity": 108,
            "there": 74,
            "amount": 13_770,
            "to_inventory": 9_435,
            "cost": 13_770,
            "currency": _CURRENCY,
            "balance": 74,
            "value": 9_435,
        },
        {
            "sku": _CAKESTAND,
            "quantity": 12,
            "there": 4,
            "amount": 60,
            "to_inventory": 0,
            "cost": 7_740,
            "currency": _CURRENCY,
            "balance": 34,
            "value": 21_760,
        },
    ],
    "period": "2026-11",
    "journal": [
        {"account": "inventory", "currency": _CURRENCY, "amount": 9_435},
        {"account": "cost_of_goods_sold", "currency": _CURRENCY, "amount": 4_335},
        {"account": "goods_received_not_invoiced", "currency": _CURRENCY, "amount": -13_830},
        {"account": "purchase_price_variance", "currency": _CURRENCY, "amount": 60},
    ],
    "time": "2026-11-20T10:00:12.000Z",
    "recorded_at": "2026-11-20T10:00:12.000Z",
    "actor": _COST["actor"],
    "source": {"partition": 3, "offset": 14},
}
REFUSED: dict[str, Any] = {
    "type": "CommandRejected",
    "id": "3-18",
    "partition": 3,
    "seq": 18,
    "command_id": _TOO_EARLY["id"],
    "warehouse": _WAREHOUSE,
    "code": "PERIOD_NOT_OVER",
    "message": "2026-11 is not over",
    "details": {"period": "2026-11"},
    "time": "2026-11-20T10:00:15.000Z",
    "recorded_at": "2026-11-20T10:00:15.000Z",
    "source": {"partition": 3, "offset": 17},
}
REJECTION = Problem(
    409, REFUSED["code"], REFUSED["message"], details=REFUSED["details"], event=REFUSED
)

LANGUAGE = Language(FINANCE, "FinanceCommand", FinanceEvent, COMMAND_EXAMPLES, EVENT, REJECTION)
