"""One definition, two codecs: what every domain's must agree on, whatever its commands are."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import TypeAdapter

from schemas.codec import CommandCodec, Invalid
from schemas.derive import as_struct
from schemas.envelope import Command
from schemas.exceptions import Unreadable


class NotFast(Exception):
    """The fast path would have asked the definition."""


class _FastOnly(CommandCodec):
    """The fast path by itself."""

    def define(self, value: bytes) -> Any:
        raise NotFast(value)


def _by(decode: Any, value: bytes) -> Any:
    """What a codec says, errors too."""
    try:
        return decode(value)
    except Unreadable as error:
        return f"Unreadable: {error}"
    except NotFast:
        return NotFast


class Codecs:
    """A domain's codec and its definition, the fast path by itself, and how its events are read."""

    def __init__(
        self,
        codec: CommandCodec,
        models: Sequence[type[Command]],
        commands: Any,
        events: Any,
        decode_event: Callable[[bytes], Any],
        across: Sequence[str] = (),
    ) -> None:
        self._codec, self._fast = codec, _FastOnly(models)
        self._definition: TypeAdapter[Any] = TypeAdapter(commands)
        self.events: TypeAdapter[Any] = TypeAdapter(events)
        self._decode_event = decode_event
        self._across = across  # rules of a list as a whole, which good lines may break

    def agree(self, value: bytes) -> None:
        """Both read the same in a command whose fields are good."""
        defined = _by(self._codec.define, value)
        if isinstance(defined, Invalid):
            assert defined.problem in self._across
            assert _by(self._fast.decode, value) is NotFast
        else:
            assert _by(self._fast.decode, value) == defined
            assert as_struct(self._definition.validate_json(value)) == defined

    def answer(self, value: bytes, actor: Any, told: Callable[[bytes], bytes | None]) -> None:
        """Neither takes what the other refuses, and what comes of any bytes can be told."""
        fast, defined = _by(self._fast.decode, value), _by(self._codec.define, value)
        assert fast in (NotFast, defined)
        assert _by(self._codec.decode, value) == defined
        if isinstance(defined, str):
            assert defined.encode(), "it becomes a header"
            return
        body = told(value) or b""
        event = self.events.validate_json(body)
        assert len(actor.fingerprint(defined)) == 8
        assert as_struct(event) == self._decode_event(body)
        key = self._codec.key
        assert (event.command_id, getattr(event, key)) == (defined.id, getattr(defined, key))
