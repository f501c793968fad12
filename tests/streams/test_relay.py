"""What a relay does with events that its policy cannot read: it skips junk, never an unknown type.

That it carries each event once, killed or not, is shown in tests/integration/test_relay.py.
"""

from collections.abc import Callable

import msgspec
import pytest

from schemas.domains import FINANCE, STOCK
from streams.exceptions import ConfigurationError
from streams.reading import Readers
from streams.relay import Relay
from streams.settings import Settings
from streams.telemetry import DEFECTS

KNOWN = b'{"type":"Known"}'
Wishes = list[tuple[str, str, bytes]]
WISHES: Wishes = [("W", "0-1", b"{}"), ("X", "0-1", b"{}")]


class Known(msgspec.Struct, tag_field="type"):
    """The only type of event."""


def _told(value: bytes) -> Wishes:
    msgspec.json.decode(value, type=Known)
    return WISHES


def _broken(_value: bytes) -> Wishes:
    raise KeyError("a defect of ours")


def relay(policy: Callable[[bytes], Wishes]) -> Relay:
    readers = Readers("127.0.0.1:1")
    return Relay(STOCK, FINANCE, policy, Settings.from_environment(), readers)


def defects() -> float:
    return float(DEFECTS.labels("policy")._value.get())


def test_an_event_becomes_what_it_means() -> None:
    assert relay(_told)._meant(KNOWN) == WISHES


def test_a_type_that_it_does_not_know_stops_it() -> None:
    """A newer worker wrote it: skipped, it would be lost to the other domain for ever."""
    with pytest.raises(ConfigurationError, match="from the release that the workers"):
        relay(_told)._meant(b'{"type":"Newer"}')


@pytest.mark.parametrize("junk", [b"", b"no JSON", b"\xff\xfe", b'{"type":"Known"'])
def test_what_is_no_event_at_all_is_counted_and_passed_over(junk: bytes) -> None:
    before = defects()
    assert relay(_told)._meant(junk) == ()
    assert defects() == before + 1


def test_a_defect_of_the_policy_stops_nothing_else() -> None:
    before = defects()
    assert relay(_broken)._meant(KNOWN) == ()
    assert defects() == before + 1


def test_a_tombstone_means_nothing() -> None:
    assert relay(_broken)._meant(None) == ()
