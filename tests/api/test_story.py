"""The documented story through the API and a real worker: every command taken, every view after."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.examples import COMMAND_EXAMPLES, STORY
from schemas.accounts import ACCOUNTS
from schemas.stock import AccountsView, CountView, ReservationView, StockView
from tests.api.processes import Api, Installation

HEARTS = "85123A"
PROCESSES = ("worker", "sink")  # the sink: a rejection is looked up like any other outcome


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, and what keeps the history."""
    started = [getattr(stock, name)() for name in PROCESSES]
    yield
    for process in started:
        process.stop()


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
