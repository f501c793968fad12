"""The one thing that the runtime reads of an event, whatever its domain: where it stands."""

from typing import Final

import msgspec


class _Event(msgspec.Struct, gc=False):
    seq: int


_decode: Final = msgspec.json.Decoder(_Event).decode


def seq_of(event: bytes) -> int:
    """An event's seq; msgspec.DecodeError where it is no event."""
    return _decode(event).seq
