"""What the actors of all domains do alike: read commands, tell them apart, and refuse them."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final, TypeVar

import msgspec

from schemas import envelope, exceptions
from schemas.codec import CommandCodec
from schemas.derive import struct_of
from schemas.instants import rfc3339
from schemas.invalid import Invalid
from streams.actor import Decision, Moment, Unreadable

_NOT_PAYLOAD = ("id", "time", "actor", "correlation_id")  # nor the key: ids are of one key
_INVALID = b"invalid"  # no command is called so
_Source: Final = struct_of(envelope.Source)
_encode: Final = msgspec.json.Encoder().encode
_pack: Final = msgspec.msgpack.Encoder().encode

E = TypeVar("E", bound=envelope.Outcome)


class Rejection:
    """Why nothing happens."""

    def __init__(self, code: str, message: str, details: dict[str, Any]) -> None:
        self.code = code
        self.message = message
        self.details = details


def invalid(path: str, problem: str) -> Rejection:
    """A field of the command breaks its rule."""
    details = {"path": path, "problem": problem}
    return Rejection("INVALID_COMMAND", f"{path or 'the command'} {problem}", details)


def outcome(kind: type[E], command: Any, moment: Moment, /, **fields: Any) -> E:
    """An event of this kind: its own fields within the envelope of its command and moment."""
    recorded_at = rfc3339(moment.log_time_ms)
    fields[kind.KEY] = getattr(command, kind.KEY)
    return kind(
        id=f"{moment.partition}-{moment.seq}",
        partition=moment.partition,
        seq=moment.seq,
        command_id=command.id,
        time=command.time or recorded_at,
        recorded_at=recorded_at,
        actor=command.actor,
        correlation_id=command.correlation_id,
        source=_Source(partition=moment.partition, offset=moment.offset),
        **fields,
    )


class Answers:
    """The part of an actor that its domain's language alone decides.

    Stock's actor has the same, laid out for its compiled path.
    """

    def __init__(
        self, codec: CommandCodec, structs: Sequence[type[Any]], rejected: type[Any]
    ) -> None:
        self._decode, self._key, self._rejected = codec.decode, codec.key, rejected
        self._payloads = {struct: _payload(struct) for struct in structs}

    def decode(self, value: bytes) -> tuple[str, str, Any]:
        """(key, command id, command), where a command may be Invalid; raises Unreadable."""
        try:
            command = self._decode(value)
        except exceptions.Unreadable as error:
            raise Unreadable(str(error)) from None
        return getattr(command, self._key), command.id, command

    def fingerprint(self, command: Any) -> bytes:
        """8 bytes of what a command asks for, apart from when it happened, by whom and why."""
        if isinstance(command, Invalid):
            return blake2b(_INVALID + command.digest, digest_size=8).digest()
        payload, kind = self._payloads[type(command)]
        digest = kind.copy()
        digest.update(_pack(payload(command)))
        return digest.digest()

    def refuse(self, command: Any, rejection: Rejection, moment: Moment) -> Decision:
        """What tells of a rejection."""
        event = outcome(
            self._rejected,
            command,
            moment,
            code=rejection.code,
            message=rejection.message,
            details=rejection.details,
        )
        return Decision(_encode(event), {}, [], "CommandRejected", rejection.code)

    def reject(
        self, command: Any, code: str, message: str, details: dict[str, Any], moment: Moment
    ) -> Decision:
        """Refuse a command for a reason of the runtime's."""
        return self.refuse(command, Rejection(code, message, details), moment)


def _nothing(_command: Any) -> tuple[()]:
    """A command may be no more than its name."""
    return ()


def _payload(struct: type[Any]) -> tuple[Callable[[Any], Any], blake2b]:
    """What reads a command's payload, and the hash to go on from, which knows its type."""
    aside = (*_NOT_PAYLOAD, struct.KEY)
    names = [name for name in struct.__struct_fields__ if name not in aside]
    read: Callable[[Any], Any] = attrgetter(*names) if names else _nothing
    return read, blake2b(struct.__name__.encode(), digest_size=8)
