"""A depot that runs the actor on bytes, told as given, when, then: rows in a dict, timers in order.

Its SKU is `A` and its warehouse `LON-1` where nothing else is said.
"""

import json
from datetime import UTC, datetime
from typing import Any, Self

from agents.lots.agent import LotsActor
from streams import keys
from streams.actor import Decision, Moment
from tests.lots.books import Books

START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
DAY_MS = 86_400_000
ENVELOPE = frozenset(
    ("type", "id", "partition", "seq", "command_id", "sku", "time", "recorded_at", "source")
)
Wish = dict[str, Any]


class Depot:
    """One partition: what the engine does with an actor, without Kafka and RocksDB."""

    def __init__(self) -> None:
        self.actor = LotsActor()
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition=7, seq=1, offset=0, log_time_ms=START_MS)
        self.commands: list[bytes | int] = []  # or so many ms that passed
        self.events: list[bytes] = []
        self.told: dict[str, Any] = {}  # by the last decision
        self.before: dict[bytes, bytes] = {}

    def send(self, wish: Wish) -> Decision:
        """Decide a command told as fields."""
        head = {"id": f"c-{self.moment.offset}", "sku": "A"}
        return self.put(json.dumps(head | wish).encode())

    def put(self, value: bytes) -> Decision:
        """Decide a record."""
        self.before = dict(self.rows)
        self.commands.append(value)
        _, _, command = self.actor.decode(value)
        decision = self.actor.decide(command, self.rows.get, self.moment)
        assert decision.event is not None
        self._apply(decision)
        self.moment.offset += 1
        return decision

    def pass_time(self, ms: int) -> list[dict[str, Any]]:
        """Let log time pass; what falls due by then, by (due, name)."""
        self.commands.append(ms)
        self.moment.log_time_ms += ms
        told = []
        while due := self._due():
            key = min(due)[2]
            decision = self.actor.expire(key, self.rows[key], self.rows.get, self.moment)
            assert key in decision.changes, "what is due must change"
            self._apply(decision)
            if decision.event is not None:
                told.append(self.told)
        return told

    def _due(self) -> list[tuple[int, bytes, bytes]]:
        timers = [
            (keys.due_ms(value), keys.row_id(key), key)
            for key, value in self.rows.items()
            if keys.is_timed(key)
        ]
        return [timer for timer in timers if timer[0] <= self.moment.log_time_ms]

    def _apply(self, decision: Decision) -> None:
        for key, row in decision.changes.items():
            assert row != self.rows.get(key), "a change is one"
            if row is None:
                del self.rows[key]
                continue
            assert not keys.is_timed(key) or keys.due_ms(row) > self.moment.log_time_ms
            self.rows[key] = row
        if decision.event is not None:
            self.events.append(decision.event)
            self.told = json.loads(decision.event)
            self.moment.seq += 1

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

    def books(self, sku: str = "A") -> Books:
        """The rows, read without the code under test."""
        return Books(self.rows, sku)


def after(days: float) -> str:
    """An instant so many days after the start."""
    moment = datetime.fromtimestamp((START_MS + int(days * DAY_MS)) / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def register(lot: str, days: float | None = None, **fields: Any) -> Wish:
    """There is a lot that expires after so many days."""
    ends = {} if days is None else {"expires_at": after(days)}
    return {"type": "RegisterLot", "lot": lot} | ends | fields


def receive(lot: str, quantity: int, warehouse: str = "LON-1", **fields: Any) -> Wish:
    """Units of a lot came in."""
    told = {"type": "ReceiveLot", "lot": lot, "warehouse": warehouse, "quantity": quantity}
    return told | fields


def assign(lot: str, quantity: int, warehouse: str = "LON-1", **fields: Any) -> Wish:
    """Units are of a lot."""
    told = {"type": "AssignLot", "lot": lot, "warehouse": warehouse, "quantity": quantity}
    return told | fields


def change(source: str, target: str, quantity: int, **fields: Any) -> Wish:
    """Stock moved units."""
    told = {"type": "RecordStockChange", "cause": "3-41", "warehouse": "LON-1"}
    moved = {"from_account": source, "to_account": target, "quantity": quantity}
    return told | moved | fields


def come(lot: str, quantity: int, warehouse: str = "LON-1", account: str = "sellable") -> Wish:
    """Stock received units whose reference is a lot."""
    return change("supplier", account, quantity, reference=lot, warehouse=warehouse)


def confirm(reservation: str, quantity: int, warehouse: str = "LON-1") -> Wish:
    """Units were promised for good."""
    promised = [{"reservation": reservation, "quantity": quantity}]
    told = {"type": "RecordStockChange", "cause": "3-42", "warehouse": warehouse}
    return told | {"promised": promised}


def let_go(reservation: str) -> Wish:
    """A promise was taken back."""
    told = {"type": "RecordStockChange", "cause": "3-43", "warehouse": "LON-1"}
    return told | {"reservation": reservation, "released": True}


def pick(reservation: str, quantity: int) -> Wish:
    """Units were picked for it."""
    return change("sellable", "staged", quantity, reservation=reservation)


def unpick(reservation: str, quantity: int) -> Wish:
    """Units were put back."""
    return change("staged", "sellable", quantity, reservation=reservation)


def ship(reservation: str, quantity: int, source: str = "staged") -> Wish:
    """Units left for it."""
    return change(source, "customer", quantity, reservation=reservation)


def require(reservation: str, days: int, warehouse: str = "LON-1") -> Wish:
    """What it gets is good for so long."""
    told = {"type": "RequireShelfLife", "warehouse": warehouse}
    return told | {"reservation": reservation, "days": days}


def rebind(reservation: str, lot: str, quantity: int, **fields: Any) -> Wish:
    """It gets another lot."""
    told = {"type": "RebindLot", "warehouse": "LON-1", "reservation": reservation}
    return told | {"lot": lot, "quantity": quantity} | fields


def hold(lot: str) -> Wish:
    """Nothing of it is for sale."""
    return {"type": "HoldLot", "lot": lot, "reason": "smell"}


def release(lot: str) -> Wish:
    """It is good again."""
    return {"type": "ReleaseLot", "lot": lot}


def recall(lot: str) -> Wish:
    """It is bad."""
    return {"type": "RecallLot", "lot": lot, "reason": "glass"}


def refuse(ask: str, available: int | None = None, warehouse: str = "LON-1") -> Wish:
    """Stock refused what it was asked for."""
    told = {"type": "RecordRefusal", "cause": "3-44", "warehouse": warehouse, "ask": ask}
    more = {} if available is None else {"available": available}
    return told | {"refusal": "INSUFFICIENT_STOCK"} | more
