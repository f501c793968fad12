"""What became of each record on a partition of commands: exactly one thing, or the books differ."""

import re
from collections import Counter
from datetime import datetime, timedelta
from zlib import crc32

from cli.committed import Record
from cli.event_view import Event
from cli.findings import Check
from schemas.codec import CommandCodec
from schemas.exceptions import Unreadable
from schemas.stock_commands import COMMANDS
from streams.engine import FORWARDED, TICK
from streams.ids import digest
from streams.topics import owner

REUSED = "IDEMPOTENCY_KEY_REUSED"
ORIGIN = re.compile(rb".+/([0-9]{1,9})/([0-9]{1,18})")
Place = tuple[int, int]
"""(partition, offset) on the topic of commands."""


class Forwards:
    """Misrouted records: where they stood, and where they were sent on to, the same bytes."""

    def __init__(self) -> None:
        self._left: dict[Place, int] = {}
        self._arrived: Counter[tuple[Place, int]] = Counter()

    def left(self, place: Place, value: bytes) -> None:
        """A record that its partition does not own."""
        self._left[place] = crc32(value)

    def arrived(self, record: Record) -> None:
        """Note where a forwarded record came from; a producer may have written anything there."""
        for name, value in record.headers:
            match = ORIGIN.fullmatch(value or b"") if name == FORWARDED else None
            if match is not None:
                place = int(match[1]), int(match[2])
                self._arrived[place, crc32(record.value or b"")] += 1

    def check(self, check: Check) -> None:
        """Each of them was sent on once."""
        for place, value in sorted(self._left.items()):
            times = self._arrived[place, value]
            if times != 1:
                check.differ(f"record {place[0]}/{place[1]} was forwarded {times} times, not once")


class Fates:
    """One partition's outcomes, met with its records in their order."""

    def __init__(
        self, partition: int, partitions: int, window_s: int, dead: set[int], forwards: Forwards
    ) -> None:
        self._partition, self._partitions = partition, partitions
        self._window = timedelta(seconds=window_s)
        self._dead, self._forwards = dead, forwards
        self._outcomes: dict[int, tuple[bytes, str | None, str]] = {}  # by offset of the record
        self._decided: dict[bytes, str] = {}  # id -> log time of its outcome
        self._codec = CommandCodec(COMMANDS)

    def outcome(self, event: Event, check: Check) -> None:
        """Take an event of the partition."""
        if event.command_id is None:
            return
        offset, one = event.source.offset, digest(event.warehouse, event.command_id)
        if offset in self._outcomes:
            check.differ(f"event {event.id} is a second outcome of record {self._name(offset)}")
        self._outcomes[offset] = (one, event.code, event.recorded_at)

    def record(self, record: Record, check: Check) -> None:
        """Take the next record that was decided, once all outcomes are known."""
        self._forwards.arrived(record)
        if record.value == TICK:
            return
        check.compared += 1
        outcome = self._outcomes.pop(record.offset, None)
        name = self._name(record.offset)
        if record.offset in self._dead:
            if outcome is not None:
                check.differ(f"record {name} has an outcome and is a dead letter")
            return
        try:
            command = self._codec.decode(record.value or b"")
        except Unreadable as error:
            check.differ(f"record {name} is no command ({error}) but no dead letter")
            return
        if owner(command.warehouse, self._partitions) != self._partition:
            assert record.value is not None
            self._forwards.left((self._partition, record.offset), record.value)
            return
        problem = self._problem(digest(command.warehouse, command.id), outcome)
        if problem is not None:
            check.differ(f"record {name}, {command.warehouse}/{command.id}: {problem}")

    def _problem(self, one: bytes, outcome: tuple[bytes, str | None, str] | None) -> str | None:
        before = self._decided.get(one)
        if outcome is None:
            return None if before is not None else "a command without outcome"
        of, code, at = outcome
        if of != one:
            return "its outcome names another command"
        if before is None or _moment(at) - _moment(before) >= self._window:
            self._decided[one] = at
            return f"{REUSED} for an id that was free" if code == REUSED else None
        return None if code == REUSED else f"decided again, after {before}"

    def close(self, first: int, decided: int, check: Check) -> None:
        """No outcome may be left over of the records from `first` up to `decided`.

        Older ones are no longer kept; what was decided later has not been looked at.
        """
        for offset in sorted(self._outcomes):
            if first <= offset < decided:
                check.differ(f"an outcome of record {self._name(offset)}, which is not there")

    def _name(self, offset: int) -> str:
        return f"{self._partition}/{offset}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
