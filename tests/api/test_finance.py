"""Finance over HTTP, with real workers: stock is received and shipped, told its cost, and read."""

from collections import Counter
from collections.abc import Iterator

import pytest

from api.finance_examples import COMMAND_EXAMPLES
from schemas.domains import FINANCE, STOCK
from schemas.finance import PeriodsView, ValuationView
from tests.api.domains import SKU, WAREHOUSE, command, history, of_stock, recorded, seen, sent
from tests.api.processes import Api, Installation

PROCESSES = ("worker", "finance", "policies", "sink")
PATH = "/v1/finance/commands"


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What the module's tenant has."""
    return (STOCK, FINANCE)


@pytest.fixture(scope="module", autouse=True)
def processes(stock: Installation) -> Iterator[None]:
    """What decides, what carries on, and what keeps the history."""
    with stock.at_work(PROCESSES):
        yield


@pytest.fixture(scope="module")
def receipt(api: Api) -> str:
    """Ten are received and four shipped, then the ten are told to have cost 10.03."""
    how = [{"sku": SKU, "method": "fifo", "currency": "GBP"}]
    assert sent(api, PATH, command("SetCosting", 1, lines=how))
    received = sent(api, "/v1/commands", of_stock("ReceiveStock", 1, 10))
    shipped = sent(api, "/v1/commands", of_stock("ShipStock", 1, 4))
    assert recorded(api, FINANCE, received["id"])["type"] == "ValueMoved"
    assert recorded(api, FINANCE, shipped["id"])["lines"][0]["balance"] == 6
    lines = [{"sku": SKU, "amount": 1_003}]
    cost = command("PostCost", 1, receipt=received["id"], currency="GBP", lines=lines)
    told = sent(api, PATH, cost)
    assert told["type"] == "CostAdjusted"
    assert api.get("/v1/finance/valuation?limit=1", headers=seen(told)).status_code == 200
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
    events = history(api, FINANCE, 4)
    kinds = Counter(event["type"] for event in events)
    assert kinds == {"CostingSet": 1, "ValueMoved": 2, "CostAdjusted": 1}
    assert all(sum(line["amount"] for line in event["journal"]) == 0 for event in events)
    stock = api.get(f"/v1/movements?warehouse={WAREHOUSE}&sku={SKU}").json()["events"]
    assert [event["type"] for event in stock] == ["StockReceived", "StockShipped"]


def test_a_refusal_says_why(api: Api, receipt: str) -> None:
    lines = [{"sku": SKU, "amount": 1}]
    cost = command("PostCost", 2, receipt=receipt, currency="EUR", lines=lines)
    answer = api.post("/v1/finance/commands?wait=30", json=cost)
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert problem["code"] == "CURRENCY_MISMATCH"
    assert problem["details"]["expected"] == "GBP"


def test_a_repeat_is_answered_with_the_first_outcome(api: Api, receipt: str) -> None:
    how = [{"sku": SKU, "method": "fifo", "currency": "GBP"}]
    again = sent(api, PATH, command("SetCosting", 1, lines=how))
    assert again["seq"] < sent(api, PATH, command("SetCosting", 9, lines=how))["seq"]


@pytest.mark.parametrize("kind", ["RecordMovement", "ReceiveTransferCost", "ReceiveStock"])
def test_what_only_events_bring_about_is_no_command_here(api: Api, kind: str) -> None:
    answer = api.post("/v1/finance/commands", json=command(kind, 7))
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
