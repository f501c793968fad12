"""Checks where units lie: every unit that stock's events brought onto the site or took off it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from cli.event_view import Key
from cli.findings import Check
from cli.movements import Movements
from schemas.accounts import ON_SITE
from schemas.domains import LOCATIONS
from tables.locations import ITEMS, PLACES

ITEM_KIND, PLACES_KIND = b"S", b"P"


class Line(msgspec.Struct, gc=False):
    """What locations say of one SKU."""

    sku: str
    delta: int = 0
    quantity: int = 0


class Event(msgspec.Struct, gc=False):
    """What the books read of an event of locations."""

    type: str
    id: str
    seq: int
    warehouse: str
    cause: str = ""
    lines: list[Line] = []


_decode = msgspec.json.Decoder(Event).decode


class Sites(Movements):
    """One partition's units on site, event by event, beside what stock says was moved."""

    def __init__(self, partition: int, check: Check) -> None:
        super().__init__(partition, LOCATIONS, check, ON_SITE)
        self._rows: dict[Key, int] = defaultdict(int)

    def _counts(self, moved: Counter[str]) -> bool:
        return any(moved.values())

    def told(self, value: bytes) -> None:
        """Take an event of locations."""
        event = _decode(value)
        moved: Counter[str] = Counter()
        for line in event.lines:
            moved[line.sku] += line.delta
            self._rows[event.warehouse, line.sku] += line.delta
        self.take(event.id, event.seq, event.cause, moved)

    def compare(self, name: str, rows: Mapping[Key, int]) -> None:
        """Compare a copy that has seen the same events: what is unplaced and placed together."""
        for key in self._rows.keys() | rows.keys():
            self._check.compared += 1
            here, there = self._rows.get(key, 0), rows.get(key, 0)
            if here != there:
                self._check.differ(f"{name}, {'/'.join(key)}: {there}; the events say {here}")

    def rows_of(self, pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[Key, int]:
        """Units on site as a changelog has them, where the places of each SKU agree with it."""
        found: dict[Key, int] = {}
        placed: Counter[Key] = Counter()
        lying: Counter[Key] = Counter()
        for key, value in pairs:
            kind, warehouse, sku = key.split(b"\0", 2)
            where = warehouse.decode(), sku.decode()
            if kind == ITEM_KIND:
                item = ITEMS.decode(value)
                found[where], placed[where] = item.unplaced + item.placed, item.placed
            elif kind == PLACES_KIND:
                lying[where] = sum(one.units for one in PLACES.decode(value).values())
        for where in placed.keys() | lying.keys():
            if placed[where] != lying[where]:
                self._check.differ(
                    f"{self._name}, {'/'.join(where)}: {placed[where]} placed, and {lying[where]} "
                    "lie in places"
                )
        return found
