"""How long rows are kept: what is promised for good or being counted stays, what is over goes."""

import json
from typing import Any

import pytest

from schemas.rows import ReservationState
from tables.stock import count_key, due_ms, reservation_key
from tests.stock.bytes_of import START_MS, WINDOW_MS, Shop
from tests.stock.tables_of import Tables

YEAR_MS = 365 * 86_400_000
PROMISE = reservation_key("LON-1", "r1")
COUNT = count_key("LON-1", "c1")
LINES = [{"sku": "A", "quantity": 4}]


@pytest.fixture
def shop() -> Shop:
    """A warehouse with 10 of A, and a promise of 4 for 15 minutes."""
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 10}])
    shop.send("ReserveStock", reservation="r1", ttl_seconds=900, lines=LINES)
    return shop


def state(shop: Shop) -> ReservationState:
    found: ReservationState = Tables(shop.rows).promises["LON-1", "r1"]["state"]
    return found


def test_what_is_promised_for_good_does_not_run_out(shop: Shop) -> None:
    assert shop.send("ConfirmReservation", reservation="r1").code == ""
    assert due_ms(shop.rows[PROMISE]) == START_MS + YEAR_MS

    assert shop.pass_time(YEAR_MS) == []
    assert shop.pass_time(YEAR_MS) == []

    assert state(shop) == "confirmed"
    assert due_ms(shop.rows[PROMISE]) == START_MS + 3 * YEAR_MS
    assert shop.send("PickStock", reservation="r1", lines=LINES).code == ""
    Tables(shop.rows).check_all()


def test_a_count_stays_open_until_somebody_ends_it(shop: Shop) -> None:
    shop.send("OpenCount", count="c1", lines=[{"sku": "A"}])
    assert due_ms(shop.rows[COUNT]) == START_MS + YEAR_MS

    shop.pass_time(YEAR_MS)

    assert due_ms(shop.rows[COUNT]) == START_MS + 2 * YEAR_MS
    assert shop.send("CancelCount", count="c1", actor="ann").code == ""


def test_the_id_of_a_count_is_free_again_after_the_window(shop: Shop) -> None:
    shop.send("OpenCount", count="c1", lines=[{"sku": "A"}])
    shop.send("CancelCount", count="c1", actor="ann")

    shop.pass_time(WINDOW_MS - 1)
    assert shop.send("OpenCount", count="c1", lines=[{"sku": "A"}]).code == "COUNT_EXISTS"
    assert shop.send("CancelCount", count="c1", actor="ann").code == "COUNT_CLOSED"
    assert shop.pass_time(1) == []

    assert COUNT not in shop.rows
    assert shop.send("CancelCount", count="c1", actor="ann").code == "COUNT_NOT_FOUND"
    assert shop.send("OpenCount", count="c1", lines=[{"sku": "A"}]).code == ""


@pytest.mark.parametrize("end", ["supersede", "ship packed", "release confirmed"])
def test_the_id_of_a_promise_is_free_again_after_the_window(shop: Shop, end: str) -> None:
    if end == "supersede":
        wish = {"reservation": "r2", "replaces": "r1", "ttl_seconds": 9, "lines": LINES}
        shop.send("SupersedeReservation", **wish)
    else:
        shop.send("ConfirmReservation", reservation="r1")
    if end == "release confirmed":
        shop.send("ReleaseReservation", reservation="r1")
    if end == "ship packed":
        for kind in ("PickStock", "PackStock", "ShipPacked"):
            shop.send(kind, reservation="r1", lines=LINES)

    shop.pass_time(WINDOW_MS - 1)
    assert shop.send("ExtendReservation", reservation="r1", ttl_seconds=9).code == (
        "RESERVATION_CLOSED"
    )
    shop.pass_time(1)

    assert PROMISE not in shop.rows
    assert shop.send("ExtendReservation", reservation="r1", ttl_seconds=9).code == (
        "RESERVATION_NOT_FOUND"
    )


@pytest.mark.parametrize("ttl_seconds", [60, 3_600])
def test_an_extended_promise_runs_out_at_its_new_end(shop: Shop, ttl_seconds: int) -> None:
    shop.pass_time(30_000)
    shop.send("ExtendReservation", reservation="r1", ttl_seconds=ttl_seconds)

    assert shop.pass_time(ttl_seconds * 1_000 - 1) == []
    (told,) = shop.pass_time(1)

    event = json.loads(told.event or b"")
    assert (event["type"], event["expires_at"]) == ("ReservationExpired", event["recorded_at"])


def test_a_promise_that_ran_out_is_confirmed_while_it_is_remembered(shop: Shop) -> None:
    shop.pass_time(900_000)
    assert state(shop) == "expired"

    shop.pass_time(WINDOW_MS - 1)
    assert shop.send("ConfirmReservation", reservation="r1").code == ""

    assert state(shop) == "confirmed"
    Tables(shop.rows).check_all()


def test_a_promise_that_is_forgotten_is_not_confirmed(shop: Shop) -> None:
    shop.pass_time(900_000)
    shop.pass_time(WINDOW_MS)

    assert shop.send("ConfirmReservation", reservation="r1").code == "RESERVATION_NOT_FOUND"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ConfirmReservation", {"reservation": "r1"}),
        (
            "SupersedeReservation",
            {"reservation": "r2", "replaces": "r1", "ttl_seconds": 9, "lines": LINES},
        ),
        ("ApproveCount", {"count": "c1", "actor": "bob"}),
    ],
)
def test_units_in_other_accounts_are_in_nobodys_way(
    shop: Shop, kind: str, told: dict[str, Any]
) -> None:
    damaged = {"from_account": "sellable", "to_account": "damaged", "reason": "DAMAGED"}
    shop.send("MoveStock", lines=[{"sku": "A", "quantity": 1}], **damaged)
    shop.send("OpenCount", count="c1", lines=[{"sku": "A"}])
    for _ in range(2):
        shop.send("RecordCount", count="c1", lines=[{"sku": "A", "counted": 8}], actor="ann")

    assert shop.send(kind, **told).code == ""

    assert Tables(shop.rows).accounts(("LON-1", "A"))["damaged"] == 1
    Tables(shop.rows).check_all()


def test_a_packed_unit_changes_no_row(shop: Shop) -> None:
    shop.send("ConfirmReservation", reservation="r1")
    shop.send("PickStock", reservation="r1", lines=LINES)

    told = shop.send("PackStock", reservation="r1", lines=LINES)

    assert (list(told.changes), told.alerts) == ([PROMISE], [])


def test_an_account_that_does_not_exist_is_refused_and_not_buried(shop: Shop) -> None:
    for field in ("from_account", "to_account", "reason"):
        told = {"from_account": "supplier", "to_account": "sellable", "reason": "RECEIVED"}

        refused = shop.send("MoveStock", lines=LINES, **told | {field: "nowhere"})

        event = json.loads(refused.event or b"")
        assert (event["code"], event["details"]["path"]) == ("INVALID_COMMAND", field)
