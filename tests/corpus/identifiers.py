"""Identifiers: texts that look alike, are cut, hide, or reach out of their place."""

from functools import partial
from urllib.parse import quote

from tests.corpus.case import Body, Make, Seat, invalid, unaddressed
from tests.corpus.commands import TEXT_FIELDS, head, labelled, outcome_of, receive, text
from tests.corpus.limits import is_good
from tests.corpus.requests import Ask, Asked, get, refused

TEXTS = {
    "composed": "\u00c4pfel",
    "decomposed": "A\u0308pfel",
    "Kelvin sign": "\u212a-1",
    "Angstrom sign": "\u212b",
    "Hangul in parts": "\u1112\u1161\u11ab",
    "Hangul whole": "\ud55c",
    "a mark alone": "\u0301",
    "marks in another order": "a\u0315\u0300",
    "many marks": "Z" + "\u0334\u0335" * 20,
    "ligature": "o\ufb03ce",
    "Cyrillic homoglyph": "\u0410-1",
    "Greek homoglyph": "\u0391-1",
    "full width": "\uff21\uff11",
    "mathematical": "\U0001d400",
    "dotless i": "\u0131",
    "capital sharp s": "\u1e9e",
    "right to left": "\u05d0\u05d1-1",
    "right-to-left override": "A\u202e1-B",
    "isolates": "A\u2066B\u2069",
    "zero-width space": "A\u200bB",
    "zero-width space at the end": "A\u200b",
    "zero-width joiner": "\U0001f468\u200d\U0001f4bb",
    "byte order mark": "\ufeffA",
    "soft hyphen": "A\u00adB",
    "variation selector": "\u2764\ufe0f",
    "tag characters": "A\U000e0041",
    "private use": "\ue000",
    "no character": "\ufffe",
    "the last code point": "\U0010ffff",
    "replacement character": "\ufffd",
    "emoji": "\U0001f4e6",
    "NUL": "A\x00B",
    "NUL at the end": "A\x00",
    "bell": "A\x07",
    "escape": "A\x1b[31mB",
    "delete": "A\x7fB",
    "C1 control": "A\x85B",
    "tab": "A\tB",
    "line feed": "A\nB",
    "line feed at the end": "A\n",
    "carriage return": "A\rB",
    "line separator": "A\u2028B",
    "line separator at the end": "A\u2028",
    "space before": " A",
    "space behind": "A ",
    "space inside": "A B",
    "no-break space behind": "A\u00a0",
    "no-break space inside": "A\u00a0B",
    "ideographic space before": "\u3000A",
    "unit separator behind": "A\x1f",
    "only a space": " ",
    "nothing": "",
    "a dot": ".",
    "two dots": "..",
    "path": "../../etc/passwd",
    "a path of Windows": "..\\..\\boot.ini",
    "slash": "A/B",
    "two slashes": "A//B",
    "slash at the end": "A/",
    "backslash": "A\\B",
    "percent": "100%",
    "percent-encoded": "A%2FB",
    "percent-encoded NUL": "A%00",
    "percent-encoded twice": "A%252FB",
    "overlong percent-encoding": "%c0%ae",
    "question mark": "A?b=1",
    "hash": "A#b",
    "semicolon": "A;b=1",
    "plus": "A+B",
    "quotes": "\"'`",
    "null": "null",
    "undefined": "undefined",
    "true": "true",
    "prototype": "__proto__",
    "constructor": "constructor",
    "a device": "CON",
    "an option": "--help",
    "a number": "007",
    "a long number": "1e5",
    "tilde": "~",
    "at": "@A",
    "braces": "{A}",
}
LENGTHS = {"id": 128, "warehouse": 64, "sku": 64} | {
    name: 128 for name in TEXT_FIELDS if name != "sku"
}
PATHS = {"sku": "lines.0.sku"}
LETTERS = ("x", "\u00e4", "\u6771", "\U0001f4e6")  # of 1 to 4 bytes


def body_of(seat: Seat, field: str, value: str) -> Body:
    """A command with this text in this field, and what the contract makes of it."""
    if field in ("id", "warehouse"):
        command = receive(seat) | {field: value}
        return Body(text(command), unaddressed(field))
    if not is_good(field, value):
        return Body(text(labelled(seat, field, value)), invalid(PATHS.get(field, field)))
    command = labelled(seat, field, value)
    return Body(text(command), outcome_of(field), ((PATHS.get(field, field), value),))


def _text(seat: Seat, value: str) -> Body:
    fields = [*TEXT_FIELDS, *(name for name in ("id", "warehouse") if not is_good(name, value))]
    return body_of(seat, fields[seat.turn % len(fields)], value)


def _id_of(seat: Seat, length: int, field: str) -> Body:
    """An id or a warehouse of this length, its own all the same."""
    own = seat.id if field == "id" else seat.warehouse
    value = (own + "~" * length if field == "id" else own + "-" * length)[:length]
    command = receive(seat) | {field: value}
    good = is_good(field, value)
    return Body(text(command), outcome_of("actor") if good else unaddressed(field))


def _length(seat: Seat, over: int) -> Body:
    field = list(LENGTHS)[seat.turn % len(LENGTHS)]
    length = LENGTHS[field] + over
    if field in ("id", "warehouse"):
        return _id_of(seat, length, field)
    return body_of(seat, field, seat.rng.choice(LETTERS) * length)


def _odd_id(seat: Seat) -> Body:
    odd = seat.rng.choice(
        ('"\\', "/../", "%2F", "#?&", "<b>", "';--", "{{1}}", "~!@$^*()", "\\u0000")
    )
    return Body(text(head(seat, lines=[{"sku": "A1", "quantity": 1}]), id=seat.id + odd),
                outcome_of("actor"), (("command_id", seat.id + odd),))  # fmt: skip


def _twins(seat: Seat) -> Body:
    pairs = (("A", "a"), ("A", "\u0410"), ("\u00e9", "e"), ("A-B", "A\u2010B"), ("1", "\u0661"))
    first, second = seat.rng.choice(pairs)
    lines = [{"sku": first, "quantity": 1}, {"sku": second, "quantity": 2}]
    shown = (("lines.0.sku", first), ("lines.1.sku", second))
    return Body(text(head(seat, lines=lines)), outcome_of("sku"), shown)


BODIES: dict[str, Make] = {
    **{name: partial(_text, value=value) for name, value in TEXTS.items()},
    "length limit": lambda s: _length(s, 0),
    "length limit and one": lambda s: _length(s, 1),
    "length limit less one": lambda s: _length(s, -1),
    "an odd id": _odd_id,
    "two that look alike": _twins,
}
PLACES = {
    "sku": "/v1/stock/W/{}",
    "reservation": "/v1/reservations/W/{}",
    "id": "/v1/commands/W/{}",
}


def _asked(seat: Seat, value: str) -> Asked:
    """A read of what was never there, its name percent-encoded in full or as little as can be."""
    field = list(PLACES)[seat.turn % len(PLACES)]
    if not value:
        return get(PLACES[field].format("")), refused(404, "NOT_FOUND")
    encoded = quote(value, safe=seat.rng.choice(("", "/:@!$&'()*+,;=")))
    good = is_good(field, value)
    answer = refused(404, "NOT_FOUND") if good else refused(400, "INVALID_REQUEST")
    return get(PLACES[field].format(encoded)), answer


def _asked_warehouse(seat: Seat) -> Asked:
    value = seat.rng.choice(
        [one for one in TEXTS.values() if one and not is_good("warehouse", one)]
    )
    path = f"/v1/stock/{quote(value, safe='')}/A"
    if "/" in value:  # the part before it may be a warehouse of that name
        first, _, rest = value.partition("/")
        good = is_good("warehouse", first) and is_good("sku", f"{rest}/A")
        answer = refused(404, "NOT_FOUND") if good else refused(400, "INVALID_REQUEST")
        return get(path), refused(404, "NOT_FOUND") if not first else answer
    return get(path), refused(400, "INVALID_REQUEST")


ASKED: dict[str, Ask] = {
    **{f"asked for: {name}": partial(_asked, value=value) for name, value in TEXTS.items()},
    "asked for: no warehouse": _asked_warehouse,
}
