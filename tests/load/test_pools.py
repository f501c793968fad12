"""The books follow pools: who takes what is another's, or is told of wrongly, is found."""

from typing import Any

import pytest

from schemas.pools import Channel
from schemas.row import HAS_CHANNELS
from schemas.rows import ChannelReservation, ReservedLine
from tests.load.written import LATER, Story, added, line

WEB = {"channel": "web", "quantity": 4, "low_point": 1}
PROMISE = {"reservation": "r-1", "expires_at": LATER}


def pooled() -> Story:
    """10 in, 4 of them for the web."""
    told = Story()
    told.tell("StockReceived", line(10, 0, 1, quantity=10))
    told.tell("ChannelPoolsSet", line(10, 0, 2, pools=[WEB]))
    return told


def differences(told: Story) -> list[str]:
    findings = added(told)[1]
    assert findings.movements.first == []
    return [text.partition(": ")[2] for text in findings.reserved.first]


def test_a_pool_has_what_its_channel_left_and_gave_back() -> None:
    told = pooled()
    told.tell("StockReserved", line(10, 3, 3, quantity=3), channel="web", **PROMISE)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.channels == {("W", "A"): [Channel("web", 1, 0, 1, None, True)]}
    assert ledger.rows["W", "A"].marks == HAS_CHANNELS
    held = ChannelReservation("open", LATER, [ReservedLine("A", 3)], "web")
    assert ledger.held == {("W", "r-1"): held}

    told.tell("ReservationExpired", line(10, 0, 4, quantity=3), channel="web", **PROMISE)
    ledger, findings = added(told)
    assert findings.balanced
    assert ledger.channels["W", "A"] == [Channel("web", 4, 0, 1)]


@pytest.mark.parametrize(
    ("quantity", "channel", "why"),
    [
        (5, {"channel": "web"}, "web took more than its pool had"),
        (7, {}, "no channel took what is not for it"),
        (7, {"channel": "shop"}, "shop took what is not for it"),
    ],
)
def test_who_takes_what_is_anothers_is_found(quantity: int, channel: Any, why: str) -> None:
    told = pooled()
    told.tell("StockShipped", line(10 - quantity, 0, 3, quantity=quantity), **channel)
    assert why in differences(told)


def test_an_end_through_another_channel_is_found() -> None:
    told = pooled()
    told.tell("StockReserved", line(10, 3, 3, quantity=3), channel="web", **PROMISE)
    told.tell("ReservationReleased", line(10, 0, 4, quantity=3), reservation="r-1")
    assert differences(told) == ["it ends through None, not its own channel"]


def test_who_waits_for_another_pool_is_not_overtaken() -> None:
    told = pooled()
    told.tell("StockBackordered", line(10, 6, 3, quantity=8, missing=2), reservation="w-1")
    told.tell("StockShipped", line(9, 6, 4, quantity=1), channel="web")
    assert differences(told) == []

    told.tell("StockShipped", line(8, 6, 5, quantity=1), channel="shop")
    assert differences(told) == ["somebody overtook it", "shop took what is not for it"]


def test_a_waiter_that_is_given_out_of_anothers_pool_is_found() -> None:
    told = pooled()
    told.tell("StockBackordered", line(10, 6, 3, quantity=8, missing=2), reservation="w-1")
    fill = {"reservation": "w-1", "sku": "A", "quantity": 2, "channel": "web"}
    told.tell("StockReceived", line(12, 8, 4, quantity=2), filled=[fill])
    assert differences(told)[0] == "w-1 is given 2, and is not next"
