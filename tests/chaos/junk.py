"""What no producer should send and one day does: each class of bad input a topic can hold."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

MIB = 1 << 20
DEEP = 10_000

Value = bytes | None
Made = Callable[[Random, dict[str, Any]], Value]


def _text(command: dict[str, Any], **changed: Any) -> bytes:
    return json.dumps(command | changed, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _spliced(command: dict[str, Any], raw: str) -> bytes:
    """The command with one more field, written as it stands."""
    return (json.dumps(command, ensure_ascii=False)[:-1] + ", " + raw + "}").encode()


def _quantity(command: dict[str, Any], raw: str) -> bytes:
    receive = {"type": "ReceiveStock", "id": command["id"], "warehouse": command["warehouse"]}
    return _spliced(receive, f'"lines":[{{"sku":"A1","quantity":{raw}}}]')


def _receive(command: dict[str, Any], **line: Any) -> bytes:
    made = {"type": "ReceiveStock", "id": command["id"], "warehouse": command["warehouse"]}
    return _text(made, lines=[{"sku": "A1", "quantity": 1} | line])


def _without(command: dict[str, Any], name: str) -> bytes:
    return _text({field: value for field, value in command.items() if field != name})


UNREADABLE: dict[str, Made] = {
    "empty": lambda rng, c: b"",
    "tombstone": lambda rng, c: None,
    "blank": lambda rng, c: b" \t\r\n",
    "latin-1": lambda rng, c: _text(c, actor="caf\u00e9").decode().encode("latin-1", "replace"),
    "random bytes": lambda rng, c: rng.randbytes(rng.randint(1, 300)),
    "utf-16": lambda rng, c: json.dumps(c).encode("utf-16"),
    "byte order mark": lambda rng, c: b"\xef\xbb\xbf" + _text(c),
    "encoded surrogate": lambda rng, c: _text(c, actor="\ud83d"),
    "overlong": lambda rng, c: _text(c) + b"\xc0\x80",
    "truncated": lambda rng, c: _text(c)[: rng.randint(1, 20)],
    "unclosed": lambda rng, c: _text(c)[:-1],
    "two values": lambda rng, c: _text(c) + _text(c),
    "trailing comma": lambda rng, c: _text(c)[:-1] + b",}",
    "single quotes": lambda rng, c: repr(c).encode(),
    "comment": lambda rng, c: b"/* stock */" + _text(c),
    "not a number": lambda rng, c: _quantity(c, "NaN"),
    "infinity": lambda rng, c: _quantity(c, "-Infinity"),
    "leading zero": lambda rng, c: _quantity(c, "007"),
    "plus sign": lambda rng, c: _quantity(c, "+7"),
    "hexadecimal": lambda rng, c: _quantity(c, "0x10"),
    "raw control": lambda rng, c: _spliced(c, '"actor":"a\nb"'),
    "bad escape": lambda rng, c: _spliced(c, r'"actor":"\x41"'),
    "array": lambda rng, c: json.dumps([c]).encode(),
    "string": lambda rng, c: json.dumps(json.dumps(c)).encode(),
    "scalar": lambda rng, c: rng.choice([b"null", b"true", b"12", b"-0.5", b'""', b"[]", b"{}"]),
    "deep array": lambda rng, c: b"[" * DEEP + b"]" * DEEP,
    "deep object": lambda rng, c: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep unclosed": lambda rng, c: b"[" * DEEP,
    "csv": lambda rng, c: b"536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26",
    "avro envelope": lambda rng, c: b"\x00\x00\x00\x00\x07" + _text(c),
    "a MiB of nothing": lambda rng, c: b" " * (MIB - 500),
    "a MiB of letters": lambda rng, c: b"x" * (MIB - 500),
    "almost 2 MiB of letters": lambda rng, c: b"x" * (2 * MIB - 9_000),
    "no id": lambda rng, c: _without(c, "id"),
    "no warehouse": lambda rng, c: _without(c, "warehouse"),
    "empty id": lambda rng, c: _text(c, id=""),
    "long id": lambda rng, c: _text(c, id="i" * 129),
    "blank in id": lambda rng, c: _text(c, id="a b"),
    "accent in id": lambda rng, c: _text(c, id="\u00e9t\u00e9"),
    "number as id": lambda rng, c: _text(c, id=17),
    "null id": lambda rng, c: _text(c, id=None),
    "last id is bad": lambda rng, c: _spliced(c, '"id":{}'),
    "newline in warehouse": lambda rng, c: _text(c, warehouse="LON-1\n"),
    "long warehouse": lambda rng, c: _text(c, warehouse="W" * 65),
    "slash in warehouse": lambda rng, c: _text(c, warehouse="LON/1"),
    "warehouse list": lambda rng, c: _text(c, warehouse=["LON-1"]),
    "tick with a field": lambda rng, c: b'{"type":"Tick","time":"2026-11-20T10:00:00Z"}',
    "tick in an array": lambda rng, c: b'[{"type":"Tick"}]',
}

INVALID: dict[str, Made] = {
    "unknown type": lambda rng, c: _text(c, type="DestroyStock"),
    "type in lower case": lambda rng, c: _text(c, type=c["type"].lower()),
    "no type": lambda rng, c: _without(c, "type"),
    "type is a list": lambda rng, c: _text(c, type=[c["type"]]),
    "tick with id": lambda rng, c: _text({"id": c["id"], "warehouse": c["warehouse"]}, type="Tick"),
    "unknown field": lambda rng, c: _text(c, colour="green"),
    "unknown empty field": lambda rng, c: _text(c, **{"": None}),
    "a MiB name": lambda rng, c: _text(c, **{"n" * (MIB - 3_000): 1}),
    "a MiB field": lambda rng, c: _text(c, note="n" * (MIB - 3_000)),
    "field of another type": lambda rng, c: _receive(c)[:-1] + b',"ttl_seconds":5}',
    "unknown line field": lambda rng, c: _receive(c, lot="L1"),
    "past 2^63": lambda rng, c: _quantity(c, str(2**63)),
    "past 2^64": lambda rng, c: _quantity(c, str(2**64)),
    "past 10^30": lambda rng, c: _quantity(c, "1" + "0" * 30),
    "past 10^400": lambda rng, c: _quantity(c, "-1" + "0" * 400),
    "5,000 digits": lambda rng, c: _quantity(c, "9" * 5_000),
    "past a double": lambda rng, c: _quantity(c, "1e400"),
    "above the limit": lambda rng, c: _quantity(c, str(10**12 + 1)),
    "zero": lambda rng, c: _quantity(c, "0"),
    "negative": lambda rng, c: _quantity(c, "-5"),
    "fraction": lambda rng, c: _quantity(c, "1.5"),
    "whole fraction": lambda rng, c: _quantity(c, "6.0"),
    "exponent": lambda rng, c: _quantity(c, "1e3"),
    "true": lambda rng, c: _quantity(c, "true"),
    "digits in a string": lambda rng, c: _quantity(c, '"6"'),
    "null quantity": lambda rng, c: _quantity(c, "null"),
    "last quantity is bad": lambda rng, c: _quantity(c, '4,"quantity":"4"'),
    "no lines": lambda rng, c: _text(_head(c)),
    "empty lines": lambda rng, c: _text(_head(c), lines=[]),
    "lines are an object": lambda rng, c: _text(_head(c), lines={"sku": "A1", "quantity": 1}),
    "a line is a string": lambda rng, c: _text(_head(c), lines=["A1"]),
    "a line is null": lambda rng, c: _text(_head(c), lines=[None]),
    "1,001 lines": lambda rng, c: _text(_head(c), lines=[{"sku": "A1", "quantity": 1}] * 1_001),
    "last line is bad": lambda rng, c: _text(
        _head(c), lines=[{"sku": f"A{i}", "quantity": 1} for i in range(999)] + [{"sku": "A1"}]
    ),
    "empty sku": lambda rng, c: _receive(c, sku=""),
    "long sku": lambda rng, c: _receive(c, sku="\u00e4" * 65),
    "number as sku": lambda rng, c: _receive(c, sku=85123),
    "sku not composed": lambda rng, c: _receive(c, sku="A\u0308pfel"),
    "sku not normal": lambda rng, c: _receive(c, sku="\u212b-1"),
    "control in sku": lambda rng, c: _receive(c, sku=rng.choice(["A\u0000", "A\u001fB", "A\tB"])),
    "delete in sku": lambda rng, c: _receive(c, sku=rng.choice(["A\u007fB", "A\u0085B"])),
    "space before sku": lambda rng, c: _receive(c, sku=" A1"),
    "space after sku": lambda rng, c: _receive(c, sku="A1 "),
    "long reservation": lambda rng, c: _text(_head(c, "ReleaseReservation"), reservation="r" * 129),
    "empty reservation": lambda rng, c: _text(_head(c, "ShipReservation"), reservation=""),
    "no reservation": lambda rng, c: _text(_head(c, "ShipReservation")),
    "number as reservation": lambda rng, c: _text(_head(c, "ShipReservation"), reservation=1),
    "ttl zero": lambda rng, c: _reserve(c, 0),
    "ttl too long": lambda rng, c: _reserve(c, 31_536_001),
    "ttl true": lambda rng, c: _reserve(c, True),
    "ttl fraction": lambda rng, c: _reserve(c, 1.5),
    "no reason": lambda rng, c: _adjust(c, 1),
    "long reason": lambda rng, c: _adjust(c, 1, reason="x" * 129),
    "delta zero": lambda rng, c: _adjust(c, 0, reason="count"),
    "delta beyond": lambda rng, c: _adjust(c, -(10**12) - 1, reason="count"),
    "deltas cancel": lambda rng, c: _text(
        _head(c, "AdjustStock"),
        reason="count",
        lines=[{"sku": "A1", "delta": 4}, {"sku": "B2", "delta": 1}, {"sku": "A1", "delta": -4}],
    ),
    "reorder point below 0": lambda rng, c: _text(
        _head(c, "SetReorderPoint"), lines=[{"sku": "A1", "reorder_point": -1}]
    ),
    "reorder point beyond": lambda rng, c: _text(
        _head(c, "SetReorderPoint"), lines=[{"sku": "A1", "reorder_point": 10**15 + 1}]
    ),
    "no from_account": lambda rng, c: _lacking(c, "MoveStock", "from_account"),
    "no to_account": lambda rng, c: _lacking(c, "MoveStock", "to_account"),
    "no ttl to extend": lambda rng, c: _lacking(c, "ExtendReservation", "ttl_seconds"),
    "no replaces": lambda rng, c: _lacking(c, "SupersedeReservation", "replaces"),
    "no count": lambda rng, c: _lacking(c, "OpenCount", "count"),
    "move without reason": lambda rng, c: _lacking(c, "MoveStock", "reason"),
    "move without lines": lambda rng, c: _lacking(c, "MoveStock", "lines"),
    "pick without lines": lambda rng, c: _lacking(c, "PickStock", "lines"),
    "unknown account": lambda rng, c: _whole(c, "MoveStock", to_account="on_hand"),
    "account is a list": lambda rng, c: _whole(c, "MoveStock", from_account=["scrap"]),
    "account in upper case": lambda rng, c: _whole(c, "MoveStock", to_account="SELLABLE"),
    "unknown move reason": lambda rng, c: _whole(c, "MoveStock", reason="damaged"),
    "move reason is null": lambda rng, c: _whole(c, "MoveStock", reason=None),
    "empty reference": lambda rng, c: _whole(c, "MoveStock", reference=""),
    "long reference": lambda rng, c: _whole(c, "MoveStock", reference="r" * 129),
    "reference of a pick": lambda rng, c: _whole(c, "PickStock", reference="PO-1"),
    "move of nothing": lambda rng, c: _whole(c, "MoveStock", lines=[{"sku": "A1", "quantity": 0}]),
    "empty replaces": lambda rng, c: _whole(c, "SupersedeReservation", replaces=""),
    "lines to extend": lambda rng, c: _whole(c, "ExtendReservation", lines=[{"sku": "A1"}]),
    "lines to confirm": lambda rng, c: _whole(c, "ConfirmReservation", lines=[]),
    "time to confirm": lambda rng, c: _whole(c, "ConfirmReservation", ttl_seconds=60),
    "extended for ever": lambda rng, c: _whole(c, "ExtendReservation", ttl_seconds=31_536_001),
    "count with quantity": lambda rng, c: _whole(
        c, "OpenCount", lines=[{"sku": "A1", "quantity": 1}]
    ),
    "counted a SKU twice": lambda rng, c: _whole(
        c, "RecordCount", lines=[{"sku": "A1", "counted": 1}, {"sku": "A1", "counted": 1}]
    ),
    "to count a SKU twice": lambda rng, c: _whole(
        c, "OpenCount", lines=[{"sku": "A1"}, {"sku": "B2"}, {"sku": "A1"}]
    ),
    "counted below 0": lambda rng, c: _whole(
        c, "RecordCount", lines=[{"sku": "A1", "counted": -1}]
    ),
    "counted beyond": lambda rng, c: _whole(
        c, "RecordCount", lines=[{"sku": "A1", "counted": 10**15 + 1}]
    ),
    "counted null": lambda rng, c: _whole(c, "RecordCount", lines=[{"sku": "A1", "counted": None}]),
    "counted with book": lambda rng, c: _whole(
        c, "RecordCount", lines=[{"sku": "A1", "counted": 1, "book": 1}]
    ),
    "tolerance null": lambda rng, c: _whole(c, "OpenCount", tolerance=None),
    "tolerance below 0": lambda rng, c: _whole(c, "OpenCount", tolerance=-1),
    "tolerance beyond": lambda rng, c: _whole(c, "OpenCount", tolerance=10**15 + 1),
    "tolerance of an approval": lambda rng, c: _whole(c, "ApproveCount", tolerance=1),
    "lines to cancel": lambda rng, c: _whole(c, "CancelCount", lines=[{"sku": "A1"}]),
    "number as count": lambda rng, c: _whole(c, "ApproveCount", count=7),
    "no destination": lambda rng, c: _lacking(c, "DispatchTransfer", "to_warehouse"),
    "no origin": lambda rng, c: _lacking(c, "ReceiveTransfer", "from_warehouse"),
    "no transfer": lambda rng, c: _lacking(c, "CloseTransfer", "transfer"),
    "settled without lines": lambda rng, c: _lacking(c, "SettleTransfer", "lines"),
    "slash in destination": lambda rng, c: _whole(c, "DispatchTransfer", to_warehouse="PAR/1"),
    "long destination": lambda rng, c: _whole(c, "DispatchTransfer", to_warehouse="W" * 65),
    "destination is a list": lambda rng, c: _whole(c, "DispatchTransfer", to_warehouse=["PAR-1"]),
    "null origin": lambda rng, c: _whole(c, "ReceiveTransfer", from_warehouse=None),
    "newline in origin": lambda rng, c: _whole(c, "CloseTransfer", from_warehouse="PAR-1\n"),
    "empty origin": lambda rng, c: _whole(c, "ExpectTransfer", from_warehouse=""),
    "empty transfer": lambda rng, c: _whole(c, "DispatchTransfer", transfer=""),
    "long transfer": lambda rng, c: _whole(c, "CloseTransfer", transfer="t" * 129),
    "dispatch of nothing": lambda rng, c: _whole(c, "DispatchTransfer", lines=[]),
    "receipt of nothing": lambda rng, c: _whole(c, "ReceiveTransfer", lines=[]),
    "lines to close": lambda rng, c: _whole(c, "CloseTransfer", lines=[]),
    "origin of a dispatch": lambda rng, c: _whole(c, "DispatchTransfer", from_warehouse="PAR-1"),
    "final receipt": lambda rng, c: _whole(c, "ReceiveTransfer", is_final=True),
    "final null": lambda rng, c: _whole(c, "SettleTransfer", is_final=None),
    "final 1": lambda rng, c: _whole(c, "SettleTransfer", is_final=1),
    "final in a string": lambda rng, c: _whole(c, "SettleTransfer", is_final="true"),
    "1,001 settled": lambda rng, c: _whole(c, "SettleTransfer", lines=_HELD["lines"] * 1_001),
    "time is a number": lambda rng, c: _text(c, time=1_760_000_000),
    "time is a word": lambda rng, c: _text(c, time="yesterday"),
    "no such day": lambda rng, c: _text(c, time="2026-02-30T10:00:00Z"),
    "actor too long": lambda rng, c: _text(c, actor="a" * 129),
    "actor is an object": lambda rng, c: _text(c, actor={"id": 42}),
    "correlation is a number": lambda rng, c: _text(c, correlation_id=77),
    "lone surrogate": lambda rng, c: _spliced(c, r'"actor":"\ud83d"'),
    "surrogates reversed": lambda rng, c: _spliced(c, r'"actor":"\ude00\ud83d"'),
    "lone surrogate in sku": lambda rng, c: (
        _text(_head(c))[:-1] + rb',"lines":[{"sku":"A\udc00","quantity":1}]}'
    ),
    "deep field": lambda rng, c: _spliced(c, '"x":' + "[" * DEEP + "]" * DEEP),
    "deep objects": lambda rng, c: _spliced(c, '"x":' + '{"a":' * 900 + "1" + "}" * 900),
    "deep lines": lambda rng, c: _spliced(_head(c), '"lines":' + "[" * 980 + "]" * 980),
}

ODD_BUT_VALID: dict[str, Made] = {
    "last of duplicate keys": lambda rng, c: b'{"warehouse":7,"id":null,"type":[],' + _text(c)[1:],
    "last quantity counts": lambda rng, c: _quantity(c, '"x","quantity":3'),
    "escaped names": lambda rng, c: _text(c).replace(b'"type"', rb'"t\u0079pe"'),
    "spaced out": lambda rng, c: json.dumps(c, indent=rng.randint(1, 9)).encode() + b"\r\n\t ",
    "null options": lambda rng, c: _text(c, time=None, actor=None, correlation_id=None),
    "longest texts": lambda rng, c: _text(c, actor="\U0001f4e6" * 128, correlation_id=""),
    "NUL in texts": lambda rng, c: _text(c, actor="a\u0000b", correlation_id="\u0000"),
    "markup in texts": lambda rng, c: _text(c, actor="<script>alert(1)</script>';--"),
    "longest sku": lambda rng, c: _receive(c, sku="\U0001f4e6" * 64),
    "sku with slash": lambda rng, c: _receive(c, sku="a/b%2F..?x=#1"),
    "largest quantity": lambda rng, c: _quantity(c, str(10**12)),
    "1,000 lines": lambda rng, c: _text(_head(c), lines=_thousand(rng)),
    "999 long lines": lambda rng, c: json.dumps(
        _head(c)
        | {"lines": [{"sku": f"{i:04}" + "\U0001f4e6" * 60, "quantity": 1} for i in range(999)]}
    ).encode(),
    "NUL in reason": lambda rng, c: _adjust(c, 3, reason="lost\u0000found"),
    "reservation with NUL": lambda rng, c: _reserve(c, 1, "r\u0000" + rng.choice("abz")),
    "move, null reference": lambda rng, c: _whole(c, "MoveStock", reference=None),
    "longest reference": lambda rng, c: _whole(c, "MoveStock", reference="\U0001f4e6" * 128),
    "move from itself": lambda rng, c: _whole(c, "MoveStock", to_account="supplier"),
    "count with NUL": lambda rng, c: _whole(c, "OpenCount", count="c\u0000" + rng.choice("abz")),
    "largest tolerance": lambda rng, c: _whole(c, "OpenCount", tolerance=10**15),
    "1,000 SKUs to count": lambda rng, c: _whole(
        c, "OpenCount", lines=[{"sku": f"K{i:03}"} for i in range(1_000)]
    ),
    "transfer with NUL": lambda rng, c: _whole(c, "DispatchTransfer", transfer="t\u0000/a"),
    "transfer to itself": lambda rng, c: _whole(c, "DispatchTransfer", to_warehouse=c["warehouse"]),
    "longest destination": lambda rng, c: _whole(c, "DispatchTransfer", to_warehouse="W" * 64),
    "settled nothing": lambda rng, c: _whole(c, "SettleTransfer", lines=[]),
    "settled for good": lambda rng, c: _whole(c, "SettleTransfer", is_final=True),
    "approved by nobody": lambda rng, c: _whole(c, "ApproveCount", actor=None),
    "tick": lambda rng, c: b'{"type":"Tick"}',
    "tick, spaced": lambda rng, c: b' { "type" : "Tick" } ',
    "tick, last type counts": lambda rng, c: b'{"type":"ReceiveStock","type":"Tick"}',
}


def _head(command: dict[str, Any], kind: str = "ReceiveStock") -> dict[str, Any]:
    return {"type": kind, "id": command["id"], "warehouse": command["warehouse"]}


def _reserve(command: dict[str, Any], ttl: Any, reservation: str = "r\u0000") -> bytes:
    head = _head(command, "ReserveStock") | {"reservation": reservation, "ttl_seconds": ttl}
    return _text(head, lines=[{"sku": "A1", "quantity": 1}])


_HELD: dict[str, Any] = {"reservation": "order-1", "lines": [{"sku": "A1", "quantity": 1}]}
_SENT = {"transfer": "transfer-1", "lines": _HELD["lines"]}
_WHOLE: dict[str, dict[str, Any]] = {
    "ExtendReservation": {"reservation": "order-1", "ttl_seconds": 60},
    "SupersedeReservation": _HELD | {"replaces": "order-0", "ttl_seconds": 60},
    "ConfirmReservation": {"reservation": "order-1"},
    "PickStock": _HELD,
    "MoveStock": {
        "from_account": "supplier",
        "to_account": "on_order",
        "reason": "ORDERED",
        "lines": _HELD["lines"],
    },
    "OpenCount": {"count": "count-1", "lines": [{"sku": "A1"}]},
    "RecordCount": {"count": "count-1", "lines": [{"sku": "A1", "counted": 1}]},
    "ApproveCount": {"count": "count-1"},
    "CancelCount": {"count": "count-1"},
    "DispatchTransfer": _SENT | {"to_warehouse": "PAR-1"},
    "ExpectTransfer": _SENT | {"from_warehouse": "PAR-1"},
    "ReceiveTransfer": _SENT | {"from_warehouse": "PAR-1"},
    "CloseTransfer": {"transfer": "transfer-1", "from_warehouse": "PAR-1"},
    "SettleTransfer": _SENT | {"to_warehouse": "PAR-1"},
}


def _whole(command: dict[str, Any], kind: str, **changed: Any) -> bytes:
    """A command of the kind that is right but for what is changed."""
    return _text(_head(command, kind) | _WHOLE[kind], **changed)


def _lacking(command: dict[str, Any], kind: str, name: str) -> bytes:
    return _without(_head(command, kind) | _WHOLE[kind], name)


def _adjust(command: dict[str, Any], delta: int, **more: Any) -> bytes:
    return _text(_head(command, "AdjustStock"), lines=[{"sku": "A1", "delta": delta}], **more)


def _thousand(rng: Random) -> list[dict[str, Any]]:
    return [
        {"sku": f"K{rng.randrange(400):03}", "quantity": rng.randint(1, 9)} for _ in range(1_000)
    ]


def make(rng: Random, command: dict[str, Any]) -> tuple[str, Value]:
    """One of the classes, on the base of a good command: (its name, its bytes)."""
    family = rng.choices((UNREADABLE, INVALID, ODD_BUT_VALID), (4, 5, 3))[0]
    name = rng.choice(list(family))
    return name, family[name](rng, command)
