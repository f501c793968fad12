"""An office that runs the actor on bytes, as the runtime does: rows in a dict, timers in order."""

import json
from typing import Any

from agents.finance.agent import FinanceActor
from streams import keys
from streams.actor import Decision, Moment

START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
DAY_MS = 86_400_000
WAREHOUSE = "LON-1"
SIDES = {  # the short words of the tests
    "received": ("supplier", "sellable"),
    "returned": ("customer", "sellable"),
    "found": ("gain_loss", "sellable"),
    "made": ("production", "sellable"),
    "arrived": ("transfers", "sellable"),
    "shipped": ("sellable", "customer"),
    "lost": ("sellable", "gain_loss"),
    "scrapped": ("sellable", "scrap"),
    "sent back": ("sellable", "supplier"),
    "used": ("sellable", "production"),
    "sent": ("in_transit", "transfers"),
}


class Office:
    """One partition of finance: what the engine does with an actor, without Kafka and RocksDB."""

    def __init__(self, warehouse: str = WAREHOUSE) -> None:
        self.warehouse = warehouse
        self.actor = FinanceActor()
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition=3, seq=1, offset=0, log_time_ms=START_MS)
        self.commands: list[tuple[int, bytes]] = []  # with their log time
        self.events: list[bytes] = []
        self.under_way: list[tuple[str, bytes]] = []  # what this brought about elsewhere

    def send(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Decide a command told as fields; the outcome."""
        head = {"type": kind, "id": f"c-{self.moment.offset}", "warehouse": self.warehouse}
        return self.put(json.dumps(head | fields).encode())

    def put(self, value: bytes) -> dict[str, Any]:
        """Decide a record; the outcome."""
        self.commands.append((self.moment.log_time_ms, value))
        _, _, command = self.actor.decode(value)
        decision = self.actor.decide(command, self.rows.get, self.moment)
        self.moment.offset += 1
        return self._apply(decision)

    def move(self, what: str, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
        """Units came in or left: (sku, quantity) pairs."""
        source, target = SIDES[what]
        told = [
            {"sku": sku, "quantity": quantity, "from_account": source, "to_account": target}
            for sku, quantity in lines
        ]
        return self.record(told, movement=what, **fields)

    def record(self, lines: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        """The movement of an event of stock, which has the number of this record."""
        cause = {"cause": f"3-{self.moment.offset}", "movement": "StockMoved"}
        return self.send("RecordMovement", lines=lines, **(cause | fields))

    def post(self, receipt: str, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
        """What lines of a receipt cost: (sku, amount) pairs."""
        told = [{"sku": sku, "amount": amount} for sku, amount in lines]
        named = {"receipt": receipt, "currency": "EUR", "lines": told}
        return self.send("PostCost", **(named | fields))

    def land(self, receipt: str, amount: int, **fields: Any) -> dict[str, Any]:
        """Freight of a receipt."""
        named = {"receipt": receipt, "currency": "EUR", "amount": amount, "basis": "quantity"}
        return self.send("PostLandedCost", **(named | fields))

    def cost(self, sku: str, method: str, **fields: Any) -> dict[str, Any]:
        """How a SKU's cost is found."""
        line = {"sku": sku, "method": method, "currency": "EUR"} | fields
        return self.send("SetCosting", lines=[line])

    def close(self, period: str) -> dict[str, Any]:
        """Nothing more in a month."""
        return self.send("ClosePeriod", period=period)

    def bought(self, sku: str, quantity: int, amount: int) -> str:
        """Units came in and cost so much; their receipt."""
        receipt: str = self.move("received", (sku, quantity))["cause"]
        self.post(receipt, (sku, amount))
        return receipt

    def pass_time(self, ms: int) -> None:
        """Let log time pass; what falls due by then is forgotten, and tells nothing."""
        self.moment.log_time_ms += ms
        for key, value in sorted(self.rows.items()):
            if keys.is_timed(key) and keys.due_ms(value) <= self.moment.log_time_ms:
                decision = self.actor.expire(key, value, self.rows.get, self.moment)
                assert decision.event is None and decision.changes == {key: None}
                self._apply(decision)

    def _apply(self, decision: Decision) -> dict[str, Any]:
        for key, value in decision.changes.items():
            if value is None:
                del self.rows[key]  # what is not there is not taken away
                continue
            assert self.rows.get(key) != value, "what is written is a change"
            if keys.is_timed(key):
                assert keys.due_ms(value) > self.moment.log_time_ms, "due again at once"
            self.rows[key] = value
        self.under_way += decision.commands
        if decision.event is None:
            return {}
        self.events.append(decision.event)
        self.moment.seq += 1
        told: dict[str, Any] = json.loads(decision.event)
        assert (told["type"], told.get("code", "")) == (decision.outcome, decision.code)
        assert told["type"] != "CommandRejected" or not decision.changes
        return told


def journal(event: dict[str, Any]) -> dict[str, int]:
    """What an event books, by account; it sums to zero."""
    lines = event["journal"]
    assert sum(line["amount"] for line in lines) == 0
    return {line["account"]: line["amount"] for line in lines}


def refused(event: dict[str, Any], code: str, **details: Any) -> None:
    """The outcome is this rejection, with these details."""
    assert event["type"] == "CommandRejected", event
    assert (event["code"], event["details"]) == (code, details)
