"""The oracle: stock as plain dictionaries, told from the contract and from nothing else."""

from typing import Any

LIMIT = 10**15
EFFECTS = {
    "ReceiveStock": (1, 0),
    "ShipStock": (-1, 0),
    "AdjustStock": (1, 0),
    "ReserveStock": (0, 1),
}
ENDS = {"ReleaseReservation": (0, -1, "released"), "ShipReservation": (-1, -1, "shipped")}
OUTCOMES = {
    "ReceiveStock": "StockReceived",
    "ShipStock": "StockShipped",
    "AdjustStock": "StockAdjusted",
    "ReserveStock": "StockReserved",
    "ReleaseReservation": "ReservationReleased",
    "ShipReservation": "StockShipped",
    "SetReorderPoint": "ReorderPointSet",
}


class Refused(Exception):
    """(code, details) of a rejection."""


class Ledger:
    """What one warehouse holds and owes."""

    def __init__(self, window_ms: int) -> None:
        self.window_ms = window_ms
        self.stock: dict[str, dict[str, int]] = {}
        self.promises: dict[str, dict[str, Any]] = {}
        self.crossings: list[tuple[str, str]] = []  # (alert, sku) of the last change

    def decide(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """What the outcome must say beyond its envelope."""
        self.crossings = []
        try:
            return self._decide(command, now_ms)
        except Refused as refused:
            code, details = refused.args
            return {"type": "CommandRejected", "code": code, "details": details}

    def due(self, now_ms: int) -> list[tuple[int, str]]:
        """The promises that have run out by now, in their order."""
        return sorted(
            (promise["due"], name)
            for name, promise in self.promises.items()
            if promise["state"] == "open" and promise["due"] <= now_ms
        )

    def run_out(self, name: str, now_ms: int) -> dict[str, Any]:
        """What the expiry of a promise must say."""
        self.crossings = []
        body = self._end(name, 0, -1, "expired", now_ms)
        return {"type": "ReservationExpired", "reservation": name, "lines": body}

    def forget(self, now_ms: int) -> None:
        """Closed promises whose window has passed are as if they had never been."""
        self.promises = {
            name: promise
            for name, promise in self.promises.items()
            if promise["state"] == "open" or promise["due"] > now_ms
        }

    def _decide(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        kind, name = command["type"], command.get("reservation", "")
        told: dict[str, Any] = {"type": OUTCOMES[kind]}
        if name:
            told["reservation"] = name
        if kind in ENDS:
            if name not in self.promises:
                raise Refused("RESERVATION_NOT_FOUND", {"reservation": name})
            state = self.promises[name]["state"]
            if state != "open":
                raise Refused("RESERVATION_CLOSED", {"reservation": name, "state": state})
            return told | {"lines": self._end(name, *ENDS[kind], now_ms)}
        if kind == "SetReorderPoint":
            return told | {"lines": self._set_points(self._sums(command, "reorder_point"))}
        if name in self.promises:
            state = self.promises[name]["state"]
            raise Refused("RESERVATION_EXISTS", {"reservation": name, "state": state})
        amount = "delta" if kind == "AdjustStock" else "quantity"
        sums = self._sums(command, amount)
        told["lines"] = self._move(sums, amount, *EFFECTS[kind])
        if kind == "ReserveStock":
            due = now_ms + command["ttl_seconds"] * 1000
            self.promises[name] = {"state": "open", "due": due, "lines": sums}
            told["expires_at"] = due
        if kind == "AdjustStock":
            told["reason"] = command["reason"]
        return told

    def _sums(self, command: dict[str, Any], amount: str) -> dict[str, int]:
        sums: dict[str, int] = {}
        for line in command["lines"]:
            sums[line["sku"]] = sums.get(line["sku"], 0) + line[amount]
        return sums

    def _end(
        self, name: str, on_hand: int, reserved: int, state: str, now_ms: int
    ) -> list[dict[str, Any]]:
        promise = self.promises[name]
        lines = self._move(promise["lines"], "quantity", on_hand, reserved)
        promise.update(state=state, due=now_ms + self.window_ms)
        return lines

    def _move(
        self, sums: dict[str, int], amount: str, on_hand: int, reserved: int
    ) -> list[dict[str, Any]]:
        for sku, value in sums.items():
            row = self._row(sku)
            available = row["on_hand"] - row["reserved"]
            if available + (on_hand - reserved) * value < 0:
                details = {"sku": sku, "requested": abs(value), "available": available}
                raise Refused("INSUFFICIENT_STOCK", details)
            if row["on_hand"] + on_hand * value > LIMIT:
                told = {"sku": sku, "field": "on_hand", "value": row["on_hand"] + on_hand * value}
                raise Refused("QUANTITY_LIMIT", told | {"limit": LIMIT})
        return [
            self._change(
                sku,
                {amount: value},
                on_hand=self._row(sku)["on_hand"] + on_hand * value,
                reserved=self._row(sku)["reserved"] + reserved * value,
            )
            for sku, value in sums.items()
        ]

    def _set_points(self, sums: dict[str, int]) -> list[dict[str, Any]]:
        for sku, point in sums.items():
            if point > LIMIT:
                told = {"sku": sku, "field": "reorder_point", "value": point, "limit": LIMIT}
                raise Refused("QUANTITY_LIMIT", told)
        return [self._change(sku, {}, reorder_point=point) for sku, point in sums.items()]

    def _row(self, sku: str) -> dict[str, int]:
        return self.stock.get(sku) or {
            "on_hand": 0,
            "reserved": 0,
            "reorder_point": 0,
            "version": 0,
        }

    def _change(self, sku: str, told: dict[str, int], **values: int) -> dict[str, Any]:
        before = self._row(sku)
        row = self.stock[sku] = before | values | {"version": before["version"] + 1}
        was, now = level(before), level(row)
        if before["version"] and now < was:
            self.crossings.append(("LowStock" if now else "OutOfStock", sku))
        if before["version"] and now == 2 and was < 2:
            self.crossings.append(("StockRecovered", sku))
        line = (
            {"sku": sku} | told | {name: row[name] for name in ("on_hand", "reserved", "version")}
        )
        if "reorder_point" in values:
            line["reorder_point"] = row["reorder_point"]
        return line | {"available": row["on_hand"] - row["reserved"]}


def level(row: dict[str, int]) -> int:
    """0 out, 1 low, 2 ok."""
    available = row["on_hand"] - row["reserved"]
    return 0 if available == 0 else 1 if available <= row["reorder_point"] else 2
