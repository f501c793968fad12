"""The accounts of a SKU over HTTP: all of them, as they are, and none of a SKU never seen."""

from urllib.parse import quote

import pytest

from schemas.accounts import ACCOUNTS
from schemas.rows import Balances
from schemas.stock import AccountsView
from tests.api.changelog import Changelog, balances, row
from tests.api.processes import Api, reach

OTHER = Balances(
    quality_hold=1,
    damaged=2,
    expired=3,
    recalled=4,
    staged=5,
    on_order=6,
    scrap=7,
    production=-8,
    in_transit=9,
    transfers=-10,
)


def test_all_accounts_of_a_sku_are_shown_and_sum_to_0(api: Api, changelog: Changelog) -> None:
    rows = row("LON-1", "A/B", 100, 40, customer=30, gain_loss=-4, elsewhere=OTHER.total())
    seq = changelog.commit("LON-1", rows | balances("LON-1", "A/B", OTHER))
    reach(api, changelog.owner("LON-1"), seq)
    answer = api.get(f"/v1/accounts/LON-1/{quote('A/B', safe='')}")
    assert answer.status_code == 200, answer.text
    AccountsView.model_validate_json(answer.content)
    found = answer.json()
    assert found["position"] == {"partition": changelog.owner("LON-1"), "seq": seq}
    assert (found["warehouse"], found["sku"]) == ("LON-1", "A/B")
    accounts = found["accounts"]
    assert tuple(accounts) == ACCOUNTS
    assert sum(accounts.values()) == 0
    assert accounts == {
        "sellable": 100,
        "quality_hold": 1,
        "damaged": 2,
        "expired": 3,
        "recalled": 4,
        "staged": 5,
        "on_order": 6,
        "in_transit": 9,
        "supplier": -145,
        "customer": 30,
        "gain_loss": -4,
        "scrap": 7,
        "production": -8,
        "transfers": -10,
    }


def test_a_sku_that_was_only_bought_has_no_other_account(api: Api, changelog: Changelog) -> None:
    seq = changelog.commit("LON-1", row("LON-1", "plain", 5))
    position = {"X-Min-Position": f"{changelog.owner('LON-1')}:{seq}"}
    accounts = api.get("/v1/accounts/LON-1/plain", headers=position).json()["accounts"]
    assert accounts == dict.fromkeys(ACCOUNTS, 0) | {"sellable": 5, "supplier": -5}


@pytest.mark.parametrize("path", ["/v1/accounts/LON-1/none", "/v1/accounts/NOWHERE/plain"])
def test_a_sku_never_seen_has_no_accounts(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [("a b/plain", "0:0", 400), ("LON-1/plain", "x", 400), ("LON-1/plain", "0:999999", 503)],
)
def test_what_cannot_be_asked_is_told_so(api: Api, path: str, header: str, status: int) -> None:
    answer = api.get(f"/v1/accounts/{path}", headers={"X-Min-Position": header})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
