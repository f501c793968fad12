"""Shapes: the rarer commands of stock, each with one thing wrong, and each as it may be."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from tests.corpus.case import Body, Make, Seat, invalid
from tests.corpus.commands import RARER, Command, head, text

QUANTITY_MAX, LEVEL_MAX, LINES_MAX, TTL_S_MAX, TEXT_MAX = 10**12, 10**15, 1_000, 31_536_000, 128
Values = tuple[Any, ...]
RANGES = {
    "quantity": (1, QUANTITY_MAX),
    "counted": (0, LEVEL_MAX),
    "tolerance": (0, LEVEL_MAX),
    "ttl_seconds": (1, TTL_S_MAX),
}
TEXTS = ("reservation", "replaces", "count", "reference", "transfer")
WAREHOUSES = ("to_warehouse", "from_warehouse")
ENUMS = {
    "from_account": ("Sellable", "", "reserved", "on_hand", "transit", "sellable ", "supplier,"),
    "to_account": ("SELLABLE", "", "available", "transit", "bin-7", "null"),
    "reason": ("received", "", "COUNT", "SHIPPED", "RECEIVED ", "R\u00c9CEIVED", "*"),
}
NO_INTEGERS: Values = (True, False, 1.0, 1.5, "1", "", [], [1], {}, None)
NO_TEXTS: Values = (None, 7, 1.5, True, [], ["r"], {})
NO_LISTS: Values = (None, {}, "A1", 7, True, {"0": {"sku": "A1", "quantity": 1}})
NO_LINES: Values = (None, [], "A1", 7, True, [{"sku": "A1", "quantity": 1}])
NO_BOOLEANS: Values = (0, 1, 1.0, "true", "", "no", [], [True], {}, None)
BAD_WAREHOUSES: Values = ("", " far", "far ", "a/b", "\u00e4", "x" * 65, 7, None, True, ["far"], {})
BAD_SKUS: Values = ("", " A1", "A1 ", "A\n1", "e\u0301", "x" * 65, 7, None, True, ["A1"], {})
FOREIGN = ("state", "expires_at", "on_hand", "book", "picked", "delta", "force", "version", "__x")
OPTIONAL = {"MoveStock": "reference", "OpenCount": "tolerance", "SettleTransfer": "is_final"}
NEVER_NULL = ("tolerance", "is_final")  # of what is optional


def _good(seat: Seat, kind: str) -> Command:
    return head(seat, kind, **RARER[kind][0])


def _turned(seat: Seat, given: Values) -> Any:
    return given[seat.turn % len(given)]


def _as_it_may_be(seat: Seat, kind: str) -> Body:
    """At the limits, and with what is optional."""
    command, verdict = _good(seat, kind), RARER[kind][1]
    if seat.turn % 2:
        for name in command.keys() & RANGES.keys():
            command[name] = seat.rng.choice(RANGES[name])
        if kind == "OpenCount":
            command["tolerance"] = seat.rng.choice((0, LEVEL_MAX))
        if kind == "MoveStock":
            command["reference"] = seat.rng.choice((None, "x", "\U0001f4e6" * TEXT_MAX))
        if kind == "SettleTransfer":
            command["is_final"] = seat.rng.choice((True, False))
        for line in command.get("lines", ()):
            command["lines"] = [_at_a_limit(seat, line)]
    return Body(text(command | {"actor": "user:1"}), verdict)


def _at_a_limit(seat: Seat, line: Command) -> Command:
    numbers = {name: seat.rng.choice(RANGES[name]) for name in line if name in RANGES}
    return line | numbers


def _missing(seat: Seat, kind: str) -> Body:
    command = _good(seat, kind)
    name = _turned(seat, tuple(RARER[kind][0]))
    del command[name]
    return Body(text(command), invalid(name))


def _null(seat: Seat, kind: str) -> Body:
    optional = OPTIONAL.get(kind, "")
    name = _turned(seat, (*RARER[kind][0], *((optional,) if optional in NEVER_NULL else ())))
    return Body(text(_good(seat, kind), **{name: None}), invalid(name))


def _unknown(seat: Seat, kind: str) -> Body:
    mine = {*RARER[kind][0], OPTIONAL.get(kind, "")}
    others = tuple(sorted({name for fields, _ in RARER.values() for name in fields} - mine))
    name = _turned(seat, (seat.rng.choice(FOREIGN), seat.rng.choice(others)))
    value = next((fields[name] for fields, _ in RARER.values() if name in fields), 1)
    return Body(text(_good(seat, kind), **{name: value}), invalid(name))


def _numbers(kind: str) -> tuple[str, ...]:
    """Where its numbers stand."""
    fields = RARER[kind][0]
    own = ("tolerance",) if kind == "OpenCount" else ("ttl_seconds",) * ("ttl_seconds" in fields)
    lines = fields.get("lines", [{}])[0]
    return (*own, *(f"lines.0.{name}" for name in lines if name in RANGES))


def _put(seat: Seat, kind: str, path: str, value: Any) -> Body:
    """The command with this value at a path, which is its only fault."""
    command, name = _good(seat, kind), path.rpartition(".")[2]
    if path.startswith("lines."):
        command["lines"] = [command["lines"][0] | {name: value}]
    else:
        command[name] = value
    return Body(text(command), invalid(path))


def _no_integer(seat: Seat, kind: str) -> Body:
    path = _turned(seat, _numbers(kind))
    return _put(seat, kind, path, seat.rng.choice(NO_INTEGERS))


def _out_of_range(seat: Seat, kind: str) -> Body:
    path = _turned(seat, _numbers(kind))
    least, most = RANGES[path.rpartition(".")[2]]
    return _put(seat, kind, path, seat.rng.choice((least - 1, -1, -(2**63), most + 1, 2**64)))


def _no_text(seat: Seat, kind: str) -> Body:
    fields = tuple(name for name in (*RARER[kind][0], OPTIONAL.get(kind, "")) if name in TEXTS)
    name = _turned(seat, fields)
    values: Values = ("", "x" * (TEXT_MAX + 1), "\u6771" * (TEXT_MAX + 1), *NO_TEXTS)
    values = values[:3] + values[4:] if name == "reference" else values  # null: there is none
    return _put(seat, kind, name, seat.rng.choice(values))


def _no_list(seat: Seat, kind: str) -> Body:
    line = RARER[kind][0]["lines"][0]
    many = [line | {"sku": f"A{number}"} for number in range(LINES_MAX + 1)]
    none: Values = () if kind == "SettleTransfer" else ([],)  # at the close nothing more has come
    return _put(seat, kind, "lines", _turned(seat, (*none, many, *NO_LISTS)))


def _no_line(seat: Seat, kind: str) -> Body:
    command = _good(seat, kind)
    command["lines"] = [command["lines"][0], seat.rng.choice(NO_LINES)]
    return Body(text(command), invalid("lines.1"))


def _bad_sku(seat: Seat, kind: str) -> Body:
    return _put(seat, kind, "lines.0.sku", seat.rng.choice(BAD_SKUS))


def _line_without(seat: Seat, kind: str) -> Body:
    command = _good(seat, kind)
    line = dict(command["lines"][0])
    name = _turned(seat, tuple(line))
    del line[name]
    return Body(text(command, lines=[line]), invalid(f"lines.0.{name}"))


def _line_with_more(seat: Seat, kind: str) -> Body:
    line = RARER[kind][0]["lines"][0]
    foreign = ("quantity", "counted", "delta", "reorder_point", "lot", "on_hand")
    name = _turned(seat, tuple(name for name in foreign if name not in line))
    return _put(seat, kind, f"lines.0.{name}", 1)


def _named_twice(seat: Seat, kind: str) -> Body:
    """In a count a SKU stands once; whatever was counted of it."""
    command = _good(seat, kind)
    first = command["lines"][0]
    between = [first | {"sku": f"B{number}"} for number in range(seat.rng.randint(0, 40))]
    again = first | ({"counted": 2} if "counted" in first and seat.turn % 2 else {})
    command["lines"] = [first, *between, again]
    return Body(text(command), invalid("lines"))


def _no_warehouse(seat: Seat, kind: str) -> Body:
    [name] = RARER[kind][0].keys() & set(WAREHOUSES)
    return _put(seat, kind, name, _turned(seat, BAD_WAREHOUSES))


def _no_boolean(seat: Seat) -> Body:
    return _put(seat, "SettleTransfer", "is_final", _turned(seat, NO_BOOLEANS))


def _settled_without_lines(seat: Seat) -> Body:
    command, verdict = _good(seat, "SettleTransfer"), RARER["SettleTransfer"][1]
    return Body(text(command, lines=[], is_final=True), verdict)


def _no_such(seat: Seat, name: str) -> Body:
    return _put(seat, "MoveStock", name, seat.rng.choice((*ENUMS[name], *NO_TEXTS)))


class Flaw(Protocol):
    """Makes a command of a kind with something wrong about it."""

    def __call__(self, seat: Seat, kind: str) -> Body: ...


FLAWS: dict[str, tuple[Flaw, Callable[[str], bool]]] = {
    "as it may be": (_as_it_may_be, lambda kind: True),
    "a field is missing": (_missing, lambda kind: True),
    "null": (_null, lambda kind: True),
    "an unknown field": (_unknown, lambda kind: True),
    "no integer": (_no_integer, lambda kind: bool(_numbers(kind))),
    "a number out of its range": (_out_of_range, lambda kind: bool(_numbers(kind))),
    "no such text": (_no_text, lambda kind: True),
    "no such warehouse": (
        _no_warehouse,
        lambda kind: bool(RARER[kind][0].keys() & set(WAREHOUSES)),
    ),
    "no list of lines": (_no_list, lambda kind: "lines" in RARER[kind][0]),
    "a line that is none": (_no_line, lambda kind: "lines" in RARER[kind][0]),
    "a line of no SKU": (_bad_sku, lambda kind: "lines" in RARER[kind][0]),
    "a line that lacks a field": (_line_without, lambda kind: "lines" in RARER[kind][0]),
    "a line with a field more": (_line_with_more, lambda kind: "lines" in RARER[kind][0]),
}
TABLE: dict[str, Make] = {
    **{
        f"{kind}: {flaw}": partial(make, kind=kind)
        for kind in RARER
        for flaw, (make, fits) in FLAWS.items()
        if fits(kind)
    },
    **{f"{kind}: a SKU twice": partial(_named_twice, kind=kind)
       for kind in ("OpenCount", "RecordCount")},
    "SettleTransfer: no boolean": _no_boolean,
    "SettleTransfer: no lines": _settled_without_lines,
    **{f"MoveStock: no such {name}": partial(_no_such, name=name) for name in ENUMS},
}  # fmt: skip
