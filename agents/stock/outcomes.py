"""The events that tell what became of a command, with their envelope."""

from typing import Any, TypeVar

from agents.stock.rejections import Rejection
from schemas.instants import rfc3339
from schemas.stock_structs import Command, CommandRejected, Invalid, Outcome, Source
from streams.actor import Moment

E = TypeVar("E", bound=Outcome)


def outcome(kind: type[E], command: Command | Invalid, moment: Moment, **fields: Any) -> E:
    """An event of this kind: its own fields within the envelope of its command and moment."""
    recorded_at = rfc3339(moment.log_time_ms)
    return kind(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        warehouse=command.warehouse,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=Source(partition=moment.partition, offset=moment.offset),
        **fields,
    )


def rejected(command: Command | Invalid, rejection: Rejection, moment: Moment) -> CommandRejected:
    """The event that tells of a rejection."""
    return outcome(
        CommandRejected,
        command,
        moment,
        code=rejection.code,
        message=rejection.message,
        details=rejection.details,
    )
