"""What holds in any history of orders over warehouses, each by its name."""

import json
from collections import Counter

from hypothesis import given

from agents.orders.evolve import evolve
from schemas.orders_structs import OrdersRejected, decode_event
from tests.examples import EXAMPLES
from tests.orders.books import check, orders
from tests.orders.desk import START_MS, Desk
from tests.orders.histories import LENGTH_MAX, numbers, run

Numbers = tuple[int, int]


@EXAMPLES
@given(numbers)
def test_never_half_never_beyond_and_nothing_held_for_nobody(of: Numbers) -> None:
    history = run(*of)

    check(history.world, history.wanted, history.waits)


@EXAMPLES
@given(numbers)
def test_so_it_is_where_warehouses_meddle_and_what_is_over_and_what_is_told_stay(
    of: Numbers,
) -> None:
    history = run(*of, meddles=True)

    check(history.world, history.wanted, history.waits, meddled=True)
    first, second = history.world.desk, Desk()
    nothing_follows_the_end(first.events)
    for command in first.commands:
        second.put(command)
    assert (second.events, second.rows) == (first.events, first.rows)
    assert folded(first.events) == first.rows


def nothing_follows_the_end(events: list[bytes]) -> None:
    """An order that is over is so for good."""
    over: dict[str, str] = {}
    for event in map(json.loads, events):
        if event["type"] != "CommandRejected":
            order, state = event["order"], event["state"]
            assert over.get(order, state) == state
            if state in ("refused", "cancelled", "shipped"):
                over[order] = state


def folded(events: list[bytes]) -> dict[bytes, bytes]:
    """The rows of which these events are true."""
    rows: dict[bytes, bytes] = {}
    for event in map(decode_event, events):
        if isinstance(event, OrdersRejected):
            continue
        for key, row in evolve(event, START_MS).items():
            rows.pop(key, None)
            if row is not None:
                rows[key] = row
    return rows


def test_the_histories_tell_of_all_that_can_happen() -> None:
    seen: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for seed in range(400):
        world = run(seed, LENGTH_MAX, meddles=bool(seed % 2)).world
        for event in map(json.loads, world.desk.events):
            seen[event.get("code", event["type"])] += 1
        states.update(row.state for row in orders(world).values())

    assert {name for name, count in seen.items() if count < 3} <= {"LegReturned"}, seen
    assert len(seen) >= 17, seen
    assert {name for name, count in states.items() if count >= 5} >= {
        "allocated",
        "backordered",
        "refused",
        "cancelled",
        "shipped",
    }
