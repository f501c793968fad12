"""Reads what finance says of a partition, once all that stock has moved there is valued."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from aiokafka import TopicPartition

from cli.api_copy import PAGE_ROWS, Api
from cli.audit_sums import Sums
from cli.committed import Bounds, Logs
from cli.event_view import Key
from cli.findings import Check
from cli.installation import Installation
from cli.replayed import Replica
from cli.worth import Valuations, Worth, decode_event, rows_of
from schemas.domains import FINANCE
from streams.topics import Topics

VALUED_S = 60.0  # for finance to be told of what stock has moved
POLL_S = 0.2

Turn = tuple[int, Callable[[], None]]
"""What is compared, and before which event."""


class Valuing:
    """Finance's part of one check of the books: `begin`, then `check` each partition."""

    def __init__(self, where: Installation, logs: Logs, check: Check) -> None:
        self._logs, self._check = logs, check
        self._topics = Topics.of(FINANCE, where.settings.topic_prefix)
        self._told: dict[int, tuple[int, dict[Key, Worth]]] = {}  # by the API: (seq, rows)
        self._deadline = 0.0
        self.sums: dict[TopicPartition, Sums] = {}
        self.bounds: Bounds = {}

    def begin(self, api: Api) -> None:
        """Read all pages of the API, at one position for each partition where that stands still."""
        self._deadline = time.monotonic() + VALUED_S
        query, moved = {"limit": str(PAGE_ROWS)}, set()
        while True:
            page = api.get(f"/v1/finance/valuation?{urlencode(query)}")
            for position in page["positions"]:
                number, seq = position["partition"], position["seq"]
                if self._told.setdefault(number, (seq, {}))[0] != seq:
                    moved.add(number)
            for row in page["rows"]:
                worth = row["quantity"], row["value"]
                self._told[row["position"]["partition"]][1][row["warehouse"], row["sku"]] = worth
            if page["next"] is None:
                break
            query["after"] = page["next"]
        for number in moved:
            del self._told[number]

    async def check(self, partition: int, valuations: Valuations) -> None:
        """Read what finance says, and compare it; stock's events have been read."""
        turns = await self._copies(partition, valuations)
        source = TopicPartition(self._topics.events, partition)
        sums, position = self.sums.setdefault(source, Sums()), 0
        while True:
            late = time.monotonic() > self._deadline
            first, end = (await self._logs.bounds([source.topic], [partition]))[source]
            async for record in self._logs.records(source, max(first, position), end):
                sums.add(record.value)
                event = decode_event(record.value or b"")
                while turns and turns[0][0] <= event.seq:
                    turns.pop(0)[1]()
                valuations.told(event)
            position, self.bounds[source] = end, (first, end)
            if late or not valuations.waiting:
                break
            await asyncio.sleep(POLL_S)
        for _, compare in turns:
            compare()
        valuations.missing()
        await self._read_dead_letters(partition)

    async def _copies(self, partition: int, valuations: Valuations) -> list[Turn]:
        replica = Replica()
        source = TopicPartition(self._topics.changelog, partition)
        bounds = (await self._logs.bounds([source.topic], [partition]))[source]
        async for record in self._logs.records(source, *bounds):
            replica.feed(record)
        next_seq = replica.stamp.next_seq if replica.stamp is not None else 1
        name, rows = f"finance's changelog, partition {partition}", rows_of(replica.pairs.items())
        turns: list[Turn] = [(next_seq, partial(valuations.compare, name, rows))]
        if partition in self._told:
            seq, told = self._told[partition]
            turns.append(
                (seq + 1, partial(valuations.compare, f"API, valuation {partition}", told))
            )
        return sorted(turns, key=lambda turn: turn[0])

    async def _read_dead_letters(self, partition: int) -> None:
        source = TopicPartition(self._topics.dead_letters, partition)
        self.bounds |= await self._logs.bounds([source.topic], [partition])
        sums = self.sums.setdefault(source, Sums())
        async for record in self._logs.records(source, *self.bounds[source]):
            sums.add(record.value)
