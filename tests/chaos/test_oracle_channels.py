"""The oracle against docs/stock.md: what is left to channels, and who may not take it."""

from typing import Any

import pytest

from tests.chaos.command_log import Log, details, kinds, lines, stocked
from tests.chaos.records import Pool, Prediction


def _pooled(*pools: dict[str, Any]) -> Log:
    return stocked(A=10).command("SetChannelPools", lines=[{"sku": "A", "pools": list(pools)}])


def _left(told: Prediction) -> dict[str, int | None]:
    return {name: one.quantity for name, one in told.rows["LON-1", "A"].pools.items()}


WEB = {"channel": "web", "quantity": 4}


def test_a_pool_is_for_its_channel_alone_and_has_what_that_gives_back() -> None:
    log = _pooled(WEB)
    log.command("ShipStock", lines=lines(A=7))
    assert details(log)["fenced"] == 4
    log.command("ReserveStock", reservation="r", lines=lines(A=3), ttl_seconds=60, channel="web")
    assert _left(log.told()) == {"web": 1}
    log.command("ShipStock", lines=lines(A=2), channel="web")
    assert details(log)["pool"] == 1
    told = log.command("ReleaseReservation", reservation="r").told()
    assert (_left(told), told.events[-1].fields["channel"]) == ({"web": 4}, "web")


def test_a_queue_is_passed_only_to_another_pool() -> None:
    log = _pooled(WEB).command("BackorderStock", reservation="w", lines=lines(A=8))
    assert log.told().rows["LON-1", "A"].queue[0].missing == 2
    log.command("ShipStock", lines=lines(A=1), channel="web")
    log.command("ShipStock", lines=lines(A=1), channel="shop")
    told = log.told()
    assert kinds(told)[-2:] == ["StockShipped", "INSUFFICIENT_STOCK"]
    assert details(log)["waiting"] == 2
    told = log.command("SetChannelPools", lines=[{"sku": "A", "pools": []}]).told()
    assert told.events[-1].fields["filled"] == [{"reservation": "w", "sku": "A", "quantity": 2}]


def test_each_channel_has_levels_of_its_own() -> None:
    web = WEB | {"low_point": 2, "recover_point": 3}
    log = _pooled(web, {"channel": "shop", "safety_stock": 5})
    log.command("ShipStock", lines=lines(A=2), channel="web")
    log.command("AdjustStock", lines=[{"sku": "A", "delta": -3}], reason="lost")
    log.command("SetChannelPools", lines=[{"sku": "A", "pools": [web | {"quantity": 3}]}])
    told = log.command("SetChannelPools", lines=[{"sku": "A", "pools": [web]}]).told()
    assert [
        (one.fields["type"], one.fields["channel"], one.fields["left"]) for one in told.alerts
    ] == [("LowStock", "web", 2), ("OutOfStock", "shop", 0), ("StockRecovered", "web", 4)]
    assert told.rows["LON-1", "A"].pools == {"web": Pool("web", 4, 0, 2, 3)}


@pytest.mark.parametrize(
    "pools",
    [
        [WEB, WEB],
        [{"channel": "a b"}],
        [{"quantity": 1}],
        [WEB | {"share": 1}],
        [WEB | {"low_point": 2, "recover_point": 1}],
        [WEB | {"low_point": None}],
        [{"channel": f"c{number}"} for number in range(17)],
    ],
)
def test_channels_outside_their_rules_are_invalid(pools: list[dict[str, Any]]) -> None:
    assert _pooled(*pools).told().events[-1].codes == ("INVALID_COMMAND",)
