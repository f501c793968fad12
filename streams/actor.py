"""What the runtime asks of a domain: decisions on bytes, one command at a time, without I/O."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

Rows = Callable[[bytes], bytes | None]
"""Looks up a row by its key; None where there is none. A failing store raises StoreError."""


class Unreadable(Exception):
    """The bytes are no command at all; its text becomes the dead letter's `error` header."""


class Moment:
    """Where and when a decision falls: all that it may know of the world."""

    def __init__(self, partition: int, seq: int, offset: int, log_time_ms: int) -> None:
        self.partition = partition
        self.seq = seq  # of the next event
        self.offset = offset  # of the record being decided, in the partition of commands
        self.log_time_ms = log_time_ms  # largest append time read so far, ms since the epoch


class Decision:
    """What one command or one due row brings about."""

    def __init__(
        self,
        event: bytes | None,
        changes: dict[bytes, bytes | None],
        alerts: list[tuple[bytes, bytes]],
        outcome: str,
        code: str = "",
        commands: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        self.event = event  # the outcome, encoded with the moment's seq; None: nothing to tell
        self.changes = changes  # row key -> new bytes, None deletes
        self.alerts = alerts  # (key, value)
        self.outcome = outcome  # the event's type, for the metrics
        self.code = code  # the rejection's code, for the metrics
        self.commands = commands  # (partition key, value): wishes to other actors of the domain


class Actor(Protocol):
    """One domain's decisions. Pure: the same calls give the same bytes, on any machine.

    A row key is `kind 0x00 key 0x00 id`. A kind in lower case is timed: its value starts with the
    time it is due, 8 bytes, big-endian, ms since the epoch, and `expire` is called then.
    """

    def decode(self, value: bytes) -> tuple[str, str, Any]:
        """Read a record: (partition key, command id, command). Raises Unreadable.

        A command whose key and id are within their rules but whose rest is not is returned all
        the same, and `decide` rejects it: only its owner may say so.
        """

    def fingerprint(self, command: Any) -> bytes:
        """8 bytes that are equal exactly where two commands of one id mean the same."""

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""

    def expire(self, key: bytes, value: bytes, rows: Rows, moment: Moment, /) -> Decision:
        """Decide what a timed row brings when its time has come; it must change that row."""

    def reject(
        self, command: Any, code: str, message: str, details: dict[str, Any], moment: Moment
    ) -> Decision:
        """Refuse a command for a reason of the runtime's: a reused id, a defect of ours."""
