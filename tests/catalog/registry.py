"""A catalogue that runs the actor on bytes, told as given, when, then."""

from typing import Any, Self

from agents.catalog.agent import CatalogActor
from tests.hosted import Hosted, Wish


class Registry(Hosted):
    """A catalogue."""

    def __init__(self) -> None:
        super().__init__(CatalogActor(), ("catalog", "main"), partition=3)

    def then(self, kind: str, /, *lines: Wish) -> Self:
        """This event, with these lines and no other fields."""
        assert (self.told["type"], self.fields()) == (kind, {"lines": list(lines)})
        return self


def _lines(kind: str, lines: tuple[Wish, ...]) -> Wish:
    return {"type": kind, "lines": list(lines)}


def product(name: str, title: str = "A product") -> Wish:
    """There is a product."""
    return _lines("DefineProduct", ({"product": name, "title": title},))


def retitle(name: str, title: str) -> Wish:
    """A product has another title."""
    return _lines("ChangeProduct", ({"product": name, "title": title},))


def retire_product(name: str) -> Wish:
    """A product gets no items any more."""
    return _lines("RetireProduct", ({"product": name},))


def item(*skus: str, **fields: Any) -> Wish:
    """There are items, alike."""
    return _lines("DefineItem", tuple({"sku": sku, "base_unit": "piece"} | fields for sku in skus))


def change(sku: str, **fields: Any) -> Wish:
    """This is known of an item."""
    return _lines("ChangeItem", ({"sku": sku} | fields,))


def retire(*skus: str) -> Wish:
    """Items change no more."""
    return _lines("RetireItem", tuple({"sku": sku} for sku in skus))


def number(sku: str, gtin: str, unit: str | None = None) -> Wish:
    """A number is on one of a unit."""
    told = {"sku": sku, "gtin": gtin} | ({} if unit is None else {"unit": unit})
    return _lines("AssignGtin", (told,))


def unnumber(gtin: str) -> Wish:
    """A number is on nothing any more."""
    return _lines("UnassignGtin", ({"gtin": gtin},))


def units(sku: str, **ratios: tuple[int, int]) -> Wish:
    """An item is counted in these units too: `case=(12, 1)`."""
    told = [
        {"unit": unit, "numerator": numerator, "denominator": denominator}
        for unit, (numerator, denominator) in ratios.items()
    ]
    return _lines("SetUnits", ({"sku": sku, "units": told},))


def kit(sku: str, *components: tuple[str, int]) -> Wish:
    """An item is put together of others: (sku, quantity)."""
    return _lines("DefineKit", (kit_line(sku, *components),))


def kit_line(sku: str, *components: tuple[str, int]) -> Wish:
    """One line of that."""
    told = [{"sku": one, "quantity": quantity} for one, quantity in components]
    return {"sku": sku, "components": told}


def dissolve(*skus: str) -> Wish:
    """Kits are items like others."""
    return _lines("DissolveKit", tuple({"sku": sku} for sku in skus))
