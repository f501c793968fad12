"""Strategies, each by what it is called after, against every plan that there could be."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.orders.strategies import STRATEGIES, Offer, Plan
from tests.examples import EXAMPLES

Wanted = dict[str, int]

DAYS = (None, "2026-12-01", "2026-12-02")
batches = st.dictionaries(
    st.sampled_from("AB"),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(DAYS)), max_size=2),
)
numbers = st.none() | st.integers(0, 2)
offers = st.lists(
    st.tuples(batches, st.integers(0, 2), numbers, numbers), min_size=1, max_size=3
).map(
    lambda drawn: [
        Offer(name, units, priority, distance, cost)
        for name, (units, priority, distance, cost) in zip("LMN", drawn, strict=False)
    ]
)
wanted = st.dictionaries(st.sampled_from("AB"), st.integers(1, 5), min_size=1)


def units(plan: Plan, sku: str) -> int:
    return sum(lines.get(sku, 0) for lines in plan.values())


def every_plan(want: Wanted, found: list[Offer]) -> list[Plan]:
    """All plans that serve as much of each SKU as there is; each warehouse once in each."""
    plans: list[Plan] = [{}]
    for sku, most in want.items():
        amounts = [range(offer.units(sku) + 1) for offer in found]
        target = min(most, sum(offer.units(sku) for offer in found))
        splits = [split for split in product(*amounts) if sum(split) == target]
        plans = [
            {
                offer.warehouse: {
                    **plan.get(offer.warehouse, {}),
                    **({sku: count} if count else {}),
                }
                for offer, count in zip(found, split, strict=True)
            }
            for plan in plans
            for split in splits
        ]
    return [{name: lines for name, lines in plan.items() if lines} for plan in plans]


@EXAMPLES
@given(wanted, offers, st.sampled_from(sorted(STRATEGIES)))
def test_nothing_beyond_what_is_there_or_wanted_and_nothing_left_that_could_be_had(
    want: Wanted, found: list[Offer], strategy: Any
) -> None:
    plan = STRATEGIES[strategy](want, found)

    for offer in found:
        for sku, count in plan.get(offer.warehouse, {}).items():
            assert 0 < count <= offer.units(sku)
    for sku, most in want.items():
        assert units(plan, sku) == min(most, sum(offer.units(sku) for offer in found))
    assert all(plan.values())


@EXAMPLES
@given(wanted, offers)
def test_cost_is_the_least_of_all_plans(want: Wanted, found: list[Offer]) -> None:
    unknown = 1_000  # dearer than whatever is told
    costs = {offer.warehouse: unknown if offer.cost is None else offer.cost for offer in found}

    def total(plan: Plan) -> int:
        return sum(costs[name] * count for name, lines in plan.items() for count in lines.values())

    least = min(map(total, every_plan(want, found)))
    assert total(STRATEGIES["cost"](want, found)) == least


@EXAMPLES
@given(wanted, offers)
def test_fewest_splits_are_the_fewest_of_all_plans(want: Wanted, found: list[Offer]) -> None:
    least = min(map(len, every_plan(want, found)))
    assert len(STRATEGIES["fewest_splits"](want, found)) == least


@EXAMPLES
@given(wanted, offers)
def test_what_stays_expires_no_sooner_than_what_leaves(want: Wanted, found: list[Offer]) -> None:
    plan = STRATEGIES["fefo"](want, found)

    for sku in want:
        last, first = "", "~"
        for offer in found:
            left = plan.get(offer.warehouse, {}).get(sku, 0)
            there = sorted((day or "9999", count) for count, day in offer.batches.get(sku, ()))
            for day, count in there:
                if count and left:
                    last = max(last, day)
                if count > left:
                    first = min(first, day)
                left = max(0, left - count)
        assert last <= first


@pytest.mark.parametrize(
    ("strategy", "plan"),
    [
        ("priority", {"M": {"A": 2}, "L": {"A": 2}}),
        ("nearest", {"N": {"A": 3}, "L": {"A": 1}}),
        ("cost", {"L": {"A": 2}, "M": {"A": 2}}),
        ("fewest_splits", {"M": {"A": 2}, "L": {"A": 2}}),
        ("fefo", {"N": {"A": 3}, "M": {"A": 1}}),
    ],
)
def test_a_strategy_is_what_it_is_called(strategy: Any, plan: Plan) -> None:
    found = [
        Offer("L", {"A": [(2, None)]}, 1, 10, 1),
        Offer("M", {"A": [(2, "2026-12-02")]}, 2, None, 2),
        Offer("N", {"A": [(3, "2026-12-01")]}, 0, 5, None),
    ]

    assert STRATEGIES[strategy]({"A": 4}, found) == plan


def test_of_equal_ones_the_first_given_comes_first() -> None:
    found = [Offer(name, {"A": [(9, None)]}) for name in "NLM"]
    for strategy in STRATEGIES.values():
        assert strategy({"A": 4}, found) == {"N": {"A": 4}}


def test_ten_warehouses_and_two_hundred_skus_are_planned() -> None:
    names = "ABCDEFGHIJ"
    skus = [f"S{number}" for number in range(200)]
    found = [Offer(name, {sku: [(1, None)] for sku in skus}) for name in names]

    plan = STRATEGIES["fewest_splits"](dict.fromkeys(skus, 10), found)

    assert len(plan) == 10
