"""Checks of which lots units are: in all accounts on site as many as stock's events moved there.

Lots are kept by the SKU and stock by the warehouse, so an event of stock is told to several
partitions of lots: all of stock is read before any of them is compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from cli.event_view import Event, Key
from cli.findings import Check
from cli.ledger import legs_of
from schemas.accounts import ON_SITE
from streams.topics import owner
from tables.lots import SITES

SITE_KIND = b"W"
CHANGED = "StockChangeRecorded"
Sums = dict[Key, Counter[str]]
"""Units by account, of each (warehouse, SKU)."""


class Units(msgspec.Struct, gc=False):
    """Units that an event of lots says were moved."""

    warehouse: str
    quantity: int
    from_account: str
    to_account: str


class Told(msgspec.Struct, gc=False):
    """What the books read of an event of lots."""

    type: str
    id: str
    seq: int
    sku: str
    cause: str = ""
    warehouse: str = ""
    units: list[Units] = []


_decode = msgspec.json.Decoder(Told).decode


class Moved:
    """What stock has moved in its accounts on site, as far as all its partitions were read."""

    def __init__(self) -> None:
        self.sums: Sums = defaultdict(Counter)
        self.events: Counter[Key] = Counter()  # of which there are so many
        self.read_to: dict[str, int] = {}  # by partition of stock, as its events' ids begin

    def moved(self, event: Event) -> None:
        """Take an event of stock."""
        self.read_to[str(event.partition)] = event.seq
        touched = set()
        for line in event.lines:
            key = event.warehouse, line.sku
            for account, by in legs_of(event, line):
                if account in ON_SITE and by:
                    self.sums[key][account] += by
                    touched.add(key)
        self.events.update(touched)


class LotUnits:
    """One partition of lots beside what all of stock has moved of its SKUs."""

    def __init__(self, partition: int, partitions: int, moved: Moved, check: Check) -> None:
        self._name = f"lots, partition {partition}"
        self._check, self._moved = check, moved
        self._expected = {
            key: count
            for key, count in moved.events.items()
            if owner(key[1], partitions) == partition
        }
        self._known: Sums = defaultdict(Counter)  # of what stock was read
        self._rows: Sums = defaultdict(Counter)  # of all that was told
        self._left = Counter(self._expected)
        self._next_seq = 1

    @property
    def waiting(self) -> int:
        """Movements of stock that lots have not told yet."""
        return sum(self._left.values())

    def moved(self, event: Event) -> None:
        """Stock was read before."""

    def told(self, value: bytes) -> None:
        """Take an event of lots."""
        event = _decode(value)
        self._check.compared += 1
        if event.seq != self._next_seq:
            self._check.differ(f"{self._name}: {event.id} where seq {self._next_seq} must be")
        self._next_seq = event.seq + 1
        is_known = self._is_read(event)
        for one in event.units:
            key = one.warehouse, event.sku
            for account, by in ((one.from_account, -one.quantity), (one.to_account, one.quantity)):
                if account in ON_SITE:
                    self._rows[key][account] += by
                    self._known[key][account] += by if is_known else 0
        if event.type == CHANGED and event.units and is_known:
            self._left[event.warehouse, event.sku] -= 1

    def _is_read(self, event: Told) -> bool:
        """Whether what it tells of was read; what changes by itself only changes lots."""
        if event.type != CHANGED:
            return True
        partition, _, seq = event.cause.partition("-")
        return int(seq or 0) <= self._moved.read_to.get(partition, 0)

    def compare(self, name: str, rows: Mapping[Key, Counter[str]]) -> None:
        """Compare a copy that has seen the same events."""
        for key in self._rows.keys() | rows.keys():
            self._check.compared += 1
            here, there = _some(self._rows.get(key)), _some(rows.get(key))
            if here != there:
                self._check.differ(f"{name}, {'/'.join(key)}: {there}; the events say {here}")

    def rows_of(self, pairs: Iterable[tuple[bytes, bytes]]) -> Sums:
        """Units by account as a changelog has them, of all lots and of none that is known."""
        found: Sums = {}
        for key, value in pairs:
            kind, sku, warehouse = key.split(b"\0", 2)
            if kind == SITE_KIND:
                site, counts = SITES.decode(value), Counter[str]()
                for lying in (site.unassigned, *site.lots.values()):
                    counts.update({account: lying.of(account) for account in ON_SITE})
                found[warehouse.decode(), sku.decode()] = counts
        return found

    def missing(self) -> None:
        """Tell what has not been told in time, and where lots have other units than stock."""
        late = [key for key, left in self._left.items() if left]
        if late:
            self._check.differ(
                f"{self._name}: {self.waiting} movements were not told, of {'/'.join(late[0])} "
                "first: see ./stockyard status and the log of policies-1"
            )
            return
        for key in self._expected:
            stock, lots = _some(self._moved.sums[key]), _some(self._known.get(key))
            if stock != lots:
                self._check.differ(
                    f"{self._name}, {'/'.join(key)}: {lots} units; stock has {stock}"
                )


def _some(units: Counter[str] | None) -> dict[str, int]:
    """The accounts that have some, or owe some."""
    return {account: by for account, by in (units or {}).items() if by}
