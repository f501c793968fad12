"""What the demo adds to the sales: reorder points, a run on ten tickets, odd commands."""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from cli.invoices import Command

WATCHED_SKUS = 200  # with a reorder point: those with the largest opening stock
LOW_FRACTION = 5  # low: a fifth of the opening stock is left
TICKET = "TICKET"
SHOP = "UNITED-KINGDOM"
TICKETS, BUYERS = 10, 40
SHIPPED, RELEASED, HELD = 4, 2, 2  # of the ten that get a ticket; the others' time runs out
TTL_S, HELD_TTL_S = 6, 3_600


def reorder_points(openings: Iterable[Command]) -> Iterator[Command]:
    """A low-stock policy for the SKUs of which there is most."""
    lines = [
        (line["quantity"], command.warehouse, line["sku"])
        for command in openings
        for line in json.loads(command.value)["lines"]
    ]
    points: dict[str, list[dict[str, Any]]] = {}
    for quantity, warehouse, sku in sorted(lines, reverse=True)[:WATCHED_SKUS]:
        point = {"sku": sku, "reorder_point": quantity // LOW_FRACTION}
        points.setdefault(warehouse, []).append(point)
    for warehouse, of_warehouse in points.items():
        digest = blake2b(json.dumps(of_warehouse).encode(), digest_size=8).hexdigest()
        name = f"reorder-points-{digest}"
        yield _command("SetReorderPoint", name, warehouse, lines=of_warehouse)


def run_on_tickets(run: str) -> Iterator[Command]:
    """Ten tickets, forty buyers at once; those that get one ship it, give it back, or wait."""
    sku = f"{TICKET}-{run}"  # the next run has tickets of its own
    tickets = [{"sku": sku, "quantity": TICKETS}]
    yield _command("ReceiveStock", f"tickets-{run}", SHOP, lines=tickets)
    held = range(SHIPPED + RELEASED, SHIPPED + RELEASED + HELD)
    for buyer in range(BUYERS):
        yield _command(
            "ReserveStock",
            f"ticket-{run}-{buyer}",
            SHOP,
            reservation=f"buyer-{run}-{buyer}",
            lines=[{"sku": sku, "quantity": 1}],
            ttl_seconds=HELD_TTL_S if buyer in held else TTL_S,
        )
    for buyer in range(SHIPPED + RELEASED):
        kind = "ShipReservation" if buyer < SHIPPED else "ReleaseReservation"
        name = f"ticket-{run}-{buyer}-{kind}"
        yield _command(kind, name, SHOP, reservation=f"buyer-{run}-{buyer}")


def refusals(run: str) -> Iterator[Command]:
    """One command for each of the usual reasons to refuse one."""
    nobody = f"nobody-{run}"
    line = {"sku": f"{TICKET}-{run}", "quantity": 1}
    yield _command("ShipReservation", f"odd-1-{run}", SHOP, reservation=nobody)
    yield _command("ShipReservation", f"odd-2-{run}", SHOP, reservation=f"buyer-{run}-0")
    yield _command("ReceiveStock", f"odd-3-{run}", SHOP, lines=[line | {"quantity": 1.5}])
    yield _command("ReceiveStock", f"tickets-{run}", SHOP, lines=[line])
    again = {"reservation": f"buyer-{run}-0", "lines": [line], "ttl_seconds": TTL_S}
    yield _command("ReserveStock", f"odd-4-{run}", SHOP, **again)


def _command(kind: str, name: str, warehouse: str, **rest: Any) -> Command:
    body = {"type": kind, "id": name, "warehouse": warehouse, **rest, "actor": "demo"}
    return Command(kind, warehouse, json.dumps(body, separators=(",", ":")).encode())
