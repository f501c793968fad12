"""A catalogue that runs the actor on bytes, told as given, when, then."""

import json
from typing import Any, Self

from agents.catalog.agent import CatalogActor
from streams import keys
from streams.actor import Decision, Moment

START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
ENVELOPE = (
    "type",
    "id",
    "partition",
    "seq",
    "command_id",
    "catalog",
    "time",
    "recorded_at",
    "source",
)
Wish = dict[str, Any]


class Registry:
    """One partition: what the engine does with an actor, without Kafka and RocksDB."""

    def __init__(self) -> None:
        self.actor = CatalogActor()
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition=3, seq=1, offset=0, log_time_ms=START_MS)
        self.commands: list[bytes] = []
        self.events: list[bytes] = []
        self.told: dict[str, Any] = {}  # by the last decision
        self.before: dict[bytes, bytes] = {}

    def send(self, wish: Wish) -> Decision:
        """Decide a command told as fields."""
        head = {"id": f"c-{self.moment.offset}", "catalog": "main"}
        return self.put(json.dumps(head | wish).encode())

    def put(self, value: bytes) -> Decision:
        """Decide a record."""
        self.before = dict(self.rows)
        _, _, command = self.actor.decode(value)
        decision = self.actor.decide(command, self.rows.get, self.moment)
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

    def given(self, *wishes: Wish) -> Self:
        """All of these came about."""
        for wish in wishes:
            assert self.send(wish).code == "", self.told
        return self

    def when(self, wish: Wish) -> Self:
        """This is asked for."""
        self.send(wish)
        return self

    def then(self, kind: str, /, *lines: Wish) -> Self:
        """This event, with these lines and no other fields."""
        assert self.told["type"] == kind, self.told
        told = {name: it for name, it in self.told.items() if name not in ENVELOPE}
        assert told == {"lines": list(lines)}
        return self

    def then_rejected(self, code: str, /, **details: Any) -> Self:
        """This rejection, with these details, and nothing changed."""
        assert self.told["type"] == "CommandRejected", self.told
        assert (self.told["code"], self.told["details"]) == (code, details)
        assert self.told["message"]
        assert self.rows == self.before
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
