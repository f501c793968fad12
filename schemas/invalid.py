"""What is read of a command that breaks a rule of its own, so that it can be answered."""

import msgspec


class Invalid(msgspec.Struct, gc=False, kw_only=True):
    """A command with a good id and warehouse that breaks another rule: to be rejected."""

    id: str
    warehouse: str
    path: str  # of the first field at fault, `lines.0.quantity`; empty: the whole
    problem: str
    digest: bytes  # of the bytes as they came: their identity, as no field can be trusted
    time: str | None = None
    actor: str | None = None
    correlation_id: str | None = None
