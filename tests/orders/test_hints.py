"""What the API believes of stock goes along with an order; when it expires, where that is asked."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from api.bodies import Sent
from api.hints import told_of_stock
from schemas.domains import LOTS, ORDERS, STOCK
from tests.hosted import START_MS
from tests.lots.depot import Depot, come, confirm, hold, register
from tests.stock.bytes_of import Shop

LINES = [{"sku": sku, "quantity": 9} for sku in ("A", "B")]
DAYS = ["2026-11-23", "2026-12-18"]
assert START_MS == 1_795_003_200_000, "2026-11-18"


class Replica:
    """A follower with one replica, of these rows."""

    def __init__(self, rows: dict[bytes, bytes]) -> None:
        self.get = rows.get

    def of(self, _key: str) -> "Replica":
        """The one there is."""
        return self


def available(units: int) -> Shop:
    """So many of A are for sale, and three of B."""
    shop = Shop()
    lines = [{"sku": "A", "quantity": units}, {"sku": "B", "quantity": 3}]
    assert shop.send("ReceiveStock", lines=lines).code == ""
    return shop


def lots() -> Depot:
    """Of A three that end soon, one of them bound; two on hold; four that end late; one never."""
    depot = Depot().given(register("soon", 5), register("held", 6), register("late", 30.5))
    depot.given(register("ever"), come("soon", 3), come("held", 2), come("late", 4))
    return depot.given(come("ever", 1), confirm("r", 1), hold("held"))


def hints(shop: Shop, depot: Depot | None, /, **fields: Any) -> list[tuple[Any, ...]]:
    """What is believed of the warehouse, as the order is sent on."""
    rows = {STOCK: shop.rows, ORDERS: {}} | ({} if depot is None else {LOTS: depot.rows})
    desks = {
        domain: SimpleNamespace(domain=domain, follower=Replica(its))
        for domain, its in rows.items()
    }
    app = SimpleNamespace(state=SimpleNamespace(desks=desks))
    order = {"type": "PlaceOrder", "lines": LINES, "sources": [{"warehouse": "LON-1"}]} | fields
    request = Request({"type": "http", "path": "/v1/orders/commands", "app": app})
    sent = told_of_stock(request, Sent("o-1", "c-1", None, json.dumps(order).encode()))
    told: list[dict[str, Any]] = json.loads(sent.value)["sources"][0]["stock"]
    return [(one["sku"], one["available"], one.get("expires_on")) for one in told]


@pytest.mark.parametrize("strategy", [{}, {"strategy": "priority"}])
def test_most_strategies_ask_for_no_day(strategy: dict[str, Any]) -> None:
    assert hints(available(9), lots(), **strategy) == [("A", 9, None), ("B", 3, None)]


def test_where_lots_are_not_at_work_nothing_has_a_day() -> None:
    assert hints(available(9), None, strategy="fefo") == [("A", 9, None), ("B", 3, None)]


def test_what_expires_first_is_told_with_its_units_by_good_lots_that_are_free() -> None:
    assert hints(available(9), lots(), strategy="fefo") == [
        ("A", 2, DAYS[0]),
        ("A", 4, DAYS[1]),
        ("A", 3, None),
        ("B", 3, None),
    ]


def test_no_more_has_a_day_than_is_available() -> None:
    assert hints(available(5), lots(), strategy="fefo") == [
        ("A", 2, DAYS[0]),
        ("A", 3, DAYS[1]),
        ("B", 3, None),
    ]


def test_no_order_has_more_hints_than_it_may() -> None:
    depot = lots()
    depot.given(*(register(f"L{n}", 100 + n) for n in range(10)))
    depot.given(*(come(f"L{n}", 1) for n in range(10)))
    many = [{"sku": sku, "quantity": 1} for sku in ["A", *(f"S{n}" for n in range(199))]]

    told = hints(available(50), depot, strategy="fefo", lines=many)

    assert [units for sku, units, _ in told if sku == "A"] == [2, 4, 1, 1, 42]
    assert told[4] == ("A", 42, None)


def test_what_the_order_says_itself_stays() -> None:
    said = [{"sku": "A", "available": 1}]
    sources = [{"warehouse": "LON-1", "stock": said}]
    assert hints(available(9), lots(), strategy="fefo", sources=sources) == [("A", 1, None)]
