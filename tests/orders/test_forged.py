"""Somebody who may write to the topic tells orders what no warehouse has done."""

import json
from random import Random
from typing import Any

from hypothesis import given

from tests.examples import EXAMPLES
from tests.orders.books import FINAL, HELD, check_stock, orders, reservations
from tests.orders.histories import HOLD_S, ORDERS, SKUS, History, numbers
from tests.orders.world import WAREHOUSES


def forged(random: Random, number: int) -> tuple[str, bytes]:
    """What a warehouse might have said."""
    order = random.choice(ORDERS)
    told: dict[str, Any] = {
        "id": f"forged-{number}",
        "order": order,
        "cause": "0-1",
        "warehouse": random.choice(WAREHOUSES),
        "attempt": random.randint(1, 4),
    }
    if random.random() < 0.5:
        what = random.choice(("reserved", "confirmed", "released", "expired", "unpicked"))
        lines = [{"sku": random.choice(SKUS), "quantity": random.randint(1, 4)}]
        told |= {"type": "RecordLeg", "told": what, "lines": lines}
    else:
        told |= {
            "type": "RecordLegRefusal",
            "step": random.choice(("reserve", "confirm", "backorder", "release")),
            "code": random.choice(("INSUFFICIENT_STOCK", "RESERVATION_PICKED", "INTERNAL")),
            "sku": random.choice(SKUS),
            "available": random.randint(0, 5),
            "short": [{"sku": sku, "available": random.randint(0, 5)} for sku in SKUS],
        }
    return order, json.dumps(told).encode()


@EXAMPLES
@given(numbers)
def test_a_forged_telling_sells_nothing_twice_and_holds_nothing_for_good(
    of: tuple[int, int],
) -> None:
    seed, length = of
    history, random = History(seed), Random(seed)
    world = history.world
    for number in range(length):
        history.next()
        if random.random() < 0.7:
            world.orders_log.add(*forged(random, number), caused=False)
    world.settle()
    world.pass_time((HOLD_S + 1) * 1_000)
    world.settle()

    check_stock(world)
    for (_, name), one in reservations(world).items():
        order = name.split("/")[1]
        row = orders(world)[order]
        if one.state in HELD and row.state in FINAL:
            raise AssertionError(f"{order} is {row.state}, and {name} is {one.state}")
