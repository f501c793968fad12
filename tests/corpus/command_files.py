"""JSON Lines for `./stockyard load`: a body of the corpus on a line, and files of odd make."""

import gzip

from tests.corpus.case import ANYWHERE, Body, Seat, Told
from tests.corpus.commands import receive, text
from tests.corpus.sales_files import CSV, PARQUET, File, MakeFile, unusable

SUFFIX = ".jsonl"
MIB = 1 << 20


def _good(seat: Seat, number: int) -> bytes:
    return text(receive(seat) | {"id": f"{seat.id}-good-{number}"})


def around(seat: Seat, body: Body) -> File:
    """A body on the line between two good commands."""
    value = b"\n".join((_good(seat, 1), body.value, _good(seat, 2), b""))
    if body.verdict.kind in ("done", "rejected"):
        return File(value, Told(0, (), 3), SUFFIX)
    word = body.verdict.what if body.verdict.kind != "unreadable" else ""
    return File(value, Told(1, (), 2, (("malformed", "" if word == ANYWHERE else word),)), SUFFIX)


def _lines(seat: Seat, *lines: bytes, end: bytes = b"\n") -> bytes:
    return end.join((_good(seat, 1), *lines, _good(seat, 2)))


def _fine(value: bytes, commands: int) -> File:
    return File(value, Told(0, (), commands), SUFFIX)


def _refused(value: bytes, commands: int, *words: str) -> File:
    return File(value, Told(1, (), commands, tuple(("malformed", word) for word in words)), SUFFIX)


def _long_line(seat: Seat) -> File:
    size = MIB + seat.rng.choice((1, 2, 3, 5_000, MIB))
    return _refused(_lines(seat, b'{"' + b"x" * (size - 2)), 2, "bytes")


def _marked(seat: Seat) -> File:
    code = seat.rng.choice(("utf-16", "utf-16-le"))
    mark = b"" if code == "utf-16" else b"\xff\xfe"
    return File(mark + _lines(seat).decode().encode(code), unusable("UTF-16"), SUFFIX)


def _spread(seat: Seat) -> File:
    """One command over several lines: none of them is a command."""
    return _refused(_lines(seat, b"{", b'"type":"ReceiveStock"', b"}"), 2, "JSON", "JSON", "JSON")


def _carriage_returns(seat: Seat) -> File:
    return _refused(_lines(seat, end=b"\r"), 0, "JSON")


FILES: dict[str, MakeFile] = {
    "lines: byte order mark first": lambda s: _fine(b"\xef\xbb\xbf" + _lines(s), 2),
    "lines: byte order mark later": lambda s: _refused(
        _lines(s, b"\xef\xbb\xbf" + _good(s, 3)), 2, "JSON"
    ),
    "lines: UTF-16": _marked,
    "lines: blank": lambda s: _fine(_lines(s, b"", b" \t", b""), 2),
    "lines: Windows": lambda s: _fine(_lines(s, end=b"\r\n"), 2),
    "lines: carriage returns alone": _carriage_returns,
    "lines: longer than 1 MiB": _long_line,
    "lines: one command on several": _spread,
    "lines: nothing": lambda s: _fine(s.rng.choice((b"", b"\n", b"\n\n \n", b"\xef\xbb\xbf")), 0),
    "lines: an array": lambda s: _refused(
        b"[" + _good(s, 1) + b",\n" + _good(s, 2) + b"]", 0, "JSON", "JSON"
    ),
    "lines: with commas": lambda s: _refused(
        _good(s, 1) + b",\n" + _good(s, 2) + b",\n", 0, "JSON", "JSON"
    ),
    "lines: NUL": lambda s: _refused(_lines(s, b"\x00" * 99), 2, "JSON"),
    "lines: compressed": lambda s: _refused(
        gzip.compress(_lines(s), mtime=0).replace(b"\n", b"\x0b"), 0, "UTF-8"
    ),
    "lines: record separators": lambda s: _refused(_lines(s, b"\x1e" + _good(s, 3)), 2, "JSON"),
    "lines: a tick": lambda s: _refused(_lines(s, b'{"type":"Tick"}'), 2, "id"),
    "lines: a comment": lambda s: _refused(_lines(s, b"# " + _good(s, 3)), 2, "JSON"),
}
TABLE: dict[str, MakeFile] = FILES | CSV | PARQUET
OFTEN = tuple(name for name in TABLE if name.startswith(("CSV: ", "Parquet: ")))
