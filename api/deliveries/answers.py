"""What an endpoint's answer means: taken, to be sent again, or the event's own fault."""

import math
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, auto

LATER = frozenset((408, 425, 429))  # of the 4xx, those that speak of the time and not of the event


class Meaning(Enum):
    """What to do next."""

    TAKEN = auto()
    AGAIN = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt."""

    meaning: Meaning
    text: str  # for people: the status, or why there was none
    rest_s: float = 0.0  # the endpoint asks to be left alone for so long


def answered(status: int, retry_after: str | None, now_s: float, said: str = "") -> Answer:
    """An answer with a status; `now_s` is the wall clock's, for a Retry-After that is a date."""
    text = f"HTTP {status}{': ' if said else ''}{said}"
    if 200 <= status < 300:
        return Answer(Meaning.TAKEN, text)
    if 400 <= status < 500 and status not in LATER:
        return Answer(Meaning.REFUSED, text)
    return Answer(Meaning.AGAIN, text, rest_s(retry_after, now_s))


def failed(error: BaseException, timeout_s: float) -> Answer:
    """No answer: refused, cut off, or not in time."""
    if isinstance(error, TimeoutError):
        return Answer(Meaning.AGAIN, f"no answer within {timeout_s:g} s")
    return Answer(Meaning.AGAIN, f"{type(error).__name__}: {error}")


def rest_s(retry_after: str | None, now_s: float) -> float:
    """Seconds of a Retry-After header, which has a number or a date; 0 where it has neither."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second of numbers that no date has
        return 0.0
    if when.tzinfo is None:  # RFC 9110 dates are of GMT, however they say it
        when = when.replace(tzinfo=UTC)
    seconds = when.timestamp() - now_s
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
