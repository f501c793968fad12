"""What may be promised of a SKU over HTTP: by which day how much, and who is late."""

from typing import Any

import pytest

from schemas.pools import Channel
from schemas.rows import Policy, Supply, Waiter
from schemas.stock import PromisesView
from tables import stock as tables
from tests.api.changelog import Changelog, Rows, row
from tests.api.processes import Api

SOON, LATER, OVER = "2126-12-01T00:00:00Z", "2126-12-09T00:00:00Z", "2025-01-01T00:00:00Z"
SUPPLIES = [Supply("PO-0", OVER, 9), Supply("PO-1", SOON, 20), Supply("PO-2", LATER, 30)]
QUEUE = [
    Waiter("urgent", 4, 9, None, 7, True),
    Waiter("in time", 10, 0, SOON, 5, False),
    Waiter("late", 9, 0, SOON, 6, False),
    Waiter("whenever", 40, 0, None, 4, True),
]


def shown(sku: str, **beside: Any) -> Rows:
    """A SKU of which two are available, one of them beyond its safety stock."""
    place, marks = ("LON-1", sku), 3
    rows = {
        tables.policy_key(*place): tables.encode_policy(Policy(1)),
        tables.queue_key(*place): tables.encode_queue(QUEUE),
        tables.supplies_key(*place): tables.encode_supplies(SUPPLIES),
    }
    if "channels" in beside:
        marks, key = 11, tables.channels_key(*place)
        rows[key] = tables.encode_channels(beside["channels"])
    return row(*place, 2, marks=marks) | rows


def answered(api: Api, changelog: Changelog, sku: str, query: str, **beside: Any) -> Any:
    seq = changelog.commit("LON-1", shown(sku, **beside))
    position = {"X-Min-Position": f"{changelog.owner('LON-1')}:{seq}"}
    answer = api.get(f"/v1/promises/LON-1/{sku}{query}", headers=position)
    assert answer.status_code == 200, answer.text
    PromisesView.model_validate_json(answer.content)
    return answer.json()


def test_it_is_told_by_day_and_for_whom_it_is_too_late(api: Api, changelog: Changelog) -> None:
    told = answered(api, changelog, "A", "?quantity=7")

    assert told["days"] == [
        {"day": told["now"], "supply": 1, "demand": 4, "promisable": 0},
        {"day": SOON, "supply": 21, "demand": 23, "promisable": 0},
        {"day": LATER, "supply": 51, "demand": 23, "promisable": 28},
    ]
    assert told["earliest"] == LATER
    assert told["supplies"] == [
        {"supply": name, "due": due, "quantity": quantity, "is_overdue": due == OVER}
        for name, due, quantity in (("PO-0", OVER, 9), ("PO-1", SOON, 20), ("PO-2", LATER, 30))
    ]
    waiting = [(one["reservation"], one["expected"], one["is_late"]) for one in told["waiting"]]
    assert waiting == [
        ("urgent", SOON, False),
        ("in time", SOON, False),
        ("late", LATER, True),
        ("whenever", None, False),
    ]


@pytest.mark.parametrize(("query", "soon"), [("?priority=9&quantity=7", 7), ("?priority=8", 7)])
def test_the_urgent_are_told_more(api: Api, changelog: Changelog, query: str, soon: int) -> None:
    told = answered(api, changelog, "B", query)

    assert [one["promisable"] for one in told["days"]] == [0 if "8" in query else 1, soon, 7]
    assert told["earliest"] == (SOON if "quantity" in query else None)


def test_of_a_sku_with_channels_no_day_is_told(api: Api, changelog: Changelog) -> None:
    told = answered(api, changelog, "C", "?quantity=1", channels=[Channel("web", 1)])

    assert (told["days"], told["earliest"], told["waiting"]) == ([], None, [])
    assert len(told["supplies"]) == 3


@pytest.mark.parametrize("path", ["/v1/promises/LON-1/none", "/v1/promises/NOWHERE/A"])
def test_of_a_sku_never_seen_nothing_is_told(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404


@pytest.mark.parametrize("query", ["quantity=0", "quantity=x", "priority=10", "quantity=1.5"])
def test_what_is_no_quantity_is_refused(api: Api, query: str) -> None:
    answer = api.get(f"/v1/promises/LON-1/A?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
