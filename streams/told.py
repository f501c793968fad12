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

from streams.reading import Readers, fetches, log_of

TOLD_BY = "told_by"  # <relay>/<partition of the event>/<offset>/<which of its commands>

_HEADER = re.compile(rb"(.+)/([0-9]{1,9})/([0-9]{1,19})/([0-9]{1,9})")

Mark = tuple[int, int]
"""(offset of an event, which of its commands)."""
NOTHING: Mark = (-1, -1)


class Told:
    """What one relay has told, of any partition of its events."""

    def __init__(self, relay: str, commands: str, partitions: int, readers: Readers) -> None:
        self._relay, self._commands, self._readers = relay.encode(), commands, readers
        self._last: dict[tuple[int, int], Mark] = {}  # by partition of the event, of the command
        self.marks = [0] * partitions

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

    async def look(self, marks: Sequence[int]) -> None:
        """Read what was told from these marks on. Raises KafkaError, StoreError."""
        async with self._readers.borrow() as reader:
            for home in range(len(self.marks)):
                log = await log_of(reader, self._commands, home)
                start = max(log.start, marks[home] if home < len(marks) else 0)
                if start < log.end:
                    async for records in fetches(log, start):
                        for record in records:
                            self._hear(home, record.headers)
                self.marks[home] = start

    def _hear(self, home: int, headers: Sequence[tuple[str, Any]]) -> None:
        for name, value in headers:
            found = _HEADER.fullmatch(value or b"") if name == TOLD_BY else None
            if found and found[1] == self._relay:
                self.note(int(found[2]), home, (int(found[3]), int(found[4])))

    async def move_marks(self) -> None:
        """Set the marks to the ends: whoever looks later reads less.

        While nothing is under way, and nothing has been told beyond the positions.
        """
        async with self._readers.borrow() as reader:
            for home in range(len(self.marks)):
                self.marks[home] = (await log_of(reader, self._commands, home)).end
