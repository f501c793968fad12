"""A shop that runs the actor on bytes, as the runtime does: rows in a dict, timers in order."""

import json
from typing import Any

from agents.stock.agent import StockActor
from streams import keys
from streams.actor import Decision, Moment

WINDOW_MS = 3_600_000
START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z


class Shop:
    """One partition: what the engine does with an actor, without Kafka and RocksDB."""

    def __init__(self, window_ms: int = WINDOW_MS) -> None:
        self.actor = StockActor(window_ms)
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition=3, seq=1, offset=0, log_time_ms=START_MS)
        self.events: list[bytes] = []

    def send(self, kind: str, **fields: Any) -> Decision:
        """Decide a command told as fields."""
        told = {"type": kind, "id": f"c-{self.moment.offset}", "warehouse": "LON-1"} | fields
        return self.put(json.dumps(told).encode())

    def put(self, value: bytes) -> Decision:
        """Decide a record."""
        _, _, command = self.actor.decode(value)
        decision = self._apply(self.actor.decide(command, self.rows.get, self.moment))
        self.moment.offset += 1
        return decision

    def owe_the_most(self, sku: str) -> None:
        """As many of a SKU as can be owed are sold and not there: 10^15."""
        self.send("SetStockPolicy", lines=[{"sku": sku, "negative_limit": 10**15}])
        decision = self.send("ShipStock", lines=[{"sku": sku, "quantity": 10**12}] * 1_000)
        assert decision.event is not None and decision.code == ""

    def pass_time(self, ms: int) -> list[Decision]:
        """Let log time pass, and whatever falls due by then come about, by (due, key)."""
        self.moment.log_time_ms += ms
        decisions = []
        while due := self._due():
            key = min(due)[2]
            value = self.rows[key]
            told = self.actor.expire(key, value, self.rows.get, self.moment)
            assert key in told.changes, "an expiry must change its row, or it would come again"
            decisions.append(self._apply(told))
        return [told for told in decisions if told.event is not None]

    def _due(self) -> list[tuple[int, bytes, bytes]]:
        timers = [
            (keys.due_ms(value), keys.row_id(key), key)
            for key, value in self.rows.items()
            if keys.is_timed(key)
        ]
        return [timer for timer in timers if timer[0] <= self.moment.log_time_ms]

    def _apply(self, decision: Decision) -> Decision:
        for key, value in decision.changes.items():
            assert (
                value is None
                or not keys.is_timed(key)
                or (keys.due_ms(value) > self.moment.log_time_ms)
            ), "what is due again at once would never end"
            if value is None:
                del self.rows[key]
            else:
                self.rows[key] = value
        if decision.event is not None:
            self.events.append(decision.event)
            self.moment.seq += 1
        return decision
