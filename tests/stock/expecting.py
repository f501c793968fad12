"""A warehouse to which supplies are to come: what is asked and told of them."""

import json
from datetime import UTC, datetime
from typing import Any

from streams.actor import Decision
from tests.stock.bytes_of import START_MS, Shop
from tests.stock.tables_of import Tables
from tests.stock.waiting import PLACE, of, tables

DAY_MS = 86_400_000
TODAY = "2026-11-18T12:00:00.000Z"  # when a shop begins


def day(number: int) -> str:
    """So many days after a shop begins."""
    return datetime.fromtimestamp((START_MS + number * DAY_MS) / 1_000, UTC).strftime("%FT%TZ")


def expect(shop: Shop, supply: str, quantity: int, due: int, expected: int = 0) -> Decision:
    """So many of A are still to come, where so many were."""
    line = {"sku": "A", "quantity": quantity, "due": day(due), "expected": expected}
    return shop.send("ExpectSupply", supply=supply, lines=[line])


def receive(shop: Shop, supply: str, quantity: int, **how: Any) -> Decision:
    """So many of A have arrived."""
    return shop.send("ReceiveSupply", supply=supply, lines=of(quantity), **how)


def preorder(shop: Shop, name: str, quantity: int, by: int = 30, **how: Any) -> Decision:
    """So many of A are wanted, at the latest by then."""
    told = {"reservation": name, "lines": of(quantity), "by": day(by)}
    return shop.send("PreorderStock", **told, **how)


def event(told: Decision) -> dict[str, Any]:
    """What was decided."""
    found: dict[str, Any] = json.loads(told.event or b"")
    return found


def promised(told: Decision) -> str | None:
    """The day by which A is promised; none where all of it is there."""
    assert not told.code, told.event
    day: str | None = event(told)["lines"][0].get("promised")
    return day


def late(told: Decision) -> dict[str, str | None]:
    """Whose day can no longer be kept, and when each of them has all, as far as is known."""
    return {one["reservation"]: one.get("expected") for one in event(told).get("late", [])}


def coming(shop: Shop) -> list[tuple[str, str, int]]:
    """(supply, due, quantity) of A, by day."""
    return [(one["supply"], one["due"], one["quantity"]) for one in supplies(tables(shop))]


def supplies(found: Tables) -> list[dict[str, Any]]:
    """What is to come of A."""
    return found.supplies.get(PLACE, [])


def on_order(shop: Shop) -> int:
    """What the account of A has."""
    return tables(shop).accounts(PLACE)["on_order"]
