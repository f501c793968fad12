"""What is read of a command that breaks a rule of its own, so that it can be answered."""

from functools import cache
from typing import cast

import msgspec


class Invalid(msgspec.Struct, gc=False, kw_only=True):
    """A command with a good id and key that breaks another rule: to be rejected."""

    id: str
    path: str  # of the first field at fault, `lines.0.quantity`; empty: the whole
    problem: str
    digest: bytes  # of the bytes as they came: their identity, as no field can be trusted
    time: str | None = None
    actor: str | None = None
    correlation_id: str | None = None


class InvalidAtWarehouse(Invalid, gc=False, kw_only=True):
    """One to a warehouse."""

    warehouse: str


@cache
def invalid_of(key: str) -> type[Invalid]:
    """What is made of invalid commands of a domain of this key: it has the key's field too."""
    if key == "warehouse":
        return InvalidAtWarehouse
    made = msgspec.defstruct("Invalid", [(key, str)], bases=(Invalid,), gc=False, kw_only=True)
    return cast("type[Invalid]", made)
