"""Our decider inside another engine: what the Python peers share, so that only engines differ.

Each peer brings its own table as two functions. Ids, reservations and the position are rows of that
table, as a user of that engine would write it; what falls due is kept in memory beside it. Swept
ids and forgotten reservations are left out, in the peers' favour: nothing gets that old here.

A table may show only the rows of the record's key, as that of Quix Streams does. Such a peer names
the key as the scope, and what falls due waits for a record that has it.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable
from hashlib import blake2b

from streams import native

native.activate()  # the decider is compiled in each engine, or in none

# ruff: noqa: E402
from agents.stock.agent import StockActor
from streams.actor import Decision, Moment

WINDOW_MS = 30 * 86_400_000  # the contract's default
POSITION = b"M"

Get = Callable[[bytes], bytes | None]
Put = Callable[[bytes, bytes], None]
Output = tuple[list[bytes], list[tuple[bytes, bytes]]]
"""Events, and alerts as (key, value)."""


class Partition:
    """One partition's commands in order, decided by the contract."""

    def __init__(self, number: int, get: Get) -> None:
        position = get(POSITION) or bytes(16)
        self.number = number
        self.seq = int.from_bytes(position[:8], "big") + 1
        self.log_time_ms = int.from_bytes(position[8:], "big")
        self.actor = StockActor(WINDOW_MS)
        self.due: dict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        """By scope: (ms, reservation, row key)."""

    def take(
        self, value: bytes, offset: int, append_ms: int, get: Get, put: Put, scope: str = ""
    ) -> Output:
        """Decide one record: changes go to `put`, what is to be told is returned.

        `scope` is the key whose rows `get` and `put` reach; empty where they reach all.
        """
        output: Output = ([], [])
        self.log_time_ms = max(self.log_time_ms, append_ms)
        due = self.due[scope]
        while due and due[0][0] <= self.log_time_ms:
            due_ms, _, key = heapq.heappop(due)
            row = get(key)
            if row is not None and int.from_bytes(row[:8], "big") == due_ms:
                decision = self.actor.expire(key, row, get, self._moment(offset))
                self._apply(decision, put, output, due)
        warehouse, command_id, command = self.actor.decode(value)
        key = b"I" + blake2b(f"{warehouse}\0{command_id}".encode(), digest_size=16).digest()
        fingerprint = self.actor.fingerprint(command)
        known = get(key)
        if known is None:
            decision = self.actor.decide(command, get, self._moment(offset))
            put(key, fingerprint + self.log_time_ms.to_bytes(6, "big"))
            self._apply(decision, put, output, due)
        elif known[:8] != fingerprint:
            code, text = "IDEMPOTENCY_KEY_REUSED", "this id was used for another command"
            decision = self.actor.reject(command, code, text, {}, self._moment(offset))
            self._apply(decision, put, output, due)
        put(POSITION, (self.seq - 1).to_bytes(8, "big") + self.log_time_ms.to_bytes(8, "big"))
        return output

    def _moment(self, offset: int) -> Moment:
        return Moment(self.number, self.seq, offset, self.log_time_ms)

    def _apply(
        self, decision: Decision, put: Put, output: Output, due: list[tuple[int, bytes, bytes]]
    ) -> None:
        for key, value in decision.changes.items():
            assert value is not None, "nothing is forgotten within a run"
            put(key, value)
            if key[:1] == b"r":
                due_ms = int.from_bytes(value[:8], "big")
                heapq.heappush(due, (due_ms, key.split(b"\0", 2)[2], key))
        if decision.event is not None:
            self.seq += 1
            output[0].append(decision.event)
        output[1].extend(decision.alerts)
