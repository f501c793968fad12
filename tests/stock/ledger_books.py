"""The oracle's books: what every account of every SKU has, and which levels a change crossed."""

from typing import Any

from tests.stock.reasons import ACCOUNTS

LIMIT = 10**15
NUMBERS = (*ACCOUNTS, "reserved", "allocated", "reorder_point", "version")
Sums = dict[str, int]  # by SKU, in the order in which lines first name them
Lines = list[dict[str, Any]]


class Refused(Exception):
    """(code, details) of a rejection."""


class Books:
    """A SKU is a dictionary of its numbers; what is on hand is its sellable account."""

    def __init__(self) -> None:
        self.stock: dict[str, dict[str, int]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.low: set[str] = set()  # SKUs that have not come to their recover point yet
        self.queues: dict[str, list[dict[str, Any]]] = {}  # by SKU, in their order
        self.before: dict[str, dict[str, int]] = {}  # the rows that an event changes, before it
        self.crossings: list[tuple[str, str]] = []  # (alert, sku) of the last event

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

    def shift(self, sums: Sums, amount: str, takes: bool = False, /, **signs: int) -> Lines:
        """Each SKU's amount is added to these numbers, with these signs.

        `takes`: it is promised to somebody or sold, so what must be kept back is kept.
        """
        told = []
        for sku, value in sums.items():
            row = self.row(sku)
            after = row | {name: row[name] + sign * value for name, sign in signs.items()}
            if takes and value > self.promisable(sku):
                raise self.lacking(sku, value)
            if available(after) < 0:
                details = {"sku": sku, "requested": abs(value), "available": available(row)}
                raise Refused("INSUFFICIENT_STOCK", details)
            self.limit(sku, "on_hand", after["sellable"])
            self.change(sku, after)
            told.append(self.seen(sku, **{amount: value}))
        return told

    def promisable(self, sku: str) -> int:
        """What of a SKU the next one may have."""
        return 0 if self.queues.get(sku) else max(0, self.free(sku))

    def free(self, sku: str) -> int:
        """What is available beyond what is kept back."""
        kept: int = self.policies.get(sku, {}).get("safety_stock", 0)
        return available(self.row(sku)) - kept

    def lacking(self, sku: str, requested: int, given: int = 0) -> Refused:
        """More is requested than may be promised; `given` is held by the same."""
        details = {"sku": sku, "requested": requested, "available": given + self.promisable(sku)}
        kept = {
            "safety_stock": self.policies.get(sku, {}).get("safety_stock", 0),
            "waiting": sum(one["missing"] for one in self.queues.get(sku, ())),
        }
        why = {name: units for name, units in kept.items() if units}
        return Refused("INSUFFICIENT_STOCK", details | why)

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
            if before["version"] and now < was:
                self.crossings.append(("LowStock" if now else "OutOfStock", sku))
            if before["version"] and now == 2 and was < 2:
                self.crossings.append(("StockRecovered", sku))

    def _level(self, sku: str, row: dict[str, int]) -> int:
        """0 out, 1 low, 2 ok."""
        left = available(row)
        return 0 if left == 0 else 1 if left <= row["reorder_point"] or sku in self.low else 2

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
