"""Reservations over HTTP: their lines on the way out, and every character a name may have."""

from urllib.parse import quote

import pytest

from schemas.rows import Reservation, ReservationState, ReservedLine
from schemas.stock import ReservationView
from tests.api.changelog import Changelog, reservation
from tests.api.processes import Api, reach

EXPIRES = "2026-11-20T10:15:02.123Z"


def keep(api: Api, changelog: Changelog, name: str, kept: Reservation) -> dict[str, int]:
    """Put a reservation there; the position at which it is."""
    seq = changelog.commit("W-0", reservation("W-0", name, kept))
    reach(api, changelog.owner("W-0"), seq)
    return {"partition": changelog.owner("W-0"), "seq": seq}


def test_a_reservation_is_shown(api: Api, changelog: Changelog) -> None:
    kept = Reservation("open", EXPIRES, [ReservedLine("common", 6)])
    position = keep(api, changelog, "order/1 ß", kept)
    answer = api.get(f"/v1/reservations/W-0/{quote('order/1 ß', safe='')}")
    assert answer.status_code == 200, answer.text
    ReservationView.model_validate_json(answer.content)
    assert answer.json() == {
        "warehouse": "W-0",
        "reservation": "order/1 ß",
        "state": "open",
        "expires_at": EXPIRES,
        "lines": [{"sku": "common", "quantity": 6, "picked": 0, "packed": 0, "shipped": 0}],
        "position": position,
    }
    # when its id is free again
    key = next(iter(reservation("W-0", "order/1 ß", kept)))
    reach(api, changelog.owner("W-0"), changelog.commit("W-0", {key: None}))
    # then it is gone
    again = api.get(f"/v1/reservations/W-0/{quote('order/1 ß', safe='')}")
    assert (again.status_code, again.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "state", ["open", "confirmed", "released", "shipped", "expired", "superseded"]
)
def test_any_state_is_shown_and_how_far_each_line_is(
    api: Api, changelog: Changelog, state: ReservationState
) -> None:
    lines = [ReservedLine("A", 9, 4, 3, 2), ReservedLine("B", 1)]
    keep(api, changelog, state, Reservation(state, EXPIRES, lines))
    answer = api.get(f"/v1/reservations/W-0/{state}")
    view = ReservationView.model_validate_json(answer.content)
    assert view.state == state
    assert [(one.quantity, one.picked, one.packed, one.shipped) for one in view.lines] == [
        (9, 4, 3, 2),
        (1, 0, 0, 0),
    ]


def test_a_reservation_may_have_a_line_break(api: Api, changelog: Changelog) -> None:
    keep(api, changelog, "two\nlines", Reservation("open", EXPIRES, [ReservedLine("common", 6)]))
    assert api.get("/v1/reservations/W-0/two%0Alines").status_code == 200
