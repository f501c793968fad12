"""Stock and lots against each other: what one tells the other waits until it is delivered.

Each warehouse is a partition of stock, with an order of its own, and so is lots; nothing is said of
the order between them.
"""

import json
from collections import Counter
from typing import Any

from agents.lots import policy, wishes
from tests.lots.books import ACCOUNTS
from tests.lots.depot import Depot
from tests.stock.bytes_of import Shop
from tests.stock.tables_of import Tables

WAREHOUSES = ("LON-1", "PAR-1")
Counts = dict[tuple[str, str], Counter[str]]
"""(warehouse, SKU) -> units by account."""


class Both:
    """Two warehouses of stock, the lots of all their SKUs, and what is under way between them."""

    def __init__(self, warehouses: tuple[str, ...] = WAREHOUSES) -> None:
        self._warehouses = warehouses
        self.shops = {name: Shop() for name in warehouses}
        for number, shop in enumerate(self.shops.values()):
            shop.moment.partition = number
        self.depot = Depot()
        self.between: dict[str, list[bytes]] = {name: [] for name in warehouses}
        self.told: Counts = {}  # what lots have been told so far
        self._snapshots: dict[str, list[Counts]] = {name: [] for name in warehouses}
        self._relayed = dict.fromkeys((*warehouses, "lots"), 0)
        self._asked: list[tuple[str, bytes]] = []

    def stock(self, warehouse: str, kind: str, **fields: Any) -> dict[str, Any]:
        """Decide a command of stock."""
        told = {"type": kind, "warehouse": warehouse} | fields
        told.setdefault("id", f"{warehouse}-{self.shops[warehouse].moment.offset}")
        return self._stock(warehouse, json.dumps(told).encode())

    def _stock(self, warehouse: str, value: bytes) -> dict[str, Any]:
        shop = self.shops[warehouse]
        decision = shop.put(value)
        for target, caused in decision.commands:
            self.between[target].append(caused)
        self._note(warehouse)
        event: dict[str, Any] = json.loads(decision.event or b"null")
        return event

    def _note(self, warehouse: str) -> None:
        shop, seen = self.shops[warehouse], self._snapshots[warehouse]
        seen += [self._counts(warehouse)] * (len(shop.events) - len(seen))

    def _counts(self, warehouse: str) -> Counts:
        tables, counts = Tables(self.shops[warehouse].rows), {}
        for place, row in tables.stock.items():
            others = tables.balances.get(place, {})
            found = {name: others.get(name, 0) for name in ACCOUNTS[1:]}
            counts[place] = Counter(found | {"sellable": row["on_hand"]})
        return counts

    def pass_time(self, ms: int) -> None:
        """Time goes on everywhere."""
        for name, shop in self.shops.items():
            for _ in shop.pass_time(ms):
                pass
            self._note(name)
        self.depot.pass_time(ms)

    def lots(self, **wish: Any) -> dict[str, Any]:
        """Decide a command of lots."""
        self.depot.send(wish)
        return self.depot.told

    def routes(self) -> list[str]:
        """Where something waits to be delivered."""
        found = [name for name in self._warehouses if self.between[name]]
        found = [f"between {name}" for name in found]
        for name in self._warehouses:
            if self._relayed[name] < len(self.shops[name].events):
                found.append(f"stock {name}")
        if self._relayed["lots"] < len(self.depot.events) or self._asked:
            found.append("lots")
        return found

    def deliver(self, route: str) -> None:
        """The next of what waits there."""
        kind, _, name = route.partition(" ")
        if kind == "between":
            self._stock(name, self.between[name].pop(0))
        elif kind == "stock":
            at = self._relayed[name]
            self._relayed[name] = at + 1
            for _, cause, command in policy.told(self.shops[name].events[at]):
                self.depot.put(command)
                assert self.depot.told["cause"] == cause, self.depot.told
            self.told |= self._snapshots[name][at]
        else:
            self._lots()

    def _lots(self) -> None:
        if not self._asked:
            at = self._relayed["lots"]
            self._relayed["lots"] = at + 1
            told = wishes.told(self.depot.events[at])
            self._asked += [(warehouse, command) for warehouse, _, command in told]
        if self._asked:
            self._stock(*self._asked.pop(0))

    def deliver_all(self) -> None:
        """All that waits, and what comes of it, one route after the other."""
        while routes := self.routes():
            self.deliver(routes[0])

    def check(self) -> None:
        """Lots have what they were told that stock has, account by account; and their books."""
        skus = {sku for _, sku in self.told}
        for sku in skus:
            books = self.depot.books(sku)
            books.check()
            for warehouse in self._warehouses:
                expected = self.told.get((warehouse, sku), Counter())
                assert Counter(books.on_site(warehouse)) == expected, (warehouse, sku)
