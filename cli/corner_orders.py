"""The corners of orders: SKUs that are short at once, units that expire, what is learned."""

from typing import Any

from schemas.domains import ORDERS, STOCK

_LONDON, _PARIS = "LON-1", "PAR-1"
_ONE, _OTHER = "10002", "10080"


def _lines(one: int, other: int) -> list[dict[str, Any]]:
    return [{"sku": _ONE, "quantity": one}, {"sku": _OTHER, "quantity": other}]


def _believed(warehouse: str, one: int, other: int, day: int) -> dict[str, Any]:
    expires_on = f"2026-12-{day:02}"
    return {
        "warehouse": warehouse,
        "stock": [
            {"sku": _ONE, "available": one, "expires_on": expires_on},
            {"sku": _OTHER, "available": other, "expires_on": expires_on},
        ],
    }


def _of_stock(kind: str, number: int, warehouse: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    return STOCK, {"type": kind, "id": f"corner-{number}", "warehouse": warehouse} | fields


def _place(order: str, one: int, other: int, **how: Any) -> tuple[str, dict[str, Any]]:
    named = {"type": "PlaceOrder", "id": f"{order}/place", "order": order}
    return ORDERS, named | {"lines": _lines(one, other)} | how


_SOURCES = [_believed(_LONDON, 6, 6, 1), _believed(_PARIS, 9, 9, 2)]
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    _of_stock("ReceiveStock", 1, _LONDON, lines=_lines(4, 1)),
    _of_stock("ReceiveStock", 2, _PARIS, lines=_lines(8, 8)),
    _place("O-1", 6, 6, sources=_SOURCES, strategy="fefo", shelf_life_days=14),
    _of_stock("ShipReservation", 3, _LONDON, reservation="order/O-1/2"),
    _of_stock("ShipReservation", 4, _PARIS, reservation="order/O-1/2"),
    _place("O-2", 9, 9, sources=_SOURCES, backorder=True, attempts_max=2, shelf_life_days=14),
    _of_stock("ReceiveStock", 5, _LONDON, lines=_lines(20, 20)),
    (ORDERS, {"type": "CancelOrder", "id": "O-2/cancel", "order": "O-2", "reason": "too slow"}),
)
ENDING: tuple[dict[str, Any], ...] = ()
