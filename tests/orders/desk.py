"""A partition of orders that runs the actor on bytes, told as given, when, then."""

import json
from typing import Any, Self

from agents.orders.agent import OrdersActor
from streams import keys
from streams.actor import Decision, Moment

START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
Wish = dict[str, Any]


class Desk:
    """What the engine does with an actor, without Kafka and RocksDB."""

    def __init__(self) -> None:
        self.actor = OrdersActor()
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition=7, seq=1, offset=0, log_time_ms=START_MS)
        self.commands: list[bytes] = []
        self.events: list[bytes] = []
        self.told: dict[str, Any] = {}  # by the last decision
        self.before: dict[bytes, bytes] = {}

    def send(self, wish: Wish) -> Decision:
        """Decide a command told as fields."""
        head = {"id": f"c-{self.moment.offset}", "order": "o-1"}
        return self.put(json.dumps(head | wish).encode())

    def put(self, value: bytes) -> Decision:
        """Decide a record."""
        self.before = dict(self.rows)
        _, _, command = self.actor.decode(value)
        decision = self.actor.decide(command, self.rows.get, self.moment)
        self._apply(decision)
        assert decision.event is not None
        self.commands.append(value)
        self.events.append(decision.event)
        self.told = json.loads(decision.event)
        self.moment.seq += 1
        self.moment.offset += 1
        return decision

    def pass_time(self, ms: int) -> None:
        """Let log time pass, and whatever falls due by then come about."""
        self.moment.log_time_ms += ms
        for key, value in sorted(self.rows.items()):
            if keys.is_timed(key) and keys.due_ms(value) <= self.moment.log_time_ms:
                told = self.actor.expire(key, value, self.rows.get, self.moment)
                assert key in told.changes
                assert told.event is None
                self._apply(told)

    def _apply(self, decision: Decision) -> None:
        for key, row in decision.changes.items():
            assert row != self.rows.get(key), "a change is one"
            if row is None:
                del self.rows[key]
                continue
            assert not keys.is_timed(key) or keys.due_ms(row) > self.moment.log_time_ms
            self.rows[key] = row

    def given(self, *wishes: Wish) -> Self:
        """All of these came about."""
        for wish in wishes:
            assert self.send(wish).code == "", self.told
        return self

    def when(self, wish: Wish) -> Self:
        """This is asked for."""
        self.send(wish)
        return self

    def then(self, kind: str, state: str, /, *asks: str) -> Self:
        """This event, with these asks as `step attempt warehouse`, in their order."""
        assert (self.told["type"], self.told["state"]) == (kind, state), self.told
        assert self.asks() == list(asks)
        return self

    def then_legs(self, **legs: str) -> Self:
        """These legs and no others: `L1="confirmed A2 B1"`, of warehouse L and attempt 1."""
        assert self.legs() == legs
        return self

    def then_rejected(self, code: str, /, **details: Any) -> Self:
        """This rejection, with these details, and nothing changed."""
        assert self.told["type"] == "CommandRejected", self.told
        assert (self.told["code"], self.told["details"]) == (code, details)
        assert self.told["message"]
        assert self.rows == self.before
        return self

    def asks(self) -> list[str]:
        """What the last event asks for."""
        return [
            f"{ask['step']} {ask['attempt']} {ask['warehouse']}"
            for ask in self.told.get("asks", ())
        ]

    def legs(self) -> dict[str, str]:
        """The legs of the last event."""
        found = {}
        for leg in self.told["legs"]:
            lines = [
                f"{line['sku']}{line['quantity']}"
                + (f"-{line['missing']}" if line.get("missing") else "")
                + (f">{line['shipped']}" if line.get("shipped") else "")
                for line in leg["lines"]
            ]
            found[f"{leg['warehouse']}{leg['attempt']}"] = " ".join([leg["state"], *lines])
        return found


def source(warehouse: str, /, **fields: Any) -> dict[str, Any]:
    """A warehouse; `A=3` is a hint of a SKU."""
    stock = [{"sku": sku, "available": fields.pop(sku)} for sku in list(fields) if len(sku) == 1]
    told = {"warehouse": warehouse} | fields
    return told | ({"stock": stock} if stock else {})


def place(wanted: dict[str, int], *sources: dict[str, Any], **fields: Any) -> Wish:
    """Somebody wants so many of each SKU."""
    lines = [{"sku": sku, "quantity": units} for sku, units in wanted.items()]
    return {"type": "PlaceOrder", "lines": lines, "sources": list(sources)} | fields


def record(leg: str, told: str, /, **lines: int) -> Wish:
    """A warehouse tells of a leg, `L1`: of warehouse L and attempt 1."""
    return {
        "type": "RecordLeg",
        "cause": "3-41",
        "warehouse": leg[0],
        "attempt": int(leg[1:]),
        "told": told,
        "lines": [{"sku": sku, "quantity": units} for sku, units in lines.items()],
    }


def refusal(leg: str, step: str, code: str = "INSUFFICIENT_STOCK", /, **available: int) -> Wish:
    """A warehouse refuses a step of a leg."""
    told: Wish = {
        "type": "RecordLegRefusal",
        "cause": "3-41",
        "warehouse": leg[0],
        "attempt": int(leg[1:]),
        "step": step,
        "code": code,
    }
    for sku, units in available.items():
        told |= {"sku": sku, "available": units}
    return told


CANCEL: Wish = {"type": "CancelOrder"}
