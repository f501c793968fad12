"""Backorders: what is missing is waited for in order, and nobody comes between."""

import json
from typing import Any

import pytest

from streams.actor import Decision
from tables.stock import due_ms, reservation_key
from tests.stock.bytes_of import START_MS, Shop
from tests.stock.waiting import filled, of, queue, refused, row, states, stocked, tables, wait

YEAR_MS = 365 * 86_400_000


@pytest.fixture
def shop() -> Shop:
    """A warehouse with 10 of A."""
    return stocked()


def test_what_there_is_is_promised_for_good_and_the_rest_waits(shop: Shop) -> None:
    event = wait(shop, "r", 14, priority=3, promised="2026-12-01T00:00:00Z")

    assert event["lines"] == [
        {
            "sku": "A",
            "quantity": 14,
            "missing": 4,
            "on_hand": 10,
            "reserved": 10,
            "available": 0,
            "version": 2,
        }
    ]
    assert (event["type"], event["priority"], event["promised"]) == (
        "StockBackordered",
        3,
        "2026-12-01T00:00:00Z",
    )
    assert (row(shop), queue(shop), states(shop)) == ((10, 10, 10), [("r", 4)], {"r": "waiting"})


def test_what_is_whole_at_once_is_confirmed(shop: Shop) -> None:
    event = wait(shop, "r", 10)

    assert "missing" not in event["lines"][0]
    assert (row(shop), queue(shop), states(shop)) == ((10, 10, 10), [], {"r": "confirmed"})
    assert shop.send("PickStock", reservation="r", lines=of(10)).code == ""


def test_a_sku_that_was_never_seen_can_be_waited_for() -> None:
    shop = Shop()

    wait(shop, "r", 3)

    assert (row(shop), queue(shop)) == ((0, 0, 0), [("r", 3)])
    assert filled(shop.send("ReceiveStock", lines=of(2))) == {"r": 2}


def test_what_comes_in_is_given_in_the_same_event(shop: Shop) -> None:
    wait(shop, "r1", 14)
    wait(shop, "r2", 3)

    told = shop.send("ReceiveStock", lines=of(6))

    assert filled(told) == {"r1": 4, "r2": 2}
    line = json.loads(told.event or b"")["lines"][0]
    assert (line["reserved"], line["available"], line["version"]) == (16, 0, 4)
    assert queue(shop) == [("r2", 1)]
    assert states(shop) == {"r1": "confirmed", "r2": "waiting"}
    assert shop.send("ReleaseReservation", reservation="r1").code == ""
    assert (row(shop), queue(shop)) == ((16, 3, 3), [])


def test_what_nobody_waits_for_is_available_again(shop: Shop) -> None:
    wait(shop, "r", 11)

    shop.send("ReceiveStock", lines=of(5))

    assert row(shop) == (15, 11, 11)
    assert shop.send("ShipStock", lines=of(4)).code == ""


def test_all_lines_must_be_whole(shop: Shop) -> None:
    lines = [*of(12), *of(2, "B"), *of(1, "C")]
    shop.send("ReceiveStock", lines=of(1, "C"))
    shop.send("BackorderStock", reservation="r", lines=lines)

    shop.send("ReceiveStock", lines=of(2))
    assert states(shop) == {"r": "waiting"}
    shop.send("ReceiveStock", lines=of(2, "B"))

    assert states(shop) == {"r": "confirmed"}
    assert shop.send("PickStock", reservation="r", lines=lines).code == ""


def _rejections(shop: Shop) -> list[Decision]:
    wish = {"lines": of(1), "ttl_seconds": 9}
    return [
        shop.send("ReserveStock", reservation="n1", **wish),
        shop.send("ShipStock", lines=of(1)),
        shop.send("DispatchTransfer", transfer="t", to_warehouse="PAR-1", lines=of(1)),
        shop.send("ConfirmReservation", reservation="gone"),
    ]


def test_nobody_gets_what_somebody_waits_for(shop: Shop) -> None:
    shop.send("ReserveStock", reservation="gone", lines=of(1), ttl_seconds=1)
    shop.pass_time(1_000)
    wait(shop, "whole", 15, partial=False)

    for told in _rejections(shop):
        details = {"sku": "A", "requested": 1, "available": 0, "waiting": 15}
        assert refused(told) == ("INSUFFICIENT_STOCK", details)

    shop.send("ReleaseReservation", reservation="whole")
    assert [told.code for told in _rejections(shop)] == [""] * 4
    tables(shop)


def test_safety_stock_is_not_given_to_who_waits_either(shop: Shop) -> None:
    shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 3}])
    event = wait(shop, "r", 9)
    assert (event["lines"][0]["missing"], row(shop)) == (2, (10, 7, 7))

    details = {"sku": "A", "requested": 1, "available": 0, "safety_stock": 3, "waiting": 2}
    assert refused(shop.send("ShipStock", lines=of(1))) == ("INSUFFICIENT_STOCK", details)
    assert filled(shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 2}])) == {"r": 1}
    assert filled(shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 9}])) == {}
    assert filled(shop.send("ReceiveStock", lines=of(8))) == {"r": 1}
    assert (row(shop), states(shop)) == ((18, 9, 9), {"r": "confirmed"})


def test_a_holder_gives_back_to_who_waits_what_the_next_promise_does_not_need(shop: Shop) -> None:
    shop.send("ReserveStock", reservation="r1", lines=of(10), ttl_seconds=9)
    wait(shop, "w", 4)
    new = {"reservation": "r2", "replaces": "r1", "ttl_seconds": 9}

    details = {"sku": "A", "requested": 11, "available": 10, "waiting": 4}
    told = shop.send("SupersedeReservation", lines=of(11), **new)
    assert refused(told) == ("INSUFFICIENT_STOCK", details)
    assert filled(shop.send("SupersedeReservation", lines=of(7), **new)) == {"w": 3}
    assert row(shop) == (10, 10, 3)


GIVES: list[tuple[str, dict[str, Any]]] = [
    ("ReceiveStock", {"lines": of(2)}),
    ("AdjustStock", {"lines": [{"sku": "A", "delta": 2}], "reason": "found"}),
    ("ReleaseReservation", {"reservation": "two"}),
    ("ReleaseReservation", {"reservation": "two for good"}),
    ("ApproveCount", {"count": "c", "actor": "bob"}),
    (
        "MoveStock",
        {
            "from_account": "quality_hold",
            "to_account": "sellable",
            "reason": "QC_RELEASE",
            "lines": of(2),
        },
    ),
    (
        "SupersedeReservation",
        {
            "reservation": "other",
            "replaces": "two",
            "ttl_seconds": 9,
            "lines": of(1, "B"),
        },
    ),
    ("ReceiveTransfer", {"transfer": "t", "from_warehouse": "PAR-1", "lines": of(2)}),
    ("SetStockPolicy", {"lines": [{"sku": "A", "safety_stock": 1}]}),
]


@pytest.mark.parametrize(("kind", "told"), GIVES, ids=[kind for kind, _ in GIVES])
def test_whatever_becomes_available_is_given(kind: str, told: dict[str, Any]) -> None:
    shop = _awaited()

    decision = shop.send(kind, **told)

    assert (decision.code, filled(decision)) == ("", {"w": 2})
    tables(shop)


def _awaited() -> Shop:
    """Three are kept of A, and no more of it is there for anybody; `w` waits for 9 of it."""
    shop = Shop()
    shop.send("ReceiveStock", lines=[*of(9), *of(9, "B")])
    shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 3}])
    hold = {"from_account": "sellable", "to_account": "quality_hold", "reason": "QC_HOLD"}
    shop.send("MoveStock", lines=of(2), **hold)
    for name in ("two", "two for good"):
        shop.send("ReserveStock", reservation=name, lines=of(2), ttl_seconds=60)
    shop.send("ConfirmReservation", reservation="two for good")
    shop.send("OpenCount", count="c", lines=[{"sku": "A"}], tolerance=9)
    shop.send("RecordCount", count="c", lines=[{"sku": "A", "counted": 9}], actor="ann")
    shop.send("ExpectTransfer", transfer="t", from_warehouse="PAR-1", lines=of(2))
    wait(shop, "w", 9)
    assert queue(shop) == [("w", 9)]
    return shop


def test_what_runs_out_is_given_too() -> None:
    shop = _awaited()

    (told,) = shop.pass_time(60_000)

    assert (told.outcome, filled(told)) == ("ReservationExpired", {"w": 2})
    tables(shop)


@pytest.mark.parametrize("kind", ["UnpickStock", "ShipReservation", "AdjustStock", "MoveStock"])
def test_what_makes_nothing_available_gives_nothing(kind: str) -> None:
    shop = _awaited()
    shop.send("PickStock", reservation="two for good", lines=of(1))
    out = {"from_account": "sellable", "to_account": "damaged", "reason": "DAMAGED"}
    told: dict[str, dict[str, Any]] = {
        "UnpickStock": {"reservation": "two for good", "lines": of(1)},
        "ShipReservation": {"reservation": "two"},
        "AdjustStock": {"lines": [{"sku": "A", "delta": -1}], "reason": "lost"},
        "MoveStock": {"lines": of(1), **out},
    }

    decision = shop.send(kind, **told[kind])

    assert (decision.code, filled(decision), queue(shop)) == ("", {}, [("w", 9)])


def test_who_gives_up_gives_back_and_lets_the_next_come(shop: Shop) -> None:
    wait(shop, "r1", 14)
    wait(shop, "r2", 3)

    told = shop.send("ReleaseReservation", reservation="r1")

    event = json.loads(told.event or b"")
    assert (event["confirmed"], filled(told)) == (True, {"r2": 3})
    assert (row(shop), queue(shop)) == ((10, 3, 3), [])
    assert states(shop) == {"r1": "released", "r2": "confirmed"}
    again = shop.send("ReleaseReservation", reservation="r1")
    assert refused(again) == (
        "RESERVATION_CLOSED",
        {"reservation": "r1", "state": "released"},
    )


def test_who_holds_nothing_and_gives_up_is_out_of_the_way(shop: Shop) -> None:
    wait(shop, "whole", 15, partial=False)
    wait(shop, "r2", 3)

    told = shop.send("ReleaseReservation", reservation="whole")

    assert [line["quantity"] for line in json.loads(told.event or b"")["lines"]] == [0]
    assert (filled(told), queue(shop)) == ({"r2": 3}, [])


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ExtendReservation", {"ttl_seconds": 9}),
        ("ConfirmReservation", {}),
        ("ShipReservation", {}),
        ("PickStock", {"lines": of(1)}),
        ("UnpickStock", {"lines": of(1)}),
        ("PackStock", {"lines": of(1)}),
        ("ShipPacked", {"lines": of(1)}),
        ("SupersedeReservation", {"reservation": "s", "replaces": "r", "lines": of(1)}),
    ],
)
def test_nothing_is_done_with_what_waits_but_to_release_it(
    shop: Shop, kind: str, told: dict[str, Any]
) -> None:
    wait(shop, "r", 14)
    ttl = {"ttl_seconds": 9} if kind == "SupersedeReservation" else {}

    decision = shop.send(kind, **{"reservation": "r"} | told | ttl)

    assert refused(decision) == ("RESERVATION_WAITING", {"reservation": "r"})


@pytest.mark.parametrize("state", ["open", "waiting", "confirmed", "released"])
def test_a_backorder_needs_an_unused_id(shop: Shop, state: str) -> None:
    if state == "open":
        shop.send("ReserveStock", reservation="r", lines=of(1), ttl_seconds=9)
    else:
        wait(shop, "r", 99 if state == "waiting" else 1)
    if state == "released":
        shop.send("ReleaseReservation", reservation="r")

    told = shop.send("BackorderStock", reservation="r", lines=of(1))

    assert refused(told) == ("RESERVATION_EXISTS", {"reservation": "r", "state": state})


def test_who_waits_has_no_end(shop: Shop) -> None:
    wait(shop, "r", 14)
    key = reservation_key("LON-1", "r")
    assert due_ms(shop.rows[key]) == START_MS + YEAR_MS

    assert shop.pass_time(YEAR_MS) == []
    assert (states(shop), queue(shop)) == ({"r": "waiting"}, [("r", 4)])

    shop.send("ReceiveStock", lines=of(4))
    assert due_ms(shop.rows[key]) == START_MS + 2 * YEAR_MS
    assert states(shop) == {"r": "confirmed"}


def test_what_is_given_crosses_no_level_on_its_way(shop: Shop) -> None:
    shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 5}])
    told = shop.send("BackorderStock", reservation="r", lines=of(14))
    assert [json.loads(alert)["type"] for _, alert in told.alerts] == ["OutOfStock"]

    assert shop.send("ReceiveStock", lines=of(4)).alerts == []
    told = shop.send("ReceiveStock", lines=of(6))
    assert [json.loads(alert)["type"] for _, alert in told.alerts] == ["StockRecovered"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"priority": 10}, "priority"),
        ({"priority": -1}, "priority"),
        ({"priority": None}, "priority"),
        ({"promised": "tomorrow"}, "promised"),
        ({"partial": 1}, "partial"),
        ({"partial": None}, "partial"),
        ({"ttl_seconds": 9}, "ttl_seconds"),
        ({"lines": []}, "lines"),
    ],
)
def test_a_backorder_outside_its_rules_is_refused(
    shop: Shop, more: dict[str, Any], path: str
) -> None:
    wish = {"reservation": "r", "lines": of(1)}

    code, details = refused(shop.send("BackorderStock", **wish | more))

    assert (code, details["path"]) == ("INVALID_COMMAND", path)
