"""Numbers: at the edges of every integer type, not quite integers, and no numbers at all."""

from functools import partial

from tests.corpus.case import Body, Make, Seat, Verdict, done, invalid, rejected, unreadable
from tests.corpus.commands import head, numbered, receive, spliced, text

RANGES = {
    "quantity": (1, 10**12),
    "delta": (-(10**12), 10**12),
    "reorder_point": (0, 10**15),
    "ttl_seconds": (1, 31_536_000),
}
OUTCOMES = {
    "quantity": done("StockReceived"),
    "delta": done("StockAdjusted"),
    "reorder_point": done("ReorderPointSet"),
    "ttl_seconds": rejected("INSUFFICIENT_STOCK", sku="A1", requested=1, available=0),
}
INTEGERS = {
    "0": 0,
    "-0": 0,
    "1": 1,
    "-1": -1,
    "2^7": 2**7,
    "2^15": 2**15,
    "2^31-1": 2**31 - 1,
    "2^31": 2**31,
    "2^32": 2**32,
    "2^53-1": 2**53 - 1,
    "2^53": 2**53,
    "2^53+1": 2**53 + 1,
    "2^63-1": 2**63 - 1,
    "2^63": 2**63,
    "-2^63": -(2**63),
    "-2^63-1": -(2**63) - 1,
    "2^64-1": 2**64 - 1,
    "2^64": 2**64,
    "2^128": 2**128,
    "10^12": 10**12,
    "10^12+1": 10**12 + 1,
    "-10^12": -(10**12),
    "-10^12-1": -(10**12) - 1,
    "10^15": 10**15,
    "10^15+1": 10**15 + 1,
    "a year": 31_536_000,
    "a year and a second": 31_536_001,
    "100 digits": 10**100,
    "-400 digits": -(10**400),
}
NO_INTEGERS = (
    "1.0", "1e3", "1E3", "1e+3", "1e-3", "0.1", "-0.0", "1.5", "0e0", "1e400", "-1e400", "1e-400",
    "9007199254740993.0", "123456789012345678901234567890.5", "true", "false", "null", '"1"',
    '"0x1"',
    '"\u0661"', '""', '"1,000"', "[]", "[1]", "{}", '{"$numberLong":"1"}',
)  # fmt: skip
NO_JSON = (
    "01", "-01", "00", "+1", "1.", ".5", "1e", "1e+", "--1", "- 1", "0x10", "0b1", "0o7", "1_000",
    "1,000", "1 000", "1n", "1L", "1f", "1;", "1/2", "٣", "\uff11", "²", "½", "∞", "$1", "1%", "",
    "NaN",
    "Infinity", "-", "e1", "1-1", "(1)", "1..2", "True",
)  # fmt: skip
FIELDS = tuple(RANGES)


def _field(seat: Seat) -> str:
    return FIELDS[seat.turn % len(FIELDS)]


def _path(field: str) -> str:
    return field if field == "ttl_seconds" else f"lines.0.{field}"


def _integer(seat: Seat, name: str) -> Body:
    field = _field(seat)
    least, most = RANGES[field]
    value = INTEGERS[name]
    fits = least <= value <= most and not (field == "delta" and value == 0)
    verdict: Verdict = OUTCOMES[field] if fits else invalid(_path(field))
    if field == "delta" and fits and value < 0:
        verdict = rejected("INSUFFICIENT_STOCK", sku="A1", requested=-value, available=0)
    return Body(numbered(seat, field, "-0" if name == "-0" else str(value)), verdict)


def _no_integer(seat: Seat, raw: str) -> Body:
    field = _field(seat)
    return Body(numbered(seat, field, raw), invalid(_path(field)))


def _no_json(seat: Seat, raw: str) -> Body:
    return Body(numbered(seat, _field(seat), raw), unreadable())


def _last_of_many(seat: Seat) -> Body:
    count = seat.rng.randint(2, 1_000)
    lines = [{"sku": f"A{i}", "quantity": 1} for i in range(count)]
    lines[-1]["quantity"] = seat.rng.choice((0, -1, 10**12 + 1))
    return Body(text(head(seat, lines=lines)), invalid(f"lines.{count - 1}.quantity"))


def _in_text(seat: Seat) -> Body:
    field = seat.rng.choice(("time", "actor", "correlation_id"))
    raw = seat.rng.choice(("17", "1.5", "true", "[]", "{}", "0"))
    return Body(spliced(receive(seat), f'"{field}":{raw}'), invalid(field))


def _as_sku(seat: Seat) -> Body:
    raw = seat.rng.choice(("85123", "null", "true", "[]", '["A"]', "1e3"))
    line = f'"lines":[{{"sku":{raw},"quantity":1}}]'
    return Body(spliced(head(seat), line), invalid("lines.0.sku"))


TABLE: dict[str, Make] = {
    **{f"integer {name}": partial(_integer, name=name) for name in INTEGERS},
    **{f"no integer {raw[:20]}": partial(_no_integer, raw=raw) for raw in NO_INTEGERS},
    **{f"no JSON number {raw}": partial(_no_json, raw=raw) for raw in NO_JSON},
    "the last of many lines": _last_of_many,
    "a number where a text belongs": _in_text,
    "a SKU that is no string": _as_sku,
}
