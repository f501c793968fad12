"""The queues for stock: a total order, nobody overtaken, and a limit."""

from typing import Any

import pytest

from agents.stock.queues import FILLS_MAX
from schemas.instants import sortable
from tables.stock import queue_key
from tests.stock.bytes_of import Shop
from tests.stock.waiting import filled, given, of, queue, refused, row, stocked, tables, wait


@pytest.fixture
def shop() -> Shop:
    """A warehouse with 10 of A."""
    return stocked()


ORDER: list[tuple[str, dict[str, Any]]] = [
    ("late", {}),
    ("later", {}),
    ("promised", {"promised": "2026-12-02T00:00:00Z"}),
    ("earlier", {"promised": "2026-12-01T23:59:59.9Z"}),
    ("same day", {"promised": "2026-12-02t00:00:00.000+00:00"}),
    ("urgent", {"priority": 9}),
    ("urgent, promised", {"priority": 9, "promised": "2027-01-01T00:00:00Z"}),
]


def test_the_queue_is_in_a_total_order(shop: Shop) -> None:
    wait(shop, "first", 11, priority=9, promised="2026-01-01T00:00:00Z")
    for name, how in ORDER:
        wait(shop, name, 1, **how)

    assert [name for name, _ in queue(shop)] == [
        "first",
        "urgent, promised",
        "urgent",
        "earlier",
        "promised",
        "same day",
        "late",
        "later",
    ]
    assert list(filled(shop.send("ReceiveStock", lines=of(3)))) == [
        "first",
        "urgent, promised",
        "urgent",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-12-01T00:00:00Z", "2026-12-01t00:00:00.000z"),
        ("2026-12-01T00:00:00.120Z", "2026-12-01T00:00:00.12+00:00"),
        ("2026-12-01T00:00:00.5-00:00", "2026-12-01T00:00:00.50Z"),
    ],
)
def test_one_instant_sorts_as_one_however_it_is_written(one: str, other: str) -> None:
    assert sortable(one) == sortable(other)


def test_instants_sort_by_time() -> None:
    times = ["00:00:00Z", "00:00:00.05Z", "00:00:00.5Z", "00:00:01z", "10:00:00Z"]
    texts = [f"2026-12-01T{time}" for time in times]

    assert sorted([*texts[2:], *texts[:2]], key=sortable) == texts


def test_who_takes_nothing_in_parts_collects_and_is_not_overtaken(shop: Shop) -> None:
    wait(shop, "whole", 15, partial=False)
    assert (row(shop), queue(shop)) == ((10, 0, 0), [("whole", 15)])

    wait(shop, "small", 1)
    assert filled(shop.send("ReceiveStock", lines=of(4))) == {}
    assert queue(shop) == [("whole", 15), ("small", 1)]

    assert filled(shop.send("ReceiveStock", lines=of(1))) == {"whole": 15}
    assert (row(shop), queue(shop)) == ((15, 15, 15), [("small", 1)])


def test_who_goes_before_them_is_served_first(shop: Shop) -> None:
    wait(shop, "whole", 15, partial=False)

    wait(shop, "urgent", 4, priority=1)

    assert (row(shop), queue(shop)) == ((10, 4, 4), [("whole", 15)])


def test_a_queue_has_a_limit() -> None:
    shop = Shop()
    for number in range(1_000):
        wait(shop, f"r{number}", 1)

    told = shop.send("BackorderStock", reservation="one more", lines=[*of(1, "B"), *of(1)])
    assert refused(told) == ("QUEUE_FULL", {"sku": "A", "limit": 1_000})
    assert queue_key("LON-1", "B") not in shop.rows

    assert len(filled(shop.send("ReceiveStock", lines=of(1)))) == 1
    assert shop.send("BackorderStock", reservation="one more", lines=of(1)).code == ""


def test_an_event_fills_so_much_and_the_next_one_the_rest() -> None:
    shop, names = Shop(), ("first", "second")
    skus = [f"S{number}" for number in range(FILLS_MAX // 2 + 1)]
    for name in names:
        shop.send("BackorderStock", reservation=name, lines=[of(1, sku)[0] for sku in skus])

    told = shop.send("ReceiveStock", lines=[of(3, sku)[0] for sku in skus])

    assert given(told) == [(sku, name) for sku in skus[:-1] for name in names]
    last = skus[-1]
    assert shop.send("ShipStock", lines=of(1, last)).code == "INSUFFICIENT_STOCK"
    told = shop.send("ReceiveStock", lines=of(1, last))
    assert given(told) == [(last, name) for name in names]
    tables(shop)
