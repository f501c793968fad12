"""The oracle's promises: open, confirmed, on their way out in parts, ended."""

from typing import Any

from tests.stock.ledger_books import Books, Lines, Refused, Sums, insufficient

YEAR_MS = 365 * 86_400_000
FINAL = ("released", "shipped", "superseded")
STEPS = {  # (outcome, code, changes of the promise's line, changes of the row)
    "PickStock": (
        "StockPicked",
        "OVER_PICK",
        {"picked": 1},
        {"sellable": -1, "reserved": -1, "allocated": -1, "staged": 1},
    ),
    "UnpickStock": (
        "StockUnpicked",
        "NOT_PICKED",
        {"picked": -1},
        {"sellable": 1, "reserved": 1, "allocated": 1, "staged": -1},
    ),
    "PackStock": ("StockPacked", "NOT_PICKED", {"packed": 1}, {}),
    "ShipPacked": (
        "PackedShipped",
        "NOT_PACKED",
        {"picked": -1, "packed": -1, "shipped": 1},
        {"staged": -1, "customer": 1},
    ),
}


def left_for(kind: str, line: dict[str, int]) -> int:
    """How much of a promise's line a step may take."""
    if kind == "PickStock":
        return shelved(line)
    return line["packed"] if kind == "ShipPacked" else line["picked"] - line["packed"]


def shelved(line: dict[str, int]) -> int:
    """What of a promise's line still lies on the shelf."""
    return line["quantity"] - line["picked"] - line["shipped"]


class Promises(Books):
    """What is promised to whom, by name."""

    def __init__(self, window_ms: int) -> None:
        super().__init__()
        self.window_ms = window_ms
        self.promises: dict[str, dict[str, Any]] = {}

    def due(self, now_ms: int) -> list[tuple[int, str]]:
        """The promises that have run out by now, in their order."""
        return sorted(
            (promise["due"], name)
            for name, promise in self.promises.items()
            if promise["state"] == "open" and promise["due"] <= now_ms
        )

    def run_out(self, name: str, now_ms: int) -> dict[str, Any]:
        """What the expiry of a promise must say."""
        self.before, self.crossings = {}, []
        promise = self.promises[name]
        told = {
            "type": "ReservationExpired",
            "reservation": name,
            "lines": self.shift(
                _quantities(promise), "quantity", False, promise.get("channel"), reserved=-1
            ),
            "expires_at": promise["expires_at"],
        }
        self.enter(name, "expired", now_ms)
        return told | via(promise)

    def reserve(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Promise stock for a while."""
        name = self.unused(command["reservation"])
        sums = self.sums(command["lines"], "quantity")
        lines = self.shift(sums, "quantity", True, command.get("channel"), reserved=1)
        return via(command) | {
            "type": "StockReserved",
            "reservation": name,
            "lines": lines,
            "expires_at": self._hold(
                name, sums, now_ms + command["ttl_seconds"] * 1000, via(command)
            ),
        }

    def extend(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Give a promise another end."""
        name, promise = self._open(command["reservation"])
        promise["due"] = promise["expires_at"] = now_ms + command["ttl_seconds"] * 1000
        told = {"type": "ReservationExtended", "reservation": name, "lines": []}
        return told | {"expires_at": promise["expires_at"]}

    def supersede(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Put a promise in another's place."""
        name = self.unused(command["reservation"])
        replaces, old = self._open(command["replaces"])
        taken, given = self.sums(command["lines"], "quantity"), _quantities(old)
        channel = via(command) or via(old)
        lines = []
        short = self.missing(taken, channel.get("channel"), given)
        if short:
            raise insufficient(short)
        for sku in [*taken, *(sku for sku in given if sku not in taken)]:
            row, quantity = self.row(sku), taken.get(sku, 0)
            others = row["reserved"] - given.get(sku, 0)
            through, had = channel.get("channel"), given.get(sku, 0)
            self.refill(sku, through, had - quantity)
            self.change(sku, row | {"reserved": others + quantity})
            lines.append(self.seen(sku, quantity=quantity))
        self.enter(replaces, "superseded", now_ms)
        return channel | {
            "type": "ReservationSuperseded",
            "reservation": name,
            "replaces": replaces,
            "lines": lines,
            "expires_at": self._hold(name, taken, now_ms + command["ttl_seconds"] * 1000, channel),
        }

    def confirm(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Promise for good; what had run out, anew."""
        name, promise = self._known(command["reservation"])
        if promise["state"] == "confirmed":
            raise Refused("RESERVATION_CONFIRMED", {"reservation": name})
        if promise["state"] == "waiting":
            raise Refused("RESERVATION_WAITING", {"reservation": name})
        if promise["state"] in FINAL:
            raise _closed(name, promise)
        anew = promise["state"] == "expired"
        signs = {"allocated": 1, "reserved": 1 if anew else 0}
        lines = self.shift(_quantities(promise), "quantity", anew, promise.get("channel"), **signs)
        self.enter(name, "confirmed", now_ms)
        told = {"type": "ReservationConfirmed", "reservation": name, "lines": lines}
        return told | via(promise)

    def step(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Pick, unpick, pack, ship: so far as the step before went."""
        kind = command["type"]
        outcome, code, by_line, by_row = STEPS[kind]
        name, promise = self._known(command["reservation"])
        if promise["state"] == "open":
            raise Refused("RESERVATION_NOT_CONFIRMED", {"reservation": name})
        if promise["state"] == "waiting":
            raise Refused("RESERVATION_WAITING", {"reservation": name})
        if promise["state"] != "confirmed":
            raise _closed(name, promise)
        sums = self.sums(command["lines"], "quantity")
        for sku, quantity in sums.items():
            left = left_for(kind, promise["lines"][sku]) if sku in promise["lines"] else 0
            if quantity > left:
                raise Refused(code, {"sku": sku, "requested": quantity, "left": left})
        if by_row:
            lines = self.shift(sums, "quantity", **by_row)
        else:
            lines = [self.seen(sku, quantity=quantity) for sku, quantity in sums.items()]
        for sku, quantity in sums.items():
            for field, sign in by_line.items():
                promise["lines"][sku][field] += sign * quantity
        is_out = all(line["shipped"] == line["quantity"] for line in promise["lines"].values())
        self.enter(name, "shipped" if is_out else "confirmed", now_ms)
        return {"type": outcome, "reservation": name, "lines": lines}

    def end(self, command: dict[str, Any], now_ms: int) -> dict[str, Any]:
        """Take a promise back, or ship it from the shelf."""
        name, promise = self._known(command["reservation"])
        ships, was_confirmed = command["type"] == "ShipReservation", False
        if ships and promise["state"] == "waiting":
            raise Refused("RESERVATION_WAITING", {"reservation": name})
        if promise["state"] not in ("open", "confirmed", "waiting"):
            raise _closed(name, promise)
        if any(line["picked"] for line in promise["lines"].values()):
            raise Refused("RESERVATION_PICKED", {"reservation": name})
        was_confirmed = promise["state"] in ("confirmed", "waiting")
        missing = promise.get("missing", {})
        sums = {
            sku: shelved(line) - missing.get(sku, 0)
            for sku, line in promise["lines"].items()
            if shelved(line)
        }
        signs = {"sellable": -1, "customer": 1} if ships else {}
        signs |= {"reserved": -1, "allocated": -1 if was_confirmed else 0}
        lines = self.shift(sums, "quantity", False, promise.get("channel"), **signs)
        if ships:
            for line in promise["lines"].values():
                line["shipped"] = line["quantity"]
        self.enter(name, "shipped" if ships else "released", now_ms)
        told = {"type": "StockShipped" if ships else "ReservationReleased", "reservation": name}
        told |= {"lines": lines} | via(promise)
        return told | ({"confirmed": True} if was_confirmed else {})

    def forget_promises(self, now_ms: int) -> None:
        """Ids are free again when they were closed for the window; what is confirmed stays."""
        for name, promise in list(self.promises.items()):
            if promise["due"] <= now_ms and promise["state"] in ("confirmed", "waiting"):
                promise["due"] = now_ms + YEAR_MS
            elif promise["due"] <= now_ms and promise["state"] != "open":
                del self.promises[name]

    def unused(self, name: str) -> str:
        """A name that may be given to a new one."""
        if name in self.promises:
            details = {"reservation": name, "state": self.promises[name]["state"]}
            raise Refused("RESERVATION_EXISTS", details)
        return name

    def _known(self, name: str) -> tuple[str, dict[str, Any]]:
        if name not in self.promises:
            raise Refused("RESERVATION_NOT_FOUND", {"reservation": name})
        return name, self.promises[name]

    def _open(self, name: str) -> tuple[str, dict[str, Any]]:
        _, promise = self._known(name)
        if promise["state"] == "confirmed":
            raise Refused("RESERVATION_CONFIRMED", {"reservation": name})
        if promise["state"] == "waiting":
            raise Refused("RESERVATION_WAITING", {"reservation": name})
        if promise["state"] != "open":
            raise _closed(name, promise)
        return name, promise

    def _hold(self, name: str, sums: Sums, expires_at: int, channel: dict[str, Any]) -> int:
        lines = {
            sku: {"quantity": quantity, "picked": 0, "packed": 0, "shipped": 0}
            for sku, quantity in sums.items()
        }
        told = {"state": "open", "due": expires_at, "expires_at": expires_at, "lines": lines}
        self.promises[name] = told | channel
        return expires_at

    def enter(self, name: str, state: str, now_ms: int) -> None:
        """A promise is so from now on."""
        kept_ms = YEAR_MS if state in ("confirmed", "waiting") else self.window_ms
        self.promises[name].update(state=state, due=now_ms + kept_ms)
        if state != "waiting":
            self.promises[name].pop("missing", None)


def via(one: dict[str, Any]) -> dict[str, Any]:
    """The channel that a command or a promise has, if it has one."""
    return {"channel": one["channel"]} if one.get("channel") is not None else {}


def _quantities(promise: dict[str, Any]) -> Sums:
    return {sku: line["quantity"] for sku, line in promise["lines"].items()}


def _closed(name: str, promise: dict[str, Any]) -> Refused:
    return Refused("RESERVATION_CLOSED", {"reservation": name, "state": promise["state"]})


__all__ = ["FINAL", "STEPS", "YEAR_MS", "Lines", "Promises", "left_for", "shelved", "via"]
