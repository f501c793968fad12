"""Finance over HTTP, with real workers: stock is received and shipped, told its cost, and read."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from api.finance_examples import COMMAND_EXAMPLES
from schemas.finance import PeriodsView, ValuationView
from tests.api.conftest import Servers, migrated
from tests.api.processes import Api, Installation

PROCESSES = ("worker", "finance", "policies", "sink")
PATIENCE_S = 40.0
WAREHOUSE, SKU = "LON-1", "A/B"


@pytest.fixture(scope="module")
def servers(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A database of this module's own: it holds one installation, and another module has one."""
    with migrated(kafka, tmp_path_factory.mktemp("finance-postgres")) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, what carries on, and what keeps the history."""
    started = [getattr(stock, name)() for name in PROCESSES]
    yield
    for process in started:
        process.stop()


def _stock(kind: str, number: int, quantity: int) -> dict[str, Any]:
    lines = [{"sku": SKU, "quantity": quantity}]
    return {"type": kind, "id": f"{kind}-{number}", "warehouse": WAREHOUSE, "lines": lines}


def _finance(kind: str, number: int, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"{kind}-{number}", "warehouse": WAREHOUSE} | fields


def _sent(api: Api, path: str, command: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(f"{path}?wait=30", json=command)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def _recorded(api: Api, event: str) -> dict[str, Any]:
    """What finance made of an event of stock, once it was told."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = api.get(f"/v1/finance/commands/{WAREHOUSE}/{event}")
        if answer.status_code == 200:
            told: dict[str, Any] = answer.json()
            return told
        assert answer.status_code in (202, 404), answer.text
        time.sleep(0.1)
    raise AssertionError(f"finance was not told of {event}")


@pytest.fixture(scope="module")
def receipt(api: Api) -> str:
    """Ten are received and four shipped, then the ten are told to have cost 10.03."""
    how = [{"sku": SKU, "method": "fifo", "currency": "GBP"}]
    assert _sent(api, "/v1/finance/commands", _finance("SetCosting", 1, lines=how))
    received = _sent(api, "/v1/commands", _stock("ReceiveStock", 1, 10))
    shipped = _sent(api, "/v1/commands", _stock("ShipStock", 1, 4))
    assert _recorded(api, received["id"])["type"] == "ValueMoved"
    assert _recorded(api, shipped["id"])["lines"][0]["balance"] == 6
    lines = [{"sku": SKU, "amount": 1_003}]
    cost = _finance("PostCost", 1, receipt=received["id"], currency="GBP", lines=lines)
    told = _sent(api, "/v1/finance/commands", cost)
    assert told["type"] == "CostAdjusted"
    seen = {"X-Min-Position": f"{told['partition']}:{told['seq']}"}
    assert api.get("/v1/finance/valuation?limit=1", headers=seen).status_code == 200
    return str(received["id"])


def test_what_is_there_and_what_has_gone_cost_all_that_was_paid(api: Api, receipt: str) -> None:
    answer = api.get(f"/v1/finance/valuation/{WAREHOUSE}/{SKU}")
    assert answer.status_code == 200, answer.text
    ValuationView.model_validate_json(answer.content)
    found = answer.json()
    assert (found["method"], found["currency"], found["quantity"]) == ("fifo", "GBP", 6)
    assert found["layers"] == [{"receipt": receipt, "quantity": 6, "value": found["value"]}]
    assert found["value"] in (601, 602)

    periods = api.get(f"/v1/finance/periods/{WAREHOUSE}")
    PeriodsView.model_validate_json(periods.content)
    (month,) = periods.json()["periods"]
    sums = {line["account"]: line["amount"] for line in month["sums"]}
    assert sums["inventory"] == found["value"]
    assert sums["cost_of_goods_sold"] == 1_003 - found["value"]
    assert sums["goods_received_not_invoiced"] == -1_003
    assert sum(sums.values()) == 0


def test_all_valuations_are_paged(api: Api, receipt: str) -> None:
    page = api.get("/v1/finance/valuation?limit=1").json()
    assert [(row["warehouse"], row["sku"]) for row in page["rows"]] == [(WAREHOUSE, SKU)]
    assert page["next"] is None
    of_another = api.get("/v1/finance/valuation?warehouse=PAR-2").json()
    assert of_another["rows"] == []
    assert api.get("/v1/finance/valuation?after=x").status_code == 400


def test_the_history_has_all_that_touched_a_sku(api: Api, receipt: str) -> None:
    events = _history(api, 4)
    kinds = Counter(event["type"] for event in events)
    assert kinds == {"CostingSet": 1, "ValueMoved": 2, "CostAdjusted": 1}
    assert all(sum(line["amount"] for line in event["journal"]) == 0 for event in events)
    stock = api.get(f"/v1/movements?warehouse={WAREHOUSE}&sku={SKU}").json()["events"]
    assert [event["type"] for event in stock] == ["StockReceived", "StockShipped"]


def _history(api: Api, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_S
    path = f"/v1/finance/movements?warehouse={WAREHOUSE}&sku={SKU}"
    while len(events := api.get(path).json()["events"]) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    found: list[dict[str, Any]] = events
    return found


def test_a_refusal_says_why(api: Api, receipt: str) -> None:
    lines = [{"sku": SKU, "amount": 1}]
    cost = _finance("PostCost", 2, receipt=receipt, currency="EUR", lines=lines)
    answer = api.post("/v1/finance/commands?wait=30", json=cost)
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert problem["code"] == "CURRENCY_MISMATCH"
    assert problem["details"]["expected"] == "GBP"


def test_a_repeat_is_answered_with_the_first_outcome(api: Api, receipt: str) -> None:
    how = [{"sku": SKU, "method": "fifo", "currency": "GBP"}]
    again = _sent(api, "/v1/finance/commands", _finance("SetCosting", 1, lines=how))
    assert (
        again["seq"]
        < _sent(api, "/v1/finance/commands", _finance("SetCosting", 9, lines=how))["seq"]
    )


@pytest.mark.parametrize("kind", ["RecordMovement", "ReceiveTransferCost", "ReceiveStock"])
def test_what_only_events_bring_about_is_no_command_here(api: Api, kind: str) -> None:
    answer = api.post("/v1/finance/commands", json=_finance(kind, 7))
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"path": "type", "problem": "is no command"}]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/finance/valuation/LON-1/unknown",
        "/v1/finance/periods/NOWHERE",
        "/v1/finance/commands/LON-1/unknown",
    ],
)
def test_what_is_not_there_is_not_found(api: Api, receipt: str, path: str) -> None:
    assert api.get(path).status_code == 404


def test_every_documented_command_is_taken(api: Api) -> None:
    for example in COMMAND_EXAMPLES.values():
        answer = api.post("/v1/finance/commands", json=example["value"])
        assert answer.status_code == 202, answer.text
