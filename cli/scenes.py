"""What the demo adds to the sales: reorder points, a run on ten tickets, odd commands."""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from cli.invoices import Command

WATCHED_SKUS = 200  # with a reorder point: those with the largest opening stock
LOW_FRACTION = 5  # low: a fifth of the opening stock is left
TICKET = "GOLDEN-TICKET"
SHOP = "UNITED-KINGDOM"
TICKETS, BUYERS = 10, 40
SHIPPED, RELEASED = 4, 2  # of the reservations that got a ticket; the others expire
TTL_S = 6


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
    """Ten tickets, forty buyers at once; some that got one ship it, some give it back."""
    tickets = [{"sku": TICKET, "quantity": TICKETS}]
    yield _command("ReceiveStock", f"tickets-{run}", SHOP, lines=tickets)
    for buyer in range(BUYERS):
        yield _command(
            "ReserveStock",
            f"ticket-{run}-{buyer}",
            SHOP,
            reservation=f"buyer-{run}-{buyer}",
            lines=[{"sku": TICKET, "quantity": 1}],
            ttl_seconds=TTL_S,
        )
    for buyer in range(SHIPPED + RELEASED):
        kind = "ShipReservation" if buyer < SHIPPED else "ReleaseReservation"
        name = f"ticket-{run}-{buyer}-{kind}"
        yield _command(kind, name, SHOP, reservation=f"buyer-{run}-{buyer}")


def refusals(run: str) -> Iterator[Command]:
    """One command for each of the usual reasons to refuse one."""
    nobody = f"nobody-{run}"
    line = {"sku": TICKET, "quantity": 1}
    yield _command("ShipReservation", f"odd-1-{run}", SHOP, reservation=nobody)
    yield _command("ShipReservation", f"odd-2-{run}", SHOP, reservation=f"buyer-{run}-0")
    yield _command("ReceiveStock", f"odd-3-{run}", SHOP, lines=[line | {"quantity": 1.5}])
    yield _command("ReceiveStock", f"tickets-{run}", SHOP, lines=[line])
    again = {"reservation": f"buyer-{run}-0", "lines": [line], "ttl_seconds": TTL_S}
    yield _command("ReserveStock", f"odd-4-{run}", SHOP, **again)


def _command(kind: str, name: str, warehouse: str, **rest: Any) -> Command:
    body = {"type": kind, "id": name, "warehouse": warehouse, **rest, "actor": "demo"}
    return Command(kind, warehouse, json.dumps(body, separators=(",", ":")).encode())
