"""What the documentation shows of orders: four of them, over two warehouses.

`./stockyard export` has it decided, with a stock of its own that answers at once: the first order
is split and leaves, the second cannot be had, the third is served by the second plan and cancelled,
the fourth waits for what is missing. What is told last comes too late, and so does the last wish.
"""

from typing import Any

from api.examples import STORY as STOCK_STORY
from api.language import Language
from api.problems import Problem
from schemas.domains import ORDERS, STOCK
from schemas.orders import OrdersEvent
from schemas.orders_lines import OrderId

_HANGING_HEART = STOCK_STORY[0]["lines"][0]["sku"]
_LONDON, _PARIS = STOCK_STORY[0]["warehouse"], "PAR-1"


def _id(number: str) -> str:
    return f"01JD5C8D9K2M4N6P8Q0R2S4T{number}"


def _command(named: str, number: str, order: str, /, **fields: Any) -> dict[str, Any]:
    return {"type": named, "id": _id(number), "order": order} | fields


def _stock(named: str, number: str, warehouse: str, /, **fields: Any) -> dict[str, Any]:
    return {"type": named, "id": _id(number), "warehouse": warehouse} | fields


def _hearts(quantity: int) -> list[dict[str, Any]]:
    return [{"sku": _HANGING_HEART, "quantity": quantity}]


def _source(warehouse: str, available: int | None = None, **fields: Any) -> dict[str, Any]:
    hints = [{"sku": _HANGING_HEART, "available": available}]
    return {"warehouse": warehouse} | fields | ({} if available is None else {"stock": hints})


_SPLIT = _command(
    "PlaceOrder",
    "01",
    "O-1001",
    lines=_hearts(10),
    sources=[_source(_LONDON, 4, priority=9), _source(_PARIS, 8)],
    strategy="priority",
    actor="user:7",
)
_CANCEL = _command("CancelOrder", "05", "O-1003", reason="changed mind")
_TOO_LATE = _command("CancelOrder", "06", "O-1003")
_LATE: dict[str, Any] = {
    "type": "RecordLeg",
    "id": "3-9/2",
    "order": "O-1003",
    "cause": "3-9",
    "warehouse": _PARIS,
    "attempt": 2,
    "told": "reserved",
    "lines": _hearts(2),
}

STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    (STOCK, _stock("ReceiveStock", "10", _LONDON, lines=_hearts(4))),
    (STOCK, _stock("ReceiveStock", "11", _PARIS, lines=_hearts(8))),
    (ORDERS, _SPLIT),
    (STOCK, _stock("ShipReservation", "12", _LONDON, reservation="order/O-1001/1")),
    (STOCK, _stock("ShipReservation", "13", _PARIS, reservation="order/O-1001/1")),
    (
        ORDERS,
        _command(
            "PlaceOrder",
            "02",
            "O-1002",
            lines=_hearts(5),
            sources=[_source(_LONDON, 3), _source(_PARIS, 2)],
            attempts_max=1,
        ),
    ),
    (
        ORDERS,
        _command(
            "PlaceOrder",
            "03",
            "O-1003",
            lines=_hearts(2),
            sources=[_source(_LONDON, priority=9), _source(_PARIS)],
            hold_s=300,
        ),
    ),
    (ORDERS, _CANCEL),
    (
        ORDERS,
        _command(
            "PlaceOrder",
            "04",
            "O-1004",
            lines=_hearts(5),
            sources=[_source(_PARIS, 2, distance=340, cost=95)],
            strategy="nearest",
            backorder=True,
            channel="web",
            priority=5,
            promised="2026-12-01T00:00:00Z",
            shelf_life_days=30,
        ),
    ),
    (STOCK, _stock("ReceiveStock", "14", _PARIS, lines=_hearts(3))),
)
ENDING: tuple[dict[str, Any], ...] = (_LATE, _TOO_LATE)
"""What orders are told and asked for last; nobody carries on what comes of it."""
BEFORE: tuple[dict[str, Any], ...] = ()
AFTER = (*(command for domain, command in STORY if domain == ORDERS), _TOO_LATE)

COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {}
"""By its type the first command of each, as OpenAPI wants it."""
for _told in AFTER:
    COMMAND_EXAMPLES.setdefault(_told["type"], {"value": _told})

_LEGS = ((_LONDON, 4), (_PARIS, 6))
EVENT: dict[str, Any] = {
    "type": "OrderPlaced",
    "id": "3-1",
    "partition": 3,
    "seq": 1,
    "command_id": _SPLIT["id"],
    "order": _SPLIT["order"],
    "state": "reserving",
    "attempt": 1,
    "legs": [
        {"warehouse": place, "attempt": 1, "state": "reserving", "lines": _hearts(quantity)}
        for place, quantity in _LEGS
    ],
    "asks": [
        {"warehouse": place, "step": "reserve", "attempt": 1, "hold_s": 900} for place, _ in _LEGS
    ],
    "lines": _SPLIT["lines"],
    "sources": _SPLIT["sources"],
    "strategy": "priority",
    "backorder": False,
    "attempts_max": 5,
    "hold_s": 900,
    "time": "2026-11-20T09:59:58.000Z",
    "recorded_at": "2026-11-20T09:59:58.000Z",
    "actor": _SPLIT["actor"],
    "source": {"partition": 3, "offset": 0},
}
REFUSED: dict[str, Any] = {
    "type": "CommandRejected",
    "id": "3-24",
    "partition": 3,
    "seq": 24,
    "command_id": _TOO_LATE["id"],
    "order": _TOO_LATE["order"],
    "code": "ORDER_CANCELLED",
    "message": "order O-1003 is cancelled",
    "details": {"order": _TOO_LATE["order"], "state": "cancelled"},
    "time": "2026-11-20T10:00:21.000Z",
    "recorded_at": "2026-11-20T10:00:21.000Z",
    "source": {"partition": 3, "offset": 23},
}
REJECTION = Problem(
    409, REFUSED["code"], REFUSED["message"], details=REFUSED["details"], event=REFUSED
)

LANGUAGE = Language(
    ORDERS,
    "OrdersCommand",
    OrdersEvent,
    COMMAND_EXAMPLES,
    EVENT,
    REJECTION,
    OrderId,
    "O-1001",
)
