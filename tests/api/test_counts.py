"""Counts over HTTP: what was found and by whom, and nothing of the books."""

from urllib.parse import quote

import pytest

from schemas.rows import Count, CountLine, CountState
from schemas.stock import CountView
from tests.api.changelog import Changelog, count
from tests.api.processes import Api, reach

BOOKED = 7_777_777
LINES = [CountLine("A", BOOKED, 4, True), CountLine("B", BOOKED, 0), CountLine("C", BOOKED)]


def keep(api: Api, changelog: Changelog, name: str, kept: Count) -> dict[str, int]:
    """Put a count there; the position at which it is."""
    seq = changelog.commit("LON-1", count("LON-1", name, kept))
    reach(api, changelog.owner("LON-1"), seq)
    return {"partition": changelog.owner("LON-1"), "seq": seq}


@pytest.mark.parametrize("state", ["open", "approved", "cancelled"])
def test_a_count_is_shown_without_its_book(
    api: Api, changelog: Changelog, state: CountState
) -> None:
    kept = Count(state, 2, LINES, ["user:7", "user:8"])
    position = keep(api, changelog, f"week/47 {state}", kept)
    answer = api.get(f"/v1/counts/LON-1/{quote(f'week/47 {state}', safe='')}")
    assert answer.status_code == 200, answer.text
    CountView.model_validate_json(answer.content)
    assert answer.json() == {
        "warehouse": "LON-1",
        "count": f"week/47 {state}",
        "state": state,
        "tolerance": 2,
        "lines": [
            {"sku": "A", "counted": 4, "is_final": True},
            {"sku": "B", "counted": 0, "is_final": False},
            {"sku": "C", "counted": None, "is_final": False},
        ],
        "counters": ["user:7", "user:8"],
        "position": position,
    }
    assert str(BOOKED) not in answer.text
    assert str(BOOKED - 4) not in answer.text


def test_a_count_whose_id_is_free_again_is_404(api: Api, changelog: Changelog) -> None:
    kept = Count("cancelled", 0, LINES)
    keep(api, changelog, "gone", kept)
    assert api.get("/v1/counts/LON-1/gone").status_code == 200
    (key,) = count("LON-1", "gone", kept)
    reach(api, changelog.owner("LON-1"), changelog.commit("LON-1", {key: None}))
    for path in ("/v1/counts/LON-1/gone", "/v1/counts/NOWHERE/gone"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
