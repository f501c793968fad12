"""Kafka: records that no client of ours would write."""

import gzip
import json
import struct
import zlib
from collections.abc import Callable
from functools import partial

from tests.corpus.case import (
    NOTHING,
    TOO_LARGE,
    Headers,
    Seat,
    Step,
    invalid,
    rejected,
    unaddressed,
    unreadable,
)
from tests.corpus.commands import any_kind, good, receive, text, without

MIB = 1 << 20
BOMB_BYTES = 10 * MIB
CODECS = ("gzip", "snappy", "lz4", "zstd")
ODD_KEYS = (
    None, b"", b"some other key", b"\xff\xfe", b"\x00", b"k" * 1_000, b'{"a":1}', b"LON-1\n",
    b"\xf0\x9f\x93\xa6",
)  # fmt: skip
ODD_HEADERS: tuple[Headers, ...] = (
    (("trace", b"\xff\xfe\x00"),),
    (("trace", None), ("empty", b"")),
    (("a", b"1"), ("a", b"2"), ("a", b"3")),
    (("error", b"forged"), ("source_topic", b"forged")),
    (("source_offset", b"0"), ("source_partition", b"0")),
    (("x" * 1_000, b"y" * 10_000),),
    tuple((f"h{i}", b"v") for i in range(300)),
    (("", b"no name"),),
    (("\u00e4\U0001f4e6", b"name"),),
    (("content-type", b"application/json\r\nX: y"),),
    (("traceparent", b"'; DROP TABLE audit.log; --"),),
)
ODD_NAMES: tuple[Headers, ...] = (
    ((b"\xff\xfename", b"x"),),
    ((b"\xed\xa0\x80", b"x"),),
    ((b"\x00\x1b[2J", b"x"), (b"\xc0\x80", None)),
)
MakeStep = Callable[[Seat], Step]


def _good(seat: Seat) -> Step:
    command, verdict = good(seat)
    return Step(text(command), verdict)


def _any(seat: Seat) -> Step:
    command, verdict = any_kind(seat)
    return Step(text(command), verdict)


def _spoiled(seat: Seat) -> Step:
    """A record that is answered otherwise than by its effect."""
    command = receive(seat)
    return seat.rng.choice(
        (
            Step(text(command, type="Nonsense"), invalid("type")),
            Step(text(command, lines=[]), invalid("lines")),
            Step(without(command, "id"), unaddressed("id")),
            Step(b"{", unreadable()),
        )
    )


def _keyed(seat: Seat, key: bytes | None) -> Step:
    return _good(seat)._replace(key=key)


def _headed(seat: Seat, make: "MakeStep", headers: Headers) -> Step:
    return make(seat)._replace(headers=headers)


def _named(seat: Seat, headers: Headers) -> Step:
    return _headed(seat, seat.rng.choice((_any, _spoiled)), headers)


def _misrouted(seat: Seat, step: Step) -> Step:
    return step._replace(partition=seat.rng.randint(1, 3), key=seat.rng.choice(ODD_KEYS))


def _misrouted_twice(seat: Seat) -> Step:
    forged = (("forwarded_from", seat.rng.choice((b"", b"t/0/1", b"\xff", None))),)
    step = _any(seat)._replace(verdict=unreadable("misrouted"), headers=forged)
    return step._replace(partition=seat.rng.randint(1, 3))


def _too_many_headers(seat: Seat) -> Step:
    """Too large to be forwarded: with its headers it would not fit the topic."""
    headers = tuple((f"h{i}", b"v" * 100_000) for i in range(16))
    step = _good(seat)._replace(verdict=unreadable("headers"), headers=headers)
    return step._replace(partition=1)


def _foreign(seat: Seat, value: bytes) -> Step:
    return Step(value, unreadable(""))


def _tick(seat: Seat) -> Step:
    return Step(b'{"type":"Tick"}', NOTHING)


def _odd_tick(seat: Seat) -> Step:
    values = (
        b'{"type":"Tick","time":"2030-01-01T00:00:00Z"}',
        b'{"type":"Tick","id":"t"}',
        b'{"type":"tick"}',
        b'{"type":"Tick","seq":9}',
        b'{"type":"Tick","warehouse":7}',
    )
    value = seat.rng.choice(values)
    return Step(value, unaddressed("warehouse" if b'"id"' in value else "id"))


def _answered_tick(seat: Seat) -> Step:
    body = {"type": "Tick", "id": seat.id, "warehouse": seat.warehouse}
    return Step(json.dumps(body).encode(), invalid("type"))


def _bomb(seat: Seat, codec: str) -> Step:
    start = seat.rng.choice((b"", b" ", b"[", text(any_kind(seat)[0])))
    return Step(start, TOO_LARGE, packed=codec, padding=BOMB_BYTES)


def _packed(seat: Seat, codec: str) -> Step:
    return _good(seat)._replace(packed=codec)


def _edge(seat: Seat, over: int) -> Step:
    step = _good(seat)
    assert step.value is not None
    padding = MIB + over - len(step.value)
    verdict = TOO_LARGE if over > 0 else step.verdict
    return step._replace(verdict=verdict, padding=padding, packed="gzip")


def _wrapped(seat: Seat) -> list[bytes]:
    """A command as other systems would have framed it."""
    value = text(any_kind(seat)[0])
    return [
        b"\x00\x00\x00\x00\x07" + value,
        gzip.compress(value, mtime=0),
        zlib.compress(value),
        struct.pack(">I", len(value)) + value,
        b"\x08\x96\x01\x12\x07testing",
        b"\x82\xa4type\xacReceiveStock",
        b"Obj\x01" + value,
        b"PAR1",
        b"\x1f\x8b",
        b"<command><type>ReceiveStock</type></command>",
        b"type: ReceiveStock\nid: 1\n",
        b"type=ReceiveStock&id=1",
        b"536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26,2.55",
        b'data: {"type":"ReceiveStock"}\n\n',
        b"GET / HTTP/1.1\r\n\r\n",
        b"PUT\x00",
        value.hex().encode(),
        b"\n".join((value, value)),
    ]


def _deleted(seat: Seat) -> Step:
    return Step(None, unreadable("tombstone"), key=seat.rng.choice((b"warehouse", *ODD_KEYS)))


TABLE: dict[str, MakeStep] = {
    **{
        f"key {n}": partial(_keyed, key=key) for n, key in enumerate(ODD_KEYS, 1)
    },
    **{
        f"headers {n}": partial(_headed, make=_any, headers=headers)
        for n, headers in enumerate(ODD_HEADERS, 1)
    },
    **{
        f"headers {n} of what is refused": partial(_headed, make=_spoiled, headers=headers)
        for n, headers in enumerate(ODD_HEADERS, 1)
    },
    **{
        f"names of headers {n}": partial(_named, headers=headers)
        for n, headers in enumerate(ODD_NAMES, 1)
    },
    "tombstone": _deleted,
    "empty value": lambda s: Step(b"", unreadable(), key=s.rng.choice(ODD_KEYS)),
    "wrong partition": lambda s: _misrouted(s, _good(s)),
    "wrong partition, rejected": lambda s: _misrouted(s, _any(s)),
    "wrong partition, invalid": lambda s: _misrouted(
        s, Step(text(receive(s), type="Nonsense"), invalid("type"))
    ),
    "wrong partition, unreadable": lambda s: _misrouted(s, Step(b"{", unreadable())),
    "wrong partition, odd headers": lambda s: _misrouted(
        s, _good(s)._replace(headers=s.rng.choice(ODD_HEADERS))
    ),
    "misrouted twice": _misrouted_twice,
    "forwarded to its owner by a stranger": lambda s: _good(s)._replace(
        headers=(("forwarded_from", b"elsewhere/0/0"),)
    ),
    "too large to forward": _too_many_headers,
    "tick": _tick,
    "tick with more": _odd_tick,
    "tick with an id": _answered_tick,
    "unknown type": lambda s: Step(
        text(receive(s), type=s.rng.choice(("DropStock", "", "receiveStock", "ReceiveStock "))),
        invalid("type"),
    ),
    "a type that is no string": lambda s: Step(
        text(receive(s), type=s.rng.choice((None, 1, True, [], ["ReceiveStock"], {}))),
        invalid("type"),
    ),
    "an event of ours": lambda s: Step(
        text(receive(s), type="StockReceived", seq=1), invalid("type")
    ),
    **{f"bomb of {codec}": partial(_bomb, codec=codec) for codec in CODECS},
    **{f"packed by {codec}": partial(_packed, codec=codec) for codec in CODECS},
    "unpacks to 1 MiB": lambda s: _edge(s, 0),
    "unpacks to a byte more": lambda s: _edge(s, 1),
    "framed by another system": lambda s: _foreign(s, (w := _wrapped(s))[s.turn % len(w)]),
    "random bytes": lambda s: _foreign(s, b"\xfe" + s.rng.randbytes(s.rng.randint(0, 400))),
    "a release of nothing": lambda s: Step(
        text({"type": "ReleaseReservation", "id": s.id, "warehouse": s.warehouse,
              "reservation": "none"}),
        rejected("RESERVATION_NOT_FOUND"),
        key=s.rng.choice(ODD_KEYS),
    ),
}  # fmt: skip
FEW = frozenset(
    name for name in TABLE if "bomb" in name or "unpacks" in name or "too large" in name
)
