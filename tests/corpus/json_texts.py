"""JSON and encoding: what parsers disagree on, cut off at, or fall over."""

import json

from tests.corpus.case import (
    ANYWHERE,
    TOO_LARGE,
    Body,
    Make,
    Seat,
    done,
    invalid,
    unaddressed,
    unreadable,
)
from tests.corpus.commands import Command, any_kind, good, numbered, receive, spliced, text, without

MIB = 1 << 20
DEEP = 10_000


def _broken(seat: Seat) -> Command:
    return any_kind(seat)[0]


def _not_json(value: bytes, word: str = "JSON") -> Body:
    return Body(value, unreadable(word))


def _still_good(seat: Seat, before: str = "", after: str = "") -> Body:
    command, verdict = good(seat)
    value = text(command)
    if before:
        value = b"{" + before.encode() + b"," + value[1:]
    if after:
        value = value[:-1] + b"," + after.encode() + b"}"
    return Body(value, verdict)


def _unknown(seat: Seat, name: str) -> Body:
    return Body(spliced(_broken(seat), f'"{name}":1'), invalid(name))


def _rewritten(seat: Seat, how: str) -> Body:
    command, verdict = good(seat)
    value = text(command)
    if how == "escaped":
        name = seat.rng.choice(list(command))
        value = value.replace(f'"{name}"'.encode(), f'"\\u{ord(name[0]):04x}{name[1:]}"'.encode())
    elif how == "spaced":
        blanks = "".join(seat.rng.choices(" \t", k=3))
        value = json.dumps(command, separators=(f"{blanks},", f"{blanks}:{blanks}")).encode()
    elif how == "shuffled":
        names = list(command)
        seat.rng.shuffle(names)
        value = text({name: command[name] for name in names})
    return Body(value, verdict)


def _padded(seat: Seat, size: int) -> Body:
    command, verdict = good(seat)
    value = text(command)
    verdict = verdict if size <= MIB else TOO_LARGE
    return Body(value[:-1] + b" " * (size - len(value)) + b"}", verdict)


def _inserted(seat: Seat, piece: bytes) -> bytes:
    """A command with a piece between two of its tokens."""
    value = text(_broken(seat))
    places = [at + 1 for at, byte in enumerate(value) if byte in b"{,"]
    at = seat.rng.choice(places)
    return value[:at] + piece + value[at:]


def _in_string(seat: Seat, piece: bytes) -> bytes:
    return text(receive(seat, actor="ab")).replace(b'"ab"', b'"a' + piece + b'b"')


TABLE: dict[str, Make] = {
    "duplicate key: the last is good": lambda s: _still_good(s, '"warehouse":7,"id":null'),
    "duplicate type: the last is good": lambda s: _still_good(s, '"type":"DropStock"'),
    "duplicate lines: the last are good": lambda s: _still_good(s, '"lines":[[]],"lines":{}'),
    "a hundred duplicates": lambda s: _still_good(s, ",".join(['"lines":[]'] * 100)),
    "duplicate id: the last is bad": lambda s: Body(
        spliced(_broken(s), '"id":{}'), unaddressed("id")
    ),
    "duplicate warehouse: the last is bad": lambda s: Body(
        spliced(_broken(s), '"warehouse":"a b"'), unaddressed("warehouse")
    ),
    "duplicate type: the last is bad": lambda s: Body(
        spliced(_broken(s), '"type":"Stock"'), invalid("type")
    ),
    "duplicate quantity: the last is bad": lambda s: Body(
        numbered(s, "quantity", '4,"quantity":"4"'), invalid("lines.0.quantity")
    ),
    "depth 10,000: array": lambda s: _not_json(b"[" * DEEP + b"]" * DEEP),
    "depth 10,000: object": lambda s: Body(b'{"a":' * DEEP + b"1" + b"}" * DEEP, unaddressed("id")),
    "depth 10,000: unclosed": lambda s: _not_json(s.rng.choice((b"[", b'{"a":')) * DEEP),
    "depth 10,000: closed too often": lambda s: _not_json(b"[]" + b"]" * DEEP),
    "depth 10,000: an unknown field": lambda s: Body(
        spliced(_broken(s), '"x":' + "[" * DEEP + "]" * DEEP), invalid("x")
    ),
    "depth 10,000: in place of a text": lambda s: Body(
        spliced(_broken(s), '"actor":' + '{"a":' * DEEP + "1" + "}" * DEEP), invalid("actor")
    ),
    "depth 101 in lines": lambda s: Body(
        spliced(receive(s), '"lines":' + "[" * 101 + "]" * 101), invalid("lines.0")
    ),
    "lone surrogate in a note": lambda s: Body(
        _in_string(s, s.rng.choice((rb"\ud800", rb"\udfff", rb"\ude00\ud83d"))), invalid("actor")
    ),
    "lone surrogate in a SKU": lambda s: Body(
        text(receive(s, "A-1")).replace(b"A-1", rb"A\udc00"), invalid("lines.0.sku")
    ),
    "lone surrogate in an id": lambda s: Body(
        text(_broken(s), id="x-1").replace(b"x-1", rb"x\ud800"), unaddressed("id")
    ),
    "lone surrogate in a name": lambda s: Body(
        spliced(_broken(s), r'"\ud800":1'), invalid(ANYWHERE)
    ),
    "a pair of surrogates": lambda s: Body(
        text(receive(s, "A-1")).replace(b"A-1", rb"A\ud83d\udce6"),
        done("StockReceived"),
        (("lines.0.sku", "A\U0001f4e6"),),
    ),
    "surrogate encoded in UTF-8": lambda s: _not_json(_in_string(s, b"\xed\xa0\x80"), "UTF-8"),
    "NaN": lambda s: _not_json(numbered(s, "quantity", s.rng.choice(("NaN", "-NaN", "nan")))),
    "infinity": lambda s: _not_json(
        numbered(s, "quantity", s.rng.choice(("Infinity", "-Infinity", "inf")))
    ),
    "NaN in an unknown field": lambda s: _not_json(spliced(_broken(s), '"x":NaN')),
    "byte order mark": lambda s: _not_json(b"\xef\xbb\xbf" + text(_broken(s))),
    "byte order mark inside": lambda s: _not_json(_inserted(s, b"\xef\xbb\xbf")),
    "UTF-16": lambda s: _not_json(
        text(_broken(s)).decode().encode(s.rng.choice(("utf-16", "utf-16-be", "utf-16-le"))), ""
    ),
    "UTF-32": lambda s: _not_json(text(_broken(s)).decode().encode("utf-32"), ""),
    "Latin-1": lambda s: _not_json(_in_string(s, b"caf\xe9 "), "UTF-8"),
    "overlong": lambda s: _not_json(
        _in_string(s, s.rng.choice((b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x82\x82\xac"))), "UTF-8"
    ),
    "a lone continuation byte": lambda s: _not_json(_in_string(s, b"\x80"), "UTF-8"),
    "above U+10FFFF": lambda s: _not_json(_in_string(s, b"\xf4\x90\x80\x80"), "UTF-8"),
    "a character cut off": lambda s: _not_json(text(_broken(s)) + b"\xe2\x82", "UTF-8"),
    "random bytes": lambda s: _not_json(b"\xff" + s.rng.randbytes(99).replace(b"\n", b""), "UTF-8"),
    "NUL behind": lambda s: _not_json(text(_broken(s)) + b"\x00x"),
    "NUL between": lambda s: _not_json(_inserted(s, b"\x00")),
    "form feed between": lambda s: _not_json(_inserted(s, b"\x0c")),
    "no-break space between": lambda s: _not_json(_inserted(s, b"\xc2\xa0")),
    "raw control in a string": lambda s: _not_json(
        _in_string(s, bytes([s.rng.choice([1, 8, 9, 27, 31])]))
    ),
    "bad escape": lambda s: _not_json(
        _in_string(s, s.rng.choice((rb"\x41", rb"\0", rb"\u12", rb"\u{41}", rb"\'")))
    ),
    "trailing garbage": lambda s: _not_json(
        text(_broken(s)) + s.rng.choice((b"x", b"}", b"]", b",", b";", b"\\", b"null", b"{}"))
    ),
    "two commands": lambda s: _not_json(text(_broken(s)) + b" " + text(_broken(s))),
    "trailing comma": lambda s: _not_json(text(_broken(s))[:-1] + b",}"),
    "leading comma": lambda s: _not_json(b"{," + text(_broken(s))[1:]),
    "a comment": lambda s: _not_json(
        _inserted(s, s.rng.choice((b"/* x */", b"<!-- x -->", b"#x")))
    ),
    "single quotes": lambda s: _not_json(repr(_broken(s)).encode()),
    "names without quotes": lambda s: _not_json(text(_broken(s)).replace(b'"type"', b"type")),
    "Python's words": lambda s: _not_json(spliced(_broken(s), '"actor":None')),
    "JavaScript's words": lambda s: _not_json(spliced(_broken(s), '"actor":undefined')),
    "truncated": lambda s: _not_json((v := text(_broken(s)))[: s.rng.randint(1, len(v) - 1)]),
    "an array around": lambda s: _not_json(b"[" + text(_broken(s)) + b"]"),
    "a string around": lambda s: _not_json(json.dumps(text(_broken(s)).decode()).encode()),
    "a scalar": lambda s: _not_json(
        s.rng.choice((b"null", b"true", b"0", b"-0.5", b'""', b'"{}"'))
    ),
    "no id": lambda s: Body(without(_broken(s), "id"), unaddressed("id")),
    "no warehouse": lambda s: Body(without(_broken(s), "warehouse"), unaddressed("warehouse")),
    "no type": lambda s: Body(without(_broken(s), "type"), invalid("type")),
    "no lines": lambda s: Body(without(receive(s), "lines"), invalid("lines")),
    "an unknown field": lambda s: _unknown(s, s.rng.choice(("lot", "Type", "ID", "lines ", "$"))),
    "names escaped": lambda s: _rewritten(s, "escaped"),
    "spaced out": lambda s: _rewritten(s, "spaced"),
    "in another order": lambda s: _rewritten(s, "shuffled"),
    "absent options": lambda s: _still_good(
        s, after='"time":null,"actor":null,"correlation_id":null'
    ),
    "exactly 1 MiB": lambda s: _padded(s, MIB),
    "a byte more than 1 MiB": lambda s: _padded(s, MIB + 1),
    "1.5 MiB": lambda s: _padded(s, MIB + MIB // 2),
    "almost 1 MiB of brackets": lambda s: _not_json(b"[" * (MIB - 100)),
    "almost 1 MiB of digits": lambda s: Body(
        numbered(s, "quantity", "9" * (MIB - 300)), invalid("lines.0.quantity")
    ),
    "almost 1 MiB of a name": lambda s: Body(
        spliced(_broken(s), f'"{"x" * (MIB - 900)}":1'), invalid(ANYWHERE)
    ),
    "almost 1 MiB of duplicates": lambda s: _still_good(
        s, ",".join(['"lines":[]'] * (MIB // 11 - 200))
    ),
}
FEW = frozenset(name for name in TABLE if "MiB" in name)
