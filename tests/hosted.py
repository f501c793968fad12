"""One partition that runs an actor on bytes: what the engine does, without Kafka and RocksDB.

Each domain has one of its own, with what it asks for and what it sees, told as given, when, then.
"""

import json
from collections.abc import Callable
from typing import Any, Self

from streams import keys
from streams.actor import Actor, Decision, Moment, Rows

START_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
ENVELOPE = frozenset(
    ("type", "id", "partition", "seq", "command_id", "time", "recorded_at", "source")
)
Wish = dict[str, Any]


class Hosted:
    """An actor, its rows in a dict, and its log; commands are to `key` where nothing is said."""

    def __init__(self, actor: Actor, key: tuple[str, str], partition: int) -> None:
        self.actor = actor
        self.rows: dict[bytes, bytes] = {}
        self.moment = Moment(partition, seq=1, offset=0, log_time_ms=START_MS)
        self.commands: list[bytes] = []
        self.events: list[bytes] = []
        self.reads: list[bytes] = []  # of the last decision
        self.told: dict[str, Any] = {}  # by the last event
        self.before: dict[bytes, bytes] = {}
        self._key = dict([key])

    def send(self, wish: Wish) -> Decision:
        """Decide a command told as fields."""
        head = {"id": f"c-{self.moment.offset}"} | self._key
        return self.put(json.dumps(head | wish).encode())

    def put(self, value: bytes) -> Decision:
        """Decide a record."""
        self.reads, self.before = [], dict(self.rows)
        self.commands.append(value)
        _, _, command = self.actor.decode(value)
        decision = self.actor.decide(command, self._read, self.moment)
        assert decision.event is not None
        self._apply(decision)
        self.moment.offset += 1
        return decision

    def pass_time(self, ms: int) -> list[dict[str, Any]]:
        """Let log time pass; what falls due by then, by (due, name)."""
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

    def _read(self, key: bytes) -> bytes | None:
        self.reads.append(key)
        return self.rows.get(key)

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

    def fields(self) -> dict[str, Any]:
        """What the last event says beside its envelope."""
        return {n: it for n, it in self.told.items() if n not in ENVELOPE and n not in self._key}

    def given(self, *wishes: Wish) -> Self:
        """All of these came about."""
        for wish in wishes:
            assert self.send(wish).code == "", self.told
        return self

    def when(self, wish: Wish) -> Self:
        """This is asked for."""
        self.send(wish)
        return self

    def then_rejected(self, code: str, /, **details: Any) -> Self:
        """This rejection, with these details, and nothing changed."""
        assert self.told["type"] == "CommandRejected", self.told
        assert (self.told["code"], self.told["details"]) == (code, details)
        assert self.told["message"]
        assert self.rows == self.before
        return self


def folded(
    events: list[bytes],
    decode: Callable[[bytes], Any],
    begin: Callable[[Any, Rows], Any],
    evolve: Callable[[Any, Any], object],
) -> dict[bytes, bytes]:
    """The rows of which these events are true: `begin` makes what `evolve` changes."""
    rows: dict[bytes, bytes] = {}
    for event in map(decode, events):
        if hasattr(event, "code"):
            continue
        state = begin(event, rows.get)
        evolve(state, event)
        for key, row in state.changes().items():
            if row is None:
                del rows[key]
            else:
                rows[key] = row
    return rows
