"""A depot whose units have serials, and what it says of them."""

from typing import Any

from tests.lots.depot import Depot, come, name, register

Where = tuple[str, str, str | None]
"""(warehouse, account, reservation)."""


def three(lot: str | None = None) -> Depot:
    """Three units, each with a serial."""
    depot = Depot().given(*([register(lot)] if lot else []), come(lot or "-", 3))
    return depot.given(name("N1", "N2", "N3", **({"lot": lot} if lot else {})))


def where(depot: Depot, serial: str) -> Where:
    """Where it is, as its row says; and the books are right."""
    books = depot.books()
    books.check()
    row = books.serials[serial]
    return row["warehouse"], row["account"], row["reservation"]


def places(depot: Depot) -> dict[str, Where]:
    return {serial: where(depot, serial) for serial in depot.books().serials}


def told(depot: Depot) -> list[tuple[Any, ...]]:
    """What the last event says of serials."""
    fields = ("serial", "from_account", "to_account", "reservation")
    return [tuple(map(one.get, fields)) for one in depot.told.get("serials", [])]
