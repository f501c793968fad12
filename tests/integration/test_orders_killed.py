"""Orders over two warehouses, each process killed amid its work: never half, and nothing left."""

from collections import Counter
from random import Random
from typing import Any

from agents.orders.agent import OrdersActor
from agents.stock.agent import StockActor
from schemas.domains import ORDERS, STOCK
from tests.integration.commands import receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.kills import amid, outcomes, reserved, started
from tests.integration.processes import until
from tests.integration.refolding import WINDOW_S, assert_refolds

SKUS, STOCKED = 6, 120  # in each warehouse: not enough for all who want some
ROUNDS, PER_ROUND = 9, 16
SETTLED_S = 120.0
OVER = ("allocated", "refused", "cancelled")
STRATEGIES = ("priority", "nearest", "fewest_splits", "fefo", "cost")


def test_kills_of_every_process_leave_no_order_half_and_no_unit_held_for_nobody(
    install: Install,
) -> None:
    installation = install(2, domains=(STOCK, ORDERS))
    parts = started(installation, ORDERS)
    rng = Random(6)
    places = [installation.warehouse_of(0), installation.warehouse_of(1)]
    for place in places:
        installation.send([receive(place, f"S{sku}", STOCKED) for sku in range(SKUS)])
    wanted: dict[str, Counter[str]] = {}

    def send(number: int) -> None:
        for index in range(PER_ROUND):
            order = f"o-{number}-{index}"
            wanted[order] = Counter(
                {f"S{rng.randrange(SKUS)}": rng.randint(1, 30) for _ in range(2)}
            )
            installation.put_to(ORDERS, _placed(order, wanted[order], places, rng))
            if rng.random() < 0.15:
                name = rng.choice(list(wanted))
                cancel = {"type": "CancelOrder", "id": f"x-{number}-{index}", "order": name}
                installation.put_to(ORDERS, cancel)
        installation.flush()

    amid(parts, ROUNDS, rng, send)
    until("every order is settled", SETTLED_S, lambda: _is_settled(installation, wanted))
    installation.drain()

    orders = _orders(installation)
    assert max(outcomes(installation.all_events(ORDERS)).values()) == 1
    assert max(outcomes(installation.all_events(STOCK)).values()) == 1
    assert {order["state"] for order in orders.values()} == set(OVER)
    held: Counter[tuple[str, str]] = Counter()
    for name, order in orders.items():
        got: Counter[str] = Counter()
        for leg in order["legs"] if order["state"] == "allocated" else ():
            for line in leg["lines"] if leg["state"] == "confirmed" else ():
                got[line["sku"]] += line["quantity"]
                held[leg["warehouse"], line["sku"]] += line["quantity"]
        assert got == (wanted[name] if order["state"] == "allocated" else Counter()), name
    assert reserved(installation) == held
    assert max(held.values()) <= STOCKED
    assert len({place for place, _ in held}) == 2
    assert assert_refolds(installation, ORDERS, OrdersActor()) > len(orders)
    assert assert_refolds(installation, STOCK, StockActor(WINDOW_S * 1_000)) > len(orders)


def _placed(order: str, wanted: Counter[str], places: list[str], rng: Random) -> dict[str, Any]:
    """What is believed of a warehouse may be wrong, or nothing."""
    sources = []
    for place in rng.sample(places, 2):
        hint = [{"sku": sku, "available": rng.choice((5, 20, 500))} for sku in wanted]
        sources.append({"warehouse": place} | ({"stock": hint} if rng.random() < 0.6 else {}))
    return {
        "type": "PlaceOrder",
        "id": f"{order}/place",
        "order": order,
        "lines": [{"sku": sku, "quantity": units} for sku, units in wanted.items()],
        "sources": sources,
        "strategy": rng.choice(STRATEGIES),
        "hold_s": 3_600,
    }


def _orders(installation: Installation) -> dict[str, dict[str, Any]]:
    """Each order as its last event has it."""
    events = installation.all_events(ORDERS)
    return {one["order"]: one for one in events if one["type"] != "CommandRejected"}


def _is_settled(installation: Installation, wanted: dict[str, Counter[str]]) -> bool:
    found = _orders(installation)
    return found.keys() == wanted.keys() and all(one["state"] in OVER for one in found.values())
