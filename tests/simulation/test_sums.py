"""The sums bite: what is under way, or wrong in one place, is told of the tables."""

import pytest

from schemas.rows import Balances, Policy, Row, Supply
from tables.stock import (
    balances_key,
    encode_balances,
    encode_policy,
    encode_row,
    encode_supplies,
    policy_key,
    stock_key,
    supplies_key,
)
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


def test_more_to_come_than_is_on_order_is_told() -> None:
    rows = everything(dispatched())
    rows[supplies_key(HOME, "A")] = encode_supplies([Supply("PO-1", "2026-12-01T00:00:00Z", 1)])

    assert {sort for sort, _ in wrong_sums(rows)} == {"on order"}


@pytest.mark.parametrize(("may_owe", "sorts"), [(3, set()), (2, {"owed"})])
def test_more_owed_than_a_policy_lets_be_is_told(may_owe: int, sorts: set[str]) -> None:
    rows = {
        stock_key(HOME, "A"): encode_row(Row(-3, customer=3)),
        policy_key(HOME, "A"): encode_policy(Policy(0, None, may_owe)),
    }

    assert {sort for sort, _ in wrong_sums(rows)} == sorts


def test_what_is_promised_and_owed_at_once_is_told() -> None:
    rows = {
        stock_key(HOME, "A"): encode_row(Row(-3, 1, customer=3)),
        policy_key(HOME, "A"): encode_policy(Policy(0, None, 3)),
    }

    assert {sort for sort, _ in wrong_sums(rows)} == {"promised", "reserved"}
