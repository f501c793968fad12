"""What places are, in plain dictionaries: the same wishes, decided without the code under test."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

HOLDS = ("bin", "dock", "staging")
CONTAINER_DEPTH = 5

Lies = dict[str, tuple[int, int]]


class Model:
    """One warehouse. `take` says the code of the rejection; empty: it happened."""

    def __init__(self) -> None:
        self.locations: dict[str, dict[str, Any]] = {}  # parent, kind, constraints
        self.loose: Counter[tuple[str, str]] = Counter()  # by location and SKU
        self.containers: dict[str, dict[str, Any]] = {}  # location or into; contents
        self.unplaced: Counter[str] = Counter()
        self.classes: dict[str, str] = {}

    def fork(self) -> "Model":
        """Another one, in which something may be tried."""
        other = Model()
        other.locations = {name: dict(found) for name, found in self.locations.items()}
        other.loose, other.unplaced = Counter(self.loose), Counter(self.unplaced)
        other.containers = {
            name: found | {"contents": dict(found["contents"])}
            for name, found in self.containers.items()
        }
        other.classes = dict(self.classes)
        return other

    def take(self, wish: dict[str, Any]) -> str:
        """Let a wish come about, or say why it does not."""
        tried = self.fork()
        code: str = getattr(tried, "_" + wish["type"])(wish)
        if not code:
            vars(self).update(vars(tried))
        return code

    # where things are

    def above(self, location: str) -> Iterator[str]:
        """A location and those above it."""
        at: str | None = location
        while at is not None:
            yield at
            at = self.locations[at]["parent"]

    def around(self, container: str) -> Iterator[str]:
        """A container and those that it is in."""
        at: str | None = container
        while at is not None:
            yield at
            at = self.containers[at]["into"]

    def location_of(self, container: str) -> str:
        """Where it stands, or the one that it is in."""
        *_, outermost = self.around(container)
        location: str = self.containers[outermost]["location"]
        return location

    def within(self, container: str) -> set[str]:
        """A container and all that are in it."""
        return {one for one in self.containers if container in self.around(one)}

    @property
    def holdings(self) -> dict[str, Lies]:
        """By location: (loose, packed) units of each SKU that lies there."""
        found: dict[str, Counter[str]] = {}
        for name, container in self.containers.items():
            packed = found.setdefault(self.location_of(name), Counter())
            packed.update(container["contents"])
        lies: dict[str, Lies] = {}
        keys = set(+self.loose) | {(at, sku) for at, packed in found.items() for sku in packed}
        for at, sku in sorted(keys):
            lies.setdefault(at, {})[sku] = self.loose[at, sku], found.get(at, Counter())[sku]
        return lies

    @property
    def places(self) -> dict[str, Lies]:
        """The same by SKU."""
        turned: dict[str, Lies] = {}
        for at, lies in self.holdings.items():
            for sku, units in lies.items():
                turned.setdefault(sku, {})[at] = units
        return turned

    @property
    def items(self) -> dict[str, tuple[str, int, int]]:
        """By SKU: its class, units that lie nowhere, units that lie somewhere."""
        places = self.places
        return {
            sku: (self.classes.get(sku, ""), self.unplaced[sku],
                  sum(map(sum, places.get(sku, {}).values())))
            for sku in {*self.classes, *self.unplaced, *places}
        }  # fmt: skip

    def broken(self) -> set[tuple[str, str]]:
        """All (location, constraint) that do not hold."""
        holdings, broken = self.holdings, set[tuple[str, str]]()
        for name, found in self.locations.items():
            wanted = found["constraints"]
            below = [lies for at, lies in holdings.items() if name in self.above(at)]
            parts = [self.classes.get(sku, "").partition("/") for lies in below for sku in lies]
            if any(one[2] not in wanted.get("item_types", [one[2]]) for one in parts):
                broken.add((name, "item_types"))
            if any(one[0] != wanted.get("temperature_class", one[0]) for one in parts):
                broken.add((name, "temperature_class"))
            units = sum(sum(both) for lies in below for both in lies.values())
            if units > wanted.get("units_max", units):
                broken.add((name, "units_max"))
            if any(len(lies) > 1 for lies in below) and not wanted.get("mixed_skus", True):
                broken.add((name, "mixed_skus"))
        return broken

    def _or_forbidden(self, code: str = "CONSTRAINT_FORBIDS") -> str:
        return code if self.broken() else ""

    def _no_places(self, names: Iterable[str]) -> str:
        """The first code that one of these places is refused with."""
        names = list(names)
        if any(name not in self.locations for name in names):
            return "LOCATION_NOT_FOUND"
        holds = all(self.locations[name]["kind"] in HOLDS for name in names)
        return "" if holds else "LOCATION_HOLDS_NOTHING"

    # the tree

    def _CreateLocation(self, wish: dict[str, Any]) -> str:  # noqa: N802 - as the command is called
        if wish["location"] in self.locations:
            return "LOCATION_EXISTS"
        if wish["parent"] is not None and wish["parent"] not in self.locations:
            return "LOCATION_NOT_FOUND"
        constraints = wish.get("constraints", {})
        found = {"parent": wish["parent"], "kind": wish["kind"], "constraints": constraints}
        self.locations[wish["location"]] = found
        return ""

    def _ChangeConstraints(self, wish: dict[str, Any]) -> str:  # noqa: N802
        if wish["location"] not in self.locations:
            return "LOCATION_NOT_FOUND"
        self.locations[wish["location"]]["constraints"] = wish["constraints"]
        return self._or_forbidden("CONSTRAINT_BROKEN")

    def _MoveLocation(self, wish: dict[str, Any]) -> str:  # noqa: N802
        location, parent = wish["location"], wish["parent"]
        if not {location, parent} - {None} <= self.locations.keys():
            return "LOCATION_NOT_FOUND"
        if self.locations[location]["parent"] == parent:
            return "MOVE_TO_ITSELF"
        if parent is not None and location in self.above(parent):
            return "LOCATION_CYCLE"
        self.locations[location]["parent"] = parent
        return self._or_forbidden()

    def _DeleteLocation(self, wish: dict[str, Any]) -> str:  # noqa: N802
        location = wish["location"]
        if location not in self.locations:
            return "LOCATION_NOT_FOUND"
        below = any(found["parent"] == location for found in self.locations.values())
        stands = any(found["location"] == location for found in self.containers.values())
        if below or stands or location in self.holdings:
            return "LOCATION_IN_USE"
        del self.locations[location]
        return ""

    # units

    def _ClassifyItem(self, wish: dict[str, Any]) -> str:  # noqa: N802
        for line in wish["lines"]:
            self.classes[line["sku"]] = f"{line['temperature_class']}/{line['item_type']}"
        return self._or_forbidden()

    def _RecordSiteChange(self, wish: dict[str, Any]) -> str:  # noqa: N802
        self.unplaced.update({line["sku"]: line["delta"] for line in wish["lines"]})
        return ""

    def _PutAway(self, wish: dict[str, Any]) -> str:  # noqa: N802
        legs = [(one["sku"], None, one["location"], one["quantity"]) for one in wish["lines"]]
        return self._carry(legs)

    def _TakeOut(self, wish: dict[str, Any]) -> str:  # noqa: N802
        legs = [(one["sku"], one["location"], None, one["quantity"]) for one in wish["lines"]]
        return self._carry(legs)

    def _MoveUnits(self, wish: dict[str, Any]) -> str:  # noqa: N802
        lines = wish["lines"]
        ends = ("sku", "from_location", "to_location", "quantity")
        return self._carry([tuple(line[name] for name in ends) for line in lines])

    def _carry(self, legs: list[Any]) -> str:
        code = self._no_places(at for leg in legs for at in leg[1:3] if at is not None)
        if code or any(source == target for _, source, target, _ in legs):
            return code or "MOVE_TO_ITSELF"
        leaving: Counter[tuple[str | None, str]] = Counter()
        for sku, source, _, quantity in legs:
            leaving[source, sku] += quantity
        for (at, sku), quantity in leaving.items():
            if quantity > (self.unplaced[sku] if at is None else self.loose[at, sku]):
                return "INSUFFICIENT_UNITS"
        for sku, source, target, quantity in legs:
            for at, by in ((source, -quantity), (target, quantity)):
                if at is None:
                    self.unplaced[sku] += by
                else:
                    self.loose[at, sku] += by
        return self._or_forbidden()

    # containers

    def _OpenContainer(self, wish: dict[str, Any]) -> str:  # noqa: N802
        if wish["container"] in self.containers:
            return "CONTAINER_EXISTS"
        code = self._no_places([wish["location"]])
        if not code:
            found = {"location": wish["location"], "into": None, "contents": {}}
            self.containers[wish["container"]] = found
        return code

    def _PackContainer(self, wish: dict[str, Any], sign: int = 1) -> str:  # noqa: N802
        if wish["container"] not in self.containers:
            return "CONTAINER_NOT_FOUND"
        contents = self.containers[wish["container"]]["contents"]
        at = self.location_of(wish["container"])
        for line in wish["lines"]:
            sku, quantity = line["sku"], sign * line["quantity"]
            self.loose[at, sku] -= quantity
            contents[sku] = contents.get(sku, 0) + quantity
            if min(contents[sku], self.loose[at, sku]) < 0:
                return "INSUFFICIENT_UNITS"
            if not contents[sku]:
                del contents[sku]
        return ""

    def _UnpackContainer(self, wish: dict[str, Any]) -> str:  # noqa: N802
        return self._PackContainer(wish, -1)

    def _MoveContainer(self, wish: dict[str, Any]) -> str:  # noqa: N802
        if wish["container"] not in self.containers:
            return "CONTAINER_NOT_FOUND"
        found, code = self.containers[wish["container"]], self._no_places([wish["to_location"]])
        if code or found["location"] == wish["to_location"]:
            return code or "MOVE_TO_ITSELF"
        found["location"], found["into"] = wish["to_location"], None
        return self._or_forbidden()

    def _NestContainer(self, wish: dict[str, Any]) -> str:  # noqa: N802
        name, into = wish["container"], wish["into"]
        if not {name, into} - {None} <= self.containers.keys():
            return "CONTAINER_NOT_FOUND"
        found = self.containers[name]
        if found["into"] == into:
            return "MOVE_TO_ITSELF"
        if into is not None and into in self.within(name):
            return "CONTAINER_CYCLE"
        found["location"] = None if into else self.location_of(name)
        found["into"] = into
        if self.broken():
            return "CONSTRAINT_FORBIDS"
        deep = any(len(list(self.around(one))) > CONTAINER_DEPTH for one in self.containers)
        return "QUANTITY_LIMIT" if deep else ""

    def _CloseContainer(self, wish: dict[str, Any]) -> str:  # noqa: N802
        if wish["container"] not in self.containers:
            return "CONTAINER_NOT_FOUND"
        if (
            self.containers[wish["container"]]["contents"]
            or len(self.within(wish["container"])) > 1
        ):
            return "CONTAINER_IN_USE"
        del self.containers[wish["container"]]
        return ""
