"""What a command asks for, apart from when, by whom and why."""

import msgspec
import pytest

from streams.answers import _payload


class _Command(msgspec.Struct, kw_only=True):
    KEY = "site"
    id: str
    site: str
    time: str | None = None
    actor: str | None = None
    correlation_id: str | None = None


class Close(_Command):
    """No more than its name."""


class Rename(_Command):
    name: str


class Move(_Command):
    name: str
    to: str


@pytest.mark.parametrize(
    ("command", "asks"),
    [
        (Close(id="1", site="S", actor="a"), ()),
        (Rename(id="1", site="S", name="n", time="t"), "n"),
        (Move(id="1", site="S", name="n", to="m"), ("n", "m")),
    ],
)
def test_the_payload_is_what_the_envelope_leaves(command: _Command, asks: object) -> None:
    read, _ = _payload(type(command))

    assert read(command) == asks


def test_commands_of_two_kinds_never_look_alike() -> None:
    digests = {_payload(kind)[1].hexdigest() for kind in (Close, Rename, Move)}

    assert len(digests) == 3
