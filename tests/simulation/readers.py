"""aiokafka's consumer without a group, as recovery uses it, over the simulated network."""

import asyncio
from typing import Any

from aiokafka import TopicPartition

from tests.simulation.broker import Broker, Log
from tests.simulation.network import insist
from tests.simulation.world import here

IDLE = 0.05  # share of the waits that end before the broker answers


class Reader:
    """Reads one assigned partition; committed records alone, where it is told so."""

    def __init__(self, *, isolation_level: str = "read_uncommitted", **_: Any) -> None:
        self._broker: Broker = here().broker
        self._committed = isolation_level == "read_committed"
        self._assigned: TopicPartition | None = None
        self._position = 0

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect."""

    def _log(self, tp: TopicPartition) -> Log:
        return self._broker.logs[tp.topic, tp.partition]

    async def end_offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Where reading ends by now: the last stable offset, where only committed counts."""

        def ends() -> dict[TopicPartition, int]:
            return {tp: self._end(self._log(tp)) for tp in tps}

        return await insist(ends)

    def _end(self, log: Log) -> int:
        end = log.stable if self._committed else log.end
        return end if log.shown is None else min(end, log.shown)

    async def beginning_offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Nothing is ever deleted here but by compaction."""
        return await insist(lambda: dict.fromkeys(tps, 0))

    def assign(self, tps: list[TopicPartition]) -> None:
        """Read this one."""
        [self._assigned] = tps
        self._position = 0

    def seek(self, _tp: TopicPartition, offset: int) -> None:
        """Read from an offset on."""
        self._position = offset

    def pause(self, _tp: TopicPartition) -> None:
        """Read nothing until something is assigned again."""
        self._assigned = None

    async def position(self, _tp: TopicPartition) -> int:
        """Behind what was read."""
        return self._position

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        """The next records, cut anywhere; nothing after the timeout, which proves nothing."""
        assert self._assigned is not None
        if here().chance(IDLE):
            await asyncio.sleep(timeout_ms / 1000)
            return {}
        log, tp = self._log(self._assigned), self._assigned
        count = min(max_records, here().net.choice((1, 3, 10, 100)))
        found, behind = await insist(lambda: self._read(log, count))
        if not found and behind == self._position:
            await asyncio.sleep(timeout_ms / 1000)
        self._position = behind
        return {tp: list(found)} if found else {}

    def _read(self, log: Log, count: int) -> tuple[list[Any], int]:
        found, behind = log.read(self._position, count, self._committed)
        stop = self._end(log)
        shown = [one for one in found if one.offset < stop]
        return shown, max(self._position, min(behind, stop))
