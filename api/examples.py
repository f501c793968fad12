"""What the documentation shows: a story of commands, each type in it, and what becomes of two.

The story is told in an order in which every command but the last is accepted. `./stockyard export`
has it decided: the events in docs/asyncapi.json are what came of it, and the two here as well. So
are the commands that the engine sends to itself, which no producer has an example of.
"""

from typing import Any

from api.language import Language
from api.problems import Problem
from schemas.domains import STOCK
from schemas.stock import StockEvent

_HANGING_HEART, _CAKESTAND = "85123A", "22423"
_ORDER, _LARGER, _COUNT = "order-1001", "order-1001-larger", "count-2026-47"
_TRANSFER, _SENDER, _RECEIVER = "T-7", "LON-1", "DUB-3"  # two warehouses of one partition
_CLERK, _OTHER = "user:7", "user:8"


def _command(kind: str, number: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"01JD3Z6V9K2M4N6P8Q0R2S4T{number}", "warehouse": _SENDER} | fields


def _arrives(kind: str, number: str, **fields: Any) -> dict[str, Any]:
    named = {"warehouse": _RECEIVER, "transfer": _TRANSFER, "from_warehouse": _SENDER}
    return _command(kind, number, **named, **fields)


def _of(sku: str, **amount: Any) -> list[dict[str, Any]]:
    return [{"sku": sku, **amount}]


def _hearts(quantity: int) -> list[dict[str, Any]]:
    return _of(_HANGING_HEART, quantity=quantity)


_RESERVE = _command(
    "ReserveStock",
    "6V",
    lines=_hearts(6),
    reservation=_ORDER,
    ttl_seconds=900,
    time="2026-11-20T10:00:00Z",
    actor="user:42",
    correlation_id="checkout-77",
)
_TOO_MUCH = _command("ShipStock", "Z9", lines=_hearts(6), correlation_id="order-1009")

STORY: tuple[dict[str, Any], ...] = (
    _command(
        "ReceiveStock",
        "01",
        lines=[*_hearts(108), *_of(_CAKESTAND, quantity=12)],
        actor="user:42",
    ),
    _command("SetReorderPoint", "02", lines=_of(_HANGING_HEART, reorder_point=20)),
    _command("AdjustStock", "03", lines=_of(_HANGING_HEART, delta=-2), reason="broken on arrival"),
    _command("ShipStock", "04", lines=_hearts(6), correlation_id="order-1000"),
    _RESERVE,
    _command("ExtendReservation", "11", reservation=_ORDER, ttl_seconds=3_600),
    _command(
        "SupersedeReservation",
        "12",
        reservation=_LARGER,
        replaces=_ORDER,
        lines=_hearts(8),
        ttl_seconds=900,
    ),
    _command("ConfirmReservation", "13", reservation=_LARGER, correlation_id="payment-77"),
    _command("PickStock", "14", reservation=_LARGER, lines=_hearts(8), actor=_CLERK),
    _command("UnpickStock", "15", reservation=_LARGER, lines=_hearts(1), actor=_CLERK),
    _command("PackStock", "16", reservation=_LARGER, lines=_hearts(7), actor=_CLERK),
    _command("ShipPacked", "17", reservation=_LARGER, lines=_hearts(7)),
    _command("ReleaseReservation", "18", reservation=_LARGER),
    _command(
        "ReserveStock",
        "21",
        lines=_of(_CAKESTAND, quantity=2),
        reservation="order-1002",
        ttl_seconds=900,
    ),
    _command("ShipReservation", "22", reservation="order-1002"),
    _command("OpenCount", "41", count=_COUNT, lines=_of(_HANGING_HEART), tolerance=1),
    _command(
        "RecordCount", "42", count=_COUNT, lines=_of(_HANGING_HEART, counted=80), actor=_CLERK
    ),
    _command(
        "RecordCount", "43", count=_COUNT, lines=_of(_HANGING_HEART, counted=90), actor=_CLERK
    ),
    _command("ApproveCount", "44", count=_COUNT, actor=_OTHER),
    _command("OpenCount", "45", count="count-2026-48", lines=_of(_CAKESTAND)),
    _command("CancelCount", "46", count="count-2026-48", actor=_OTHER),
    _command(
        "SetStockPolicy",
        "48",
        lines=[
            *_of(_CAKESTAND, safety_stock=1, negative_limit=5),
            *_of(_HANGING_HEART, recover_point=24),
        ],
    ),
    _command(
        "MoveStock",
        "47",
        from_account="sellable",
        to_account="quality_hold",
        reason="QC_HOLD",
        lines=_hearts(4),
        reference="inspection-7",
    ),
    _command(
        "DispatchTransfer",
        "61",
        transfer=_TRANSFER,
        to_warehouse=_RECEIVER,
        lines=_of(_CAKESTAND, quantity=6),
    ),
    _arrives("ReceiveTransfer", "62", lines=_of(_CAKESTAND, quantity=5), actor=_CLERK),
    _arrives("CloseTransfer", "63", actor=_CLERK),
    _command(
        "BackorderStock",
        "71",
        lines=_of(_CAKESTAND, quantity=5),
        reservation="order-1005",
        priority=1,
        promised="2026-11-25T00:00:00Z",
    ),
    _command("ReceiveStock", "72", lines=_of(_CAKESTAND, quantity=6)),
    _command(
        "ExpectSupply",
        "81",
        supply="PO-2026-7",
        lines=_of(_CAKESTAND, quantity=24, due="2026-12-01T00:00:00Z"),
    ),
    _command(
        "PreorderStock",
        "82",
        lines=_of(_CAKESTAND, quantity=20),
        reservation="order-1007",
        by="2026-12-24T00:00:00Z",
    ),
    _command(
        "ExpectSupply",
        "83",
        supply="PO-2026-7",
        lines=_of(_CAKESTAND, quantity=24, due="2026-12-08T00:00:00Z", expected=24),
    ),
    _command(
        "ReceiveSupply",
        "84",
        supply="PO-2026-7",
        lines=_of(_CAKESTAND, quantity=24),
        actor=_CLERK,
    ),
    _command("ReleaseReservation", "85", reservation="order-1007"),
    _command(
        "SetStock",
        "77",
        lines=_of(_CAKESTAND, on_hand=34, expected_version=14),
        reason="sync with the shop",
    ),
    _command(
        "SetChannelPools",
        "73",
        lines=_of(
            _HANGING_HEART,
            pools=[{"channel": "web", "quantity": 20, "low_point": 10, "recover_point": 15}],
        ),
    ),
    _command(
        "ReserveStock",
        "74",
        lines=_hearts(12),
        reservation="order-1006",
        ttl_seconds=900,
        channel="web",
    ),
    _command("ReleaseReservation", "75", reservation="order-1006"),
    _command("SetChannelPools", "76", lines=_of(_HANGING_HEART, pools=[])),
    _command("ReserveStock", "51", lines=_hearts(70), reservation="order-1003", ttl_seconds=900),
    _command("ShipStock", "52", lines=_hearts(16), correlation_id="order-1004"),
    _TOO_MUCH,
)

COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {}
"""By its type the first command of each in the story, as OpenAPI wants it."""
for _told in STORY:
    COMMAND_EXAMPLES.setdefault(_told["type"], {"value": _told})

EVENT: dict[str, Any] = {
    "type": "StockReserved",
    "id": "3-5",
    "partition": 3,
    "seq": 5,
    "command_id": _RESERVE["id"],
    "warehouse": _RESERVE["warehouse"],
    "lines": [
        {
            "sku": _HANGING_HEART,
            "quantity": 6,
            "on_hand": 100,
            "reserved": 6,
            "available": 94,
            "version": 5,
        }
    ],
    "reservation": _ORDER,
    "expires_at": "2026-11-20T10:15:02.000Z",
    "time": _RESERVE["time"],
    "recorded_at": "2026-11-20T10:00:02.000Z",
    "actor": _RESERVE["actor"],
    "correlation_id": _RESERVE["correlation_id"],
    "source": {"partition": 3, "offset": 4},
}
REFUSED: dict[str, Any] = {
    "type": "CommandRejected",
    "id": "3-44",
    "partition": 3,
    "seq": 44,
    "command_id": _TOO_MUCH["id"],
    "warehouse": _TOO_MUCH["warehouse"],
    "code": "INSUFFICIENT_STOCK",
    "message": "85123A: 6 requested, 0 available",
    "details": {"sku": _HANGING_HEART, "requested": 6, "available": 0},
    "time": "2026-11-20T10:00:41.000Z",
    "recorded_at": "2026-11-20T10:00:41.000Z",
    "correlation_id": _TOO_MUCH["correlation_id"],
    "source": {"partition": 3, "offset": 43},
}
REJECTION = Problem(
    409, REFUSED["code"], REFUSED["message"], details=REFUSED["details"], event=REFUSED
)

LANGUAGE = Language(STOCK, "StockCommand", StockEvent, COMMAND_EXAMPLES, EVENT, REJECTION)
