"""What finance, places, orders and the catalogue refuse: by each code the shortest story of it.

All but its last command come about, and that one is rejected so. Stock and lots have stories of
their own. Keys and ids are given where a story is told, unless it says them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from schemas.domains import CATALOG, FINANCE, LOCATIONS, ORDERS
from tests.catalog import registry as of_catalog
from tests.hosted import Wish
from tests.locations import yard as of_places
from tests.orders import desk as of_orders

Story = tuple[Wish, ...]

GTIN = "4006381333931"
RECEIPT = "3-0"
CLOSE = {"type": "ClosePeriod", "period": "2026-09"}
LEAVES = {"from_account": "sellable", "to_account": "customer"}
COMES = {"from_account": "supplier", "to_account": "sellable"}


def _again(wish: Wish, **changed: Any) -> Story:
    """A command, and another with its id."""
    return {"id": "c"} | wish, {"id": "c"} | wish | changed


def _moved(quantity: int, **accounts: str) -> Wish:
    line = {"sku": "A", "quantity": quantity} | accounts
    return {"type": "RecordMovement", "cause": RECEIPT, "movement": "StockMoved", "lines": [line]}


def _cost(*lines: tuple[str, int], receipt: str = RECEIPT, currency: str = "EUR") -> Wish:
    told = [{"sku": sku, "amount": amount} for sku, amount in lines]
    return {"type": "PostCost", "receipt": receipt, "currency": currency, "lines": told}


def _costing(method: str, **standard: int) -> Wish:
    line = {"sku": "A", "method": method, "currency": "EUR"} | standard
    return {"type": "SetCosting", "lines": [line]}


def _of_finance() -> Mapping[str, Story]:
    came = _moved(4, **COMES)
    return {
        "PERIOD_CLOSED": (came, CLOSE, CLOSE),
        "PERIOD_NOT_OVER": (came, CLOSE | {"period": "2026-11"}),
        "RECEIPT_NOT_FOUND": (came, _cost(("A", 1), receipt="3-99")),
        "RECEIPT_LINE_UNKNOWN": (came, _cost(("B", 1))),
        "CURRENCY_MISMATCH": (came, _cost(("A", 1)), _cost(("A", 1), currency="USD")),
        "COSTING_IN_USE": (came, _cost(("A", 1)), _costing("fifo")),
        "STANDARD_REQUIRED": (_costing("standard"),),
        "STANDARD_FORBIDDEN": (_costing("average", standard_amount=1),),
        "QUANTITY_MISMATCH": (came, _moved(5, **LEAVES)),
        "AMOUNT_LIMIT": (came, _cost(("A", 10**15), ("A", 1))),
        "INVALID_COMMAND": (CLOSE | {"period": "2026-13"},),
        "IDEMPOTENCY_KEY_REUSED": _again(_costing("fifo"), lines=_costing("average")["lines"]),
    }


def _of_locations() -> Mapping[str, Story]:
    create, opened = of_places.create, of_places.open_container
    lies = (create("B1"), of_places.record(A=5), of_places.put_away(("A", "B1", 5)))
    frozen = {"temperature_class": "frozen"}
    return {
        "LOCATION_EXISTS": (create("B1"), create("B1")),
        "LOCATION_NOT_FOUND": (of_places.delete("B9"),),
        "LOCATION_IN_USE": (*lies, of_places.delete("B1")),
        "LOCATION_CYCLE": (
            create("Z1", "zone"),
            create("B1", "bin", "Z1"),
            of_places.move_location("Z1", "B1"),
        ),
        "LOCATION_HOLDS_NOTHING": (create("Z1", "zone"), opened("P1", "Z1")),
        "MOVE_TO_ITSELF": (*lies, of_places.move(("A", "B1", "B1", 1))),
        "CONSTRAINT_FORBIDS": (
            create("B1", **frozen),
            of_places.classify(A="ambient/food"),
            of_places.record(A=5),
            of_places.put_away(("A", "B1", 5)),
        ),
        "CONSTRAINT_BROKEN": (
            of_places.classify(A="ambient/food"),
            *lies,
            of_places.constrain("B1", **frozen),
        ),
        "INSUFFICIENT_UNITS": (*lies, of_places.take_out(("A", "B1", 6))),
        "CONTAINER_EXISTS": (create("B1"), opened("P1", "B1"), opened("P1", "B1")),
        "CONTAINER_NOT_FOUND": (of_places.close("P1"),),
        "CONTAINER_IN_USE": (
            *lies,
            opened("P1", "B1"),
            of_places.pack("P1", A=1),
            of_places.close("P1"),
        ),
        "CONTAINER_CYCLE": (
            create("B1"),
            opened("P1", "B1"),
            opened("P2", "B1"),
            of_places.nest("P2", "P1"),
            of_places.nest("P1", "P2"),
        ),
        "QUANTITY_LIMIT": (*[of_places.record(A=10**15)] * 10, of_places.record(A=1)),
        "INVALID_COMMAND": (of_places.put_away(),),
        "IDEMPOTENCY_KEY_REUSED": _again(create("B1"), location="B2"),
    }


def _of_orders() -> Mapping[str, Story]:
    cancel, record = of_orders.CANCEL, of_orders.record
    placed = of_orders.place({"A": 3}, of_orders.source("L"), attempts_max=1)
    allocated = (placed, record("L1", "reserved", A=3), record("L1", "confirmed"))
    return {
        "ORDER_EXISTS": (placed, placed),
        "ORDER_NOT_FOUND": (cancel,),
        "ORDER_REFUSED": (placed, of_orders.refusal("L1", "reserve", A=0), cancel),
        "ORDER_CANCELLED": (placed, cancel, cancel),
        "ORDER_SHIPPED": (*allocated, record("L1", "shipped", A=3), cancel),
        "LEG_NOT_FOUND": (*allocated, record("L2", "released")),
        "LEG_CLOSED": (*allocated, record("L1", "reserved", A=3)),
        "INVALID_COMMAND": (placed | {"sources": []},),
        "IDEMPOTENCY_KEY_REUSED": _again(placed, hold_s=60),
    }


def _of_catalog() -> Mapping[str, Story]:
    item, product, kit = of_catalog.item, of_catalog.product, of_catalog.kit
    numbered = (
        item("A", "B"),
        of_catalog.units("A", case=(12, 1)),
        of_catalog.number("A", GTIN, "case"),
    )
    return {
        "PRODUCT_EXISTS": (product("P"), product("P")),
        "PRODUCT_NOT_FOUND": (item("A", product="P"),),
        "PRODUCT_RETIRED": (product("P"), of_catalog.retire_product("P"), item("A", product="P")),
        "PRODUCT_IN_USE": (product("P"), item("A", product="P"), of_catalog.retire_product("P")),
        "ITEM_EXISTS": (item("A"), item("A")),
        "ITEM_NOT_FOUND": (of_catalog.retire("A"),),
        "ITEM_RETIRED": (item("A"), of_catalog.retire("A"), of_catalog.change("A")),
        "GTIN_INVALID": (item("A"), of_catalog.number("A", "4006381333932")),
        "GTIN_TAKEN": (*numbered, of_catalog.number("B", GTIN)),
        "GTIN_NOT_FOUND": (of_catalog.unnumber(GTIN),),
        "UNIT_UNKNOWN": (item("A"), of_catalog.number("A", GTIN, "case")),
        "UNIT_IS_BASE": (item("A"), of_catalog.units("A", piece=(1, 1))),
        "UNIT_IN_USE": (*numbered, of_catalog.units("A", case=(10, 1))),
        "KIT_NOT_FOUND": (item("A"), of_catalog.dissolve("A")),
        "KIT_CYCLE": (item("A"), kit("A", ("A", 1))),
        "KIT_TOO_LARGE": (item("A", "K", "L"), kit("K", ("A", 10**12)), kit("L", ("K", 2))),
        "QUANTITY_LIMIT": (
            product("P"),
            item(*map(str, range(1_000)), product="P"),
            item("A", product="P"),
        ),
        "INVALID_COMMAND": (item(),),
        "IDEMPOTENCY_KEY_REUSED": _again(item("A"), lines=item("B")["lines"]),
    }


STORIES: Mapping[str, Callable[[], Mapping[str, Story]]] = {
    FINANCE: _of_finance,
    LOCATIONS: _of_locations,
    ORDERS: _of_orders,
    CATALOG: _of_catalog,
}
"""By domain."""
