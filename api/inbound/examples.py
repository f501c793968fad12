"""What the documentation shows of other systems' events, one of each type, in an order to send."""

from typing import Any

_SKU, _WAREHOUSE, _PURCHASE = "85123A", "LON-1", "PO-7001"


def _event(
    number: int, kind: str, source: str, subject: str, hour: int, /, **fields: Any
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": source,
        "type": kind,
        "time": f"2026-11-20T{hour:02d}:00:00Z",
        "subject": subject,
        "data": fields,
    }


def _order(number: int, kind: str, hour: int, /, **fields: Any) -> dict[str, Any]:
    order = "S-1001"
    return _event(number, kind, "https://shop.example.com", order, hour, order=order, **fields)


def _product(number: int, kind: str, hour: int, /, **fields: Any) -> dict[str, Any]:
    told = {"catalog": "main", "sku": _SKU} | fields
    return _event(number, kind, "https://pim.example.com", _SKU, hour, **told)


def _purchase(number: int, kind: str, hour: int, /, **line: Any) -> dict[str, Any]:
    told = {"purchase_order": _PURCHASE, "warehouse": _WAREHOUSE, "lines": [{"sku": _SKU} | line]}
    return _event(number, kind, "urn:example:erp", _PURCHASE, hour, **told)


EXAMPLES: tuple[dict[str, Any], ...] = (
    _order(
        41,
        "order.placed",
        10,
        lines=[{"sku": _SKU, "quantity": 2, "price": "2.55"}],
        sources=[{"warehouse": _WAREHOUSE, "priority": 9}, {"warehouse": "PAR-1"}],
        customer="C-17850",
    ),
    _order(42, "order.cancelled", 11, reason="changed mind"),
    _product(7, "product.created", 8, base_unit="piece", title="Hanging heart"),
    _product(8, "product.updated", 9, title="Hanging heart holder", shelf_life_days=3650),
    _product(9, "product.discontinued", 18),
    _purchase(501, "purchase_order.placed", 8, quantity=100, due="2026-12-01T08:00:00Z"),
    _purchase(
        502,
        "purchase_order.changed",
        9,
        quantity=120,
        due="2026-12-03T08:00:00+01:00",
        expected=100,
    ),
    _purchase(503, "purchase_order.received", 14, quantity=90),
    _purchase(504, "purchase_order.cancelled", 15, expected=30),
)

_ATTRIBUTES = {"datacontenttype": "application/json", "correlationid": "checkout-77"}
_FIELDS: dict[str, dict[str, Any]] = {
    "order.placed": {
        "sources": [{"warehouse": _WAREHOUSE, "priority": 9, "distance": 12, "cost": 250}],
        "strategy": "nearest",
        "backorder": True,
        "attempts_max": 3,
        "hold_s": 600,
        "channel": "web",
        "priority": 5,
        "promised": "2026-11-27T10:00:00Z",
        "shelf_life_days": 30,
    },
    "product.created": {
        "product": "hanging-heart",
        "item_type": "homeware",
        "temperature_class": "ambient",
        "shelf_life_days": 3650,
        "tracking": "none",
    },
    "product.updated": {
        "product": "hanging-heart",
        "item_type": "homeware",
        "temperature_class": "ambient",
    },
    "purchase_order.received": {"to_account": "quality_hold"},
}

WHOLE: tuple[dict[str, Any], ...] = tuple(
    event | _ATTRIBUTES | {"data": event["data"] | _FIELDS.get(event["type"], {})}
    for event in EXAMPLES
)
"""The same with everything that such an event may say."""
