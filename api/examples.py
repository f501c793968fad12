"""What the documentation shows: one command of each kind, and what becomes of one of them."""

from typing import Any

from api.problems import Problem

_ENVELOPE = {"id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V", "warehouse": "LON-1"}
_LINES = [{"sku": "85123A", "quantity": 6}]


def _command(kind: str, **fields: Any) -> dict[str, Any]:
    return {"value": {"type": kind} | _ENVELOPE | fields}


COMMAND_EXAMPLES = {
    "ReceiveStock": _command("ReceiveStock", lines=_LINES, actor="user:42"),
    "ShipStock": _command("ShipStock", lines=_LINES, correlation_id="order-1001"),
    "AdjustStock": _command(
        "AdjustStock", lines=[{"sku": "85123A", "delta": -2}], reason="broken on arrival"
    ),
    "ReserveStock": _command(
        "ReserveStock", lines=_LINES, reservation="order-1001", ttl_seconds=900
    ),
    "ReleaseReservation": _command("ReleaseReservation", reservation="order-1001"),
    "ShipReservation": _command("ShipReservation", reservation="order-1001"),
    "SetReorderPoint": _command("SetReorderPoint", lines=[{"sku": "85123A", "reorder_point": 20}]),
}

_HEAD = {
    "id": "3-123",
    "partition": 3,
    "seq": 123,
    "command_id": "01JD3Z6V9K2M4N6P8Q0R2S4T6V",
    "warehouse": "LON-1",
}
_TAIL = {
    "time": "2026-11-20T10:00:00.000Z",
    "recorded_at": "2026-11-20T10:00:02.123Z",
    "source": {"partition": 3, "offset": 991},
}
EVENT = {
    "type": "StockReserved",
    **_HEAD,
    "lines": [
        {
            "sku": "85123A",
            "quantity": 6,
            "on_hand": 100,
            "reserved": 6,
            "available": 94,
            "version": 7,
        }
    ],
    "reservation": "order-1001",
    "expires_at": "2026-11-20T10:15:02.123Z",
    **_TAIL,
}
_DETAILS = {"sku": "85123A", "requested": 6, "available": 2}
REJECTION = Problem(
    409,
    "INSUFFICIENT_STOCK",
    "6 of 85123A were asked for, 2 are available",
    details=_DETAILS,
    event={
        "type": "CommandRejected",
        **_HEAD,
        "code": "INSUFFICIENT_STOCK",
        "message": "6 of 85123A were asked for, 2 are available",
        "details": _DETAILS,
        **_TAIL,
    },
)
