"""Checks a catalogue: what its events say item by item, beside the rows of every copy of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cli.event_view import Event, Key
from cli.findings import Check
from schemas.domains import CATALOG
from tables.catalog import GTINS, ITEMS, KITS

Entry = tuple[Any, ...]


class Entries:
    """One partition's items, numbers and kits, added up event by event."""

    def __init__(self, partition: int, check: Check) -> None:
        self._name, self._check = f"{CATALOG}, partition {partition}", check
        self._next_seq = 1
        self._rows: dict[Key, Entry] = {}
        self._parts: dict[Key, dict[str, int]] = {}  # of kits, as they were told

    @property
    def waiting(self) -> int:
        """Nothing: a catalogue is told of no other domain's events."""
        return 0

    def moved(self, event: Event) -> None:
        """Take an event of stock, which says nothing here."""

    def missing(self) -> None:
        """Tell what has not been told in time: nothing is waited for."""

    def told(self, value: bytes) -> None:
        """Take an event of the catalogue."""
        event = msgspec.json.decode(value)
        self._check.compared += 1
        if event["seq"] != self._next_seq:
            self._check.differ(
                f"{self._name}: event {event['id']} where seq {self._next_seq} must be"
            )
        self._next_seq = event["seq"] + 1
        for line in event.get("lines", ()):
            if "sku" in line:
                self._take(event["type"], event["catalog"], line)

    def _take(self, kind: str, catalog: str, line: dict[str, Any]) -> None:
        sku, version = line["sku"], line["version"]
        item = catalog, f"S {sku}"
        _, retired, units, gtins = self._rows.get(item, (0, False, {}, {}))
        match kind:
            case "ItemRetired":
                retired = True
            case "UnitsSet":
                units = {
                    one["unit"]: (one["numerator"], one["denominator"]) for one in line["units"]
                }
            case "GtinAssigned":
                gtins = gtins | {line["gtin"]: line["unit"]}
                self._rows[catalog, f"G {line['gtin']}"] = sku, line["unit"]
            case "GtinUnassigned":
                gtins = {gtin: unit for gtin, unit in gtins.items() if gtin != line["gtin"]}
                self._rows.pop((catalog, f"G {line['gtin']}"), None)
            case "KitDefined":
                parts = {one["sku"]: one["quantity"] for one in line["components"]}
                self._parts[catalog, sku] = parts
            case "KitDissolved":
                self._parts.pop((catalog, sku), None)
        self._rows[item] = version, retired, units, gtins

    def compare(self, name: str, rows: Mapping[Key, Entry]) -> None:
        """Compare a copy that has seen the same events."""
        expected = self._rows | self._kits()
        for key in expected.keys() | rows.keys():
            self._check.compared += 1
            here, there = expected.get(key), rows.get(key)
            if here != there:
                self._check.differ(f"{name}, {'/'.join(key)}: {there}; the events say {here}")

    def _kits(self) -> dict[Key, Entry]:
        found: dict[Key, dict[str, int]] = {}

        def whole(catalog: str, sku: str) -> dict[str, int]:
            key = catalog, sku
            if key not in self._parts:
                return {sku: 1}
            if key not in found:
                sums: dict[str, int] = {}
                for part, quantity in self._parts[key].items():
                    for one, each in whole(catalog, part).items():
                        sums[one] = sums.get(one, 0) + quantity * each
                found[key] = sums
            return found[key]

        return {
            (catalog, f"K {sku}"): (parts, whole(catalog, sku))
            for (catalog, sku), parts in self._parts.items()
        }

    def rows_of(self, pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[Key, Entry]:
        """Items, numbers and kits as a changelog has them."""
        found: dict[Key, Entry] = {}
        for key, value in pairs:
            kind, catalog, name = (part.decode() for part in key.split(b"\0", 2))
            where = catalog, f"{kind} {name}"
            if kind == "S":
                item = ITEMS.decode(value)
                found[where] = item.version, item.retired, item.units, item.gtins
            elif kind == "G":
                number = GTINS.decode(value)
                found[where] = number.sku, number.unit
            elif kind == "K":
                kit = KITS.decode(value)
                found[where] = kit.components, kit.units
        return found
