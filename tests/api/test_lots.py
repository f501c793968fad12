"""Lots over HTTP, with real workers: received, bound, expired, recalled, and read."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import pytest

from api.lots_examples import COMMAND_EXAMPLES
from schemas.domains import LOTS, STOCK
from schemas.lots import ClaimView, LotsView, LotView, SerialsView, SerialView
from tests.api.domains import PATIENCE_S, SKU, WAREHOUSE, command, seen, sent
from tests.api.processes import Api, Installation

PROCESSES = ("worker", "lots", "policies", "sink")
PATH = "/v1/lots/commands"
OTHER = "PAR-1"
NAME = quote(SKU, safe="")
SHORT_S = 20  # for which a lot is good: long enough for what comes before

ABSENT = [
    *("at/LON-1/no", "of/no?lot=x", "claims/LON-1/no?reservation=x"),
    *("serial/no?serial=x", "serials/no?lot=x"),
]

V = TypeVar("V")


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What the module's tenant has."""
    return (STOCK, LOTS)


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, what carries on, and what keeps the history."""
    with stock.at_work(PROCESSES):
        yield


def of_lots(kind: str, number: int, /, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"{kind}-{number}", "sku": SKU} | fields


def until(look: Callable[[], V], reached: Callable[[V], bool]) -> V:
    """What is seen once it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not reached(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def at(api: Api, warehouse: str = WAREHOUSE) -> LotsView:
    return LotsView.model_validate_json(api.get(f"/v1/lots/at/{warehouse}/{NAME}").content)


def lot(api: Api, name: str, **query: Any) -> LotView:
    answer = api.get(f"/v1/lots/of/{NAME}", params={"lot": name} | query)
    return LotView.model_validate_json(answer.content)


def counts(api: Api, name: str, account: str) -> dict[str, int]:
    return {one.warehouse: getattr(one, account) for one in lot(api, name).warehouses}


@pytest.fixture(scope="module")
def received(api: Api) -> None:
    """Two lots, one of them in two warehouses; five of the first that ends are an order's."""
    ends = datetime.now(UTC) + timedelta(seconds=SHORT_S)
    soon = ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sent(api, PATH, of_lots("RegisterLot", 1, lot="late", expires_at="2099-01-01T00:00:00Z"))
    sent(api, PATH, of_lots("RegisterLot", 2, lot="soon", expires_at=soon))
    places = (("late", WAREHOUSE), ("soon", WAREHOUSE), ("late", OTHER))
    for number, (name, warehouse) in enumerate(places):
        told = of_lots("ReceiveLot", number, lot=name, warehouse=warehouse, quantity=8)
        told = sent(api, PATH, told)
        assert api.get(f"/v1/lots/of/{NAME}?lot={name}", headers=seen(told)).status_code == 200
    until(lambda: counts(api, "soon", "sellable"), lambda one: one == {WAREHOUSE: 8})
    here = {WAREHOUSE: 8, OTHER: 8}
    until(lambda: counts(api, "late", "sellable"), lambda one: one == here)
    lines = [{"sku": SKU, "quantity": 5}]
    order = command("ReserveStock", 1, reservation="order", lines=lines, ttl_seconds=900)
    sent(api, "/v1/commands", order)
    sent(api, "/v1/commands", command("ConfirmReservation", 1, reservation="order"))


def test_lots_are_shown_in_their_order_with_what_is_bound(api: Api, received: None) -> None:
    view = until(
        lambda: at(api), lambda one: bool(one.lots) and one.lots[0].warehouses[0].bound > 0
    )

    assert [one.lot for one in view.lots] == ["soon", "late"]
    assert (view.lots[0].warehouses[0].bound, view.unassigned.sellable) == (5, 0)
    path = f"/v1/lots/claims/{WAREHOUSE}/{NAME}"
    answer = api.get(path, params={"reservation": "order"})
    claim = ClaimView.model_validate_json(answer.content)
    assert [(one.lot, one.quantity) for one in claim.bound] == [("soon", 5)]


def test_a_lot_expires_and_the_order_gets_another(api: Api, received: None) -> None:
    gone = until(lambda: lot(api, "soon"), lambda one: one.is_expired)
    assert gone.warehouses[0].bound == 0

    put_aside = until(lambda: counts(api, "soon", "expired"), lambda one: one == {WAREHOUSE: 8})

    assert put_aside == {WAREHOUSE: 8}
    assert counts(api, "late", "bound") == {WAREHOUSE: 5, OTHER: 0}
    accounts = api.get(f"/v1/accounts/{WAREHOUSE}/{NAME}").json()["accounts"]
    assert (accounts["sellable"], accounts["expired"]) == (8, 8)


def test_a_serial_is_shown_with_all_its_history(api: Api, received: None) -> None:
    named = {"warehouse": OTHER, "serials": [{"serial": "N1"}, {"serial": "N2"}]}
    sent(api, PATH, of_lots("RegisterSerials", 1, lot="late", **named))
    gone = named | {"serials": [{"serial": "N2"}], "from_account": "sellable"}
    wish = of_lots("MoveSerials", 1, **gone, to_account="customer", reservation="order-7")
    told = sent(api, PATH, wish)

    def of_n2(**query: Any) -> SerialView:
        path = f"/v1/lots/serial/{NAME}"
        answer = api.get(path, params={"serial": "N2"} | query, headers=seen(told))
        return SerialView.model_validate_json(answer.content)

    view = of_n2()
    assert (view.account, view.reservation, view.lot) == ("customer", "order-7", "late")
    assert [(one.account, one.event_id) for one in view.history[1:]] == [("customer", told["id"])]
    first = of_n2(limit=1)
    assert [one.account for one in first.history] == ["sellable"]
    assert [one.account for one in of_n2(after=first.next).history] == ["customer"]
    answer = api.get(f"/v1/lots/serials/{NAME}", params={"lot": "late"})
    of_lot = SerialsView.model_validate_json(answer.content)
    assert [(one.serial, one.account) for one in of_lot.serials] == [
        ("N1", "sellable"),
        ("N2", "customer"),
    ]
    assert at(api, OTHER).serials == {"sellable": 1}
    again = api.post(f"{PATH}?wait=30", json=of_lots("RegisterSerials", 2, **named))
    assert (again.status_code, again.json()["code"]) == (409, "SERIAL_SEEN_TWICE")


def test_a_recall_tells_where_a_lot_went_and_holds_it_everywhere(api: Api, received: None) -> None:
    until(lambda: counts(api, "soon", "expired"), lambda one: one == {WAREHOUSE: 8})
    sent(api, "/v1/commands", command("ShipReservation", 1, reservation="order"))
    until(lambda: lot(api, "late"), lambda one: one.gone_lines == 1)

    told = sent(api, PATH, of_lots("RecallLot", 1, lot="late", reason="glass"))

    assert [(one["reservation"], one["quantity"]) for one in told["gone"]] == [("order", 5)]
    assert [one["warehouse"] for one in told["asked"]] == [WAREHOUSE, OTHER]
    recalled = {WAREHOUSE: 3, OTHER: 8}
    until(lambda: counts(api, "late", "recalled"), lambda one: one == recalled)
    (line,) = lot(api, "late").gone
    assert (line.warehouse, line.to_account, line.quantity) == (WAREHOUSE, "customer", 5)
    refused = of_lots("ReceiveLot", 9, lot="late", warehouse=OTHER, quantity=1)
    answer = api.post(f"{PATH}?wait=30", json=refused)
    assert (answer.status_code, answer.json()["code"]) == (409, "LOT_RECALLED")


def test_the_history_tells_all_of_it(api: Api, received: None) -> None:
    def kinds() -> set[str]:
        page = api.get("/v1/lots/movements", params={"sku": SKU}).json()
        return {event["type"] for event in page["events"]}

    wanted = {"LotRegistered", "LotReceived", "StockChangeRecorded", "LotExpired", "LotRecalled"}
    assert until(kinds, lambda found: wanted <= found) >= wanted


def test_what_only_events_bring_about_is_no_command_here(api: Api) -> None:
    for kind in ("RecordStockChange", "RecordRefusal"):
        answer = api.post(PATH, json=of_lots(kind, 1))
        assert answer.json()["errors"] == [{"path": "type", "problem": "is no command"}]


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_there_is_not_found(api: Api, received: None, path: str) -> None:
    assert api.get(f"/v1/lots/{path}").status_code == 404


def test_every_documented_command_is_taken(api: Api) -> None:
    for example in COMMAND_EXAMPLES.values():
        assert api.post(PATH, json=example["value"]).status_code == 202
