"""What the documentation shows of lots: the story of stock goes on, with a recall at its end.

`./stockyard export` has it decided: two lots are known before stock moves anything, then each step
here, with what it asks of stock and what stock answers. `STOCK` is what happens in stock before a
step, and `PAUSES` how long nothing happens after one.
"""

from typing import Any

from api.examples import STORY as STOCK_STORY
from api.language import Language
from api.problems import Problem
from schemas.domains import LOTS
from schemas.fields import Sku
from schemas.lots import LotsEvent

_WAREHOUSE = STOCK_STORY[0]["warehouse"]
_SKU = STOCK_STORY[0]["lines"][0]["sku"]
_SOON, _LATER, _NEVER = "L-2612", "L-2611", "L-2613"
_ORDER, _OTHERS = "order-2001", "order-2002"
_ONE, _OTHER = "SN-0001", "SN-0002"
_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000


def _command(named: str, number: str, /, **fields: Any) -> dict[str, Any]:
    return {"type": named, "id": f"01JD4H2C9K2M4N6P8Q0R2S4T{number}", "sku": _SKU} | fields


def _at(named: str, number: str, /, **fields: Any) -> dict[str, Any]:
    return _command(named, number, warehouse=_WAREHOUSE, **fields)


def _of_stock(named: str, number: str, /, **fields: Any) -> dict[str, Any]:
    command_id = f"01JD4H2C9K2M4N6P8Q0R2S4S{number}"
    return {"type": named, "id": command_id, "warehouse": _WAREHOUSE} | fields


def _reserve(number: str, reservation: str, quantity: int) -> dict[str, Any]:
    lines = [{"sku": _SKU, "quantity": quantity}]
    return _of_stock(
        "ReserveStock", number, reservation=reservation, lines=lines, ttl_seconds=900_000
    )


def _serials(*names: str) -> list[dict[str, str]]:
    return [{"serial": name} for name in names]


BEFORE: tuple[dict[str, Any], ...] = (
    _command(
        "RegisterLot",
        "01",
        lot=_LATER,
        manufactured_at="2026-10-02T00:00:00Z",
        best_before="2026-12-20T23:59:59Z",
        expires_at="2027-01-20T23:59:59Z",
    ),
    _command("RegisterLot", "02", lot=_SOON, expires_at="2026-11-20T18:00:00Z"),
    _command("RegisterLot", "03", lot=_NEVER),
)
_RECEIVED = _at("ReceiveLot", "12", lot=_LATER, quantity=40, actor="user:7")
_HELD = _command("HoldLot", "17", lot=_NEVER, reason="the label is wrong")
_EXPIRED = _command("ReleaseLot", "18", lot=_NEVER)
_TOO_LATE = _at("ReceiveLot", "29", lot=_LATER, quantity=10)
AFTER: tuple[dict[str, Any], ...] = (
    _at("AssignLot", "11", lot=_SOON, quantity=12),
    _RECEIVED,
    _at("ReceiveLot", "13", lot=_NEVER, quantity=10),
    _at("RequireShelfLife", "14", reservation=_ORDER, days=20),
    _at("RebindLot", "15", reservation=_ORDER, lot=_NEVER, from_lot=_LATER, quantity=2),
    _at("RegisterSerials", "20", lot=_LATER, serials=_serials(_ONE, _OTHER)),
    _at("BindSerials", "21", reservation=_ORDER, serials=_serials(_ONE, _OTHER)),
    _at("UnbindSerials", "22", serials=_serials(_OTHER)),
    _command("SwapSerials", "23", serial=_ONE, other=_OTHER),
    _at(
        "MoveSerials",
        "24",
        serials=_serials(_ONE),
        from_account="sellable",
        to_account="customer",
        reservation="order-2003",
    ),
    _HELD,
    _EXPIRED,
    _command("RecallLot", "19", lot=_LATER, reason="glass in one of them"),
    _TOO_LATE,
)
STOCK: dict[str, tuple[dict[str, Any], ...]] = {
    AFTER[4]["id"]: (
        _reserve("01", _ORDER, 5),
        _of_stock("ConfirmReservation", "02", reservation=_ORDER),
    ),
    _HELD["id"]: (_reserve("03", _OTHERS, 115),),
    _EXPIRED["id"]: (_of_stock("ReleaseReservation", "04", reservation=_OTHERS),),
}
PAUSES: dict[str, int] = {_HELD["id"]: 2 * _MINUTE_MS, _EXPIRED["id"]: 12 * _HOUR_MS}

COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {}
"""By its type the first command of each, as OpenAPI wants it."""
for _told in (*BEFORE, *AFTER):
    COMMAND_EXAMPLES.setdefault(_told["type"], {"value": _told})

EVENT: dict[str, Any] = {
    "type": "LotReceived",
    "id": "3-26",
    "partition": 3,
    "seq": 26,
    "command_id": _RECEIVED["id"],
    "warehouse": _WAREHOUSE,
    "sku": _SKU,
    "lot": _LATER,
    "quantity": 40,
    "to_account": "sellable",
    "asked": [
        {
            "warehouse": _WAREHOUSE,
            "number": 0,
            "lot": _LATER,
            "quantity": 40,
            "from_account": "supplier",
            "to_account": "sellable",
            "reason": "RECEIVED",
        }
    ],
    "time": "2026-11-20T10:00:23.000Z",
    "recorded_at": "2026-11-20T10:00:23.000Z",
    "actor": _RECEIVED["actor"],
    "source": {"partition": 3, "offset": 25},
}
REFUSED: dict[str, Any] = {
    "type": "CommandRejected",
    "id": "3-47",
    "partition": 3,
    "seq": 47,
    "command_id": _TOO_LATE["id"],
    "sku": _SKU,
    "code": "LOT_RECALLED",
    "message": "lot L-2611 is recalled: glass in one of them",
    "details": {"lot": _LATER, "reason": "glass in one of them"},
    "time": "2026-11-20T22:02:42.000Z",
    "recorded_at": "2026-11-20T22:02:42.000Z",
    "source": {"partition": 3, "offset": 44},
}
REJECTION = Problem(
    409, REFUSED["code"], REFUSED["message"], details=REFUSED["details"], event=REFUSED
)

LANGUAGE = Language(
    LOTS, "LotsCommand", LotsEvent, COMMAND_EXAMPLES, EVENT, REJECTION, Sku, "85123A"
)
