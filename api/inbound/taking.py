"""What a turn of records comes to: commands and dead letters, by partition and in their order."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol

from api.deliveries import events
from api.inbound import telemetry
from api.inbound.mapping import Meant, Unmapped, attributes_of, correlation_of, meant
from schemas.inbound import INBOUND_DEAD_LETTERS, Inbound
from streams.batch import Headers
from streams.engine import BURIED_BYTES_MAX, CUT_BYTES, VALUE_BYTES_MAX
from streams.settings import Settings
from streams.telemetry import defect, log
from streams.topics import Topics, owner

Place = tuple[str, int]
"""Topic and partition."""

Written = tuple[bytes | None, bytes | None, Headers]
"""A record to be written: key, value, headers."""


class Stored(events.Stored, Protocol):
    """A record as the consumer gives it, with its headers."""

    @property
    def headers(self) -> tuple[tuple[str, bytes | None], ...]: ...


class Taking:
    """Takes the records of one installation's inbound topics."""

    def __init__(self, settings: Settings, inbound: Collection[Inbound]) -> None:
        prefix, self._partitions = settings.topic_prefix, settings.partitions
        self._inbound = {prefix + one.name: one for one in inbound}
        self._commands = {one.domain: Topics.of(one.domain, prefix).commands for one in inbound}
        self._dead_letters = prefix + INBOUND_DEAD_LETTERS

    def take(self, records: Iterable[Stored], written: defaultdict[Place, list[Written]]) -> None:
        """Add what is to be written for these, and where."""
        for record in records:
            inbound = self._inbound[record.topic]
            telemetry.READ.labels(inbound.name).inc()
            command, why = _meant(inbound, record)
            if why is not None:
                telemetry.DEAD.labels(inbound.name).inc()
                place = self._dead_letters, record.partition
                written[place].append(dead_letter(record, why))
            elif command is None:
                telemetry.PASSED_OVER.labels(inbound.name).inc()
            else:
                telemetry.SENT.labels(inbound.name).inc()
                place = self._commands[inbound.domain], owner(command.key, self._partitions)
                written[place].append((command.key.encode(), command.value, []))


def _meant(inbound: Inbound, record: Stored) -> tuple[Meant | None, str | None]:
    """The command, or why there can be none; neither of an event of an unknown type."""
    correlation_id = None
    try:
        attributes = attributes_of(record.value, record.headers)
        correlation_id = correlation_of(attributes)
        return meant(inbound, attributes), None
    except Unmapped as error:
        why = str(error)
    except Exception as broken:  # noqa: BLE001 - the next events are not to blame
        defect("inbound", broken, record.value)
        why = f"internal error: {broken!r}"
    log.warning(
        "inbound_dead_letter",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        correlation_id=correlation_id,
        error=why,
    )
    return None, why


def dead_letter(record: Stored, why: str) -> Written:
    """The record as it was, and why it means nothing; cut where its topic would not take it."""
    key, value, given = record.key, record.value, list(record.headers)
    size = sum(len(name) + len(text or b"") for name, text in given)
    if size + len(key or b"") + len(value or b"") > BURIED_BYTES_MAX:
        why += "; cut: the whole stands at the source"
        key, value, given = (key or b"")[:CUT_BYTES], (value or b"")[:VALUE_BYTES_MAX], []
    return (
        key,
        value,
        [
            *given,
            ("error", why.encode("utf-8", "backslashreplace")),
            ("source_topic", record.topic.encode()),
            ("source_partition", b"%d" % record.partition),
            ("source_offset", b"%d" % record.offset),
        ],
    )
