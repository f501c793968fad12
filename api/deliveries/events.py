"""A record that is to be delivered, and what its endpoint has to know of it: no more is read."""

from dataclasses import dataclass
from typing import Protocol

import msgspec

from api.deliveries.endpoints import Endpoint
from api.deliveries.signing import webhook_id


class Stored(Protocol):
    """A record as the consumer gives it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Said(msgspec.Struct, frozen=True):
    """The fields of an event or alert that are looked at here."""

    type: str = ""
    id: str = ""
    warehouse: str | None = None
    correlation_id: str | None = None


_SAID = msgspec.json.Decoder(Said)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event on its way to one endpoint."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    body: bytes
    said: Said

    @property
    def lane(self) -> tuple[str, int, bytes | None]:
        """Whose order it is in: its key's, or its partition's where it has none."""
        return self.topic, self.partition, self.key

    @property
    def name(self) -> str:
        """Its webhook-id: the same at every attempt, of any process."""
        own = self.said.id or f"{self.partition}/{self.offset}"
        return webhook_id(self.topic, own)


def outgoing(record: Stored, endpoint: Endpoint) -> Outgoing | None:
    """What of a record goes to this endpoint: None where it is none that it wants."""
    body = record.value
    if not body:
        return None  # nobody writes such a record; nothing could be sent
    said = said_in(body)
    if endpoint.warehouses and said.warehouse not in endpoint.warehouses:
        return None
    if endpoint.types and said.type not in endpoint.types:
        return None
    return Outgoing(record.topic, record.partition, record.offset, record.key, body, said)


def said_in(body: bytes) -> Said:
    """What an event says; nothing where it is none of ours."""
    try:
        return _SAID.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said()
