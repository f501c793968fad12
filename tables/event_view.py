"""What history reads of an event, as strictly as PostgreSQL's columns and indexes need it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta

from schemas.domains import KEYS, LOCATIONS
from schemas.keyed import reader_of

NUL_ESCAPE = b"\\u0000"  # the one character JSON can carry and PostgreSQL's text cannot
FIRST_YEAR, LAST_YEAR = 1970, 9998  # what both sides can hold in any zone
TIMES_KEPT = 4_096  # a batch is decided at one log time or few
CONTAINER: Final = "\x01"  # no SKU has a control character

Name = Annotated[str, Meta(max_length=128)]  # twice what a SKU may have; an index entry holds it
Seq = Annotated[int, Meta(ge=0, lt=1 << 62)]


class Line(msgspec.Struct, gc=False):
    """One line; of a SKU, where it is of one."""

    sku: Name = ""


class Event(msgspec.Struct, gc=False):
    """One event; the rest of it is in the audit log."""

    if TYPE_CHECKING:
        key: str  # whatever its domain calls it: `decoder` adds it
    seq: Seq
    recorded_at: str
    command_id: Name | None = None
    code: str = ""
    lines: list[Line] = []

    def touched(self) -> Iterable[str]:
        """The SKUs it touched, each once."""
        if len(self.lines) == 1 and self.lines[0].sku:
            return (self.lines[0].sku,)
        return dict.fromkeys([line.sku for line in self.lines if line.sku])


class EventOfSku(Event, gc=False):
    """One of a domain that is kept by the SKU: its key is what it touched."""

    def touched(self) -> Iterable[str]:
        """The one SKU; none where nothing happened to it."""
        return () if self.code else (self.key,)


class EventOfPlaces(Event, gc=False):
    """One of locations, which has containers beside SKUs."""

    container: Name | None = None
    from_container: Name | None = None
    to_container: Name | None = None
    containers: list[Name] = []

    def touched(self) -> Iterable[str]:
        """SKUs, and containers as history has them: which went, out of which, into it and along."""
        named = (self.container, self.from_container, self.to_container, *self.containers)
        found = dict.fromkeys(super().touched())
        return found | dict.fromkeys(of_container(name) for name in named if name)


def of_container(name: str) -> str:
    """What a container is called where history has the names of SKUs."""
    return f"{CONTAINER}{name}"


def decoder(domain: str) -> Callable[[bytes], Event]:
    """Decodes the events of a domain."""
    key = KEYS[domain]
    if domain == LOCATIONS:
        return reader_of(EventOfPlaces, key)
    return reader_of(EventOfSku if key == "sku" else Event, key)


class Unreadable(Exception):
    """The record is no event; the audit log has it all the same."""


def read(decode: Callable[[bytes], Event], value: bytes | None) -> Event:
    """An event of these bytes, by what `decoder` gave; raises Unreadable."""
    if value is None:
        raise Unreadable("a tombstone")
    try:
        event = decode(value)
        instant(event.recorded_at)
    except (msgspec.MsgspecError, UnicodeError, ValueError, OverflowError) as error:
        raise Unreadable(str(error)) from None
    if NUL_ESCAPE in value and _has_nul(event):
        raise Unreadable("a name has the character NUL")
    return event


@lru_cache(maxsize=TIMES_KEPT)
def instant(text: str) -> datetime:
    """A `recorded_at`; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"recorded_at {text!r} is no time of ours")
    return moment


def _has_nul(event: Event) -> bool:
    names = [event.key, event.command_id or "", *event.touched()]
    return any("\0" in name for name in names)
