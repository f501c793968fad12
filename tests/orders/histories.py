"""Long random histories of orders over warehouses, drawn from a number."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.orders.books import reservations
from tests.orders.world import WAREHOUSES, World

LENGTH_MAX = 24
numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, LENGTH_MAX))
"""(seed, length) of a history."""
SKUS = ("A", "B")
ORDERS = ("o-1", "o-2", "o-3")
STRATEGIES = ("priority", "nearest", "fewest_splits", "fefo", "cost")
HOLD_S = 60


class History:
    """Draws what happens next; who meddles touches the reservations of orders himself."""

    def __init__(self, seed: int, meddles: bool = False) -> None:
        self.world = World(seed)
        self.random = Random(seed)
        self._terms = Random(f"{seed}, on which terms")  # of its own: what else is drawn stays
        self.wanted: dict[str, dict[str, int]] = {}
        self.waits: dict[str, bool] = {}
        self._meddles = meddles
        for name in WAREHOUSES:
            self.world.send(name, "ReceiveStock", lines=self._lines(0, 6))
            if self._terms.random() < 0.3:
                pools = [{"channel": "web", "quantity": self._terms.randint(0, 6)}]
                self.world.send(name, "SetChannelPools", lines=[{"sku": "A", "pools": pools}])

    def next(self) -> None:
        """One thing happens, then some steps are taken."""
        events = [self._place, self._place, self._cancel, self._trade, self._trade, self._wait]
        if self._meddles:
            events += [self._meddle] * 4
        self.random.choice(events)()
        for _ in range(self.random.choice((0, 1, 3, 10, 40))):
            self.world.step()
        if self.random.random() < 0.2:
            self.world.go_back()

    def _lines(self, least: int = 1, most: int = 4) -> list[dict[str, Any]]:
        skus = self.random.sample(SKUS, self.random.randint(1, 2))
        return [{"sku": sku, "quantity": max(1, self.random.randint(least, most))} for sku in skus]

    def _place(self) -> None:
        order = self.random.choice(ORDERS)
        lines = self._lines(1, 8)
        waits = self.random.random() < 0.4
        self.world.send(
            order,
            "PlaceOrder",
            lines=lines,
            sources=[self._source(name) for name in self._some()],
            strategy=self.random.choice(STRATEGIES),
            backorder=waits,
            attempts_max=self.random.randint(1, 4),
            hold_s=HOLD_S,
            **self._drawn_terms(),
        )
        if order not in self.wanted:  # a second one of its name is refused
            self.wanted[order] = {line["sku"]: line["quantity"] for line in lines}
            self.waits[order] = waits

    def _drawn_terms(self) -> dict[str, Any]:
        """Each in half of the orders."""
        drawn: dict[str, Any] = {
            "channel": self._terms.choice(("web", "shop")),
            "priority": self._terms.randint(0, 9),
            "promised": f"2026-12-0{self._terms.randint(1, 9)}T00:00:00Z",
            "shelf_life_days": self._terms.randint(0, 60),
        }
        return {name: term for name, term in drawn.items() if self._terms.random() < 0.5}

    def _some(self) -> list[str]:
        return self.random.sample(WAREHOUSES, self.random.randint(1, len(WAREHOUSES)))

    def _source(self, warehouse: str) -> dict[str, Any]:
        told: dict[str, Any] = {"warehouse": warehouse, "priority": self.random.randint(0, 2)}
        for name in ("distance", "cost"):
            if self.random.random() < 0.7:
                told[name] = self.random.randint(0, 3)
        if self.random.random() < 0.7:
            told["stock"] = [
                {"sku": sku, "available": self.random.randint(0, 6)}
                | ({"expires_on": f"2026-12-0{day}"} if (day := self.random.randint(0, 3)) else {})
                for sku in SKUS
            ]
        return told

    def _cancel(self) -> None:
        self.world.send(self.random.choice(ORDERS), "CancelOrder")

    def _trade(self) -> None:
        """Somebody else's business in a warehouse."""
        warehouse, name = self.random.choice(WAREHOUSES), f"r-{self.random.randint(0, 2)}"
        lines = self._lines()
        wishes: list[tuple[str, dict[str, Any]]] = [
            ("ReceiveStock", {"lines": lines}),
            ("ReceiveStock", {"lines": lines}),
            ("ShipStock", {"lines": lines}),
            ("ReserveStock", {"lines": lines, "reservation": name, "ttl_seconds": 30}),
            ("ReleaseReservation", {"reservation": name}),
            ("BackorderStock", {"lines": lines, "reservation": name, "priority": 1}),
            ("SetStockPolicy", {"lines": [{"sku": "A", "safety_stock": 1}]}),
        ]
        kind, fields = self.random.choice(wishes)
        self.world.send(warehouse, kind, **fields)

    def _wait(self) -> None:
        self.world.pass_time(self.random.choice((1_000, 30_000, 61_000)))

    def _meddle(self) -> None:
        """A warehouse's own people at work on an order's reservation, or in its way."""
        held = list(reservations(self.world).items())
        if not held:
            return
        (warehouse, name), one = self.random.choice(held)
        some = self.random.sample(list(one.quantities), self.random.randint(1, len(one.quantities)))
        lines = [{"sku": sku, "quantity": self._part(one.quantities[sku])} for sku in some]
        whole = [{"sku": sku, "quantity": units} for sku, units in one.quantities.items()]
        kinds = ("PickStock", "PackStock", "ShipPacked", "UnpickStock")
        if self.random.random() < 0.6:
            chosen = self.random.choice((lines, whole))
            if self.random.random() < 0.3:
                self.world.send(warehouse, "ConfirmReservation", reservation=name)
            for kind in self.random.choice((kinds[:3], kinds[:1], kinds[:2], kinds[3:])):
                self.world.send(warehouse, kind, reservation=name, lines=chosen)
            return
        kind = self.random.choice(
            ("ReleaseReservation", "ShipReservation", "ConfirmReservation", "SupersedeReservation")
        )
        fields: dict[str, Any] = {"reservation": name}
        if kind == "SupersedeReservation":
            number = self.random.randint(0, 9)
            fields = {"reservation": f"s-{number}", "replaces": name, "ttl_seconds": 30}
            fields["lines"] = lines
        self.world.send(warehouse, kind, **fields)

    def _part(self, units: int) -> int:
        return self.random.choice((units, self.random.randint(1, units)))


def run(seed: int, length: int, meddles: bool = False) -> History:
    """A history of some length, with everything under way come to its end."""
    history = History(seed, meddles)
    for _ in range(length):
        history.next()
    history.world.settle()
    return history
