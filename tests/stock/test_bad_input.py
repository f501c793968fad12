"""What should not stand on a topic and one day does, each with its answer."""

import json
from typing import Any

import pytest

from schemas.exceptions import Unreadable
from schemas.invalid import InvalidAtWarehouse as Invalid
from schemas.json_text import DEPTH_MAX
from schemas.stock_structs import CODEC, decode_command

MIB = 1 << 20
HEAD = '"id":"c-1","warehouse":"LON-1"'
LINE = '{"sku":"A","quantity":1}'


def receive(lines: str = f"[{LINE}]", more: str = "") -> bytes:
    return f'{{"type":"ReceiveStock",{HEAD},"lines":{lines}{more}}}'.encode()


def quantity(number: str) -> bytes:
    return receive(f'[{{"sku":"A","quantity":{number}}}]')


def sku(text: str) -> bytes:
    return receive(f'[{{"sku":{json.dumps(text)},"quantity":1}}]')


def reserve(more: str) -> bytes:
    return f'{{"type":"ReserveStock",{HEAD},"lines":[{LINE}]{more}}}'.encode()


def adjust(*deltas: tuple[str, Any], reason: str = ',"reason":"count"') -> bytes:
    lines = json.dumps([{"sku": one, "delta": delta} for one, delta in deltas])
    return f'{{"type":"AdjustStock",{HEAD},"lines":{lines}{reason}}}'.encode()


def policy(more: str) -> bytes:
    return f'{{"type":"SetStockPolicy",{HEAD},"lines":[{{"sku":"A",{more}}}]}}'.encode()


def timed(text: str) -> bytes:
    return receive(more=f',"time":{json.dumps(text)}')


UNREADABLE = {
    b"": "empty: send a JSON object",
    b" \r\n\t": "no JSON: a mistake at character 4",
    b"\x00": "no JSON: a mistake at character 0",
    b"null": "no JSON object",
    b"[]": "no JSON object",
    b'"{}"': "no JSON object",
    b"[" * 100_000: "no JSON: it ends more than 100 levels deep",
    b"[" * 10_000 + b"]" * 10_000: "no JSON object",
    b"]" * 10_000: "no JSON: a mistake at character 0",
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000: "id is missing",
    b'{"a":' + b'"\\' * 100_000: "no JSON: a mistake at character 5",
    b"{}": "id is missing",
    b'{"type":"Tick"}': "id is missing",
    b'{"id":"c-1"}': "warehouse is missing",
    b'{"id":1,"warehouse":"W"}': "id is no string",
    b'{"id":null,"warehouse":"W"}': "id is no string",
    b'{"id":"","warehouse":"W"}': "id is shorter than 1",
    b'{"id":"a b","warehouse":"W"}': "id is not of visible ASCII characters",
    b'{"id":"a\\u007f","warehouse":"W"}': "id is not of visible ASCII characters",
    '{"id":"é","warehouse":"W"}'.encode(): "id is not of visible ASCII characters",
    b'{"id":"\\ud800","warehouse":"W"}': "id is no Unicode text",
    b'{"id":"c","warehouse":"W/1"}': "warehouse is not of A-Z a-z 0-9 . _ -",
    b'{"id":"c","warehouse":"W\\n"}': "warehouse is not of A-Z a-z 0-9 . _ -",
    '{"id":"c","warehouse":"Ä"}'.encode(): "warehouse is not of A-Z a-z 0-9 . _ -",
    b'{"id":"c","warehouse":"' + b"W" * 65 + b'"}': "warehouse is longer than 64 characters",
    b'{"id":"c","warehouse":"W","id":"' + b"x" * 129 + b'"}': "id is longer than 128 characters",
    b"\xef\xbb\xbf" + receive(): "no JSON: a mistake at character 0",
    receive().decode().encode("utf-16"): "no JSON: byte 0 is no UTF-8",
    receive(more=',"actor":"\\x41"'): "no JSON: a mistake at character 98",
    receive(more=',"actor":"a\nb"'): "no JSON: a mistake at character 99",
    receive(more=',"actor":"') + b'\xed\xa0\x80"}': "no JSON: byte 99 is no UTF-8",
    receive()[:-1] + b",}": "no JSON: a mistake at character 89",
    receive() + b"{}": "no JSON: a mistake at character 89",
    quantity("NaN"): "no JSON: NaN is no JSON",
    quantity("-Infinity"): "no JSON: -Infinity is no JSON",
    quantity("01"): "no JSON: a mistake at character 86",
    quantity("+1"): "no JSON: a mistake at character 85",
}

INVALID = {
    b'{"id":"c-1","warehouse":"LON-1"}': ("type", "is missing"),
    b'{"type":"Tick","id":"c-1","warehouse":"LON-1"}': ("type", "is no command"),
    b'{"type":["ReceiveStock"],"id":"c-1","warehouse":"LON-1"}': ("type", "is no command"),
    b'{"type":null,"id":"c-1","warehouse":"LON-1"}': ("type", "is no command"),
    receive()[:-1] + b',"type":"Tick"}': ("type", "is no command"),
    receive(more=',"colour":1'): ("colour", "is an unknown field"),
    receive(more=',"":1'): ("", "is an unknown field"),
    receive(more=',"ttl_seconds":1'): ("ttl_seconds", "is an unknown field"),
    receive(more=f',"{"n" * 500}":1'): ("n" * 200 + "...", "is an unknown field"),
    receive(more=',"\\ud800":1'): ("", "is no Unicode text"),
    receive(more=',"actor":"\\ud800"'): ("actor", "is no Unicode text"),
    receive(more=',"actor":"\\ude00\\ud83d"'): ("actor", "is no Unicode text"),
    receive(more=',"x":' + "[" * 10_000 + "]" * 10_000): ("x", "is an unknown field"),
    receive(more=',"actor":' + '{"a":' * 10_000 + "1" + "}" * 10_000): ("actor", "is no string"),
    receive("[" * 101 + "]" * 101): ("lines.0", "is no object"),
    f'{{"type":"ReceiveStock",{HEAD}}}'.encode(): ("lines", "is missing"),
    receive("null"): ("lines", "is no array"),
    receive("{}"): ("lines", "is no array"),
    receive("[]"): ("lines", "has fewer items than 1"),
    receive(f"[{','.join([LINE] * 1_001)}]"): ("lines", "has more items than 1000"),
    receive("[null]"): ("lines.0", "is no object"),
    receive('["A"]'): ("lines.0", "is no object"),
    receive(f'[{LINE},{{"sku":"A"}}]'): ("lines.1.quantity", "is missing"),
    receive('[{"sku":"A","quantity":1,"lot":1}]'): ("lines.0.lot", "is an unknown field"),
    quantity("0"): ("lines.0.quantity", "is below 1"),
    quantity("-0"): ("lines.0.quantity", "is below 1"),
    quantity("-5"): ("lines.0.quantity", "is below 1"),
    quantity("1000000000001"): ("lines.0.quantity", "is above 1000000000000"),
    quantity("9223372036854775808"): ("lines.0.quantity", "is above 1000000000000"),
    quantity("18446744073709551616"): ("lines.0.quantity", "is above 1000000000000"),
    quantity("9" * 500_000): ("lines.0.quantity", "is above 1000000000000"),
    quantity("-" + "9" * 5_000): ("lines.0.quantity", "is below 1"),
    quantity("1.0"): ("lines.0.quantity", "is no integer"),
    quantity("1e2"): ("lines.0.quantity", "is no integer"),
    quantity("1e400"): ("lines.0.quantity", "is no integer"),
    quantity("9" * 500_000 + ".5"): ("lines.0.quantity", "is no integer"),
    quantity("true"): ("lines.0.quantity", "is no integer"),
    quantity('"1"'): ("lines.0.quantity", "is no integer"),
    quantity("null"): ("lines.0.quantity", "is no integer"),
    quantity('1,"quantity":"1"'): ("lines.0.quantity", "is no integer"),
    sku(""): ("lines.0.sku", "is shorter than 1"),
    sku("ä" * 65): ("lines.0.sku", "is longer than 64 characters"),
    sku(" A"): ("lines.0.sku", "has space at an end"),
    sku("A\u3000"): ("lines.0.sku", "has space at an end"),
    sku("A\tB"): ("lines.0.sku", "has a control character"),
    sku("A\x00"): ("lines.0.sku", "has a control character"),
    sku("A\x7f"): ("lines.0.sku", "has a control character"),
    sku("A\x9fB"): ("lines.0.sku", "has a control character"),
    sku("A\u0308"): ("lines.0.sku", "is not in Unicode normal form C"),
    sku("\u212b"): ("lines.0.sku", "is not in Unicode normal form C"),
    reserve(',"ttl_seconds":9'): ("reservation", "is missing"),
    reserve(',"reservation":"","ttl_seconds":9'): ("reservation", "is shorter than 1"),
    reserve(',"reservation":"r","ttl_seconds":0'): ("ttl_seconds", "is below 1"),
    reserve(',"reservation":"r","ttl_seconds":31536001'): ("ttl_seconds", "is above 31536000"),
    reserve(f',"reservation":"{"r" * 129}","ttl_seconds":9'): (
        "reservation",
        "is longer than 128 characters",
    ),
    adjust(("A", 1), reason=""): ("reason", "is missing"),
    adjust(("A", 1), reason=',"reason":""'): ("reason", "is shorter than 1"),
    adjust(("A", 0)): ("lines.0.delta", "is 0"),
    adjust(("A", -(10**12) - 1)): ("lines.0.delta", "is below -1000000000000"),
    adjust(("A", 1), ("B", 2), ("A", -1)): ("lines", "has a SKU whose deltas sum to 0"),
    f'{{"type":"SetReorderPoint",{HEAD},"lines":[{{"sku":"A","reorder_point":-1}}]}}'.encode(): (
        "lines.0.reorder_point",
        "is below 0",
    ),
    policy('"safety_stock":-1'): ("lines.0.safety_stock", "is below 0"),
    policy('"safety_stock":1.5'): ("lines.0.safety_stock", "is no integer"),
    policy('"safety_stock":null'): ("lines.0.safety_stock", "is no integer"),
    policy('"recover_point":1000000000000001'): (
        "lines.0.recover_point",
        "is above 1000000000000000",
    ),
    policy('"recover_point":"1"'): ("lines.0.recover_point", "is no integer"),
    policy('"reorder_point":1'): ("lines.0.reorder_point", "is an unknown field"),
    policy('"safety_stock":1},{"sku":"A"'): ("lines", "has a SKU twice"),
    **{
        timed(text): ("time", "is no RFC 3339 instant in UTC, such as 2026-11-20T10:00:00Z")
        for text in (
            "",
            "noon",
            "2026-11-20",
            "2026-11-20T10:00Z",
            "2026-11-20T10:00:00",
            "2026-11-20T10:00:00.Z",
            "2026-11-20T10:00:00,5Z",
            "2026-11-20T10:00:00+01:00",
            "2026-11-20 10:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T10:60:00Z",
            "2016-12-31T23:59:60Z",
            "2026-02-29T10:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-W47-5T10:00:00Z",
            "2026-11-20T10:00:00Z\n",
            "٢٠٢٦-11-20T10:00:00Z",
        )
    },
    timed("2026-11-20T10:00:00." + "0" * 108 + "Z"): ("time", "is longer than 128 characters"),
    receive(more=',"time":1795003200'): ("time", "is no string"),
    receive(more=f',"actor":"{"a" * 129}"'): ("actor", "is longer than 128 characters"),
    receive(more=',"correlation_id":77'): ("correlation_id", "is no string"),
}

VALID = {
    "duplicate keys": b'{"type":7,"id":{},"lines":0,' + receive()[1:],
    "duplicate type": b'{"type":"ShipStock",' + receive()[1:],
    "duplicate key, deep": b'{"lines":' + b"[" * 200 + b"]" * 200 + b"," + receive()[1:],
    "duplicate key, 100 of them": b"{" + b'"lines":[],' * 200 + receive()[1:],
    "escaped names": receive().replace(b'"type"', b'"t\\u0079pe"'),
    "absent options": receive(more=',"time":null,"actor":null,"correlation_id":null'),
    "spaced": json.dumps(json.loads(receive()), indent=3).encode() + b"\r\n",
    "the largest quantity": quantity("1000000000000"),
    "a thousand lines": receive(f"[{','.join([LINE] * 1_000)}]"),
    "the longest sku": sku("\U0001f4e6" * 64),
    "a sku of marks": sku("a/b%2F..?#1 b"),
    "a reservation of anything": reserve(',"reservation":" \\u0000\\n","ttl_seconds":31536000'),
    "a fraction of a second": timed("2024-02-29T23:59:59.123456789Z"),
    "an offset of nothing": timed("2024-02-29T23:59:59+00:00"),
    "lower case": timed("2024-02-29t23:59:59z"),
    "texts of nothing": receive(more=',"actor":"","correlation_id":"\\u0000"'),
}


MANY = ("lines", "has more items than 1000")
UNKNOWN = ("x", "is an unknown field")
MEBIBYTES: dict[str, tuple[bytes, Any]] = {
    "opened": (b"[" * MIB, "no JSON: it ends more than 100 levels deep"),
    "empty arrays": (receive(more=',"x":[' + "[]," * (MIB // 3) + "1]"), UNKNOWN),
    "numbers": (receive(f"[{'1,' * (MIB // 2)}1]"), MANY),
    "lines": (receive(f"[{','.join([LINE] * (MIB // 25))}]"), MANY),
    "a name": (receive(more=f',"{"x" * MIB}":1'), ("x" * 200 + "...", UNKNOWN[1])),
    "names": (receive(more="".join(f',"x{i}":1' for i in range(MIB // 11))), ("x0", UNKNOWN[1])),
    "quotes": (receive(more=',"x":["' + '\\"' * (MIB // 2) + '"' + ",[]" * 101 + "]"), UNKNOWN),
    "a number": (quantity("9" * MIB), ("lines.0.quantity", "is above 1000000000000")),
    "a fraction": (quantity("0." + "9" * MIB), ("lines.0.quantity", "is no integer")),
    "duplicates": (b"{" + b'"lines":[],' * (MIB // 11) + receive()[1:], "valid"),
}


def named(value: bytes) -> str:
    return ascii(value[:60])


@pytest.mark.parametrize("value", UNREADABLE, ids=named)
def test_what_names_no_command_is_unreadable(value: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        decode_command(value)

    assert str(error.value) == UNREADABLE[value]


@pytest.mark.parametrize("value", INVALID, ids=named)
def test_a_command_outside_its_rules_is_invalid(value: bytes) -> None:
    found = decode_command(value)

    assert isinstance(found, Invalid)
    assert (found.path, found.problem) == INVALID[value]
    assert (found.id, found.warehouse) == ("c-1", "LON-1")


@pytest.mark.parametrize("value", VALID.values(), ids=VALID)
def test_a_command_oddly_written_is_valid(value: bytes) -> None:
    found = decode_command(value)

    assert not isinstance(found, Invalid), (found.path, found.problem)
    assert found == CODEC.define(value)


@pytest.mark.parametrize("name", MEBIBYTES)
def test_a_mebibyte_of_anything_is_answered(name: str) -> None:
    value, answer = MEBIBYTES[name]
    found: Any
    try:
        found = decode_command(value)
    except Unreadable as error:
        found = str(error)
    if isinstance(found, Invalid):
        found = (found.path, found.problem)
    assert (found if isinstance(found, str | tuple) else "valid") == answer


def test_the_depth_that_is_read_is_the_same_however_deep_we_are_called() -> None:
    edge = receive(more=',"x":' + "[" * (DEPTH_MAX - 1) + "]" * (DEPTH_MAX - 1))

    def below(levels: int) -> Any:
        return below(levels - 1) if levels else CODEC.decode(edge)

    assert below(0) == below(500)
