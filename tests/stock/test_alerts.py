"""Alerts: one for each crossing of a level, told with the row as it is then."""

import json

import pytest

from agents.stock.levels import alert_on
from schemas.rows import Row
from tests.stock.bytes_of import Shop

OK, LOW, OUT = Row(12, 2, 5, 1), Row(7, 2, 5, 1), Row(2, 2, 5, 1)  # 10, 5 and 0 available


@pytest.mark.parametrize(
    ("before", "after", "alert"),
    [
        (OK, OK, None),
        (OK, LOW, "LowStock"),
        (OK, OUT, "OutOfStock"),
        (LOW, OK, "StockRecovered"),
        (LOW, LOW, None),
        (LOW, OUT, "OutOfStock"),
        (OUT, OK, "StockRecovered"),
        (OUT, LOW, None),
        (OUT, OUT, None),
    ],
)
def test_a_crossing_sends_one_alert_of_the_level_reached(
    before: Row, after: Row, alert: str | None
) -> None:
    found = alert_on(before, after)

    assert (found and found.__name__) == alert


@pytest.mark.parametrize(("available", "alert"), [(6, None), (5, "LowStock"), (1, "LowStock")])
def test_low_begins_at_the_reorder_point(available: int, alert: str | None) -> None:
    found = alert_on(Row(9, 0, 5, 1), Row(available, 0, 5, 2))

    assert (found and found.__name__) == alert


def test_without_a_policy_there_is_no_low() -> None:
    assert alert_on(Row(9, 0, 0, 1), Row(1, 0, 0, 2)) is None


def test_an_alert_tells_the_row_and_its_event() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "Ä 1", "quantity": 9}])
    shop.send("SetReorderPoint", lines=[{"sku": "Ä 1", "reorder_point": 5}])

    told = shop.send(
        "ShipStock", lines=[{"sku": "Ä 1", "quantity": 4}], time="2026-11-01T00:00:00Z"
    )

    assert told.alerts == [
        (
            "LON-1/Ä 1".encode(),
            json.dumps(
                {
                    "type": "LowStock",
                    "id": "3-3/Ä 1",
                    "warehouse": "LON-1",
                    "sku": "Ä 1",
                    "available": 5,
                    "on_hand": 5,
                    "reserved": 0,
                    "reorder_point": 5,
                    "event_id": "3-3",
                    "time": "2026-11-01T00:00:00Z",
                },
                ensure_ascii=False,
                separators=(",", ":"),
            ).encode(),
        )
    ]


def test_a_rows_first_change_sends_none() -> None:
    shop = Shop()

    assert shop.send("ReceiveStock", lines=[{"sku": "B", "quantity": 6}]).alerts == []
    assert shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 5}]).alerts == []
    assert kinds(shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 6}])) == [
        "StockRecovered A"
    ]


def test_setting_the_reorder_point_evaluates_the_row_again() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 6}])

    assert kinds(shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 6}])) == [
        "LowStock A"
    ]
    assert kinds(shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 7}])) == []
    assert kinds(shop.send("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 5}])) == [
        "StockRecovered A"
    ]


def test_each_row_of_a_command_alerts_for_itself() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": s, "quantity": 6} for s in "ABC"])

    told = shop.send(
        "ReserveStock",
        reservation="r",
        ttl_seconds=1,
        lines=[
            {"sku": "C", "quantity": 6},
            {"sku": "A", "quantity": 5},
            {"sku": "B", "quantity": 6},
        ],
    )

    assert kinds(told) == ["OutOfStock C", "OutOfStock B"]


def test_shipping_a_promise_crosses_nothing_and_its_expiry_recovers() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": "A", "quantity": 6}])
    lines = [{"sku": "A", "quantity": 3}]
    for name in ("r1", "r2"):
        shop.send("ReserveStock", reservation=name, ttl_seconds=60, lines=lines)

    assert kinds(shop.send("ShipReservation", reservation="r1")) == []
    assert [kinds(told) for told in shop.pass_time(60_000)] == [["StockRecovered A"]]


def kinds(told: object) -> list[str]:
    """The alerts of a decision, as `LowStock A`."""
    alerts = [json.loads(value) for _, value in told.alerts]  # type: ignore[attr-defined]
    return [f"{alert['type']} {alert['sku']}" for alert in alerts]
