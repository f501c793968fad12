"""What every command and every event carries, whatever its domain.

A domain's key says whose they are: an actor decides all commands of one key, in their order. Each
domain has bases of its own that add the field and name it, as those of a warehouse do here.
"""

from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import CommandId, Instant, Note, Warehouse

# Where the envelope stands in an event's JSON: whose it is first, where it came from last.
HEAD = ("id", "partition", "seq", "command_id", "warehouse")
TAIL = ("time", "recorded_at", "actor", "correlation_id", "source")


def _type_is_required(schema: dict[str, Any]) -> None:
    required = schema.setdefault("required", [])
    if "type" in schema.get("properties", {}) and "type" not in required:
        required.insert(0, "type")


class Language(BaseModel):
    """Base of all that is read and written: strict, and the same for ever once made."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        defer_build=True,  # a worker validates by structs, and starts without validators
        json_schema_extra=_type_is_required,
    )


class Closed(Language):
    """Base of what producers send: an unknown field is refused, it may have been a wish."""

    model_config = ConfigDict(extra="forbid")


class Command(Closed):
    """A wish. `id` is the idempotency key, `time` when it happened where that was recorded."""

    KEY: ClassVar[str]  # the field by which an actor is found

    id: CommandId
    time: Instant | None = None
    actor: Note | None = None
    correlation_id: Note | None = None


class Source(Language):
    """The record that was decided, or before which something fell due."""

    partition: int
    offset: int


class Event(Language):
    """What happened. `seq` counts a partition's events without gap; `id` is partition-seq."""

    KEY: ClassVar[str]

    id: str = Field(json_schema_extra={"pattern": "^[0-9]+-[0-9]+$"})
    partition: int
    seq: int
    time: Instant
    recorded_at: Instant
    source: Source


class Outcome(Event):
    """What one command brought about."""

    command_id: CommandId
    actor: Note | None = None
    correlation_id: Note | None = None


class WarehouseCommand(Command):
    """A wish to a warehouse."""

    KEY = "warehouse"

    warehouse: Warehouse


class WarehouseEvent(Event):
    """What happened in a warehouse."""

    KEY = "warehouse"

    warehouse: Warehouse


class WarehouseOutcome(Outcome, WarehouseEvent):
    """What one command brought about in a warehouse."""


class Position(Language):
    """How far a partition's events were seen when this was true."""

    partition: int
    seq: int


def kind_of(model: type[BaseModel]) -> str:
    """What a model's `type` says."""
    (kind,) = get_args(model.model_fields["type"].annotation)
    return str(kind)
