"""Orders while each process is killed amid its work: whole or nothing, and nothing left behind."""

import random
from collections import Counter
from typing import Any

from schemas.domains import ORDERS, STOCK
from schemas.orders_lines import reservation_of
from tables.orders import ORDERS as ROWS
from tables.stock import RESERVATION_KIND, decode_reservation
from tests.integration.commands import receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import until

KILLED = ("worker-1", "orders-1", "policies-1")
ROUNDS, PART = 9, 20
STOCKED = 150  # in each warehouse: less than all orders want
WANTED_MAX = 4
SETTLED_S = 120.0
LEGS = {"confirmed": "confirmed", "waiting": "waiting"}


def test_kills_of_every_process_leave_orders_whole_or_nothing(install: Install) -> None:
    installation = install(2, domains=(STOCK, ORDERS))
    parts = {
        "worker-1": installation.process("worker-1"),
        "orders-1": installation.process("orders-1", "--domain", ORDERS),
        "policies-1": installation.process("policies-1", "--policies"),
    }
    for part in parts.values():
        part.start()
    installation.serve(parts["worker-1"])
    rng = random.Random(7)
    places = [installation.warehouse_of(0), installation.warehouse_of(1)]
    installation.send([receive(place, "A", STOCKED) for place in places])
    wanted: dict[str, int] = {}
    for number in range(ROUNDS):
        for index in range(PART):
            order = f"o-{number}-{index}"
            wanted[order] = rng.randint(1, WANTED_MAX)
            installation.put_to(ORDERS, _placed(rng, order, wanted[order], places))
        for order in rng.sample(sorted(wanted), 2):
            cancel = {"type": "CancelOrder", "id": f"cancel-{order}-{number}", "order": order}
            installation.put_to(ORDERS, cancel)
        killed = parts[KILLED[number % len(KILLED)]]
        killed.kill()
        killed.start()
    installation.flush()
    until("all orders are settled", SETTLED_S, lambda: _are_settled(installation, len(wanted)))

    _assert_whole_or_nothing(installation, wanted)
    events = installation.all_events(ORDERS)
    assert max(Counter((one["order"], one["command_id"]) for one in events).values()) == 1
    refused = {one["code"] for one in events if one["type"] == "CommandRejected"}
    assert refused <= {"ORDER_CANCELLED", "ORDER_REFUSED"}


def _placed(rng: random.Random, order: str, quantity: int, places: list[str]) -> dict[str, Any]:
    sources = [
        {"warehouse": place, "stock": [{"sku": "A", "available": rng.randint(0, 3)}]}
        for place in rng.sample(places, 2)
    ]
    return {
        "type": "PlaceOrder",
        "id": f"place-{order}",
        "order": order,
        "lines": [{"sku": "A", "quantity": quantity}],
        "sources": sources,
        "strategy": rng.choice(("priority", "fewest_splits")),
        "backorder": rng.random() < 0.3,
    }


def _orders(installation: Installation) -> dict[str, Any]:
    return {
        key.split(b"\0")[1].decode(): ROWS.decode(value)
        for key, value in installation.rows(ORDERS).items()
        if key.startswith(b"o\0")
    }


def _are_settled(installation: Installation, count: int) -> bool:
    """Each order has an answer, and what it gave back is given back."""
    found = _orders(installation)
    over = {"allocated", "backordered", "refused", "cancelled"}
    return len(found) == count and all(
        one.state in over and all(leg.state in LEGS for leg in one.legs) for one in found.values()
    )


def _assert_whole_or_nothing(installation: Installation, wanted: dict[str, int]) -> None:
    """What warehouses hold is what legs say, and of each order all that was wanted or nothing."""
    held = {}
    for key, value in installation.rows().items():
        kind, warehouse, name = key.split(b"\0", 2)
        if kind == RESERVATION_KIND:
            one = decode_reservation(value)
            if one.state in ("open", "waiting", "confirmed"):
                held[warehouse.decode(), name.decode()] = (one.state, one.lines[0].quantity)
    said = {}
    states: Counter[str] = Counter()
    for order, found in _orders(installation).items():
        states[found.state] += 1
        units = 0
        for leg in found.legs:
            place = leg.warehouse, reservation_of(order, leg.attempt)
            said[place] = (LEGS[leg.state], leg.lines[0].quantity)
            units += leg.lines[0].quantity
        assert units == (wanted[order] if found.state in ("allocated", "backordered") else 0)
    assert said == held
    assert min(states[name] for name in ("allocated", "refused", "cancelled")) > 0, states
