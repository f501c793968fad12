"""Transfers over HTTP: the sender's end and the receiver's, each by its own address."""

from typing import Any
from urllib.parse import quote

import pytest

from schemas.rows import Transfer, TransferLine, TransferState
from schemas.stock import ArrivalView, TransferView
from tests.api.changelog import Changelog, incoming, outgoing
from tests.api.processes import Api, reach

LINES = [TransferLine("A", 6, 4), TransferLine("B", 2), TransferLine("C", 0, 3)]
SHOWN = [
    {"sku": "A", "quantity": 6, "received": 4, "missing": 2},
    {"sku": "B", "quantity": 2, "received": 0, "missing": 2},
    {"sku": "C", "quantity": 0, "received": 3, "missing": 0},
]


def keep(
    api: Api, changelog: Changelog, warehouse: str, rows: dict[bytes, bytes | None]
) -> dict[str, int]:
    """Put rows there; the position at which they are."""
    seq = changelog.commit(warehouse, rows)
    reach(api, changelog.owner(warehouse), seq)
    return {"partition": changelog.owner(warehouse), "seq": seq}


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_transfer_is_shown_at_the_senders_end(
    api: Api, changelog: Changelog, state: TransferState
) -> None:
    name = f"T/7 {state}"
    rows = outgoing("LON-1", name, Transfer(state, "PAR-1", LINES))
    position = keep(api, changelog, "LON-1", {**rows})
    answer = api.get(f"/v1/transfers/LON-1/{quote(name, safe='')}")
    assert answer.status_code == 200, answer.text
    TransferView.model_validate_json(answer.content)
    assert answer.json() == {
        "warehouse": "LON-1",
        "transfer": name,
        "to_warehouse": "PAR-1",
        "state": state,
        "lines": SHOWN,
        "position": position,
    }


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_transfer_is_shown_at_the_receivers_end(
    api: Api, changelog: Changelog, state: TransferState
) -> None:
    name = f"T/7 {state}"
    rows = incoming("PAR-1", "LON-1", name, Transfer(state, "LON-1", LINES))
    position = keep(api, changelog, "PAR-1", {**rows})
    for path in (quote(name), quote(name, safe="")):
        answer = api.get(f"/v1/arrivals/PAR-1/LON-1/{path}")
        assert answer.status_code == 200, answer.text
        ArrivalView.model_validate_json(answer.content)
        assert answer.json() == {
            "warehouse": "PAR-1",
            "from_warehouse": "LON-1",
            "transfer": name,
            "state": state,
            "lines": SHOWN,
            "position": position,
        }


def test_two_senders_may_use_one_id(api: Api, changelog: Changelog) -> None:
    rows: dict[bytes, Any] = {}
    for sender, quantity in (("LON-1", 1), ("ROM-1", 2)):
        lines = [TransferLine("A", quantity)]
        rows |= incoming("PAR-1", sender, "same", Transfer("open", sender, lines))
    keep(api, changelog, "PAR-1", rows)
    for sender, quantity in (("LON-1", 1), ("ROM-1", 2)):
        view = api.get(f"/v1/arrivals/PAR-1/{sender}/same").json()
        assert (view["from_warehouse"], view["lines"][0]["quantity"]) == (sender, quantity)


def test_each_end_is_404_where_the_other_is_kept_or_nothing(api: Api, changelog: Changelog) -> None:
    kept = Transfer("closed", "PAR-1", LINES)
    rows = outgoing("LON-1", "one-end", kept)
    keep(api, changelog, "LON-1", {**rows})
    assert api.get("/v1/transfers/LON-1/one-end").status_code == 200
    paths = [
        "/v1/transfers/PAR-1/one-end",
        "/v1/arrivals/LON-1/PAR-1/one-end",
        "/v1/arrivals/PAR-1/LON-1/one-end",
        "/v1/arrivals/NOWHERE/LON-1/one-end",
    ]
    # when its id is free again
    keep(api, changelog, "LON-1", dict.fromkeys(rows))
    for path in [*paths, "/v1/transfers/LON-1/one-end"]:
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), path


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("transfers/a b/one", "0:0", 400),
        ("arrivals/PAR-1/a b/one", "0:0", 400),
        (f"transfers/LON-1/{'x' * 129}", "0:0", 400),
        ("arrivals/PAR-1/LON-1", "0:0", 404),
        ("transfers/LON-1/one", "0:999999", 503),
        ("arrivals/PAR-1/LON-1/one", "0:999999", 503),
    ],
)
def test_what_cannot_be_asked_is_told_so(api: Api, path: str, header: str, status: int) -> None:
    answer = api.get(f"/v1/{path}", headers={"X-Min-Position": header})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
