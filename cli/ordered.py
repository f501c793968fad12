"""Checks what orders say is held for them against the reservations of warehouses, unit by unit.

An order and its warehouses are in partitions of their own, and tell each other after the fact: so
nothing is compared before all partitions were read, and then again until both have caught up.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from cli.event_view import Event, Key
from cli.findings import Check
from schemas.orders_lines import OVER, reservation_of
from tables.orders import ORDERS

ORDER_KIND: Final = b"o"
_HELD: Final = frozenset(("reserved", "confirmed", "waiting", "kept"))
_ASKED: Final = frozenset(("reserving", "confirming", "backordering", "releasing"))

Units = dict[str, tuple[int, int, int]]
"""By SKU: what a reservation is of, and of it what is missing and what has left."""


class Line(msgspec.Struct, gc=False):
    """What a leg says of a SKU."""

    sku: str
    quantity: int
    missing: int = 0
    shipped: int = 0


class Leg(msgspec.Struct, gc=False):
    """What an order says of a leg."""

    warehouse: str
    attempt: int
    state: str
    lines: list[Line]


class Told(msgspec.Struct, gc=False):
    """What the books read of an event of orders; a rejection has no state."""

    id: str
    seq: int
    order: str
    state: str = ""
    attempt: int = 0
    legs: list[Leg] = []


_decode = msgspec.json.Decoder(Told).decode


class Promised:
    """All partitions: the reservations that orders asked for, and the legs of orders."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self._held: dict[Key, Units] = {}  # by (warehouse, reservation)
        self._closed: dict[Key, Units] = {}  # what ran out may be promised once more
        self._orders: dict[str, Told] = {}

    def moved(self, event: Event) -> None:
        """Take an event of stock."""
        for fill in event.filled:
            self._change(event.warehouse, fill.reservation, fill.sku, -fill.quantity, 0)
        name = event.replaces if event.type == "ReservationSuperseded" else event.reservation
        if name is not None and name.startswith("order/"):
            self._step(event, (event.warehouse, name))

    def _step(self, event: Event, place: Key) -> None:
        if event.type in ("StockReserved", "StockBackordered"):
            step = "reserve" if event.type == "StockReserved" else "backorder"
            if event.command_id == f"{place[1]}/{step}":
                units = {line.sku: (line.quantity, line.missing, 0) for line in event.lines}
                self._held[place] = units
        elif event.type == "ReservationConfirmed" and place in self._closed:
            self._held[place] = self._closed.pop(place)
        elif event.type == "ReservationExpired" and place in self._held:
            self._closed[place] = self._held.pop(place)
        elif event.type in ("ReservationReleased", "ReservationSuperseded", "StockShipped"):
            self._held.pop(place, None)
        elif event.type == "PackedShipped":
            for line in event.lines:
                self._change(*place, line.sku, 0, line.quantity)
            if all(left == units for units, _, left in self._held.get(place, {}).values()):
                self._held.pop(place, None)

    def _change(self, warehouse: str, name: str, sku: str, missing: int, shipped: int) -> None:
        held = self._held.get((warehouse, name))
        if held is not None and sku in held:
            units, before, left = held[sku]
            held[sku] = units, before + missing, left + shipped

    def told(self, event: Told) -> None:
        """Take an event of orders."""
        if event.state:
            self._orders[event.order] = event

    def row(self, order: str) -> Told | None:
        """An order as its last event has it."""
        return self._orders.get(order)

    def differences(self) -> list[str]:
        """Where the two do not agree, or one has not answered the other."""
        said: dict[Key, Units] = {}
        found = []
        for order in self._orders.values():
            for leg in order.legs:
                place = leg.warehouse, reservation_of(order.order, leg.attempt)
                if leg.state in _ASKED:
                    found.append(f"{place[1]} in {place[0]}: {leg.state}, and not answered")
                elif leg.state in _HELD:
                    said[place] = {
                        line.sku: (line.quantity, line.missing, line.shipped) for line in leg.lines
                    }
                    if order.state in OVER:
                        found.append(f"{place[1]} in {place[0]}: {leg.state} for nobody")
        found += [
            f"{name} in {warehouse}: the order says {said.get((warehouse, name), 'nothing')}, the "
            f"warehouse {self._held.get((warehouse, name), 'nothing')}"
            for warehouse, name in sorted(said.keys() | self._held.keys())
            if said.get((warehouse, name)) != self._held.get((warehouse, name))
        ]
        return found

    def close(self, found: list[str]) -> None:
        """Tell what was compared, and what does not agree."""
        self.check.compared += len(self._held)
        self.check.differ_all(found)


class Orders:
    """One partition of orders, event by event."""

    def __init__(self, partition: int, promised: Promised) -> None:
        self._name = f"orders, partition {partition}"
        self._promised = promised
        self._next_seq = 1
        self._open = set[str]()  # orders that are not over: none of them is forgotten

    @property
    def waiting(self) -> int:
        """Nothing is waited for here: orders are compared when all partitions were read."""
        return 0

    def moved(self, event: Event) -> None:
        """Take an event of stock."""
        self._promised.moved(event)

    def told(self, value: bytes) -> None:
        """Take an event of orders."""
        event, check = _decode(value), self._promised.check
        if event.seq != self._next_seq:
            check.differ(f"{self._name}: event {event.id} where seq {self._next_seq} must be")
        self._next_seq = event.seq + 1
        self._promised.told(event)
        if event.state in OVER:
            self._open.discard(event.order)
        elif event.state:
            self._open.add(event.order)

    def compare(self, name: str, rows: Mapping[Any, Any]) -> None:
        """Compare a copy that has seen the same events; what is over may be forgotten there."""
        for order in sorted(self._open - rows.keys()):
            self._promised.check.differ(f"{name}, order {order}: is not there, and not over")
        for order, row in rows.items():
            told = self._promised.row(order)
            self._promised.check.compared += 1
            here = None if told is None else _numbers(told)
            if here != _numbers(row):
                self._promised.check.differ(
                    f"{name}, order {order}: {_numbers(row)}; the events say {here}"
                )

    def rows_of(self, pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[Any, Any]:
        """Orders as a changelog has them."""
        return {
            key.split(b"\0")[1].decode(): ORDERS.decode(value)
            for key, value in pairs
            if key.startswith(ORDER_KIND + b"\0")
        }

    def missing(self) -> None:
        """Nothing is told by what did not come."""


def _numbers(order: Any) -> list[Any]:
    """What a row and an event both say of an order, in the same words."""
    legs = [
        (
            leg.warehouse,
            leg.attempt,
            leg.state,
            [(line.sku, line.quantity, line.missing, line.shipped) for line in leg.lines],
        )
        for leg in order.legs
    ]
    return [order.state, order.attempt, *legs]


decode_told = _decode
