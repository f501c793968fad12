"""What the demo adds to the sales: a run on tickets, odd commands, a day in two warehouses."""

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
CAKESTAND, HANGING_HEART, BIRD_ORNAMENT = "22423", "85123A", "84879"  # the shop's best sellers
DELIVERED, BROKEN = 24, 2
ORDERED, FIRST_PARCEL = 6, 4
FOUND = 3  # more than the books have
BRANCH = "EIRE"
SENT, ARRIVED = 6, 5
IN_SHOP, IN_BRANCH, WANTED = 4, 3, 6  # an order that neither can serve alone


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
        yield command("SetReorderPoint", name, warehouse, lines=of_warehouse)


def run_on_tickets(run: str) -> Iterator[Command]:
    """Ten tickets, forty buyers at once; those that get one ship it, give it back, or wait."""
    sku = f"{TICKET}-{run}"  # the next run has tickets of its own
    tickets = [{"sku": sku, "quantity": TICKETS}]
    yield command("ReceiveStock", f"tickets-{run}", SHOP, lines=tickets)
    held = range(SHIPPED + RELEASED, SHIPPED + RELEASED + HELD)
    for buyer in range(BUYERS):
        yield command(
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
        yield command(kind, name, SHOP, reservation=f"buyer-{run}-{buyer}")


def refusals(run: str) -> Iterator[Command]:
    """One command for each of the usual reasons to refuse one."""
    nobody = f"nobody-{run}"
    line = {"sku": f"{TICKET}-{run}", "quantity": 1}
    yield command("ShipReservation", f"odd-1-{run}", SHOP, reservation=nobody)
    yield command("ShipReservation", f"odd-2-{run}", SHOP, reservation=f"buyer-{run}-0")
    yield command("ReceiveStock", f"odd-3-{run}", SHOP, lines=[line | {"quantity": 1.5}])
    yield command("ReceiveStock", f"tickets-{run}", SHOP, lines=[line])
    again = {"reservation": f"buyer-{run}-0", "lines": [line], "ttl_seconds": TTL_S}
    yield command("ReserveStock", f"odd-4-{run}", SHOP, **again)


def delivery(run: str) -> Iterator[Command]:
    """Goods wait for a look at them; what is whole can be sold, what is broken is written off."""
    moves = (
        ("supplier", "quality_hold", "RECEIVED", DELIVERED),
        ("quality_hold", "damaged", "DAMAGED", BROKEN),
        ("quality_hold", "sellable", "QC_RELEASE", DELIVERED - BROKEN),
        ("damaged", "scrap", "SCRAP", BROKEN),
    )
    for source, target, reason, quantity in moves:
        yield command(
            "MoveStock",
            f"delivery-{run}-{reason}",
            SHOP,
            from_account=source,
            to_account=target,
            reason=reason,
            lines=[{"sku": CAKESTAND, "quantity": quantity}],
            reference=f"delivery-{run}",
        )


def order(run: str) -> Iterator[Command]:
    """An order is paid, picked and packed, and leaves in two parcels."""
    name = f"order-{run}"
    yield command("ReceiveStock", f"{name}-stock", SHOP, lines=_hearts(ORDERED))
    yield command(
        "ReserveStock",
        f"{name}-reserve",
        SHOP,
        reservation=name,
        lines=_hearts(ORDERED),
        ttl_seconds=HELD_TTL_S,
    )
    yield command("ConfirmReservation", f"{name}-confirm", SHOP, reservation=name)
    steps = [("PickStock", ORDERED)]
    for parcel in (FIRST_PARCEL, ORDERED - FIRST_PARCEL):
        steps += [("PackStock", parcel), ("ShipPacked", parcel)]
    for number, (kind, quantity) in enumerate(steps):
        lines = _hearts(quantity)
        yield command(kind, f"{name}-{number}-{kind}", SHOP, reservation=name, lines=lines)


def dispatched(run: str) -> Iterator[Command]:
    """Some of a SKU leave for another warehouse."""
    lines = [{"sku": CAKESTAND, "quantity": SENT}]
    yield command("ReceiveStock", f"transfer-{run}-stock", SHOP, lines=lines)
    sent = {"transfer": f"transfer-{run}", "to_warehouse": BRANCH, "lines": lines}
    yield command("DispatchTransfer", f"transfer-{run}-dispatch", SHOP, **sent)


def arrived(run: str) -> Iterator[Command]:
    """They arrive there, but for one, which nobody waits for any longer."""
    named = {"transfer": f"transfer-{run}", "from_warehouse": SHOP}
    lines = [{"sku": CAKESTAND, "quantity": ARRIVED}]
    yield command("ReceiveTransfer", f"transfer-{run}-receive", BRANCH, **named, lines=lines)
    yield command("CloseTransfer", f"transfer-{run}-close", BRANCH, **named)


def supplied(run: str) -> Iterator[Command]:
    """Some of a SKU in two warehouses."""
    for warehouse, quantity in ((SHOP, IN_SHOP), (BRANCH, IN_BRANCH)):
        yield command(
            "ReceiveStock", f"split-{run}-{warehouse}", warehouse, lines=_hearts(quantity)
        )


def split_order(run: str) -> dict[str, Any]:
    """An order for more than each of the two is believed to have."""
    believed = ((SHOP, IN_SHOP), (BRANCH, IN_BRANCH))
    return {
        "type": "PlaceOrder",
        "id": f"split-{run}",
        "order": f"split-{run}",
        "lines": _hearts(WANTED),
        "sources": [
            {"warehouse": name, "stock": [{"sku": HANGING_HEART, "available": units}]}
            for name, units in believed
        ],
        "actor": "demo",
    }


def left(run: str, legs: Iterable[dict[str, Any]]) -> Iterator[Command]:
    """Each warehouse ships its leg."""
    for leg in legs:
        warehouse, reservation = leg["warehouse"], leg["reservation"]
        name = f"split-{run}-{warehouse}-ship"
        yield command("ShipReservation", name, warehouse, reservation=reservation)


def _hearts(quantity: int) -> list[dict[str, Any]]:
    return [{"sku": HANGING_HEART, "quantity": quantity}]


def opened_count(run: str) -> Iterator[Command]:
    """Somebody is to count a SKU, without a look at the books."""
    yield command("OpenCount", f"count-{run}", SHOP, count=run, lines=[{"sku": BIRD_ORNAMENT}])


def counted(run: str, found: int) -> Iterator[Command]:
    """It is counted, for sure once more, and somebody else approves what was found."""
    lines = [{"sku": BIRD_ORNAMENT, "counted": found}]
    for number in (1, 2):
        name = f"count-{run}-{number}"
        yield command("RecordCount", name, SHOP, count=run, lines=lines, actor="demo:counter")
    yield command("ApproveCount", f"count-{run}-approve", SHOP, count=run, actor="demo:approver")


def command(kind: str, name: str, warehouse: str, **rest: Any) -> Command:
    """A command of the demo: `name` is its id."""
    body = {"type": kind, "id": name, "warehouse": warehouse, **rest}
    body.setdefault("actor", "demo")
    return Command(kind, warehouse, json.dumps(body, separators=(",", ":")).encode())
