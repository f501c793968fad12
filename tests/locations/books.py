"""What must hold of the rows whatever happened, read from their bytes alone."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import msgpack

LOCATION = ("kind", "parent", "constraints", "units", "mixed", "held", "levels")
CONTAINER = ("location", "into", "contents", "inside", "lines", "levels")
HOLDS = ("bin", "dock", "staging")


class Books:
    """The rows of one warehouse, decoded and added up without the code under test."""

    def __init__(self, rows: Mapping[bytes, bytes], warehouse: str) -> None:
        self.locations: dict[str, dict[str, Any]] = {}
        self.children: dict[str, list[str]] = {}
        self.holdings: dict[str, dict[str, tuple[int, int]]] = {}
        self.standing: dict[str, list[str]] = {}
        self.items: dict[str, tuple[str, int, int]] = {}
        self.places: dict[str, dict[str, tuple[int, int]]] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        for key, value in rows.items():
            kind, where, name = (part.decode() for part in key.split(b"\0", 2))
            if where == warehouse:
                self._take(kind, name, msgpack.decode(value))

    def _take(self, kind: str, name: str, row: Any) -> None:
        assert row, "a row that says nothing is not there"
        if kind == "L":
            self.locations[name] = dict(zip(LOCATION, row, strict=True))
        elif kind == "C":
            self.containers[name] = dict(zip(CONTAINER, row, strict=True))
        elif kind == "S":
            self.items[name] = tuple(row)
        elif kind in "HP":
            table = self.holdings if kind == "H" else self.places
            table[name] = {one: (loose, packed) for one, (loose, packed) in row.items()}
        else:
            {"B": self.children, "N": self.standing}[kind][name] = row

    def check(self) -> None:
        """All of it."""
        self.check_tree()
        self.check_containers()
        self.check_units()
        self.check_counts()
        self.check_constraints()

    def upwards(self, location: str) -> Iterator[str]:
        """A location and those above it; it fails where they have no top."""
        seen = []
        at: str | None = location
        while at is not None:
            assert at not in seen, "the tree is a tree"
            seen.append(at)
            yield at
            at = self.locations[at]["parent"]
        assert len(seen) <= 8

    def check_tree(self) -> None:
        """Each location stands below one that exists, and is among its children, once."""
        expected = defaultdict(list)
        for name, found in sorted(self.locations.items()):
            assert list(self.upwards(name))
            expected[found["parent"] or ""].append(name)
        assert self.children == expected

    def around(self, container: str) -> Iterator[str]:
        """A container and those that it is in."""
        seen = []
        at: str | None = container
        while at is not None:
            assert at not in seen, "no container is in itself"
            seen.append(at)
            yield at
            at = self.containers[at]["into"]
        assert len(seen) <= 5

    def location_of(self, container: str) -> str:
        """Where a container stands, or the outermost that it is in."""
        *_, outermost = self.around(container)
        location: str = self.containers[outermost]["location"]
        return location

    def check_containers(self) -> None:
        """Each stands in one place, whose list has it; and what is within one is counted."""
        standing: defaultdict[str, list[str]] = defaultdict(list)
        inside: defaultdict[str, list[str]] = defaultdict(list)
        lines: Counter[str] = Counter()
        levels: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for name, found in sorted(self.containers.items()):
            assert (found["into"] is None) != (found["location"] is None)
            assert self.locations[self.location_of(name)]["kind"] in HOLDS
            (standing if found["into"] is None else inside)[
                found["location"] or found["into"]
            ].append(name)
            assert all(units > 0 for units in found["contents"].values())
            for distance, one in enumerate(self.around(name)):
                lines[one] += len(found["contents"])
                levels[one][distance] += 1
        assert self.standing == standing
        for name, found in self.containers.items():
            assert found["inside"] == inside[name]
            assert found["lines"] == lines[name]
            assert [1, *found["levels"]] == [levels[name][at] for at in range(len(levels[name]))]

    def check_units(self) -> None:
        """Places by SKU are SKUs by place, packed are what containers have, placed is the sum."""
        turned: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for location, holding in self.holdings.items():
            assert self.locations[location]["kind"] in HOLDS
            for sku, (loose, packed) in holding.items():
                assert loose >= 0 <= packed
                assert loose + packed > 0
                turned[sku][location] = (loose, packed)
        assert self.places == turned
        for sku, places in self.places.items():
            assert self.items[sku][2] == sum(map(sum, places.values()))
        assert all(placed == 0 or sku in turned for sku, (_, _, placed) in self.items.items())
        self._check_packed()

    def _check_packed(self) -> None:
        packed: Counter[tuple[str, str]] = Counter()
        for name, found in self.containers.items():
            for sku, units in found["contents"].items():
                packed[self.location_of(name), sku] += units
        assert packed == {
            (location, sku): units
            for location, holding in self.holdings.items()
            for sku, (_, units) in holding.items()
            if units
        }

    def check_counts(self) -> None:
        """What a location says of all within it is the sum of what is within it."""
        units: Counter[str] = Counter()
        mixed: Counter[str] = Counter()
        held: defaultdict[str, Counter[str]] = defaultdict(Counter)
        levels: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for name in self.locations:
            holding = self.holdings.get(name, {})
            for distance, above in enumerate(self.upwards(name)):
                levels[above][distance] += 1
                mixed[above] += len(holding) > 1
                for sku, lying in holding.items():
                    units[above] += sum(lying)
                    held[above][self.items[sku][0]] += sum(lying)
        for name, found in self.locations.items():
            assert found["units"] == units[name]
            assert found["mixed"] == mixed[name]
            assert found["held"] == held[name]
            assert [1, *found["levels"]] == [levels[name][at] for at in range(len(levels[name]))]

    def check_constraints(self) -> None:
        """Every constraint of every location holds for all that lies in it and below it."""
        for location, holding in self.holdings.items():
            for above in self.upwards(location):
                constraints = self.locations[above]["constraints"]
                assert constraints.get("mixed_skus", True) or len(holding) == 1
                for sku in holding:
                    temperature_class, _, item_type = self.items[sku][0].partition("/")
                    assert item_type in constraints.get("item_types", [item_type])
                    wanted = constraints.get("temperature_class", temperature_class)
                    assert temperature_class == wanted
        for name, found in self.locations.items():
            below = [one for one in self.locations if name in self.upwards(one)]
            lies = sum(sum(map(sum, self.holdings.get(one, {}).values())) for one in below)
            assert lies <= found["constraints"].get("units_max", lies)

    def on_site(self, sku: str) -> int:
        """Units of a SKU: in places, and unplaced."""
        unplaced = self.items[sku][1] if sku in self.items else 0
        return unplaced + sum(map(sum, self.places.get(sku, {}).values()))
