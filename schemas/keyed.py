"""Views of events whose key has another name in each domain."""

from collections.abc import Callable
from typing import Annotated, TypeVar, cast

import msgspec

V = TypeVar("V", bound=msgspec.Struct)
KEY_LENGTH_MAX = 128  # twice what a key may have; an index entry holds it
_Key = Annotated[str, msgspec.Meta(max_length=KEY_LENGTH_MAX)]


def reader_of(view: type[V], key: str) -> Callable[[bytes], V]:
    """Reads a view of events: its attribute `key` is the field `key` of a domain's."""
    made = msgspec.defstruct(
        "Event", [("key", _Key)], bases=(view,), rename={"key": key}, gc=False, kw_only=True
    )
    return msgspec.json.Decoder(cast("type[V]", made)).decode
