"""Orders over two warehouses, each process killed amid its work: never half, and nothing left."""

from collections import Counter
from random import Random
from typing import Any

from agents.orders.agent import OrdersActor
from agents.stock.agent import StockActor
from schemas.domains import ORDERS, STOCK
from tables.stock import STOCK_KIND, decode_row
from tests.integration.commands import command, receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.kills import amid, outcomes, reserved, started
from tests.integration.processes import until
from tests.integration.refolding import WINDOW_S, assert_refolds

SKUS, STOCKED = 6, 120  # in each warehouse: not enough for all who want some
ROUNDS, PER_ROUND = 6, 24
SHIPPING = 3  # rounds in which what was allocated leaves
SETTLED_S = 120.0
OVER = ("allocated", "backordered", "refused", "cancelled")
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

    assert {order["state"] for order in _orders(installation).values()} == set(OVER)
    _assert_held(installation, wanted)
    for place in places:  # for those who wait
        installation.send([receive(place, f"S{sku}", STOCKED) for sku in range(SKUS)])
    until("nobody waits", SETTLED_S, lambda: not _names(installation, "backordered"))
    allocated = _names(installation, "allocated")
    leaving = allocated[: len(allocated) * 4 // 5]

    def ship(number: int) -> None:
        found = _orders(installation)
        for name in leaving[number::SHIPPING]:
            installation.send(_shipment(name, leg) for leg in _confirmed(found[name]))

    amid(parts, SHIPPING, rng, ship)
    until("they have left", SETTLED_S, lambda: _names(installation, "shipped") == leaving)
    installation.drain()

    assert max(outcomes(installation.all_events(ORDERS)).values()) == 1
    assert max(outcomes(installation.all_events(STOCK)).values()) == 1
    held = _assert_held(installation, wanted)
    assert len({place for place, _ in held}) == 2
    _assert_left(installation, wanted, leaving)
    assert assert_refolds(installation, ORDERS, OrdersActor()) > len(wanted)
    assert assert_refolds(installation, STOCK, StockActor(WINDOW_S * 1_000)) > len(wanted)


def _assert_held(
    installation: Installation, wanted: dict[str, Counter[str]]
) -> Counter[tuple[str, str]]:
    """All or nothing of each order is promised, and what is reserved is what they hold."""

    def held() -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for order in _orders(installation).values():
            for leg in _confirmed(order):
                for line in leg["lines"]:
                    found[leg["warehouse"], line["sku"]] += line["quantity"] - line.get(
                        "missing", 0
                    )
        return +found

    until("orders say what stock holds", SETTLED_S, lambda: reserved(installation) == held())
    for name, order in _orders(installation).items():
        got: Counter[str] = Counter()
        for leg in _confirmed(order):
            got.update({line["sku"]: line["quantity"] for line in leg["lines"]})
        is_held = order["state"] in ("allocated", "backordered")
        assert got == (wanted[name] if is_held else Counter()), name
    return held()


def _assert_left(
    installation: Installation, wanted: dict[str, Counter[str]], leaving: list[str]
) -> None:
    """What has left is what the shipped orders wanted; all else is still there."""
    left: Counter[str] = sum((wanted[name] for name in leaving), Counter())
    there: Counter[str] = Counter()
    for key, value in installation.rows(STOCK).items():
        kind, _, sku = key.split(b"\0", 2)
        if kind == STOCK_KIND:
            there[sku.decode()] += decode_row(value).on_hand
    assert there == Counter({f"S{sku}": 4 * STOCKED - left[f"S{sku}"] for sku in range(SKUS)})


def _confirmed(order: dict[str, Any]) -> list[dict[str, Any]]:
    """The legs by which an order has, or waits for, what it wants."""
    is_held = order["state"] in ("allocated", "backordered")
    return [leg for leg in order["legs"] if is_held and leg["state"] in ("confirmed", "waiting")]


def _shipment(order: str, leg: dict[str, Any]) -> dict[str, Any]:
    reservation = f"order/{order}/{leg['attempt']}"
    return command("ShipReservation", leg["warehouse"], reservation=reservation)


def _names(installation: Installation, state: str) -> list[str]:
    return [name for name, one in sorted(_orders(installation).items()) if one["state"] == state]


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
        "backorder": rng.random() < 0.1,
    }


def _orders(installation: Installation) -> dict[str, dict[str, Any]]:
    """Each order as its last event has it."""
    events = installation.all_events(ORDERS)
    return {one["order"]: one for one in events if one["type"] != "CommandRejected"}


def _is_settled(installation: Installation, wanted: dict[str, Counter[str]]) -> bool:
    found = _orders(installation)
    return found.keys() == wanted.keys() and all(one["state"] in OVER for one in found.values())
