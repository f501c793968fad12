"""Current stock over HTTP: single rows, pages, and every character a SKU may have."""

from typing import Any
from urllib.parse import quote

import pytest

from schemas.row import HAS_POLICY
from schemas.stock import AccountsView, StockView
from tests.api.changelog import Changelog, row
from tests.api.processes import Api, reach

AWKWARD = [
    "A/B",
    "ß",
    "%",
    "100 % wool",
    "a b",
    "/",
    "..",
    "A%2FB",
    "日本",
    "😀",
    "?#&=+",
    '"',
    "\\",
]


@pytest.fixture(scope="module", autouse=True)
def seen(api: Api, changelog: Changelog) -> None:
    """What the tests read."""
    for number in range(10):
        where = f"W-{number}"
        rows: dict[bytes, bytes] = {}
        for sku in ("common", f"only-{number}", *(f"S{i:02}" for i in range(5))):
            rows |= row(where, sku, 100 + number, 40, version=3, allocated=7)
        if number % 2:
            rows |= row(where, "odd", number)
        reach(api, changelog.owner(where), changelog.commit(where, rows))
    rows = {}
    for sku in AWKWARD:
        rows |= row("AWK", sku, len(sku))
    reach(api, changelog.owner("AWK"), changelog.commit("AWK", rows))
    owed = row("OWE", "A", -3, version=2, marks=HAS_POLICY)
    reach(api, changelog.owner("OWE"), changelog.commit("OWE", owed))


def pages(api: Api, **query: Any) -> list[list[dict[str, Any]]]:
    """All pages of a listing."""
    found, after = [], None
    while True:
        answer = api.get("/v1/stock", params=query | ({"after": after} if after else {}))
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["rows"])
        after = answer.json()["next"]
        if after is None:
            return found


def test_a_row_is_shown_with_the_position_it_is_true_at(api: Api, changelog: Changelog) -> None:
    answer = api.get("/v1/stock/W-3/common")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    position = found.pop("position")
    assert found == {
        "warehouse": "W-3",
        "sku": "common",
        "on_hand": 103,
        "reserved": 40,
        "available": 63,
        "reorder_point": 0,
        "version": 3,
        "allocated": 7,
    }
    assert position["partition"] == changelog.owner("W-3")
    assert position["seq"] >= 1
    StockView.model_validate_json(answer.content)


def test_what_is_owed_is_shown_below_zero(api: Api) -> None:
    found = StockView.model_validate_json(api.get("/v1/stock/OWE/A").content)
    assert (found.on_hand, found.reserved, found.available) == (-3, 0, -3)
    accounts = AccountsView.model_validate_json(api.get("/v1/accounts/OWE/A").content)
    assert (accounts.accounts["sellable"], accounts.accounts["supplier"]) == (-3, 3)


def test_the_short_way_and_the_checked_way_tell_the_same(api: Api) -> None:
    short = api.get("/v1/stock/W-3/common")
    checked = api.get("/v1/stock/W-3/common", headers={"X-Min-Position": "0:0"})
    page = api.get("/v1/stock", params={"warehouse": "W-3", "sku": "common"})
    assert short.content == checked.content
    assert short.json() == page.json()["rows"][0]


@pytest.mark.parametrize("sku", AWKWARD)
def test_any_sku_is_found_percent_encoded(api: Api, sku: str) -> None:
    encoded = quote(sku, safe="").replace("..", "%2E%2E")
    # httpx tidies dots away as every client may: the query has no such trouble
    path = f"/v1/stock/AWK/{encoded}" if sku != ".." else "/v1/stock?warehouse=AWK&sku=.."
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["rows"][0] if "rows" in found else found)["sku"] == sku


@pytest.mark.parametrize("sku", AWKWARD)
def test_any_sku_is_found_by_query(api: Api, sku: str) -> None:
    rows = api.get("/v1/stock", params={"sku": sku}).json()["rows"]
    assert [(one["warehouse"], one["sku"]) for one in rows] == [("AWK", sku)]


def test_a_sku_never_seen_is_404(api: Api) -> None:
    for path in ("/v1/stock/W-3/none", "/v1/stock/NOWHERE/common"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_pages_of_all_rows_are_complete_and_in_order(api: Api, limit: int) -> None:
    found = pages(api, limit=limit)
    assert all(len(page) == limit for page in found[:-1])
    keys = [(one["warehouse"], one["sku"]) for page in found for one in page]
    assert keys == sorted(keys, key=lambda key: (key[0], key[1].encode()))
    assert len(keys) == len(set(keys)) == 10 * 7 + 5 + len(AWKWARD) + 1


@pytest.mark.parametrize("limit", [1, 4, 1000])
def test_pages_of_a_warehouse(api: Api, limit: int) -> None:
    found = [one for page in pages(api, warehouse="W-3", limit=limit) for one in page]
    assert [one["sku"] for one in found] == sorted(
        ["S00", "S01", "S02", "S03", "S04", "common", "odd", "only-3"]
    )
    assert {one["warehouse"] for one in found} == {"W-3"}


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_a_sku_in_every_warehouse(api: Api, limit: int) -> None:
    common = [one for page in pages(api, sku="common", limit=limit) for one in page]
    assert [one["warehouse"] for one in common] == [f"W-{n}" for n in range(10)]
    odd = [one for page in pages(api, sku="odd", limit=limit) for one in page]
    assert [one["warehouse"] for one in odd] == [f"W-{n}" for n in (1, 3, 5, 7, 9)]


def test_a_warehouse_and_a_sku_are_one_row(api: Api) -> None:
    assert [len(page) for page in pages(api, warehouse="W-1", sku="odd", limit=1)] == [1]
    assert pages(api, warehouse="W-2", sku="odd") == [[]]


def test_a_page_names_the_positions_it_is_true_at(api: Api, changelog: Changelog) -> None:
    answer = api.get("/v1/stock", params={"warehouse": "W-3"}).json()
    assert [one["partition"] for one in answer["positions"]] == [changelog.owner("W-3")]
    assert len(api.get("/v1/stock").json()["positions"]) == 4


def test_paging_is_stable_while_rows_come_and_change(api: Api, changelog: Changelog) -> None:
    # given the first page
    before = {one["sku"] for page in pages(api, warehouse="W-5") for one in page}
    first = api.get("/v1/stock", params={"warehouse": "W-5", "limit": 3}).json()
    # when a row appears before its end, one behind it, and one of its rows changes
    rows = row("W-5", "A-new", 1) | row("W-5", "z-new", 1) | row("W-5", "S01", 999, version=4)
    reach(api, changelog.owner("W-5"), changelog.commit("W-5", rows))
    rest, after = list(first["rows"]), first["next"]
    while after:
        answer = api.get("/v1/stock", params={"warehouse": "W-5", "limit": 3, "after": after})
        rest += answer.json()["rows"]
        after = answer.json()["next"]
    # then every row that was there is there once, and the one behind too
    skus = [one["sku"] for one in rest]
    assert skus == sorted(before | {"z-new"})
