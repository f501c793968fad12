"""What warehouses hold for orders and what orders say of it, read without the code under test."""

import json
import struct
from collections import Counter
from typing import Any

import msgspec

from tests.orders.world import World

HELD = ("open", "waiting", "confirmed")
FINAL = ("refused", "cancelled", "shipped")
_COUNTED = {
    "reserved": "open",
    "confirming": "open",
    "confirmed": "confirmed",
    "waiting": "waiting",
}


class Reservation:
    """A reservation in a warehouse, from its bytes."""

    def __init__(self, value: bytes) -> None:
        self.state, _, lines, *channel = msgspec.msgpack.decode(value[8:])
        self.channel = channel[0] if channel else None
        self.quantities = {line[0]: line[1] for line in lines}
        self.shipped = {line[0]: line[4] if len(line) > 4 else 0 for line in lines}
        self.missing = {line[0]: line[5] if len(line) > 5 else 0 for line in lines}
        self.picked = any(len(line) > 2 and line[2] for line in lines)


def reservations(world: World) -> dict[tuple[str, str], Reservation]:
    """Those of orders, by warehouse and name."""
    found = {}
    for warehouse, shop in world.shops.items():
        for key, value in shop.rows.items():
            if key.startswith(b"r\0"):
                name = key.split(b"\0", 2)[2].decode()
                if name.startswith("order/"):
                    found[warehouse, name] = Reservation(value)
    return found


class OrderRow:
    """An order, from its bytes."""

    def __init__(self, value: bytes) -> None:
        assert struct.unpack(">Q", value[:8])[0] > 0
        self.state, self.attempt, self.legs, *_ = msgspec.msgpack.decode(value[8:])


def orders(world: World) -> dict[str, OrderRow]:
    """All of them, by id."""
    return {
        key.split(b"\0")[1].decode(): OrderRow(value)
        for key, value in world.desk.rows.items()
        if key.startswith(b"o\0")
    }


def check(
    world: World, wanted: dict[str, dict[str, int]], waits: dict[str, bool], meddled: bool = False
) -> None:
    """All that must hold once nothing is under way any more.

    Who meddles may confirm what had run out and was planned elsewhere, and pick of it: that is in
    his hands, and asked back when it is put back, or a part of it leaves.
    """
    found, rows = reservations(world), orders(world)
    for order, row in rows.items():
        legs = {(leg["warehouse"], f"order/{order}/{leg['attempt']}"): leg for leg in row.legs}
        mine = {
            name: one
            for name, one in found.items()
            if name[1].startswith(f"order/{order}/")
            and one.state in HELD
            and not (meddled and one.picked and name not in legs)
        }
        _check_state(order, row.state, legs)
        _check_legs(order, mine, legs)
        if row.state in FINAL:
            assert not mine, (order, row.state, "holds", list(mine))
        kept = [name for name, leg in legs.items() if leg["state"] == "kept"]
        held: Counter[str] = Counter()
        for name, one in found.items():
            if name[1].startswith(f"order/{order}/"):
                counts = one.state in (*HELD, "shipped") and name not in kept
                held.update(one.quantities if counts else one.shipped)
        left = _sum_shipped(row.legs)
        if row.state in ("allocated", "backordered"):
            assert held >= Counter(wanted[order]), (order, row.state, held)
            assert meddled or +held == Counter(wanted[order]), (order, row.state, held)
            assert any(one.state == "waiting" for one in mine.values()) == (
                row.state == "backordered"
            )
            assert row.state == "allocated" or waits[order]
        if row.state == "shipped":
            assert left >= Counter(wanted[order])  # more only where it left all the same
            assert meddled or left == Counter(wanted[order])
    for (warehouse, called), one in found.items():
        assert called.split("/")[1] in rows or one.state not in HELD, (warehouse, called)
    check_stock(world)
    check_terms(world)


def check_terms(world: World) -> None:
    """Each leg begins on the terms that its order was placed on, and has its channel."""
    placed: dict[str, dict[str, Any]] = {}
    for event in map(json.loads, world.desk.events):
        if event["type"] == "OrderPlaced":
            placed[event["order"]] = event
        required = {(one["attempt"], one["warehouse"]): one for one in event.get("requires", ())}
        for ask in event.get("asks", ()):
            terms, step = placed[event["order"]], ask["step"]
            if step in ("reserve", "backorder"):
                one = required.pop((ask["attempt"], ask["warehouse"]), {})
                assert one.get("shelf_life_days") == terms.get("shelf_life_days")
                assert ask.get("channel") == terms.get("channel")
            for name in ("priority", "promised"):
                assert ask.get(name) == (terms.get(name) if step == "backorder" else None)
        legs = {(leg["attempt"], leg["warehouse"]): leg["state"] for leg in event.get("legs", ())}
        assert {legs[name] for name in required} <= {"confirmed"}, "what else is whole by now"
    for (_, name), one in reservations(world).items():
        assert one.channel == placed[name.split("/")[1]].get("channel"), name


def _check_state(order: str, state: str, legs: dict[Any, Any]) -> None:
    if state in ("refusing", "cancelling"):
        assert "kept" in [leg["state"] for leg in legs.values()], (order, state, legs)
    else:
        assert state in (*FINAL, "allocated", "backordered"), (order, state, legs)


def _check_legs(order: str, mine: dict[Any, Reservation], legs: dict[Any, Any]) -> None:
    """What is held is what the legs say, unit by unit, both ways."""
    said = {name: leg for name, leg in legs.items() if leg["state"] in (*_COUNTED, "kept")}
    assert said.keys() == mine.keys(), (order, said, {n: one.state for n, one in mine.items()})
    for name, one in mine.items():
        leg = said[name]
        assert {line["sku"]: line["quantity"] for line in leg["lines"]} == one.quantities
        assert leg["state"] == "kept" or _COUNTED[leg["state"]] == one.state
        shipped = {line["sku"]: line.get("shipped", 0) for line in leg["lines"]}
        missing = {line["sku"]: line.get("missing", 0) for line in leg["lines"]}
        assert (shipped, missing) == (one.shipped, one.missing), (order, name)


def _sum_shipped(legs: list[Any]) -> Counter[str]:
    units: Counter[str] = Counter()
    for leg in legs:
        units.update({line["sku"]: line.get("shipped", 0) for line in leg["lines"]})
    return units


def check_stock(world: World) -> None:
    """Reserved is what reservations hold on the shelf, and no more than is there."""
    for shop in world.shops.values():
        held: Counter[str] = Counter()
        for key, value in shop.rows.items():
            if key.startswith(b"r\0"):
                state, _, lines, *_ = msgspec.msgpack.decode(value[8:])
                if state in HELD:
                    for line in lines:
                        numbers = [*line[1:], 0, 0, 0, 0, 0][:5]
                        quantity, picked, _, shipped, missing = numbers
                        held[line[0]] += quantity - picked - shipped - missing
        for key, value in shop.rows.items():
            if key.startswith(b"S\0"):
                sku = key.split(b"\0", 2)[2].decode()
                on_hand, reserved = msgspec.msgpack.decode(value)[:2]
                assert 0 <= reserved == held[sku] <= on_hand
