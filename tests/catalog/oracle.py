"""What a catalogue should be, in plain dictionaries: decided without the code under test."""

import re
from copy import deepcopy
from fractions import Fraction
from typing import Any

from msgspec import msgpack

KNOWN = ("title", "product", "item_type", "temperature_class", "shelf_life_days")
EVENTS = {
    "DefineProduct": "ProductDefined",
    "ChangeProduct": "ProductChanged",
    "RetireProduct": "ProductRetired",
    "DefineItem": "ItemDefined",
    "ChangeItem": "ItemChanged",
    "RetireItem": "ItemRetired",
    "AssignGtin": "GtinAssigned",
    "UnassignGtin": "GtinUnassigned",
    "SetUnits": "UnitsSet",
    "DefineKit": "KitDefined",
    "DissolveKit": "KitDissolved",
}
# as docs/catalog.md has them
LEVELS_MAX, SKUS_MAX, ABOVE_MAX, QUANTITY_MAX = 8, 200, 50, 10**12


class No(Exception):
    """A code."""


def is_gtin(text: str) -> bool:
    """By the weights of GS1, over fourteen places."""
    if len(text) not in (8, 12, 13, 14) or not set(text) <= set("0123456789"):
        return False
    places = [int(digit) for digit in text.rjust(14, "0")]
    return sum(places) > 0 and (3 * sum(places[::2]) + sum(places[1::2])) % 10 == 0


def _method(kind: str) -> str:
    return re.sub("(?=[A-Z])", "_", kind).lower()


class Oracle:
    """One catalogue."""

    def __init__(self) -> None:
        self.products: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.kits: dict[str, dict[str, int]] = {}

    def decide(self, wish: dict[str, Any]) -> str:
        """The event's type, or the rejection's code; all lines or none."""
        before = deepcopy(vars(self))
        try:
            for line in wish["lines"]:
                getattr(self, _method(wish["type"]))(line)
        except No as refusal:
            vars(self).update(before)
            return str(refusal)
        return EVENTS[wish["type"]]

    def _product(self, name: str) -> dict[str, Any]:
        if name not in self.products:
            raise No("PRODUCT_NOT_FOUND")
        if self.products[name]["retired"]:
            raise No("PRODUCT_RETIRED")
        return self.products[name]

    def _item(self, sku: str) -> dict[str, Any]:
        if sku not in self.items:
            raise No("ITEM_NOT_FOUND")
        if self.items[sku]["retired"]:
            raise No("ITEM_RETIRED")
        return self.items[sku]

    def members(self, product: str) -> list[str]:
        """SKUs of a product."""
        return sorted(sku for sku, found in self.items.items() if found.get("product") == product)

    def active(self, product: str) -> int:
        """How many of them are not retired."""
        return sum(not self.items[sku]["retired"] for sku in self.members(product))

    def _define_product(self, line: dict[str, Any]) -> None:
        if line["product"] in self.products:
            raise No("PRODUCT_EXISTS")
        self.products[line["product"]] = {"title": line["title"], "retired": False, "version": 1}

    def _change_product(self, line: dict[str, Any]) -> None:
        found = self._product(line["product"])
        found["title"] = line["title"]
        found["version"] += 1

    def _retire_product(self, line: dict[str, Any]) -> None:
        found = self._product(line["product"])
        if self.active(line["product"]):
            raise No("PRODUCT_IN_USE")
        found["retired"] = True
        found["version"] += 1

    def _define_item(self, line: dict[str, Any]) -> None:
        if line["sku"] in self.items:
            raise No("ITEM_EXISTS")
        if line.get("product") is not None:
            self._product(line["product"])
        self.items[line["sku"]] = {
            "base_unit": line["base_unit"],
            "tracking": line.get("tracking", "none"),
            "retired": False,
            "version": 1,
            "units": {},
            "gtins": {},
            **{name: line.get(name) for name in KNOWN},
        }

    def _change_item(self, line: dict[str, Any]) -> None:
        found = self._item(line["sku"])
        if line.get("product") not in (None, found["product"]):
            self._product(line["product"])
        found.update({name: line.get(name) for name in KNOWN})
        found["version"] += 1

    def _retire_item(self, line: dict[str, Any]) -> None:
        found = self._item(line["sku"])
        found["retired"] = True
        found["version"] += 1

    def sku_of(self, gtin: str) -> str | None:
        """What a number is on."""
        on = [sku for sku, found in self.items.items() if gtin.zfill(14) in found["gtins"]]
        assert len(on) <= 1
        return on[0] if on else None

    def _assign_gtin(self, line: dict[str, Any]) -> None:
        found = self._item(line["sku"])
        if not is_gtin(line["gtin"]):
            raise No("GTIN_INVALID")
        unit = line.get("unit") or found["base_unit"]
        if unit not in (found["base_unit"], *found["units"]):
            raise No("UNIT_UNKNOWN")
        if self.sku_of(line["gtin"]) is not None:
            raise No("GTIN_TAKEN")
        found["gtins"][line["gtin"].zfill(14)] = unit
        found["version"] += 1

    def _unassign_gtin(self, line: dict[str, Any]) -> None:
        if not is_gtin(line["gtin"]):
            raise No("GTIN_INVALID")
        sku = self.sku_of(line["gtin"])
        if sku is None:
            raise No("GTIN_NOT_FOUND")
        found = self._item(sku)
        del found["gtins"][line["gtin"].zfill(14)]
        found["version"] += 1

    def _set_units(self, line: dict[str, Any]) -> None:
        found = self._item(line["sku"])
        units = {
            one["unit"]: Fraction(one["numerator"], one.get("denominator", 1))
            for one in line["units"]
        }
        if found["base_unit"] in units:
            raise No("UNIT_IS_BASE")
        if any(units.get(unit) != found["units"].get(unit) for unit in found["gtins"].values()):
            raise No("UNIT_IN_USE")
        found["units"] = units
        found["version"] += 1

    def within(self, sku: str) -> set[str]:
        """All that is in a kit, at any level."""
        parts = self.kits.get(sku, {})
        return set(parts).union(*map(self.within, parts))

    def levels(self, sku: str) -> int:
        """Of kits, with itself."""
        parts = self.kits.get(sku)
        return 0 if parts is None else 1 + max(map(self.levels, parts))

    def exploded(self, sku: str, quantity: int = 1) -> dict[str, int]:
        """What so much of an item comes to in the end."""
        if sku not in self.kits:
            return {sku: quantity}
        sums: dict[str, int] = {}
        for one, each in self.kits[sku].items():
            for leaf, units in self.exploded(one, quantity * each).items():
                sums[leaf] = sums.get(leaf, 0) + units
        return sums

    def _define_kit(self, line: dict[str, Any]) -> None:
        found = self._item(line["sku"])
        components: dict[str, int] = {}
        for one in line["components"]:
            components[one["sku"]] = components.get(one["sku"], 0) + one["quantity"]
        for sku in components:
            self._item(sku)
        for sku in components:
            if line["sku"] == sku or line["sku"] in self.within(sku):
                raise No("KIT_CYCLE")
        self._compose(line["sku"], components)
        found["version"] += 1

    def _dissolve_kit(self, line: dict[str, Any]) -> None:
        found = self._item(line["sku"])
        if line["sku"] not in self.kits:
            raise No("KIT_NOT_FOUND")
        self._compose(line["sku"], None)
        found["version"] += 1

    def _compose(self, sku: str, components: dict[str, int] | None) -> None:
        above = [kit for kit in self.kits if sku in self.within(kit)]
        if len(above) > ABOVE_MAX:
            raise No("KIT_TOO_LARGE")
        self.kits.pop(sku, None)
        if components is not None:
            self.kits[sku] = components
        for kit in (sku, *above):
            parts = self.exploded(kit)
            if kit in self.kits and (
                self.levels(kit) > LEVELS_MAX
                or len(parts) > SKUS_MAX
                or max(parts.values()) > QUANTITY_MAX
            ):
                raise No("KIT_TOO_LARGE")

    def rows(self) -> dict[bytes, Any]:
        """What should stand in the store, decoded."""
        rows: dict[bytes, Any] = {}

        def put(kind: str, name: str, row: Any) -> None:
            rows[f"{kind}\0main\0{name}".encode()] = row

        for name, found in self.products.items():
            shown = [found["title"], found["version"], self.active(name), found["retired"]]
            put("D", name, shown)
            if self.members(name):
                put("M", name, self.members(name))
        for sku, found in self.items.items():
            told = [found[name] for name in ("base_unit", "tracking", "version", "retired")]
            ratios = {unit: [*one.as_integer_ratio()] for unit, one in found["units"].items()}
            put("S", sku, [*told, *(found[name] for name in KNOWN), ratios, found["gtins"]])
            for gtin, unit in found["gtins"].items():
                put("G", gtin, [sku, unit])
            uses = sorted(kit for kit, parts in self.kits.items() if sku in parts)
            if uses:
                put("V", sku, uses)
        for sku, parts in self.kits.items():
            put("K", sku, [parts, self.exploded(sku), self.levels(sku)])
        return rows


def decoded(rows: dict[bytes, bytes]) -> dict[bytes, Any]:
    """Rows, read without the code under test."""
    return {key: msgpack.decode(value) for key, value in rows.items()}
