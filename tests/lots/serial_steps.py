"""What is said of serials in a random history: mostly of what is there, and not always rightly."""

from random import Random
from typing import Any

from tests.lots.books import Books
from tests.lots.both import WAREHOUSES, Both

SERIALS = tuple(f"N{number}" for number in range(1, 13))
SITE = ("sellable", "quality_hold", "damaged", "expired", "recalled")
PLACES = (*SITE, "staged", "in_transit", "customer", "supplier", "gain_loss", "production")


def _nameless(books: Books, warehouse: str) -> list[str]:
    """Accounts of a warehouse in which units have no serial."""
    return [account for account in SITE if books.nameless(warehouse, account) > 0]


class SerialSteps:
    """Draws a command of serials of one SKU, by what its rows say."""

    def __init__(self, random: Random, both: Both, lots: tuple[str, ...]) -> None:
        self._random, self._choose = random, random.choice
        self._both, self._lots = both, lots

    def step(self, sku: str) -> None:
        """Somebody scans something."""
        known = len(self._both.depot.books(sku).serials)
        if known < len(SERIALS) // 2 and self._is_right():
            self._register(sku)
            return
        steps = (*(self._bind,) * 6, *(self._move,) * 4, self._register, self._unbind, self._swap)
        self._choose(steps)(sku)

    def _is_right(self) -> bool:
        return self._random.random() < 0.85

    def _send(self, kind: str, sku: str, **fields: Any) -> None:
        self._both.lots(type=kind, sku=sku, **fields)

    def _names(self, found: list[str]) -> list[dict[str, str]]:
        """One serial of these or two, or of all there ever are."""
        among = found if found and self._is_right() else list(SERIALS)
        count = min(len(among), self._choose((1, 1, 1, 2)))
        return [{"serial": name} for name in self._random.sample(sorted(among), count)]

    def _register(self, sku: str) -> None:
        books = self._both.depot.books(sku)
        fresh = [name for name in SERIALS if name not in books.serials]
        places = [(place, account) for place in WAREHOUSES for account in _nameless(books, place)]
        if not places and self._is_right():
            return
        warehouse, account = self._choose(places or [(WAREHOUSES[0], "sellable")])
        lots = sorted(books.lots) if self._is_right() else list(self._lots)
        self._send(
            "RegisterSerials",
            sku,
            serials=self._names(fresh),
            warehouse=warehouse,
            account=account,
            lot=self._choose((None, *lots, *lots)),
        )

    def _bind(self, sku: str) -> None:
        books = self._both.depot.books(sku)
        free: dict[str, list[str]] = {}
        for name, one in books.serials.items():
            if (one["account"], one["reservation"]) == ("sellable", None):
                free.setdefault(one["warehouse"], []).append(name)
        claims = [place for place in sorted(books.claims) if place[0] in free]
        if not self._is_right():
            claims = [(WAREHOUSES[0], "never")]
        if not claims:
            self._move(sku)
            return
        warehouse, reservation = self._choose(claims)
        there = free.get(warehouse, [])
        if not self._is_right():  # somebody else's
            there = [name for bound in books.bound_serials.values() for name in bound]
        named = {"warehouse": warehouse, "reservation": reservation}
        self._send("BindSerials", sku, serials=self._names(there), **named)

    def _unbind(self, sku: str) -> None:
        found = self._both.depot.books(sku).bound_serials
        if not found or not self._is_right():
            names, warehouse = self._names([]), self._choose(WAREHOUSES)
        else:
            (warehouse, _), bound = self._choose(sorted(found.items()))
            names = self._names(sorted(bound))
        self._send("UnbindSerials", sku, serials=names, warehouse=warehouse)

    def _swap(self, sku: str) -> None:
        known = sorted(self._both.depot.books(sku).serials) or list(SERIALS)
        pair = self._choose(known), self._choose(known)
        self._send("SwapSerials", sku, serial=pair[0], other=pair[1])

    def _move(self, sku: str) -> None:
        found = self._both.depot.books(sku).serials
        name = self._choose(sorted(found) or list(SERIALS))
        unseen = {"warehouse": WAREHOUSES[0], "account": "customer", "reservation": None}
        one = found.get(name, unseen)
        source = one["account"] if self._is_right() else self._choose(PLACES)
        there = _nameless(self._both.depot.books(sku), one["warehouse"])
        targets = ("customer", "in_transit", "in_transit", "scrap", *there, *there)
        target = self._choose(targets if self._is_right() else PLACES)
        reservation = one["reservation"]
        if reservation is not None and self._is_right():
            target = self._choose(("staged", "customer", "sellable"))
        warehouse = one["warehouse"] if self._is_right() else self._choose(WAREHOUSES)
        self._send(
            "MoveSerials",
            sku,
            serials=[{"serial": name}],
            warehouse=warehouse,
            from_account="gain_loss" if source == "scrap" else source,
            to_account=target,
            reservation=reservation if self._is_right() else None,
            reference=self._choose((None, "rma-1")),
        )
