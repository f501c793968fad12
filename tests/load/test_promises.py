"""What events promise is followed from the shelf to the door: a step out of order is found."""

from typing import Any

import pytest

from schemas.rows import Reservation, ReservedLine
from tests.load.written import HELD, LATER, Story, added, line, story

KEY = ("W", "r-1")
MUCH_LATER = "2026-11-20T12:00:00.000Z"


def confirmed() -> Story:
    """The story, with r-1's two units promised for good."""
    told = story()
    told.tell("ReservationConfirmed", line(7, 2, 7, quantity=2), reservation="r-1")
    return told


def picked() -> Story:
    """Both of them picked, one packed."""
    told = confirmed()
    told.tell("StockPicked", line(5, 0, 8, quantity=2), reservation="r-1")
    told.tell("StockPacked", line(5, 0, 8, quantity=1), reservation="r-1")
    return told


def test_a_reservation_is_followed_until_its_last_unit_left() -> None:
    told = picked()
    ledger, findings = added(told)
    assert ledger.held == {KEY: Reservation("confirmed", LATER, [ReservedLine("A", 2, 2, 1)])}
    row = ledger.rows["W", "A"]
    assert (row.on_hand, row.reserved, row.allocated, row.elsewhere) == (5, 0, 0, 2)
    told.tell("PackedShipped", line(5, 0, 9, quantity=1), reservation="r-1")
    told.tell("StockUnpicked", line(6, 1, 10, quantity=1), reservation="r-1")
    ledger, findings = added(told)
    assert ledger.held == {KEY: Reservation("confirmed", LATER, [ReservedLine("A", 2, 0, 0, 1)])}
    told.tell("StockShipped", line(5, 0, 11, quantity=1), reservation="r-1", confirmed=True)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.held == {}
    row = ledger.rows["W", "A"]
    assert (row.on_hand, row.allocated, row.customer, row.imbalance) == (5, 0, 5, 0)


def test_packed_units_that_leave_last_end_it() -> None:
    told = picked()
    told.tell("StockPacked", line(5, 0, 8, quantity=1), reservation="r-1")
    told.tell("PackedShipped", line(5, 0, 9, quantity=2), reservation="r-1")
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.held == {}


def test_an_extended_one_has_another_end() -> None:
    told = story()
    told.tell("ReservationExtended", reservation="r-1", expires_at=MUCH_LATER)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.held[KEY].expires_at == MUCH_LATER
    told.tell("ReservationExpired", line(7, 0, 7, quantity=2), reservation="r-1", expires_at=LATER)
    (difference,) = added(told)[1].reserved.first
    assert difference.endswith(f"it expires at {LATER}, not {MUCH_LATER}")


def test_one_takes_the_place_of_another() -> None:
    told = story()
    told.tell("StockReceived", line(1, 0, 1, sku="B", quantity=1))
    lines = [line(1, 1, 2, sku="B", quantity=1), line(7, 0, 7, quantity=0)]
    told.tell("ReservationSuperseded", *lines, reservation="r-3", replaces="r-1", expires_at=LATER)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.held == {("W", "r-3"): Reservation("open", LATER, [ReservedLine("B", 1)])}


def test_an_expired_one_may_be_confirmed() -> None:
    told = story()
    told.tell("ReservationExpired", line(7, 0, 7, quantity=2), reservation="r-1", expires_at=LATER)
    told.tell("ReservationConfirmed", line(7, 2, 8, quantity=2), reservation="r-1")
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.held == {KEY: Reservation("confirmed", LATER, HELD.lines)}
    assert ledger.rows["W", "A"].allocated == 2


@pytest.mark.parametrize(
    ("kind", "fields", "difference"),
    [
        ("StockReserved", {"quantity": 1}, "it opens, but is open"),
        ("ReservationReleased", {"quantity": 1}, "it ends, but does not hold {'A': 1}"),
        ("ReservationExpired", {"quantity": 1}, "it ends, but does not hold {'A': 1}"),
        ("ReservationReleased", {"quantity": 2, "confirmed": True}, "it ends as it is not: open"),
        ("ReservationConfirmed", {"quantity": 1}, "it is confirmed, but is not open with {'A': 1}"),
        ("StockPicked", {"quantity": 1}, "StockPicked, but it is not confirmed"),
    ],
)
def test_a_step_that_an_open_one_cannot_take_is_found(
    kind: str, fields: dict[str, Any], difference: str
) -> None:
    assert f"event 0-8, reservation W/r-1: {difference}" in after(story(), kind, **fields)


@pytest.mark.parametrize(
    ("kind", "fields", "difference"),
    [
        ("ReservationConfirmed", {"quantity": 2}, "it is confirmed, but is not open"),
        ("ReservationExtended", {}, "it has another end, but is not open"),
        ("ReservationReleased", {"quantity": 2, "confirmed": True}, "it ends, but does not hold"),
        ("StockPicked", {"quantity": 1}, "StockPicked of more than the step before has left"),
        ("StockUnpicked", {"quantity": 2}, "StockUnpicked of more than the step before has left"),
        ("StockPacked", {"quantity": 2}, "StockPacked of more than the step before has left"),
        ("PackedShipped", {"quantity": 2}, "PackedShipped of more than the step before has left"),
        ("StockPicked", {"quantity": 1, "sku": "B"}, "StockPicked of SKUs that it does not have"),
    ],
)
def test_a_step_that_a_picked_one_cannot_take_is_found(
    kind: str, fields: dict[str, Any], difference: str
) -> None:
    assert difference in after(picked(), kind, **fields)


def after(told: Story, kind: str, **fields: Any) -> str:
    """What the ledger says of the reservations once this came too."""
    amount = {name: fields.pop(name) for name in ("quantity", "sku") if name in fields}
    lines = [line(0, 0, 0, **amount)] if amount else []
    told.tell(kind, *lines, reservation="r-1", expires_at=LATER, **fields)
    return "; ".join(added(told)[1].reserved.first)


def test_what_ends_while_units_are_picked_is_found() -> None:
    told = confirmed()
    told.tell("StockPicked", line(6, 1, 8, quantity=1), reservation="r-1")
    told.tell("ReservationReleased", line(6, 0, 9, quantity=1), reservation="r-1", confirmed=True)
    (difference,) = added(told)[1].reserved.first
    assert difference.endswith("it ends while units of it are picked")


@pytest.mark.parametrize(
    ("replaces", "lines", "difference"),
    [
        ("r-9", [line(7, 3, 7, quantity=1)], "W/r-9: it is superseded, but is not open"),
        ("r-1", [line(1, 1, 1, sku="B", quantity=1)], "W/r-1: it holds {'A': 2}, not all of it"),
    ],
)
def test_one_that_takes_no_place_is_found(
    replaces: str, lines: list[dict[str, Any]], difference: str
) -> None:
    told = story()
    told.tell(
        "ReservationSuperseded", *lines, reservation="r-3", replaces=replaces, expires_at=LATER
    )
    assert difference in "; ".join(added(told)[1].reserved.first)
