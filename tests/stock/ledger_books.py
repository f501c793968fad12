"""The oracle's books: what every account of every SKU has, and which levels a change crossed."""

from typing import Any

from tests.stock.reasons import ACCOUNTS

LIMIT = 10**15
NUMBERS = (*ACCOUNTS, "reserved", "allocated", "reorder_point", "version")
Sums = dict[str, int]  # by SKU, in the order in which lines first name them
Lines = list[dict[str, Any]]


class Refused(Exception):
    """(code, details) of a rejection."""


def insufficient(short: Lines) -> Refused:
    """Too little is there of these SKUs: all is told of the first, its numbers of each."""
    numbers = [
        {"sku": one["sku"], "requested": one["requested"], "available": one["available"]}
        for one in short
    ]
    more = {"short": numbers} if len(short) > 1 else {}
    return Refused("INSUFFICIENT_STOCK", short[0] | more)


class Books:
    """A SKU is a dictionary of its numbers; what is on hand is its sellable account."""

    def __init__(self) -> None:
        self.stock: dict[str, dict[str, int]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.low: set[str] = set()  # SKUs that have not come to their recover point yet
        self.pools: dict[str, dict[str, dict[str, Any]]] = {}  # by SKU and channel, in order
        self.queues: dict[str, list[dict[str, Any]]] = {}  # by SKU, in their order
        self.before: dict[str, dict[str, int]] = {}  # the rows that an event changes, before it
        self.crossings: list[tuple[str, str, dict[str, Any]]] = []  # (alert, sku, more) of an event
        self.levels: dict[str, dict[str, int]] = {}  # of each channel of a SKU, 0 out, 1 low, 2 ok

    def row(self, sku: str) -> dict[str, int]:
        """The numbers of a SKU, all 0 where it was never seen."""
        return self.stock.get(sku) or dict.fromkeys(NUMBERS, 0)

    def sums(self, lines: Lines, amount: str) -> Sums:
        """Each SKU once."""
        sums: Sums = {}
        for line in lines:
            sums[line["sku"]] = sums.get(line["sku"], 0) + line[amount]
        return sums

    def seen(self, sku: str, **told: int) -> dict[str, Any]:
        """A line of an event: its own fields, and the row as it is."""
        row = self.row(sku)
        return {
            "sku": sku,
            **told,
            "on_hand": row["sellable"],
            "reserved": row["reserved"],
            "available": available(row),
            "version": row["version"],
        }

    def shift(
        self,
        sums: Sums,
        amount: str,
        takes: bool = False,
        channel: str | None = None,
        /,
        **signs: int,
    ) -> Lines:
        """Each SKU's amount is added to these numbers, with these signs.

        `takes`: it is promised to somebody or sold, so what must be kept back is kept. What it
        makes of what is available is its channel's.
        """
        told = []
        short = self.missing(sums, channel) if takes else self.overdrawn(sums, signs)
        if takes and "customer" in signs:
            short = self.unsold(sums, channel)
        for sku, value in sums.items():
            row = self.row(sku)
            if short and short[0]["sku"] == sku:
                raise insufficient(short)
            after = row | {name: row[name] + sign * value for name, sign in signs.items()}
            happened = takes and "customer" in signs and self.debt(sku) > 0
            self.limit(sku, "on_hand", after["sellable"])
            self.refill(sku, channel, available(after) - available(row), is_told=happened)
            self.change(sku, after)
            told.append(self.seen(sku, **{amount: value}))
        return told

    def debt(self, sku: str) -> int:
        """How many units of a SKU may be sold before they are there."""
        limit: int = self.policies.get(sku, {}).get("negative_limit", 0)
        return limit

    def unsold(self, sums: Sums, channel: str | None) -> Lines:
        """The SKUs of which too much is sold: promised to others, or beyond the debt."""
        told = []
        for sku, units in sums.items():
            row, debt = self.row(sku), self.debt(sku)
            if not debt:
                told += self.missing({sku: units}, channel)
                continue
            free = available(row) if row["reserved"] else row["sellable"] + debt
            if units > free:
                line = {"sku": sku, "requested": units, "available": free}
                told.append(line | {"negative_limit": debt})
        return told

    def refill(self, sku: str, channel: str | None, by: int, is_told: bool = False) -> None:
        """So much more, or less, is left in a channel's pool, where it has one.

        What was sold and not asked for (`is_told`) empties it, and takes the rest of nobody's.
        """
        pool = self.pools.get(sku, {}).get(channel or "")
        if pool is not None and pool["quantity"] is not None:
            pool["quantity"] = min(LIMIT, pool["quantity"] + by)
            if is_told:
                pool["quantity"] = max(0, pool["quantity"])
            assert pool["quantity"] >= 0

    def in_line(self, sku: str, channel: str | None) -> list[dict[str, Any]]:
        """Who waits for the same units as a channel would take."""
        queue = self.queues.get(sku, [])
        return [one for one in queue if self.pool(sku, one["channel"]) == self.pool(sku, channel)]

    def pool(self, sku: str, channel: str | None) -> str:
        """Out of which pool a channel takes; none: what is in no pool."""
        pool = self.pools.get(sku, {}).get(channel or "", {"quantity": None})
        return "" if channel is None or pool["quantity"] is None else channel

    def fenced(self, sku: str) -> int:
        """What is in all pools of a SKU."""
        return sum(one["quantity"] or 0 for one in self.pools.get(sku, {}).values())

    def promisable(self, sku: str, channel: str | None = None) -> int:
        """What of a SKU the next one may have."""
        return 0 if self.in_line(sku, channel) else max(0, self.free(sku, channel))

    def free(self, sku: str, channel: str | None = None) -> int:
        """What is available to a channel, beyond what is kept back."""
        left: int = available(self.row(sku))
        own = self.pools.get(sku, {}).get(channel or "")
        kept: int = self.policies.get(sku, {}).get("safety_stock", 0)
        if own is None:
            return left - kept - self.fenced(sku)
        safety_stock: int = own["safety_stock"]
        if own["quantity"] is None:
            return min(left - kept - self.fenced(sku), left - safety_stock)
        return min(left - max(kept, safety_stock), int(own["quantity"]))

    def overdrawn(self, sums: Sums, signs: dict[str, int]) -> Lines:
        """The SKUs that would have less than nothing available."""
        by = signs.get("sellable", 0) - signs.get("reserved", 0)
        promises = signs.get("reserved", 0) > 0  # else what takes nothing is refused nowhere
        return [
            {"sku": sku, "requested": abs(value), "available": max(0, available(self.row(sku)))}
            for sku, value in sums.items()
            if available(self.row(sku)) + by * value < 0 and (by * value < 0 or promises)
        ]

    def missing(self, wanted: Sums, channel: str | None = None, held: Sums | None = None) -> Lines:
        """The SKUs of which more is wanted than may be promised; `held` is the same one's."""
        had = {sku: (held or {}).get(sku, 0) for sku in wanted}
        return [
            self._lacking(sku, units, channel, had[sku])
            for sku, units in wanted.items()
            if units > had[sku] + self.promisable(sku, channel)
        ]

    def _lacking(self, sku: str, requested: int, channel: str | None, given: int) -> dict[str, Any]:
        free = given + self.promisable(sku, channel)
        own = self.pools.get(sku, {}).get(channel or "", {"quantity": None, "safety_stock": 0})
        kept = self.policies.get(sku, {}).get("safety_stock", 0)
        reasons = {
            "safety_stock": max(kept, own["safety_stock"]),
            "waiting": sum(one["missing"] for one in self.in_line(sku, channel)),
            "fenced": self.fenced(sku) if own["quantity"] is None else 0,
        }
        why = {name: units for name, units in reasons.items() if units}
        if channel in self.pools.get(sku, {}):
            why["channel"] = channel
        if own["quantity"] is not None:
            why["pool"] = own["quantity"]
        return {"sku": sku, "requested": requested, "available": free} | why

    def limit(self, sku: str, field: str, value: int) -> None:
        """Refuse what no row holds."""
        if abs(value) > LIMIT:
            told = {"sku": sku, "field": field, "value": value, "limit": LIMIT}
            raise Refused("QUANTITY_LIMIT", told)

    def change(self, sku: str, after: dict[str, int]) -> None:
        """A row's next version."""
        before = self.before[sku] = self.row(sku)
        self.stock[sku] = after | {"version": before["version"] + 1}

    def cross(self) -> None:
        """The alerts that the changes of an event are worth."""
        for sku, before in self.before.items():
            was = self._level(sku, before)
            self._mark(sku, was, self.stock[sku])
            now = self._level(sku, self.stock[sku])
            if before["version"]:
                self._tell(was, now, sku, {})
            self._cross_channels(sku)

    def _tell(self, was: int, now: int, sku: str, more: dict[str, Any]) -> None:
        if now < was:
            self.crossings.append(("LowStock" if now else "OutOfStock", sku, more))
        if now == 2 and was < 2:
            self.crossings.append(("StockRecovered", sku, more))

    def _cross_channels(self, sku: str) -> None:
        """What is left to each channel of a SKU, by levels of its own."""
        known, told = self.levels.get(sku, {}), dict[str, int]()
        for channel, pool in self.pools.get(sku, {}).items():
            left, was = max(0, self.free(sku, channel)), known.get(channel, 2)
            up = pool.get("recover_point") or 0 if was < 2 else 0
            now = 0 if not left else 1 if left <= max(pool["low_point"], up) else 2
            told[channel] = now
            more = {"channel": channel, "left": left, "low_point": pool["low_point"]}
            if channel in known:
                self._tell(was, now, sku, more)
        self.levels[sku] = told

    def _level(self, sku: str, row: dict[str, int]) -> int:
        """0 out, 1 low, 2 ok."""
        left = available(row)
        return 0 if left <= 0 else 1 if left <= row["reorder_point"] or sku in self.low else 2

    def _mark(self, sku: str, was: int, after: dict[str, int]) -> None:
        """What fell low stays so until it is above its recover point."""
        recover_point = self.policies.get(sku, {}).get("recover_point")
        left = available(after)
        still = recover_point is not None and was < 2 and left <= recover_point
        if recover_point is not None and (still or left <= after["reorder_point"]):
            self.low.add(sku)
        else:
            self.low.discard(sku)


def available(row: dict[str, int]) -> int:
    """What may be promised or shipped."""
    return row["sellable"] - row["reserved"]
