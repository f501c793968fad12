"""Pains that users of other systems have of orders over several warehouses, told on ours."""

import json
from typing import Any

import pytest

from tests.orders.world import World
from tests.stock.tables_of import Tables

STRATEGIES = ["priority", "nearest", "fewest_splits", "fefo", "cost"]


def opened(seed: int, **stock: int) -> World:
    """Warehouses that have so many of A."""
    world = World(seed)
    for name, units in stock.items():
        world.send(name, "ReceiveStock", lines=[{"sku": "A", "quantity": units}])
    world.settle()
    return world


def place(world: World, order: str, units: int, strategy: str, **hints: int | None) -> None:
    """An order of A, with what is believed to be where; None: nothing is known of that one."""
    sources: list[dict[str, Any]] = [
        {"warehouse": name}
        | ({} if units is None else {"stock": [{"sku": "A", "available": units}]})
        for name, units in hints.items()
    ]
    lines = [{"sku": "A", "quantity": units}]
    world.send(order, "PlaceOrder", lines=lines, sources=sources, strategy=strategy)


def held(world: World) -> dict[str, int]:
    """What each warehouse has promised, read from its bytes."""
    return {
        name: sum(row["reserved"] for row in Tables(shop.rows).stock.values())
        for name, shop in world.shops.items()
    }


def states(world: World) -> dict[str, str]:
    """How each order stands."""
    told = [json.loads(event) for event in world.desk.events]
    return {event["order"]: event["state"] for event in told if "state" in event}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("hints", [{"L": 3, "M": 7}, {"L": None, "M": None}, {"L": 10, "M": 10}])
def test_what_all_sites_have_together_is_reserved_where_it_is(
    strategy: str, hints: dict[str, int | None]
) -> None:
    """Pain 6, availability sums sites and the first is charged: medusa#14987, vendure#4030,
    vendure#3588, solidus#583, solidus#2122, magento#2727. Ten are there, three of them in one
    warehouse: the order gets them from both, whatever was believed before, and none is asked for
    more than it has, as each says itself what it has."""
    world = opened(1, L=3, M=7)

    place(world, "o-1", 10, strategy, **hints)
    world.settle()

    assert states(world) == {"o-1": "allocated"}
    assert held(world) == {"L": 3, "M": 7, "N": 0}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_more_than_all_have_is_refused_whole_and_nothing_stays_held(strategy: str) -> None:
    """Pain 6 again: not half an order, and no units that nobody gets."""
    world = opened(2, L=3, M=7)

    place(world, "o-1", 11, strategy, L=None, M=None, N=None)
    world.settle()

    assert states(world) == {"o-1": "refused"}
    assert held(world) == {"L": 0, "M": 0, "N": 0}


@pytest.mark.parametrize("seed", range(60))
def test_two_orders_that_both_saw_enough_are_not_both_promised_it(seed: int) -> None:
    """Pain 6 with pain 1: both were shown ten over two sites and want six; in whatever order
    warehouses, orders and what carries between them come to it, one at the most has six."""
    world = opened(seed, L=5, M=5)

    for order in ("o-1", "o-2"):
        place(world, order, 6, world.random.choice(STRATEGIES), L=5, M=5)
    while world.step():
        if world.random.random() < 0.1:
            world.go_back()

    found = states(world)
    assert set(found.values()) <= {"allocated", "refused"}
    winners = [order for order, state in found.items() if state == "allocated"]
    assert len(winners) <= 1
    assert sum(held(world).values()) == 6 * len(winners)
    assert max(held(world).values()) <= 5


@pytest.mark.parametrize("seed", range(20))
def test_what_compensates_neither_loses_stock_nor_makes_some(seed: int) -> None:
    """Pain 5, compensation loses stock: medusa#13625, medusa#16825, medusa#11703. The order is
    cancelled at any step, relays carry again what they had carried; what was there is there."""
    world = opened(seed, L=5, M=5)
    place(world, "o-1", 8, "priority", L=5, M=5)
    for _ in range(seed):
        world.step()
        world.go_back()

    world.send("o-1", "CancelOrder")
    world.settle()

    assert (states(world)["o-1"], sum(held(world).values())) == ("cancelled", 0)
    place(world, "o-2", 10, "priority", L=5, M=5)
    world.settle()
    assert (states(world)["o-2"], sum(held(world).values())) == ("allocated", 10)


def test_what_a_dead_saga_held_is_free_again_by_time() -> None:
    """Pain 5, a saga that died half way: medusa#13625. Nobody carries or decides orders any more:
    what it held for a time is free after that, by each warehouse's own log."""
    world = opened(1, L=5, M=5)
    place(world, "o-1", 8, "priority", L=5, M=5)
    world.decide("orders")
    world.carry("orders")
    for name in ("L", "M"):
        while world.logs[name].waiting:
            world.decide(name)
    assert held(world) == {"L": 5, "M": 3, "N": 0}

    world.pass_time(901_000)

    assert held(world) == {"L": 0, "M": 0, "N": 0}
