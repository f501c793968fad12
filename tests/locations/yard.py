"""A warehouse that runs the actor on bytes, told as given, when, then."""

import json
from typing import Any, Self

from agents.locations.agent import LocationsActor
from streams import keys
from streams.actor import Decision, Moment
from tests.locations.books import Books

START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
ENVELOPE = (
    "type",
    "id",
    "partition",
    "seq",
    "command_id",
    "warehouse",
    "time",
    "recorded_at",
    "source",
)
Wish = dict[str, Any]


class Yard:
    """One partition: what the engine does with an actor, without Kafka and RocksDB."""

    def __init__(self) -> None:
        self.actor = LocationsActor()
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition=3, seq=1, offset=0, log_time_ms=START_MS)
        self.commands: list[bytes] = []
        self.events: list[bytes] = []
        self.reads: list[bytes] = []  # of the last decision
        self.told: dict[str, Any] = {}  # by the last decision
        self.before: dict[bytes, bytes] = {}

    def send(self, wish: Wish) -> Decision:
        """Decide a command told as fields."""
        head = {"id": f"c-{self.moment.offset}", "warehouse": "LON-1"}
        return self.put(json.dumps(head | wish).encode())

    def put(self, value: bytes) -> Decision:
        """Decide a record."""
        self.reads, self.before = [], dict(self.rows)
        _, _, command = self.actor.decode(value)
        decision = self.actor.decide(command, self._read, self.moment)
        assert decision.event is not None
        for key, row in decision.changes.items():
            assert not keys.is_timed(key)
            assert row != self.rows.get(key), "a change is one"
            if row is None:
                del self.rows[key]
            else:
                self.rows[key] = row
        self.commands.append(value)
        self.events.append(decision.event)
        self.told = json.loads(decision.event)
        self.moment.seq += 1
        self.moment.offset += 1
        return decision

    def _read(self, key: bytes) -> bytes | None:
        self.reads.append(key)
        return self.rows.get(key)

    def given(self, *wishes: Wish) -> Self:
        """All of these came about."""
        for wish in wishes:
            assert self.send(wish).code == "", self.told
        return self

    def when(self, wish: Wish) -> Self:
        """This is asked for."""
        self.send(wish)
        return self

    def then(self, kind: str, /, **fields: Any) -> Self:
        """This event, with these fields and no others; and the books are right."""
        assert self.told["type"] == kind, self.told
        assert {name: it for name, it in self.told.items() if name not in ENVELOPE} == fields
        self.books().check()
        return self

    def then_rejected(self, code: str, /, **details: Any) -> Self:
        """This rejection, with these details, and nothing changed."""
        assert self.told["type"] == "CommandRejected", self.told
        assert (self.told["code"], self.told["details"]) == (code, details)
        assert self.told["message"]
        assert self.rows == self.before
        return self

    def then_lies(self, location: str, **units: tuple[int, int]) -> Self:
        """So many (loose, packed) units of each SKU lie in a location, and nothing else."""
        assert self.books().holdings.get(location, {}) == units
        return self

    def books(self, warehouse: str = "LON-1") -> Books:
        """The rows, read without the code under test."""
        return Books(self.rows, warehouse)


def create(location: str, kind: str = "bin", parent: str | None = None, **constraints: Any) -> Wish:
    """There is a place."""
    told = {"type": "CreateLocation", "location": location, "parent": parent, "kind": kind}
    return told | ({"constraints": constraints} if constraints else {})


def constrain(location: str, **constraints: Any) -> Wish:
    """Other constraints hold."""
    return {"type": "ChangeConstraints", "location": location, "constraints": constraints}


def move_location(location: str, parent: str | None = None) -> Wish:
    """A place goes below another."""
    return {"type": "MoveLocation", "location": location, "parent": parent}


def delete(location: str) -> Wish:
    """There is no such place any more."""
    return {"type": "DeleteLocation", "location": location}


def classify(**classes: str) -> Wish:
    """SKUs are of these classes: `A="frozen/food"`."""
    lines = []
    for sku, told in classes.items():
        temperature_class, item_type = told.split("/")
        lines.append({"sku": sku, "item_type": item_type, "temperature_class": temperature_class})
    return {"type": "ClassifyItem", "lines": lines}


def record(**deltas: int) -> Wish:
    """Units came onto the site, or left it."""
    lines = [{"sku": sku, "delta": delta} for sku, delta in deltas.items()]
    return {"type": "RecordSiteChange", "cause": "3-41", "lines": lines}


def put_away(*lines: tuple[str, str, int]) -> Wish:
    """Units lie in locations: (sku, location, quantity)."""
    return {"type": "PutAway", "lines": _placed(lines)}


def take_out(*lines: tuple[str, str, int]) -> Wish:
    """Units are taken out: (sku, location, quantity)."""
    return {"type": "TakeOut", "lines": _placed(lines)}


def _placed(lines: tuple[tuple[str, str, int], ...]) -> list[dict[str, Any]]:
    return [{"sku": sku, "location": place, "quantity": units} for sku, place, units in lines]


def move(*lines: tuple[str, str, str, int]) -> Wish:
    """Units go elsewhere: (sku, from, to, quantity)."""
    told = [
        {"sku": sku, "from_location": source, "to_location": target, "quantity": units}
        for sku, source, target, units in lines
    ]
    return {"type": "MoveUnits", "lines": told}


def open_container(container: str, location: str) -> Wish:
    """An empty container stands somewhere."""
    return {"type": "OpenContainer", "container": container, "location": location}


def pack(container: str, **units: int) -> Wish:
    """Units go into a container."""
    return {"type": "PackContainer", "container": container, "lines": _quantities(units)}


def unpack(container: str, **units: int) -> Wish:
    """Units go out of a container."""
    return {"type": "UnpackContainer", "container": container, "lines": _quantities(units)}


def _quantities(units: dict[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def move_container(container: str, location: str) -> Wish:
    """A container goes to a location."""
    return {"type": "MoveContainer", "container": container, "to_location": location}


def nest(container: str, into: str | None = None) -> Wish:
    """A container goes into another."""
    return {"type": "NestContainer", "container": container, "into": into}


def close(container: str) -> Wish:
    """A container is used no more."""
    return {"type": "CloseContainer", "container": container}
