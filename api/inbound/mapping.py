"""What an event of another system means here: pure, from its record's bytes to a command's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from schemas import json_text
from schemas.catalog_commands import ChangeItem, DefineItem, RetireItem
from schemas.envelope import Command, kind_of
from schemas.inbound import (
    INBOUND,
    CloudEvent,
    Inbound,
    InboundOrderCancelled,
    InboundOrderPlaced,
    InboundProductCreated,
    InboundProductDiscontinued,
    InboundProductUpdated,
    InboundPurchaseOrderCancelled,
    InboundPurchaseOrderChanged,
    InboundPurchaseOrderPlaced,
    InboundPurchaseOrderReceived,
)
from schemas.orders_commands import CancelOrder, PlaceOrder
from schemas.problems import printable, problem_of
from schemas.stock_commands import ExpectSupply, ReceiveSupply
from streams.engine import VALUE_BYTES_MAX

NOTE_LENGTH = 128  # of a command's `actor` and `correlation_id`
NO_DAY = "1970-01-01T00:00:00Z"  # of nothing to come: the outcome tells none

CONTENT_TYPE, STRUCTURED, BINARY = "content-type", b"application/cloudevents", "ce_"

Headers = Iterable[tuple[str, bytes | None]]


class Unmapped(Exception):
    """A record of which nobody can say what it means; its text tells producers why."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A command that an event became."""

    id: str
    key: str
    value: bytes
    correlation_id: str | None


def attributes_of(value: bytes | None, headers: Headers) -> dict[str, Any]:
    """A CloudEvent's attributes and data, of structured or binary content mode; else Unmapped."""
    if value is not None and len(value) > VALUE_BYTES_MAX:  # a command is hardly longer
        raise Unmapped(f"{len(value)} bytes: at most {VALUE_BYTES_MAX} are accepted")
    given = {name: text or b"" for name, text in headers}
    is_structured = given.get(CONTENT_TYPE, b"").lower().startswith(STRUCTURED)
    told = [] if is_structured else [name for name in given if name.startswith(BINARY)]
    found = _json(value)
    if told:
        return {name.removeprefix(BINARY): _text(name, given[name]) for name in told} | {
            "data": found
        }
    if not isinstance(found, dict):
        raise Unmapped("no JSON object")
    return found


def _text(name: str, given: bytes) -> str:
    try:
        return given.decode()
    except UnicodeDecodeError:
        raise Unmapped(f"header {printable(name)} is no UTF-8") from None


def _json(value: bytes | None) -> Any:
    if not value:
        raise Unmapped("empty: send a CloudEvent, or its data")
    try:
        return json_text.read(value)
    except json_text.NotJson as error:
        raise Unmapped(f"no JSON: {error}") from None


def meant(inbound: Inbound, attributes: dict[str, Any]) -> Meant | None:
    """The command of an event on this topic; None of a type that nobody here knows.

    Raises Unmapped where it is no CloudEvent, on another's topic, or not as its model says.
    """
    if attributes.get("specversion") != "1.0":
        raise Unmapped("specversion is not 1.0")
    kind = attributes.get("type")
    if not isinstance(kind, str) or not kind:
        raise Unmapped("type is missing, or no string")
    model, home = _KNOWN.get(kind, (None, inbound))
    if home != inbound:
        raise Unmapped(f"{kind} belongs on {home.name}")
    if model is None:
        return None
    try:
        event = model.model_validate(attributes)
        command = _MEANINGS[model](event)
    except ValidationError as error:
        raise Unmapped(" ".join(problem_of(error))) from None
    return Meant(
        id=command.id,
        key=getattr(command, command.KEY),
        value=command.model_dump_json(exclude_unset=True).encode(),
        correlation_id=command.correlation_id,
    )


def correlation_of(attributes: dict[str, Any]) -> str | None:
    """What an event says that it is part of, whatever else it says; for commands and for the log.

    Its `correlationid`, else its `subject`; as much of it as a command can carry.
    """
    told = attributes.get("correlationid") or attributes.get("subject")
    return told[:NOTE_LENGTH] if isinstance(told, str) else None


def command_id(source: str, event_id: str) -> str:
    """The same for every repeat of an event, and for nothing else.

    Neither of the two has a line feed; so the text that is digested can be split in one way only.
    """
    return "inbound/" + sha256(f"{source}\n{event_id}".encode()).hexdigest()


def _command(kind: type[Command], event: CloudEvent, /, **fields: Any) -> Command:
    envelope = {
        "type": kind.__name__,
        "id": command_id(event.source, event.id),
        "time": event.time,
        "actor": event.source[:NOTE_LENGTH],
        "correlation_id": correlation_of(
            {"correlationid": event.correlationid, "subject": event.subject}
        ),
    }
    told = {name: value for name, value in envelope.items() if value is not None}
    return kind.model_validate(told | fields)


def _placed(event: InboundOrderPlaced) -> Command:
    return _command(PlaceOrder, event, **event.data.model_dump(exclude_unset=True))


def _cancelled(event: InboundOrderCancelled) -> Command:
    return _command(CancelOrder, event, **event.data.model_dump(exclude_unset=True))


def _of_item(
    kind: type[Command],
) -> Callable[
    [InboundProductCreated | InboundProductUpdated | InboundProductDiscontinued], Command
]:
    """What is told of one product is a command of one line."""

    def meaning(
        event: InboundProductCreated | InboundProductUpdated | InboundProductDiscontinued,
    ) -> Command:
        line = event.data.model_dump(exclude_unset=True)
        return _command(kind, event, catalog=line.pop("catalog"), lines=[line])

    return meaning


def _expected(
    event: InboundPurchaseOrderPlaced | InboundPurchaseOrderChanged | InboundPurchaseOrderCancelled,
) -> Command:
    """How many are to come from now on; of what is cancelled none, on no day."""
    none = {"quantity": 0, "due": NO_DAY}
    lines = [none | line.model_dump() for line in event.data.lines]
    return _supply(ExpectSupply, event, lines=lines)


def _received(event: InboundPurchaseOrderReceived) -> Command:
    lines = [line.model_dump() for line in event.data.lines]
    return _supply(ReceiveSupply, event, lines=lines, to_account=event.data.to_account)


def _supply(
    kind: type[Command],
    event: InboundPurchaseOrderPlaced
    | InboundPurchaseOrderChanged
    | InboundPurchaseOrderCancelled
    | InboundPurchaseOrderReceived,
    /,
    **fields: Any,
) -> Command:
    told = event.data
    return _command(kind, event, supply=told.purchase_order, warehouse=told.warehouse, **fields)


_MEANINGS: dict[type[CloudEvent], Callable[[Any], Command]] = {
    InboundOrderPlaced: _placed,
    InboundOrderCancelled: _cancelled,
    InboundProductCreated: _of_item(DefineItem),
    InboundProductUpdated: _of_item(ChangeItem),
    InboundProductDiscontinued: _of_item(RetireItem),
    InboundPurchaseOrderPlaced: _expected,
    InboundPurchaseOrderChanged: _expected,
    InboundPurchaseOrderCancelled: _expected,
    InboundPurchaseOrderReceived: _received,
}
_KNOWN: dict[str, tuple[type[CloudEvent] | None, Inbound]] = {
    kind_of(model): (model, inbound) for inbound in INBOUND for model in inbound.models
}
