"""The documented story through the API and a real worker: every command taken, every view after."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from api.examples import COMMAND_EXAMPLES, STORY
from schemas.accounts import ACCOUNTS
from schemas.stock import (
    AccountsView,
    ArrivalView,
    CountView,
    ReservationView,
    StockView,
    TransferView,
)
from streams.topics import owner
from tests.api.processes import Api, Installation

HEARTS, CAKESTAND = "85123A", "22423"
FAR = "PAR-1"  # in another partition than LON-1
SETTLED_S = 20.0
PROCESSES = ("worker", "sink")  # the sink: a rejection is looked up like any other outcome


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, and what keeps the history."""
    with stock.at_work(PROCESSES):
        yield


@pytest.fixture(scope="module")
def events(api: Api) -> list[dict[str, Any]]:
    """What came of each command, sent one after the other."""
    told = []
    for command in STORY:
        answer = api.post("/v1/commands?wait=30", json=command)
        assert answer.status_code in (200, 409), answer.text
        told.append(answer.json() if answer.status_code == 200 else answer.json()["event"])
    return told


@pytest.fixture(scope="module")
def after(events: list[dict[str, Any]]) -> dict[str, str]:
    """The header that asks for reads after all of it."""
    return {"X-Min-Position": f"{events[-1]['partition']}:{events[-1]['seq']}"}


def test_every_command_is_taken_and_decided(events: list[dict[str, Any]]) -> None:
    assert [event["command_id"] for event in events] == [command["id"] for command in STORY]
    assert [event["type"] for event in events].index("CommandRejected") == len(STORY) - 1
    assert {command["type"] for command in STORY} == set(COMMAND_EXAMPLES)


def test_stock_and_accounts_are_shown_after_it(api: Api, after: dict[str, str]) -> None:
    answer = api.get(f"/v1/stock/LON-1/{HEARTS}", headers=after)
    row = StockView.model_validate_json(answer.content)
    assert (row.on_hand, row.reserved, row.allocated, row.available) == (70, 70, 0, 0)
    answer = api.get(f"/v1/accounts/LON-1/{HEARTS}", headers=after)
    view = AccountsView.model_validate_json(answer.content)
    moved = {"sellable": 70, "quality_hold": 4, "supplier": -108, "customer": 29, "gain_loss": 5}
    assert view.accounts == dict.fromkeys(ACCOUNTS, 0) | moved
    assert sum(view.accounts.values()) == 0


def test_reservations_and_counts_are_shown_after_it(api: Api, after: dict[str, str]) -> None:
    answer = api.get("/v1/reservations/LON-1/order-1001-larger", headers=after)
    held = ReservationView.model_validate_json(answer.content)
    (line,) = held.lines
    assert held.state == "released"
    assert (line.quantity, line.picked, line.packed, line.shipped) == (8, 0, 0, 7)
    answer = api.get("/v1/reservations/LON-1/order-1001", headers=after)
    assert answer.json()["state"] == "superseded"
    answer = api.get("/v1/counts/LON-1/count-2026-47", headers=after)
    count = CountView.model_validate_json(answer.content)
    assert (count.state, count.tolerance, count.counters) == ("approved", 1, ["user:7"])
    (found,) = count.lines
    assert (found.sku, found.counted, found.is_final) == (HEARTS, 90, True)
    answer = api.get("/v1/counts/LON-1/count-2026-48", headers=after)
    assert answer.json()["state"] == "cancelled"


def accounts(api: Api, warehouse: str, **position: str) -> dict[str, int]:
    """All accounts of the cake stand that are not 0."""
    answer = api.get(f"/v1/accounts/{warehouse}/{CAKESTAND}", **position)
    view = AccountsView.model_validate_json(answer.content)
    return {account: balance for account, balance in view.accounts.items() if balance}


def test_transfers_are_shown_at_both_ends_after_it(api: Api, after: dict[str, str]) -> None:
    answer = api.get("/v1/transfers/LON-1/T-7", headers=after)
    sent = TransferView.model_validate_json(answer.content)
    answer = api.get("/v1/arrivals/DUB-3/LON-1/T-7", headers=after)
    awaited = ArrivalView.model_validate_json(answer.content)
    assert (sent.to_warehouse, sent.state) == ("DUB-3", "closed")
    assert (awaited.from_warehouse, awaited.state) == ("LON-1", "closed")
    for view in (sent, awaited):
        (line,) = view.lines
        assert (line.sku, line.quantity, line.received, line.missing) == (CAKESTAND, 6, 5, 1)
    assert accounts(api, "LON-1") == {
        "sellable": 34,
        "supplier": -42,
        "customer": 2,
        "gain_loss": 1,
        "transfers": 5,
    }
    assert accounts(api, "DUB-3") == {"sellable": 5, "transfers": -5}


@pytest.mark.usefixtures("events")
def test_a_transfer_between_two_partitions_arrives(api: Api, stock: Installation) -> None:
    partitions = stock.settings.partitions
    assert owner("LON-1", partitions) != owner(FAR, partitions)
    before = accounts(api, "LON-1")
    lines = [{"sku": CAKESTAND, "quantity": 2}]
    send(api, "DispatchTransfer", "LON-1", transfer="far", to_warehouse=FAR, lines=lines)
    # what is on its way is announced there, and then it is received
    until(api, f"/v1/arrivals/{FAR}/LON-1/far", "open")
    named = {"transfer": "far", "from_warehouse": "LON-1", "lines": lines}
    received = send(api, "ReceiveTransfer", FAR, **named)
    assert received["is_closed"]
    # then the sender has settled it
    sent = until(api, "/v1/transfers/LON-1/far", "closed")
    assert [line["missing"] for line in sent["lines"]] == [0]
    assert accounts(api, FAR) == {"sellable": 2, "transfers": -2}
    assert accounts(api, "LON-1") == before | {
        "sellable": before["sellable"] - 2,
        "transfers": before["transfers"] + 2,
    }


def send(api: Api, kind: str, warehouse: str, **fields: Any) -> dict[str, Any]:
    """Send a command; its outcome."""
    command = {"type": kind, "id": f"far-{kind}", "warehouse": warehouse} | fields
    answer = api.post("/v1/commands?wait=30", json=command)
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    return event


def until(api: Api, path: str, state: str) -> dict[str, Any]:
    """What stands there, once its state is this."""
    deadline = time.monotonic() + SETTLED_S
    while True:
        answer = api.get(path)
        view: dict[str, Any] = answer.json()
        if answer.status_code == 200 and view["state"] == state:
            return view
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)
