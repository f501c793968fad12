"""The sums bite: what is under way, or wrong in one place, is told of the tables."""

import pytest

from schemas.rows import Balances
from tables.stock import balances_key, encode_balances
from tests.simulation.sums import unsettled, wrong_sums
from tests.stock.two_warehouses import AWAY, HOME, TwoWarehouses, arrive, dispatched


def everything(both: TwoWarehouses) -> dict[bytes, bytes]:
    return {key: value for shop in both.shops.values() for key, value in shop.rows.items()}


def sorts(both: TwoWarehouses) -> list[str]:
    return [sort for sort, _ in unsettled(everything(both))]


def test_what_is_received_and_not_settled_yet_is_told() -> None:
    both = dispatched()
    assert sorts(both) == []

    arrive(both, 4)

    assert sorts(both) == ["transfers", "arrivals"]
    both.deliver()
    assert sorts(both) == []
    assert list(wrong_sums(everything(both))) == []


def test_an_arrival_that_nobody_sent_is_told() -> None:
    both = TwoWarehouses()
    lines = [{"sku": "A", "quantity": 1}]
    both.send(AWAY, "ExpectTransfer", transfer="t", from_warehouse=HOME, lines=lines)

    assert sorts(both) == ["arrivals"]


@pytest.mark.parametrize("in_transit", [9, 11])
def test_more_or_less_in_transit_than_open_transfers_miss_is_told(in_transit: int) -> None:
    rows = everything(dispatched())
    rows[balances_key(HOME, "A")] = encode_balances(Balances(in_transit=in_transit))

    assert {sort for sort, _ in wrong_sums(rows)} == {"balances", "in transit"}
