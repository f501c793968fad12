"""Sends dead letters again: what is taken is done with, what is refused is one again, at the end.

A group for each endpoint keeps how far its dead letters are redriven.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from api.deliveries.answers import Answer, Meaning
from api.deliveries.circuit import Schedule
from api.deliveries.dead_letters import DeadLetters, exhumed, producer, topic_name
from api.deliveries.endpoints import Endpoint
from api.deliveries.events import Outgoing
from api.deliveries.positions import committed, group_of
from api.deliveries.posting import Poster
from streams.deadlines import STEP_S, Indefinite, stop, within
from streams.exceptions import Unreachable
from streams.settings import Settings
from tables.reader import partitions_of

ATTEMPTS = 3  # at an endpoint that does not answer; then the person who waits is told
REST_S_MAX = 10.0  # of a Retry-After, for the same reason
TURN_MS = 500
STALLED_S = 30.0  # without a record while there should be some: Kafka is away
FETCH_BYTES = 256 << 10

Post = Callable[[Outgoing], Awaitable[Answer]]


@dataclass(slots=True)
class Redriven:
    """What came of an endpoint's dead letters."""

    endpoint: str
    taken: int = 0
    refused: int = 0  # and so dead letters again
    left: int = 0  # not tried, as the endpoint is away
    why: str = ""  # the last answer that was none


async def redrive(settings: Settings, endpoints: Sequence[Endpoint]) -> list[Redriven]:
    """Send what is dead now, endpoint by endpoint. Raises Unreachable where Kafka is away."""
    writer = producer(settings)
    found = []
    try:
        await writer.start()
        for endpoint in endpoints:
            letters = DeadLetters(settings, endpoint.name, writer)
            async with Poster(endpoint) as poster:
                found.append(await Redrive(settings, endpoint, letters, poster.post).run())
    except (KafkaError, OSError, Indefinite) as error:
        raise Unreachable(f"Kafka at {settings.kafka}: {error!r}") from error
    finally:
        await stop(writer)
    return found


class Redrive:
    """One endpoint's, once."""

    def __init__(
        self, settings: Settings, endpoint: Endpoint, letters: DeadLetters, post: Post
    ) -> None:
        self._settings, self._endpoint = settings, endpoint
        self._letters, self._post = letters, post
        self._schedule = Schedule(endpoint.pause_s, endpoint.pause_s_max, lambda: 0.0)
        self._told = Redriven(endpoint.name)

    async def run(self) -> Redriven:
        """Every dead letter that there is at this moment, in the order of each partition."""
        group = f"{group_of(self._settings, self._endpoint.name)}.redrive"
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        try:
            await consumer.start()
            sources = await partitions_of(consumer, [topic_name(self._settings)])
            starts = await consumer.beginning_offsets(sources)
            ends = await consumer.end_offsets(sources)
            kept = await committed(self._settings, group)
            consumer.assign(sources)
            for source in sources:
                begin = max(kept.get(source, 0), starts[source])
                consumer.seek(source, begin)
                await self._partition(consumer, source, begin, ends[source])
            return self._told
        finally:
            await stop(consumer)

    async def _partition(
        self, consumer: AIOKafkaConsumer, source: TopicPartition, position: int, end: int
    ) -> None:
        moved_at = time.monotonic()
        while position < end:
            turn = await consumer.getmany(source, timeout_ms=TURN_MS)
            for record in turn.get(source, ()):
                if record.offset >= end:
                    return
                dead = exhumed(record)
                if dead is not None and dead[0] == self._endpoint.name:
                    await self._again(dead[1])
                if not self._told.left:
                    kept = consumer.commit({source: record.offset + 1})
                    await within(STEP_S, kept, f"the position in {source.topic}")
            reached = await consumer.position(source)
            if reached > position:
                position, moved_at = reached, time.monotonic()
            elif time.monotonic() - moved_at > STALLED_S:
                raise Indefinite(f"no more of {source.topic}/{source.partition} comes")

    async def _again(self, event: Outgoing) -> None:
        """Send one again, unless the endpoint is known to be away."""
        if self._told.left:
            self._told.left += 1
            return
        for attempt in range(1, ATTEMPTS + 1):
            answer = await self._post(event)
            if answer.meaning is not Meaning.AGAIN:
                break
            if attempt == ATTEMPTS or answer.rest_s > REST_S_MAX:
                break
            await asyncio.sleep(max(self._schedule.pause_s(attempt), answer.rest_s))
        if answer.meaning is Meaning.AGAIN:
            self._told.left, self._told.why = 1, answer.text
        elif answer.meaning is Meaning.REFUSED:
            await self._letters.bury(event, answer.text)
            self._told.refused, self._told.why = self._told.refused + 1, answer.text
        else:
            self._told.taken += 1
