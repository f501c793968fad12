"""Decides a story of commands as a worker would: one partition, its rows in memory."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from streams import keys
from streams.actor import Actor, Decision, Moment

BEGAN = datetime(2026, 11, 20, 9, 59, 58, tzinfo=UTC)
STEP_MS = 1_000  # between two commands
PATIENCE_MS = 3_600_000  # after the last one: what was reserved for less runs out

Papers = Mapping[str, str]
"""What any command may have: when it happened, who sends it, and what it belongs to."""
NO_PAPERS: Papers = MappingProxyType({})


class Telling:
    """One partition on which a story is decided."""

    def __init__(self, actor: Actor, papers: Papers = NO_PAPERS) -> None:
        self._actor, self._papers = actor, papers
        self._rows: dict[bytes, bytes] = {}
        self._moment = Moment(3, 1, 0, int(BEGAN.timestamp()) * 1_000)
        self.records: list[Any] = []  # commands, events and alerts, in their order
        self.events: list[bytes] = []

    def send(self, command: Mapping[str, Any]) -> None:
        """Decide what somebody asks for, with the papers that it has none of its own of."""
        self.decide(json.dumps(with_papers(command, self._papers)).encode())

    def decide(self, command: bytes) -> None:
        """Decide a command, let a moment pass, and go on with what it brings about."""
        self.records.append(json.loads(command))
        _, _, decoded = self._actor.decode(command)
        decision = self._actor.decide(decoded, self._rows.get, self._moment)
        self._apply(decision)
        self._moment.offset += 1
        self._moment.log_time_ms += STEP_MS
        for _, caused in decision.commands:
            self.decide(caused)

    def wait(self, ms: int = PATIENCE_MS) -> None:
        """Let time pass, an hour if not told otherwise, and what falls due by then come about."""
        self._moment.log_time_ms += ms
        for key, value in sorted(self._rows.items()):
            if keys.is_timed(key) and keys.due_ms(value) <= self._moment.log_time_ms:
                self._apply(self._actor.expire(key, value, self._rows.get, self._moment))

    def _apply(self, decision: Decision) -> None:
        for key, value in decision.changes.items():
            if value is None:
                del self._rows[key]
            else:
                self._rows[key] = value
        told = [decision.event, *(alert for _, alert in decision.alerts)]
        self.records += [json.loads(one) for one in told if one is not None]
        if decision.event is not None:
            self.events.append(decision.event)
            self._moment.seq += 1


def with_papers(command: Mapping[str, Any], papers: Papers) -> dict[str, Any]:
    """A command, and what it has none of its own of."""
    return {**command, **{name: one for name, one in papers.items() if name not in command}}
