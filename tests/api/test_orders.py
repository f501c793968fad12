"""Orders over HTTP, with real workers: split over warehouses, waited for, refused, given back."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from api.orders_examples import COMMAND_EXAMPLES
from schemas.domains import ORDERS, STOCK
from schemas.orders import OrderView
from tests.api.domains import PATIENCE_S, sent
from tests.api.processes import Api, Installation

PROCESSES = ("worker", "orders", "policies", "sink")
PATH = "/v1/orders/commands"
WAREHOUSES = ("LON-1", "PAR-1", "ROM-1")
SKU = "A/B"


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What the module's tenant has."""
    return (STOCK, ORDERS)


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, what carries on, and what keeps the history."""
    with stock.at_work(PROCESSES):
        yield


def of_stock(api: Api, kind: str, warehouse: str, name: str, **fields: Any) -> dict[str, Any]:
    """A command of stock that is accepted."""
    told = {"type": kind, "id": f"{kind}-{name}", "warehouse": warehouse} | fields
    return sent(api, "/v1/commands", told)


def lines(quantity: int, sku: str = SKU) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity}]


def place(api: Api, order: str, quantity: int, /, **fields: Any) -> dict[str, Any]:
    """An order of so many units, from any of the warehouses in their order."""
    told: dict[str, Any] = {"type": "PlaceOrder", "id": f"place-{order}", "order": order}
    told |= {"lines": lines(quantity), "sources": [{"warehouse": name} for name in WAREHOUSES]}
    return sent(api, PATH, told | fields)


def until(api: Api, order: str, *states: str) -> OrderView:
    """An order, once it is in one of these states."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = api.get(f"/v1/orders/{order}")
        if answer.status_code == 200:
            view = OrderView.model_validate_json(answer.content)
            if view.state in states:
                return view
        time.sleep(0.02)
    raise AssertionError(f"{order} is {answer.text}")


def reservation(api: Api, warehouse: str, name: str) -> dict[str, Any]:
    """A leg, as its warehouse has it."""
    answer = api.get(f"/v1/reservations/{warehouse}/{quote(name, safe='')}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture(scope="module", autouse=True)
def supplied(api: Api) -> None:
    """Ten, four and none; and a warehouse whose till has sold two that it had not."""
    of_stock(api, "ReceiveStock", "LON-1", "1", lines=lines(10))
    of_stock(api, "ReceiveStock", "PAR-1", "1", lines=lines(4))
    policy = [{"sku": SKU, "negative_limit": 2}]
    of_stock(api, "SetStockPolicy", "OWE-1", "1", lines=policy)
    of_stock(api, "ShipStock", "OWE-1", "1", lines=lines(2))


def test_what_the_api_believes_of_stock_goes_along(api: Api, split: OrderView) -> None:
    path, deadline = f"/v1/stock/PAR-1/{quote(SKU, safe='')}", time.monotonic() + PATIENCE_S
    while api.get(path).json()["reserved"] != 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    sources = [{"warehouse": name} for name in ("PAR-1", "ROM-1", "OWE-1")]
    told = place(api, "hinted", 1, sources=sources)

    hints = {one["warehouse"]: one["stock"] for one in told["sources"]}
    assert hints["PAR-1"] == [{"sku": SKU, "available": 2}]
    assert hints["ROM-1"][0]["sku"] == SKU
    assert hints["OWE-1"] == [{"sku": SKU, "available": 0}], "of what is owed nothing is available"
    sent(api, PATH, {"type": "CancelOrder", "id": "cancel-hinted", "order": "hinted"})
    until(api, "hinted", "cancelled")


@pytest.fixture(scope="module")
def split(api: Api, supplied: None) -> OrderView:
    """Twelve, of which the first warehouse has ten: what nobody has told is found out."""
    assert place(api, "split", 12)["type"] == "OrderPlaced"
    return until(api, "split", "allocated", "refused")


def test_an_order_is_split_over_warehouses_each_of_which_holds_its_leg(
    api: Api, split: OrderView
) -> None:
    legs = {leg.warehouse: leg for leg in split.legs}
    assert split.state == "allocated"
    assert {name: leg.lines[0].quantity for name, leg in legs.items()} == {"LON-1": 10, "PAR-1": 2}
    for name, leg in legs.items():
        held = reservation(api, name, leg.reservation)
        assert (held["state"], held["lines"][0]["quantity"]) == (
            "confirmed",
            leg.lines[0].quantity,
        )


def test_what_cannot_be_had_is_refused_and_nothing_held(api: Api, split: OrderView) -> None:
    place(api, "too-much", 3)

    view = until(api, "too-much", "refused", "allocated")

    assert (view.state, view.legs) == ("refused", [])
    assert api.get(f"/v1/stock/PAR-1/{quote(SKU, safe='')}").json()["reserved"] == 2


def test_what_is_missing_is_waited_for_and_comes_with_the_next_receipt(
    api: Api, split: OrderView
) -> None:
    sources = [{"warehouse": "ROM-1", "stock": []}]
    place(api, "waits", 5, sources=sources, backorder=True)
    view = until(api, "waits", "backordered", "allocated")
    assert (view.state, view.legs[0].lines[0].missing) == ("backordered", 5)

    of_stock(api, "ReceiveStock", "ROM-1", "1", lines=lines(5))

    view = until(api, "waits", "allocated")
    assert reservation(api, "ROM-1", view.legs[0].reservation)["state"] == "confirmed"


def test_a_cancelled_order_gives_its_units_back(api: Api, split: OrderView) -> None:
    place(api, "unwanted", 2, sources=[{"warehouse": "PAR-1"}])
    view = until(api, "unwanted", "allocated")
    told = sent(api, PATH, {"type": "CancelOrder", "id": "cancel-1", "order": "unwanted"})
    assert told["type"] == "OrderCancelling"

    until(api, "unwanted", "cancelled")

    assert reservation(api, "PAR-1", view.legs[0].reservation)["state"] == "released"
    answer = api.post(
        f"{PATH}?wait=30", json={"type": "CancelOrder", "id": "cancel-2", "order": "unwanted"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "ORDER_CANCELLED")


def test_an_order_is_shipped_once_all_legs_have_left(api: Api, split: OrderView) -> None:
    sku = "shipped"
    of_stock(api, "ReceiveStock", "LON-1", "2", lines=lines(1, sku))
    of_stock(api, "ReceiveStock", "PAR-1", "2", lines=lines(1, sku))
    place(api, "leaves", 2, lines=lines(2, sku), strategy="fewest_splits")
    view = until(api, "leaves", "allocated")

    for leg in view.legs:
        of_stock(
            api,
            "ShipReservation",
            leg.warehouse,
            leg.warehouse,
            reservation=leg.reservation,
        )

    until(api, "leaves", "shipped")


def test_the_same_order_again_changes_nothing(api: Api, split: OrderView) -> None:
    again = place(api, "split", 12)
    assert (again["type"], again["state"]) == ("OrderPlaced", "reserving")
    assert until(api, "split", "allocated").legs == split.legs


def test_an_outcome_is_known_by_the_order_and_the_id(api: Api, split: OrderView) -> None:
    answer = api.get(f"{PATH}/split/place-split")
    assert answer.status_code in (200, 202)
    deadline = time.monotonic() + PATIENCE_S
    while answer.status_code == 202 and time.monotonic() < deadline:
        answer = api.get(f"{PATH}/split/place-split")
    assert answer.json()["type"] == "OrderPlaced"


def test_what_only_events_bring_about_is_no_command_here(api: Api) -> None:
    answer = api.post(PATH, json={"type": "RecordLeg", "id": "x", "order": "split"})
    assert answer.json()["errors"] == [{"path": "type", "problem": "is no command"}]


def test_an_order_that_nobody_placed_is_not_found(api: Api) -> None:
    assert api.get("/v1/orders/nobody").status_code == 404


def test_every_documented_command_is_taken(api: Api) -> None:
    for example in COMMAND_EXAMPLES.values():
        assert api.post(PATH, json=example["value"]).status_code == 202
