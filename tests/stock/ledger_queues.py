"""The oracle's queues: who waits for what, and what each of them gets as it becomes available."""

from datetime import datetime
from typing import Any

from tests.stock.ledger_books import Refused
from tests.stock.ledger_promises import YEAR_MS, Promises, via

QUEUE_MAX = 1_000
GIVES = (
    "StockReceived",
    "StockAdjusted",
    "ReservationReleased",
    "ReservationExpired",
    "ReservationSuperseded",
    "StockPolicySet",
    "ChannelPoolsSet",
    "StockMoved",
    "CountApproved",
    "TransferReceived",
)


def rank(waiter: dict[str, Any]) -> tuple[Any, ...]:
    """Who is served first: urgent, promised early, came early."""
    promised = waiter["promised"]
    day = datetime.fromisoformat(promised.upper()).timestamp() if promised else 10**12
    return -waiter["priority"], day, waiter["number"]


class Queues(Promises):
    """Each SKU's queue in its order."""

    def __init__(self, window_ms: int) -> None:
        super().__init__(window_ms)
        self.number = 0

    def backorder(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Promise for good what there is, and let the rest wait."""
        name = self.unused(command["reservation"])
        sums = self.sums(command["lines"], "quantity")
        self.number += 1
        how = {
            "priority": command.get("priority", 0),
            "promised": command.get("promised"),
            "partial": command.get("partial", True),
            "channel": command.get("channel"),
        }
        missing = {}
        for sku, quantity in sums.items():
            waiter = how | {"reservation": name, "missing": quantity, "number": self.number}
            missing[sku] = quantity - self._taken(sku, waiter)
            if missing[sku] and len(self.queues.get(sku, ())) == QUEUE_MAX:
                raise Refused("QUEUE_FULL", {"sku": sku, "limit": QUEUE_MAX})
        lines = []
        for sku, quantity in sums.items():
            taken, row = quantity - missing[sku], self.row(sku)
            told = {"reserved": row["reserved"] + taken, "allocated": row["allocated"] + taken}
            self.refill(sku, how["channel"], -taken)
            self.change(sku, row | told)
            if missing[sku]:
                waiter = how | {"reservation": name, "missing": missing[sku], "number": self.number}
                self.queues[sku] = sorted([*self.queues.get(sku, ()), waiter], key=rank)
            awaited = {"missing": missing[sku]} if missing[sku] else {}
            lines.append(self.seen(sku, quantity=quantity, **awaited))
        held = {
            sku: {"quantity": quantity, "picked": 0, "packed": 0, "shipped": 0}
            for sku, quantity in sums.items()
        }
        waits = {"lines": held, "expires_at": now_ms, "missing": dict(missing)}
        self.promises[name] = waits | via(command)
        self.enter(name, "waiting" if any(missing.values()) else "confirmed", now_ms)
        unusual = {"priority": 0, "promised": None, "partial": True, "channel": None}
        said = {field: value for field, value in how.items() if value != unusual[field]}
        return {"type": "StockBackordered", "reservation": name, "lines": lines} | said

    def _taken(self, sku: str, waiter: dict[str, Any]) -> int:
        queue = self.in_line(sku, waiter["channel"])
        if queue and rank(waiter) > rank(queue[0]):
            return 0
        return self._share(waiter, self.free(sku, waiter["channel"]))

    @staticmethod
    def _share(waiter: dict[str, Any], free: int) -> int:
        missing: int = waiter["missing"]
        return max(0, min(missing, free)) if waiter["partial"] or missing <= free else 0

    def finish(self, told: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """What an event leaves available goes to those who wait, and only then to anybody."""
        if told["type"] == "ReservationReleased":
            for queue in self.queues.values():
                queue[:] = [one for one in queue if one["reservation"] != told["reservation"]]
        filled, owed = [], self._owed(told)
        for line in told["lines"] if told["type"] in GIVES else ():
            sku, closed = line["sku"], set[str]()
            for waiter in list(self.queues.get(sku, ())):
                by = self._share(waiter, self.free(sku, waiter["channel"]))
                pool = self.pool(sku, waiter["channel"])
                if not by or pool in closed:
                    closed.add(pool)
                    continue
                self._give(sku, waiter, by, now_ms)
                name = waiter["reservation"]
                told_of = {"reservation": name, "sku": sku, "quantity": by}
                filled.append(told_of | via(waiter))
            line["reserved"] = self.row(line["sku"])["reserved"]
            line["available"] = line["on_hand"] - line["reserved"]
        self.queues = {sku: queue for sku, queue in self.queues.items() if queue}
        self.cross()
        return told | ({"filled": filled} if filled else {}) | ({"trued_up": owed} if owed else {})

    def _owed(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        """What comes in is first for what was sold before."""
        owed = []
        for line in told.get("lines", ()):
            debt = max(0, -self.before.get(line["sku"], {"sellable": 0})["sellable"])
            left = max(0, -line.get("on_hand", 0))
            if left < debt and line["sku"] in self.before:
                owed.append({"sku": line["sku"], "quantity": debt - left})
        return owed

    def _give(self, sku: str, waiter: dict[str, Any], by: int, now_ms: int) -> None:
        row, name = self.stock[sku], waiter["reservation"]
        self.refill(sku, waiter["channel"], -by)
        row["reserved"] += by
        row["allocated"] += by
        waiter["missing"] -= by
        if not waiter["missing"]:
            self.queues[sku].remove(waiter)
        missing = self.promises[name]["missing"]
        missing[sku] -= by
        self.enter(name, "waiting" if any(missing.values()) else "confirmed", now_ms)

    def run_out(self, name: str, now_ms: int) -> dict[str, Any]:
        """What the expiry of a promise must say."""
        return self.finish(super().run_out(name, now_ms), now_ms)


__all__ = ["YEAR_MS", "Queues", "rank"]
