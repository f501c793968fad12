"""A warehouse in which somebody waits: what is told of it."""

import json
from typing import Any

from streams.actor import Decision
from tests.stock.bytes_of import Shop
from tests.stock.tables_of import Tables

PLACE = ("LON-1", "A")


def of(quantity: int, sku: str = "A") -> list[dict[str, Any]]:
    """Lines of one SKU."""
    return [{"sku": sku, "quantity": quantity}]


def stocked() -> Shop:
    """A warehouse with 10 of A."""
    shop = Shop()
    shop.send("ReceiveStock", lines=of(10))
    return shop


def wait(shop: Shop, name: str, quantity: int, **how: Any) -> dict[str, Any]:
    """A backorder of A; its event."""
    told: dict[str, Any] = json.loads(
        shop.send("BackorderStock", reservation=name, lines=of(quantity), **how).event or b""
    )
    return told


def filled(told: Decision) -> dict[str, int]:
    """What an event gives to whom."""
    event = json.loads(told.event or b"")
    return {one["reservation"]: one["quantity"] for one in event.get("filled", [])}


def given(told: Decision) -> list[tuple[str, str]]:
    """(SKU, reservation) of each that an event gives to, in its order."""
    event = json.loads(told.event or b"")
    return [(one["sku"], one["reservation"]) for one in event.get("filled", [])]


def tables(shop: Shop) -> Tables:
    """The tables, in which all holds that must."""
    found = Tables(shop.rows)
    found.check_all()
    return found


def row(shop: Shop) -> tuple[int, int, int]:
    """(on_hand, reserved, allocated) of A."""
    found = tables(shop).stock[PLACE]
    return found["on_hand"], found["reserved"], found["allocated"]


def states(shop: Shop) -> dict[str, str]:
    """Of all reservations."""
    return {name: one["state"] for (_, name), one in tables(shop).promises.items()}


def queue(shop: Shop) -> list[tuple[str, int]]:
    """(reservation, missing) of who waits for A, in order."""
    return [(one["reservation"], one["missing"]) for one in tables(shop).queues.get(PLACE, [])]


def refused(told: Decision) -> tuple[str, dict[str, Any]]:
    """(code, details) of a rejection."""
    return told.code, json.loads(told.event or b"")["details"]
