"""What a relay has told, as the log of commands itself has it: so that nothing is told twice.

Each command that a relay sends says of which relay it is, and of which record of its events. With
its position a relay keeps marks: an offset for each partition of the commands, before which nothing
stands that came of an event beyond the position. Whoever goes on from a position reads behind its
marks first, or the whole log where there are none, and tells what is not there yet.

What a relay tells of one partition of events to one of commands is told in order, one batch behind
the other: so the last that is there says that all before it is there as well.
"""

import re
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition

from streams.reading import Log, Readers, fetches, log_of

TOLD_BY = "told_by"  # <relay>/<partition of the event>/<offset>/<which of its commands>

TEXT_MAX = 4_000  # of 4,096 bytes that a broker takes beside a position
_MARKS = re.compile(r"[0-9]{1,19}(,[0-9]{1,19})*")
_HEADER = re.compile(rb"(.+)/([0-9]{1,9})/([0-9]{1,19})/([0-9]{1,9})")

Mark = tuple[int, int]
"""(offset of an event, which of its commands)."""
NOTHING: Mark = (-1, -1)


class Told:
    """What one relay has told, of any partition of its events."""

    def __init__(self, relay: str, commands: str, partitions: int, readers: Readers) -> None:
        self._relay, self._readers = relay.encode(), readers
        self._last: dict[tuple[int, int], Mark] = {}  # by partition of the event, of the command
        self.homes = [TopicPartition(commands, home) for home in range(partitions)]
        self.marks = [0] * partitions
        self._heard = [(0, 0)] * partitions  # from where, and up to where, it was listened to

    def header(self, source: int, mark: Mark) -> tuple[str, bytes]:
        """What a command says of where it comes from."""
        return TOLD_BY, b"%b/%d/%d/%d" % (self._relay, source, *mark)

    def is_new(self, source: int, home: int, mark: Mark) -> bool:
        """Whether a command of an event has not been told."""
        return mark > self._last.get((source, home), NOTHING)

    def note(self, source: int, home: int, mark: Mark) -> None:
        """A command has been told, and all before it."""
        self._last[source, home] = max(mark, self._last.get((source, home), NOTHING))

    def beyond(self, source: int, position: int) -> bool:
        """Whether anything has been told of events behind a position."""
        ends = ((source, home) for home in range(len(self.marks)))
        return any(self._last.get(one, NOTHING)[0] >= position for one in ends)

    def text(self) -> str:
        """The marks as they are kept; none where there are too many for Kafka."""
        told = ",".join(map(str, self.marks))
        return told if len(told) <= TEXT_MAX else ""

    async def look(self, kept: Sequence[str]) -> None:
        """Read what was told behind the least of these marks, kept as texts.

        One that was cut short goes on where it was. Raises KafkaError, StoreError.
        """
        marks = _least(kept)
        async with self._readers.borrow() as reader:
            for home, there in enumerate(self.homes):
                log = await log_of(reader, there.topic, home)
                mark = marks[home] if home < len(marks) else 0
                self.marks[home] = mark if log.start <= mark <= log.end else log.start
                await self._listen(home, log)

    async def _listen(self, home: int, log: Log) -> None:
        mark, (first, end) = self.marks[home], self._heard[home]
        if not first <= mark <= end <= log.end:
            first = end = mark
        if end < log.end:
            async for records in fetches(log, end):
                for record in records:
                    self._hear(home, record.headers)
                if records:
                    self._heard[home] = first, records[-1].offset + 1
        self._heard[home] = first, log.end

    def _hear(self, home: int, headers: Sequence[tuple[str, Any]]) -> None:
        for name, value in headers:
            found = _HEADER.fullmatch(value or b"") if name == TOLD_BY else None
            if found and found[1] == self._relay:
                self.note(int(found[2]), home, (int(found[3]), int(found[4])))


def _least(kept: Sequence[str]) -> list[int]:
    """Of each place the least mark; none where any of them has none."""
    marks = [one.split(",") if _MARKS.fullmatch(one) else [] for one in kept]
    return [min(map(int, column)) for column in zip(*marks, strict=False)]
