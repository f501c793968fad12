"""Time: instants that are none, that some calendars have and others not, and far away."""

from functools import partial
from urllib.parse import quote

from tests.corpus.case import Answer, Body, Make, Seat, done, invalid
from tests.corpus.commands import receive, text
from tests.corpus.requests import Ask, Asked, get, refused

GOOD = (
    "2026-11-20T10:00:00Z",
    "2026-11-20T10:00:00.1Z",
    "2026-11-20T10:00:00.123456789Z",
    "2026-11-20T10:00:00+00:00",
    "2026-11-20T10:00:00-00:00",
    "2026-11-20t10:00:00z",
    "2024-02-29T23:59:59Z",
    "2000-02-29T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "1969-12-31T23:59:59Z",
    "2038-01-19T03:14:08Z",
    "1582-10-10T00:00:00Z",
    "2026-11-20T10:00:00." + "0" * 100 + "Z",
)
BAD = (
    "", " ", "now", "noon", "yesterday", "0", "1795003200", "-1", "2026", "2026-11-20",
    "2026-11-20T10", "2026-11-20T10:00Z", "2026-11-20T10:00:00", "2026-11-20 10:00:00Z",
    "2026-11-20T10:00:00.Z", "2026-11-20T10:00:00,5Z", "2026-11-20T10:00:00 Z", "20261120T100000Z",
    "2026-11-20T10:00:00Zulu", "2026-11-20T10:00:00Z ", " 2026-11-20T10:00:00Z",
    "2026-11-20T10:00:00Z\n", "2026-11-20T10:00:00Z\x00", "2026-11-20T10:00:00+01:00",
    "2026-11-20T10:00:00-05:00", "2026-11-20T10:00:00+14:00", "2026-11-20T10:00:00+0000",
    "2026-11-20T10:00:00+00", "2026-11-20T10:00:00\u221200:00", "2026-11-20T10:00:00UTC",
    "2026-11-20T10:00:00 GMT", "2026-11-20T24:00:00Z", "2026-11-20T25:00:00Z",
    "2026-11-20T10:60:00Z", "2026-11-20T10:00:61Z", "2016-12-31T23:59:60Z", "2026-06-30T23:59:60Z",
    "2026-02-29T10:00:00Z", "1900-02-29T10:00:00Z", "2026-02-30T10:00:00Z", "2026-04-31T10:00:00Z",
    "2026-00-20T10:00:00Z", "2026-13-20T10:00:00Z", "2026-11-00T10:00:00Z", "2026-11-32T10:00:00Z",
    "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "+002026-11-20T10:00:00Z",
    "-0001-11-20T10:00:00Z", "26-11-20T10:00:00Z", "2026-1-2T10:00:00Z", "2026-W47-5T10:00:00Z",
    "2026-324T10:00:00Z", "11/20/2026 10:00:00", "Fri, 20 Nov 2026 10:00:00 GMT",
    "\u0662\u0660\u0662\u0666-11-20T10:00:00Z", "\uff12026-11-20T10:00:00Z",
    "2026\u201111\u201120T10:00:00Z", "2026-11-20T1:00:00Z", "2026-11-20T10:00:0Z", "P1D",
    "2026-11-20T10:00:00Z/P1D", "T10:00:00Z", "2026-11-20T-1:00:00Z",
    "2026-11-20T10:00:00." + "0" * 120 + "Z",
)  # fmt: skip


def _good(seat: Seat, value: str) -> Body:
    shown = (("time", value),)
    return Body(text(receive(seat), time=value), done("StockReceived"), shown)


def _bad(seat: Seat, value: str) -> Body:
    return Body(text(receive(seat), time=value), invalid("time"))


BODIES: dict[str, Make] = {
    **{f"an instant {n}": partial(_good, value=value) for n, value in enumerate(GOOD, 1)},
    **{f"no instant {n}": partial(_bad, value=value) for n, value in enumerate(BAD, 1)},
}

AWARE = (  # a read takes any zone
    "2026-11-20T10:00:00Z", "2026-11-20T10:00:00+01:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2024-02-29T23:59:59.999999Z",
    "2026-11-20T10:00:00-00:00",
)  # fmt: skip
NO_BOUND = (
    "", "now", "yesterday", "2026-11-20", "2026-11-20T10:00:00", "2026-02-30T10:00:00Z",
    "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "1795003200", "0", "-1", "1e9", "NaN",
    "Infinity",
    "2026-13-01T00:00:00Z", "2026-11-20T25:00:00Z", "2026-11-20T10:00:00Z\x00",
    "2026-11-20T10:00:00+99:00",
    "20261120", "99999999999999999999", "2026", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)  # fmt: skip
NO_INSTANT = refused(400, "INVALID_REQUEST")
MOVEMENTS = "/v1/movements?warehouse=W&sku=A&{}={}"


def _asked(seat: Seat, value: str, answer: Answer) -> Asked:
    name = ("from", "to")[seat.turn % 2]
    return get(MOVEMENTS.format(name, quote(value, safe=""))), answer


ASKED: dict[str, Ask] = {
    **{
        f"asked for: since {n}": partial(_asked, value=value, answer=Answer(200))
        for n, value in enumerate(AWARE, 1)
    },
    **{
        f"asked for: no bound {n}": partial(_asked, value=value, answer=NO_INSTANT)
        for n, value in enumerate(NO_BOUND, 1)
    },
}
