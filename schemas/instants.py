"""Instants as text: RFC 3339 in UTC, written with milliseconds and checked as producers send it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

from schemas.memo import Memo

INSTANTS_KEPT = 8_192  # about 1 MiB; a batch has few, now and where its reservations end
SECONDS_KEPT = 8_192
HEADS_KEPT = 8_192
TAILS_KEPT = 4_096  # the 1,000 of milliseconds fit several times

_HEAD = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}")
_TAIL = re.compile(r"(?:\.[0-9]+)?(?:[Zz]|[+-]00:00)")
_HEAD_LENGTH: Final = 19  # 2026-11-20T10:00:02
_NO_INSTANT = "is no RFC 3339 instant in UTC, such as 2026-11-20T10:00:00Z"


def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _instant(ms: int) -> str:
    return f"{_SECONDS[ms // 1_000]}.{ms % 1_000:03d}Z"


def _head(text: str) -> str:
    match = _HEAD.fullmatch(text)
    if match is None:
        raise ValueError(_NO_INSTANT)
    try:
        date.fromisoformat(match[1])
    except ValueError:
        raise ValueError(_NO_INSTANT) from None
    return text


def _tail(text: str) -> str:
    if _TAIL.fullmatch(text) is None:
        raise ValueError(_NO_INSTANT)
    return text


_HEADS: Final = Memo(_head, HEADS_KEPT)
_TAILS: Final = Memo(_tail, TAILS_KEPT)
_SECONDS: Final = Memo(_second, SECONDS_KEPT)
_INSTANTS: Final = Memo(_instant, INSTANTS_KEPT)


rfc3339: Callable[[int], str] = _INSTANTS.__getitem__
"""Milliseconds since the epoch as `2026-11-20T10:00:02.123Z`."""


def sortable(text: str) -> str:
    """An instant in UTC as text that sorts by time: equal where two are the same instant."""
    fraction = text[_HEAD_LENGTH:].rstrip("Zz").partition("+")[0].partition("-")[0]
    return text[:_HEAD_LENGTH].upper() + fraction.rstrip("0").rstrip(".")


def utc_instant(text: str) -> str:
    """The text itself where it is an RFC 3339 instant in UTC, else ValueError.

    A leap second is refused: the date types of most consumers cannot hold one.
    """
    _HEADS[text[:_HEAD_LENGTH]]
    _TAILS[text[_HEAD_LENGTH:]]
    return text
