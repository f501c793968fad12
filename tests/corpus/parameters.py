"""Parameters and headers of requests: numbers, cursors, positions, keys and media types."""

from base64 import urlsafe_b64encode
from urllib.parse import quote

from tests.corpus.case import Answer, Seat
from tests.corpus.commands import head, receive, spliced, text, without
from tests.corpus.requests import Ask, Asked, get, post, refused

INVALID = "INVALID_REQUEST"
MIB = 1 << 20
LIMITS = (
    "0",
    "-1",
    "1001",
    "x",
    "1e3",
    "",
    "1.5",
    "NaN",
    "0x1",
    "9" * 400,
    "true",
    "1;2",
    "\u00bd",
)
WAITS = ("-1", "31", "nan", "inf", "-inf", "x", "", "1e9", "30.01", "0x1", "1,5")
POSITIONS = (
    b"x", b"3", b"3:", b":3", b"-1:1", b"0:-1", b"9:1", b"0:9223372036854775808", b"0:1,,1:1",
    b"0:1;1:1", b"0x0:1", b"1e0:1", b"0:1.0", b"0:" + b"9" * 30, b"0:0," * 3_000, b"\xff:1",
    b"0 :1",
    b"", b",", b"0:0 1:0", b"+0:1", b"'; --",
)  # fmt: skip
GOOD_POSITIONS = (b"0:0", b"0:0,1:0", b" 0:0 , 1:0 ", b"0:0,0:1", b"000:00")
CURSORS = (
    "x", "YQ", "", "=", "====", "%00", "\u00df", "A" * 1_001,
    urlsafe_b64encode(b"\xff\x00\xfe").decode(),
    urlsafe_b64encode(b"a\x00b\x00c").decode(), urlsafe_b64encode(b"no separator").decode(),
)  # fmt: skip
PLACES = (
    "1:1", "a:b:c", "1:1:1:1", "1:99999999999999999999999:1", "1:1:99999999999999999999999",
    "1:2147483648:1", "1:1:9223372036854775808", "99999999999999999999:1:1",
    "-99999999999999999:1:1",
    "1:-2:1", "1:1:-2", "1.5:1:1", ":::", "1::1",
)  # fmt: skip
KINDS = (
    b"text/plain", b"application/xml", b"application/x-www-form-urlencoded", b"text/json", b"",
    b"multipart/form-data; boundary=x", b"application/json-patch+json", b"*/*", b"json",
    b"application/jsonp", b"application/json, text/plain", b"\xff", b"application/ json",
)  # fmt: skip
GOOD_KINDS = (
    b"application/json; charset=utf-8", b"Application/JSON", b"application/json;charset=x",
    b"application/json ; a=b", b"APPLICATION/json",
)  # fmt: skip
BAD_KEYS = (b"a b", b"\xc3\x9f", b"x" * 129, b"", b"a\tb", b"\xff", b"\xe2\x80\xae")
METHODS = ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND")


def _limit(seat: Seat) -> Asked:
    value = quote(LIMITS[seat.turn % len(LIMITS)], safe="")
    path = seat.rng.choice(("/v1/stock?", "/v1/movements?warehouse=W&sku=A&"))
    return get(f"{path}limit={value}"), refused(400, INVALID, "query.limit")


def _wait(seat: Seat) -> Asked:
    target = f"/v1/commands?wait={quote(WAITS[seat.turn % len(WAITS)])}"
    return post(text(receive(seat)), target=target), refused(400, INVALID, "query.wait")


def _position(seat: Seat) -> Asked:
    header = b"X-Min-Position: " + POSITIONS[seat.turn % len(POSITIONS)]
    path = seat.rng.choice(("/v1/stock/W/A", "/v1/stock", "/v1/movements?warehouse=W&sku=A"))
    return get(path, header), refused(400, INVALID, "header.X-Min-Position")


def _good_position(seat: Seat) -> Asked:
    header = b"X-Min-Position: " + GOOD_POSITIONS[seat.turn % len(GOOD_POSITIONS)]
    return get("/v1/stock/W/A", header), refused(404, "NOT_FOUND")


def _cursor(seat: Seat) -> Asked:
    cursor = quote(CURSORS[seat.turn % len(CURSORS)], safe="")
    return get(f"/v1/stock?after={cursor}"), refused(400, INVALID, "query.after")


def _place(seat: Seat) -> Asked:
    place = urlsafe_b64encode(PLACES[seat.turn % len(PLACES)].encode()).decode()
    target = f"/v1/movements?warehouse=W&sku=A&after={quote(place)}"
    return get(target), refused(400, INVALID, "query.after")


def _method(seat: Seat) -> Asked:
    path = seat.rng.choice(
        ("/v1/stock", "/v1/stock/W/A", "/v1/commands", "/health/live", "/metrics")
    )
    method = METHODS[seat.turn % len(METHODS)]
    return get(path, b"Content-Length: 0", method=method), refused(405, "METHOD_NOT_ALLOWED")


NUMBERS: dict[str, Ask] = {
    "asked for: limit": _limit,
    "asked for: wait": _wait,
    "asked for: position": _position,
    "asked for: good position": _good_position,
    "asked for: cursor of rows": _cursor,
    "asked for: cursor of movements": _place,
}


def _kind(seat: Seat) -> Asked:
    kind = b"Content-Type: " + KINDS[seat.turn % len(KINDS)]
    return post(text(receive(seat)), kind), refused(415, "UNSUPPORTED_MEDIA_TYPE")


def _good_kind(seat: Seat) -> Asked:
    kind = b"Content-Type: " + GOOD_KINDS[seat.turn % len(GOOD_KINDS)]
    return post(text(receive(seat)), kind), Answer(200, "StockReceived")


MEDIA: dict[str, Ask] = {
    "asked for: another media type": _kind,
    "asked for: the media type, oddly written": _good_kind,
    "asked for: another method": _method,
}


def _bad_key(seat: Seat) -> Asked:
    key = b"Idempotency-Key: " + BAD_KEYS[seat.turn % len(BAD_KEYS)]
    return post(without(receive(seat), "id"), key), refused(422, "INVALID_COMMAND", "id")


def _two_ids(seat: Seat) -> Asked:
    key = b"Idempotency-Key: " + seat.rng.choice((b"other", b"7", seat.id.upper().encode() + b"x"))
    body = text(receive(seat), id=seat.rng.choice((seat.id, 7, True, [], {})))
    return post(body, key), refused(400, INVALID, "header.Idempotency-Key")


def _key(seat: Seat) -> Asked:
    key = b"Idempotency-Key: " + seat.id.encode() + seat.rng.choice((b"", b"~!", b'"\\', b"%00"))
    bodies = (
        (without(receive(seat), "id"), Answer(200, "StockReceived")),
        (text(receive(seat), id=None), Answer(200, "StockReceived")),
        (b" " + without(receive(seat), "id") + b"\r\n", Answer(200, "StockReceived")),
        (without(receive(seat, actor="\u00df\u2028"), "id"), Answer(200, "StockReceived")),
        (_number(seat, "1e400"), refused(422, "INVALID_COMMAND", "lines.0.quantity")),
        (_number(seat, "9" * 5_000), refused(422, "INVALID_COMMAND", "lines.0.quantity")),
        (_number(seat, "NaN"), refused(400, INVALID, "body")),
        (spliced(_anonymous(seat), r'"actor":"\ud800"'), refused(422, "INVALID_COMMAND", "actor")),
        (b"{}", refused(422, "INVALID_COMMAND", "warehouse")),
        (b"[]", refused(400, INVALID, "body")),
        (b"{,}", refused(400, INVALID, "body")),
        (b"", refused(400, INVALID, "body")),
        (without(receive(seat), "id").ljust(MIB - 1)[:-1] + b" ", Answer(200, "StockReceived")),
        (_full(seat), refused(413, "CONTENT_TOO_LARGE")),
    )
    body, answer = bodies[seat.turn % len(bodies)]
    return post(body, key), answer


def _anonymous(seat: Seat) -> dict[str, object]:
    command = receive(seat)
    del command["id"]
    return command


def _number(seat: Seat, raw: str) -> bytes:
    command = head(seat)
    del command["id"]
    return spliced(command, f'"lines":[{{"sku":"A","quantity":{raw}}}]')


def _full(seat: Seat) -> bytes:
    """A body of 1 MiB to its last byte: with an id it would be larger than Kafka is to have it."""
    value = without(receive(seat), "id")
    return value[:-1] + b" " * (MIB - len(value)) + b"}"


KEYS: dict[str, Ask] = {
    "asked for: a key that is no id": _bad_key,
    "asked for: two ids": _two_ids,
    "asked for: a key for an id": _key,
}
