"""The oracle's counts: what the books had, what was found, who found it."""

from typing import Any

from tests.stock.ledger_books import Refused
from tests.stock.ledger_queues import YEAR_MS, Queues


class Counts(Queues):
    """Counts by name; they correct the books of a warehouse that has promises to keep."""

    def __init__(self, window_ms: int) -> None:
        super().__init__(window_ms)
        self.counts: dict[str, dict[str, Any]] = {}

    def open_count(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Note the books of now."""
        name = command["count"]
        if name in self.counts:
            raise Refused("COUNT_EXISTS", {"count": name})
        lines = [self.seen(line["sku"]) for line in command["lines"]]
        tolerance = command.get("tolerance", 0)
        self.counts[name] = {
            "state": "open",
            "due": now_ms + YEAR_MS,
            "tolerance": tolerance,
            "counters": [],
            "lines": {
                line["sku"]: {"book": line["on_hand"], "counted": None, "is_final": False}
                for line in lines
            },
        }
        return {"type": "CountOpened", "count": name, "tolerance": tolerance, "lines": lines}

    def record(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Note what was found."""
        name, count = self._open_one(command)
        for found in command["lines"]:
            line = count["lines"].get(found["sku"])
            if line is None:
                raise Refused("COUNT_LINE_UNKNOWN", {"count": name, "sku": found["sku"]})
            if line["is_final"]:
                raise Refused("COUNT_LINE_FINAL", {"count": name, "sku": found["sku"]})
        recount = []
        for found in command["lines"]:
            line = count["lines"][found["sku"]]
            is_second = line["counted"] is not None
            is_near = abs(found["counted"] - line["book"]) <= count["tolerance"]
            line.update(counted=found["counted"], is_final=is_second or is_near)
            if not line["is_final"]:
                recount.append({"sku": found["sku"]})
        if command["actor"] not in count["counters"]:
            count["counters"].append(command["actor"])
        count["due"] = now_ms + YEAR_MS
        lines = [dict(line) for line in command["lines"]]
        return {"type": "CountRecorded", "count": name, "lines": lines, "recount": recount}

    def approve(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Correct the books of now by what was found otherwise."""
        name, count = self._open_one(command)
        if command["actor"] in count["counters"]:
            raise Refused("COUNT_SELF_APPROVED", {"count": name})
        left = [sku for sku, line in count["lines"].items() if not line["is_final"]]
        if left:
            raise Refused("COUNT_INCOMPLETE", {"count": name, "skus": left})
        wrong = {sku: line["counted"] - line["book"] for sku, line in count["lines"].items()}
        wrong = {sku: delta for sku, delta in wrong.items() if delta}
        lines = self.shift(wrong, "delta", sellable=1, gain_loss=-1)
        count.update(state="approved", due=now_ms + self.window_ms)
        return {"type": "CountApproved", "count": name, "lines": lines}

    def cancel(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """End it without a correction."""
        name, count = self._open_one(command)
        count.update(state="cancelled", due=now_ms + self.window_ms)
        return {"type": "CountCancelled", "count": name}

    def forget_counts(self, now_ms: int) -> None:
        """Ids are free again when they were closed for the window."""
        for name, count in list(self.counts.items()):
            if count["due"] <= now_ms and count["state"] == "open":
                count["due"] = now_ms + YEAR_MS
            elif count["due"] <= now_ms:
                del self.counts[name]

    def _open_one(self, command: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = command["count"]
        if name not in self.counts:
            raise Refused("COUNT_NOT_FOUND", {"count": name})
        if self.counts[name]["state"] != "open":
            raise Refused("COUNT_CLOSED", {"count": name})
        if not command.get("actor"):
            raise Refused("ACTOR_REQUIRED", {"count": name})
        return name, self.counts[name]
