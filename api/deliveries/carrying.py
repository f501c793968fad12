"""Brings one event to its end: tried until it is taken, or given up as a dead letter."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api.deliveries import telemetry
from api.deliveries.answers import Answer, Meaning
from api.deliveries.circuit import Schedule
from api.deliveries.endpoints import Endpoint
from api.deliveries.events import Outgoing
from api.deliveries.gate import Gate, clock_s
from streams.telemetry import log

Bury = Callable[[Outgoing, str], Awaitable[None]]
"""Writes an event to the dead letters, with why; returns when Kafka has it."""

Post = Callable[[Outgoing], Awaitable[Answer]]


@dataclass(slots=True)
class _Tries:
    refused: int = 0
    failed: int = 0  # while the endpoint was there
    failed_at: float = 0.0
    alone_since: float | None = None  # it fails, and others do not


class Carrier:
    """Carries the events of one endpoint."""

    def __init__(
        self, endpoint: Endpoint, gate: Gate, schedule: Schedule, post: Post, bury: Bury
    ) -> None:
        self._endpoint, self._gate, self._schedule = endpoint, gate, schedule
        self._post, self._bury = post, bury

    async def carry(self, event: Outgoing) -> None:
        """Return when nothing more is to be done for this event."""
        tries = _Tries()
        while True:
            async with self._gate.leave() as leave:
                answer = leave.answer = await self._post(event)
            if answer.meaning is Meaning.TAKEN:
                telemetry.DELIVERED.labels(self._endpoint.name).inc()
                return
            why = self._given_up(tries, answer)
            if why is not None:
                await self._bury(event, why)
                telemetry.DEAD.labels(self._endpoint.name).inc()
                self._tell("dead_letter", event, why)
                return
            telemetry.RETRIED.labels(self._endpoint.name).inc()
            self._tell("not_delivered", event, answer.text)
            if self._gate.is_closed:  # an open circuit has its own pauses
                tries.failed += 1
                await asyncio.sleep(self._schedule.pause_s(tries.failed))

    def _given_up(self, tries: _Tries, answer: Answer) -> str | None:
        """Why this was the last attempt; None where it was not."""
        now = clock_s()
        if answer.meaning is Meaning.REFUSED:
            tries.refused += 1
            return answer.text if tries.refused >= self._endpoint.tries else None
        taken_since = tries.failed > 0 and self._gate.taken_at > tries.failed_at
        if not self._gate.is_closed:
            tries.alone_since = None  # the endpoint is away: no fault of this event
        elif tries.alone_since is None and taken_since:
            tries.alone_since = now
        tries.failed_at = now
        alone_s = now - (now if tries.alone_since is None else tries.alone_since)
        if tries.alone_since is not None and alone_s >= self._endpoint.patience_s:
            return f"{answer.text}, for {alone_s:.0f} s in which others were taken"
        return None

    def _tell(self, what: str, event: Outgoing, why: str) -> None:
        log.warning(
            what,
            endpoint=self._endpoint.name,
            webhook_id=event.name,
            correlation_id=event.said.correlation_id,
            why=why,
        )
