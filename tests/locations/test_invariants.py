"""What holds in any history, each by its name; STOCKYARD_EXAMPLES=100000 looks further by night."""

import json
from collections import Counter
from typing import Any

from hypothesis import given

from agents.locations.evolve import evolve
from agents.locations.policy import told
from agents.locations.state import Site
from schemas.locations_structs import decode_event
from streams.actor import Rows
from tests.examples import EXAMPLES
from tests.hosted import folded
from tests.locations.histories import LENGTH_MAX, History, numbers, run
from tests.locations.yard import Yard, create
from tests.stock import histories as stock_histories
from tests.stock.bytes_of import Shop
from tests.stock.tables_of import Tables

ON_SITE = ("quality_hold", "damaged", "expired", "recalled", "staged")

Numbers = tuple[int, int]


@EXAMPLES
@given(numbers)
def test_units_are_conserved_counts_are_sums_trees_are_trees_and_constraints_hold(
    of: Numbers,
) -> None:
    yard = run(*of)

    came: Counter[str] = Counter()
    for event in map(json.loads, yard.events):
        if event["type"] == "SiteChangeRecorded":
            came.update({line["sku"]: line["delta"] for line in event["lines"]})
    books = yard.books()
    books.check()
    assert {sku: books.on_site(sku) for sku in came} == came


def begin(event: Any, rows: Rows) -> Site:
    return Site(event.warehouse, rows)


@EXAMPLES
@given(numbers)
def test_the_commands_give_the_same_bytes_again_and_the_events_alone_the_same_rows(
    of: Numbers,
) -> None:
    first, second = run(*of), Yard()

    for command in first.commands:
        second.put(command)

    assert (second.events, second.rows) == (first.events, first.rows)
    assert folded(first.events, decode_event, begin, evolve) == first.rows


def test_the_histories_tell_of_all_that_can_happen() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        for event in map(json.loads, run(seed, LENGTH_MAX).events):
            seen[event.get("code", event["type"])] += 1

    rare = {code for code, count in seen.items() if count < 10}
    assert (len(seen), rare) == (15 + 13, set())


@EXAMPLES
@given(stock_histories.numbers)
def test_locations_have_what_stock_has_on_site_after_every_event(of: Numbers) -> None:
    yard, history, relayed = Yard().given(create("B1"), create("B2")), History(of[0], False), 0

    def check(shop: Shop, stock: Tables) -> None:
        nonlocal relayed
        for event in shop.events[relayed:]:
            for warehouse, cause, command in told(event):
                yard.put(command)
                assert (yard.told["type"], yard.told["cause"]) == ("SiteChangeRecorded", cause)
                assert (yard.told["warehouse"], yard.told["command_id"]) == (warehouse, cause)
        relayed = len(shop.events)
        yard.send(history.next(yard.books()))
        for warehouse in ("LON-1", "LON-2"):
            books = yard.books(warehouse)
            for place, row in stock.stock.items():
                if place[0] == warehouse:
                    others = stock.balances.get(place, {})
                    there = row["on_hand"] + sum(others.get(name, 0) for name in ON_SITE)
                    assert books.on_site(place[1]) == there

    stock_histories.run(of[0], min(of[1], 8), check)
    yard.books().check()
