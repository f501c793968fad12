"""Who waits for a SKU over HTTP: the queue as it is, empty where nobody waits."""

import pytest

from schemas.rows import Reservation, Waiter, WaitingLine
from schemas.stock import BackordersView, ReservationView
from tables.stock import encode_queue, queue_key
from tests.api.changelog import Changelog, reservation, row
from tests.api.processes import Api, reach

QUEUE = [
    Waiter("order-1", 4, 9, "2026-12-01T00:00:00Z", 7, True, "web"),
    Waiter("order-2", 6, 0, None, 5, False),
]


def test_a_queue_is_shown_in_its_order(api: Api, changelog: Changelog) -> None:
    queue = {queue_key("LON-1", "A"): encode_queue(QUEUE)}
    seq = changelog.commit("LON-1", row("LON-1", "A", 5, 5, marks=2) | queue)
    reach(api, changelog.owner("LON-1"), seq)
    answer = api.get("/v1/backorders/LON-1/A")
    assert answer.status_code == 200, answer.text
    BackordersView.model_validate_json(answer.content)
    assert answer.json() == {
        "warehouse": "LON-1",
        "sku": "A",
        "missing": 10,
        "queue": [
            {
                "reservation": "order-1",
                "missing": 4,
                "priority": 9,
                "promised": "2026-12-01T00:00:00Z",
                "partial": True,
                "channel": "web",
            },
            {
                "reservation": "order-2",
                "missing": 6,
                "priority": 0,
                "promised": None,
                "partial": False,
                "channel": None,
            },
        ],
        "position": {"partition": changelog.owner("LON-1"), "seq": seq},
    }


def test_where_nobody_waits_the_queue_is_empty(api: Api, changelog: Changelog) -> None:
    seq = changelog.commit("LON-1", row("LON-1", "plain", 5))
    position = {"X-Min-Position": f"{changelog.owner('LON-1')}:{seq}"}
    found = api.get("/v1/backorders/LON-1/plain", headers=position).json()
    assert (found["missing"], found["queue"]) == (0, [])


def test_a_reservation_that_waits_says_what_is_missing(api: Api, changelog: Changelog) -> None:
    held = Reservation("waiting", "2026-11-20T10:00:00.000Z", [WaitingLine("A", 9, missing=4)])
    seq = changelog.commit("LON-1", reservation("LON-1", "order-1", held))
    position = {"X-Min-Position": f"{changelog.owner('LON-1')}:{seq}"}
    answer = api.get("/v1/reservations/LON-1/order-1", headers=position)
    ReservationView.model_validate_json(answer.content)
    assert answer.json()["state"] == "waiting"
    assert answer.json()["lines"] == [
        {"sku": "A", "quantity": 9, "picked": 0, "packed": 0, "shipped": 0, "missing": 4}
    ]


@pytest.mark.parametrize("path", ["/v1/backorders/LON-1/none", "/v1/backorders/NOWHERE/plain"])
def test_a_sku_never_seen_has_no_queue(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
