"""Channels: what each may promise of a SKU, what nobody else gets, and when too little is left."""

import json
from typing import Any

import pytest

from agents.stock.agent import StockActor
from streams.actor import Decision
from tests.stock.bytes_of import Shop
from tests.stock.tables_of import Tables
from tests.stock.waiting import filled, of, queue, refused, row, states, tables, wait


@pytest.fixture
def shop() -> Shop:
    """10 of A: 4 for the web, and a shop that leaves 2."""
    shop = Shop()
    shop.send("ReceiveStock", lines=of(10))
    pools(shop, {"channel": "web", "quantity": 4}, {"channel": "shop", "safety_stock": 2})
    return shop


def pools(shop: Shop, *told: dict[str, Any]) -> Decision:
    """The channels of A."""
    return shop.send("SetChannelPools", lines=[{"sku": "A", "pools": list(told)}])


def reserve(shop: Shop, name: str, quantity: int, channel: str | None = "web") -> Decision:
    """Promise some of A for a minute."""
    told = {"reservation": name, "lines": of(quantity), "ttl_seconds": 60}
    return shop.send("ReserveStock", **told, channel=channel)


def left(shop: Shop) -> dict[str, int | None]:
    """What is in the pools of A."""
    return {one["channel"]: one["quantity"] for one in tables(shop).channels["LON-1", "A"]}


def alerts(told: Decision) -> list[tuple[str, str | None, int | None]]:
    """(alert, channel, what is left to it)."""
    found = [json.loads(value) for _, value in told.alerts]
    return [(one["type"], one.get("channel"), one.get("left")) for one in found]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("ShipStock", {}),
        ("ReserveStock", {"reservation": "r", "ttl_seconds": 60}),
        ("DispatchTransfer", {"transfer": "t", "to_warehouse": "PAR-1"}),
    ],
)
def test_what_is_in_a_pool_is_for_nobody_else(shop: Shop, kind: str, more: Any) -> None:
    told = {"sku": "A", "requested": 7, "available": 6, "fenced": 4}
    assert refused(shop.send(kind, lines=of(7), **more)) == ("INSUFFICIENT_STOCK", told)

    assert shop.send(kind, lines=of(6), **more).code == ""
    assert reserve(shop, "web", 4).code == ""
    assert left(shop) == {"web": 0, "shop": None}


def test_a_channel_promises_no_more_than_its_pool_has(shop: Shop) -> None:
    details = {"sku": "A", "requested": 5, "available": 4, "channel": "web", "pool": 4}
    assert refused(reserve(shop, "r", 5)) == ("INSUFFICIENT_STOCK", details)

    assert reserve(shop, "r", 3).code == ""
    assert refused(shop.send("ShipStock", lines=of(2), channel="web"))[1]["pool"] == 1
    assert shop.send("ShipStock", lines=of(1), channel="web").code == ""
    assert (left(shop), row(shop)) == ({"web": 0, "shop": None}, (9, 3, 0))


def test_a_channel_without_a_pool_takes_what_is_in_none_and_leaves_what_it_must(shop: Shop) -> None:
    details = {"sku": "A", "requested": 7, "available": 6, "channel": "shop", "fenced": 4}
    told = refused(reserve(shop, "r", 7, "shop"))
    assert told == ("INSUFFICIENT_STOCK", details | {"safety_stock": 2})

    pools(shop, {"channel": "shop", "safety_stock": 9})
    assert refused(reserve(shop, "r", 2, "shop"))[1]["available"] == 1
    assert reserve(shop, "r", 1, "shop").code == ""
    assert reserve(shop, "s", 9, "kiosk").code == "", "the others need not leave as much"


def test_a_channel_that_the_sku_does_not_name_is_as_none(shop: Shop) -> None:
    details = {"sku": "A", "requested": 7, "available": 6, "fenced": 4}
    assert refused(reserve(shop, "r", 7, "kiosk")) == ("INSUFFICIENT_STOCK", details)


def test_a_safety_stock_is_kept_from_every_channel(shop: Shop) -> None:
    shop.send("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 8}])

    details = {"sku": "A", "requested": 3, "available": 2, "safety_stock": 8}
    assert refused(reserve(shop, "r", 3))[1] == details | {"channel": "web", "pool": 4}
    assert refused(reserve(shop, "r", 1, None))[1]["available"] == 0
    assert reserve(shop, "r", 2).code == ""


@pytest.mark.parametrize("end", ["ReleaseReservation", "time"])
def test_what_its_promise_gives_back_is_in_the_pool_again(shop: Shop, end: str) -> None:
    reserve(shop, "r", 3)
    assert left(shop)["web"] == 1

    told = shop.pass_time(60_000)[0] if end == "time" else shop.send(end, reservation="r")

    assert json.loads(told.event or b"")["channel"] == "web"
    assert left(shop)["web"] == 4


def test_what_is_shipped_is_not_and_what_comes_in_is_nobodys(shop: Shop) -> None:
    reserve(shop, "r", 3)
    event = json.loads(shop.send("ShipReservation", reservation="r").event or b"")
    shop.send("ReceiveStock", lines=of(5))
    back = {"from_account": "customer", "to_account": "sellable", "reason": "RETURN"}
    shop.send("MoveStock", lines=of(2), **back)

    assert event["channel"] == "web"
    assert left(shop)["web"] == 1
    assert reserve(shop, "s", 13, None).code == ""


def test_a_late_confirmation_takes_from_its_pool_again(shop: Shop) -> None:
    reserve(shop, "r", 3)
    shop.pass_time(60_000)
    reserve(shop, "s", 2)
    assert refused(shop.send("ConfirmReservation", reservation="r"))[1]["pool"] == 2
    shop.send("ReleaseReservation", reservation="s")

    told = shop.send("ConfirmReservation", reservation="r")
    assert json.loads(told.event or b"")["channel"] == "web"
    assert left(shop)["web"] == 1


def test_a_replacement_is_of_the_channel_before_it_or_brings_what_it_holds(shop: Shop) -> None:
    def supersede(name: str, replaces: str, quantity: int, **more: Any) -> Decision:
        told = {"reservation": name, "replaces": replaces, "ttl_seconds": 60}
        return shop.send("SupersedeReservation", lines=of(quantity), **told, **more)

    reserve(shop, "r", 3)
    assert refused(supersede("s", "r", 5))[1] == {
        "sku": "A",
        "requested": 5,
        "available": 4,
        "channel": "web",
        "pool": 1,
    }
    supersede("s", "r", 4)
    assert left(shop)["web"] == 0
    pools(shop, {"channel": "web", "quantity": 0}, {"channel": "shop", "quantity": 1})
    supersede("t", "s", 2, channel="shop")
    assert left(shop) == {"web": 0, "shop": 3}
    shop.send("ReleaseReservation", reservation="t")
    assert left(shop) == {"web": 0, "shop": 5}


def test_who_waits_lets_others_pass_to_another_pool_only(shop: Shop) -> None:
    wait(shop, "all", 7)
    assert (queue(shop), left(shop)["web"]) == ([("all", 1)], 4)
    assert refused(reserve(shop, "r", 1, None))[1]["waiting"] == 1
    assert reserve(shop, "r", 2).code == ""

    wait(shop, "web", 3, channel="web")
    assert queue(shop) == [("all", 1), ("web", 1)]
    assert refused(reserve(shop, "s", 1))[1]["waiting"] == 1
    assert filled(shop.send("ReceiveStock", lines=of(2))) == {"all": 1}
    assert filled(pools(shop, {"channel": "web", "quantity": 1})) == {"web": 1}
    assert states(shop) == {"all": "confirmed", "r": "open", "web": "confirmed"}


def test_a_release_fills_who_waits_for_the_same_pool(shop: Shop) -> None:
    reserve(shop, "r", 4)
    wait(shop, "web", 2, channel="web")
    wait(shop, "other", 8)

    told = shop.send("ReleaseReservation", reservation="r")

    assert json.loads(told.event or b"")["filled"] == [
        {"reservation": "web", "sku": "A", "quantity": 2, "channel": "web"}
    ]
    assert (left(shop)["web"], queue(shop)) == (2, [("other", 2)])


def test_without_channels_nothing_stands_beside_the_row(shop: Shop) -> None:
    reserve(shop, "r", 3)
    pools(shop)
    assert tables(shop).channels == {}
    assert Tables(shop.rows).marks["LON-1", "A"] == 0

    assert shop.send("ReleaseReservation", reservation="r").code == ""
    assert reserve(shop, "s", 10).code == ""


def test_a_channel_is_told_low_once_and_ok_above_its_recover_point() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=of(50))
    web = {"channel": "web", "quantity": 20, "low_point": 5, "recover_point": 8}
    assert alerts(pools(shop, web)) == []

    told = [alerts(shop.send("ShipStock", lines=of(by), channel="web")) for by in (14, 1, 1, 4)]
    assert told == [[], [("LowStock", "web", 5)], [], [("OutOfStock", "web", 0)]]
    assert alerts(pools(shop, web | {"quantity": 8})) == []
    assert alerts(pools(shop, web | {"quantity": 9})) == [("StockRecovered", "web", 9)]


def test_what_is_left_falls_with_the_stock_and_each_alert_says_whose() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=of(10))
    pools(shop, {"channel": "web", "quantity": 6}, {"channel": "shop", "safety_stock": 3})

    told = shop.send("AdjustStock", lines=[{"sku": "A", "delta": -10}], reason="fire")

    assert alerts(told) == [
        ("OutOfStock", None, None),
        ("OutOfStock", "web", 0),
        ("OutOfStock", "shop", 0),
    ]
    one = json.loads(told.alerts[1][1])
    assert one["id"].endswith("/A/web")
    assert (one["low_point"], one["reorder_point"]) == (0, 0)


@pytest.mark.parametrize(
    ("told", "path", "problem"),
    [
        ([{"channel": "a b"}], "lines.0.pools.0.channel", "is not of A-Z a-z 0-9 . _ -"),
        ([{"channel": "w"}, {"channel": "w"}], "lines.0.pools", "has a channel twice"),
        (
            [{"channel": "w", "low_point": 3, "recover_point": 2}],
            "lines.0.pools",
            "has a recover_point below its low_point",
        ),
        ([{"channel": "w", "quantity": -1}], "lines.0.pools.0.quantity", None),
        ([{"channel": "w", "quantity": 10**15 + 1}], "lines.0.pools.0.quantity", None),
        ([{"channel": f"c{number}"} for number in range(17)], "lines.0.pools", None),
        ([{"channel": "w", "share": 1}], "lines.0.pools.0.share", "is an unknown field"),
    ],
)
def test_channels_outside_their_rules_are_refused(told: Any, path: str, problem: str) -> None:
    event = json.loads(pools(Shop(), *told).event or b"")

    assert (event["code"], event["details"]["path"]) == ("INVALID_COMMAND", path)
    assert problem in (None, event["details"]["problem"])


LINES = [{"sku": "A", "quantity": 5}, {"sku": "\u00c4 1", "quantity": 10**12}]
ORDER = {"priority": 3, "promised": "2026-12-01T00:00:00Z", "partial": False}


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        ("ReserveStock", {"reservation": "r", "ttl_seconds": 900}, "ced9cf3e690d0c98"),
        (
            "SupersedeReservation",
            {"reservation": "r", "replaces": "s", "ttl_seconds": 900},
            "e77297c521675186",
        ),
        ("BackorderStock", {"reservation": "r"}, "4f8c5c47cb4e0410"),
        ("BackorderStock", {"reservation": "r"} | ORDER, "f24038435ddb6d88"),
        ("ShipStock", {}, "f138dcfcd92c4f4a"),
    ],
)
def test_a_command_without_a_channel_is_known_as_before(kind: str, more: Any, told: str) -> None:
    actor = StockActor(1)
    plain = {"type": kind, "id": "c", "warehouse": "W", "lines": LINES} | more

    def fingerprint(**also: Any) -> bytes:
        return actor.fingerprint(actor.decode(json.dumps(plain | also).encode())[2])

    assert fingerprint().hex() == fingerprint(channel=None).hex() == told, "of the release before"
    assert len({fingerprint(), fingerprint(channel="a"), fingerprint(channel="b")}) == 3
