"""Decodes spoiled commands three times: by msgspec, by the definition, by an independent reader.

All must accept and refuse the same, and nothing but the declared error may ever be raised.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from schemas.codec import Invalid
from schemas.exceptions import Unreadable
from schemas.stock_structs import CODEC
from tests.chaos import rules
from tests.corpus.case import Seat
from tests.corpus.commands import any_kind
from tests.corpus.numbers import INTEGERS, NO_INTEGERS, NO_JSON

STEP = 20_000  # decodes between two lines of progress
SEEDS = 256  # good commands, mutated again and again
PIECES = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"null", b"true",
    b"1e5",
    b"-0", b"0", b"9" * 25, b".0", b'"sku"', b'"id":"x"', b'"type":"Tick"', b'"lines":[]', b" ",
    b"\n",
    b"\x7f", "\u00e9".encode(), "e\u0301".encode(), "\u212b".encode(), "\u3000".encode(),
)  # fmt: skip
TIMES = ("2026-11-20T10:00:00Z", "2024-02-29t23:59:59.5z", "2026-11-20T10:00:00-00:00")
NUMERALS = (*(str(value) for value in INTEGERS.values()), *NO_INTEGERS, *NO_JSON)


def commands(rng: Random) -> list[bytes]:
    """Good commands, written in different ways."""
    made = []
    for number in range(SEEDS):
        command, _ = any_kind(Seat(rng, f"c-{number}", number))
        command |= {"time": rng.choice(TIMES), "actor": "user:\u00e9", "correlation_id": "c"}
        for name in rng.sample(("time", "actor", "correlation_id"), rng.randint(0, 3)):
            del command[name]
        spaces = (",", ":") if rng.random() < 0.5 else (", ", " : ")
        made.append(
            json.dumps(command, separators=spaces, ensure_ascii=rng.random() < 0.5).encode()
        )
    return made


def mutated(rng: Random, seeds: list[bytes]) -> Iterator[bytes]:
    """Spoiled commands without end: some by a byte, some by a piece, some by a number."""
    while True:
        value = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            value = _mutation(rng, value, seeds)
        yield value


def _mutation(rng: Random, value: bytes, seeds: list[bytes]) -> bytes:
    at = rng.randrange(len(value) + 1)
    match rng.randrange(8):
        case 0:
            return value[:at] + bytes([rng.randrange(256)]) + value[at + 1 :]
        case 1:
            return value[:at] + rng.choice(PIECES) + value[at:]
        case 2:
            return value[:at] + value[at + rng.choice((1, 1, 2, 8)) :]
        case 3:
            return value[:at] + bytes([value[at] ^ (1 << rng.randrange(8))]) + value[at + 1 :] if (
                at < len(value)) else value  # fmt: skip
        case 4:
            other = rng.choice(seeds)
            return value[:at] + other[rng.randrange(len(other)) :]
        case 5:
            end = min(len(value), at + rng.randint(1, 20))
            return value[:end] + value[at:end] + value[end:]
        case 6:
            return _number(rng, value)
        case _:
            return _member(rng, value)


def _number(rng: Random, value: bytes) -> bytes:
    """Another numeral where a number stands, if one does."""
    places = [at for at in range(1, len(value)) if value[at : at + 1].isdigit()
              and value[at - 1 : at] in b": -"]  # fmt: skip
    if not places:
        return value
    at = end = rng.choice(places)
    while value[end : end + 1].isdigit():
        end += 1
    return value[:at] + rng.choice(NUMERALS).encode() + value[end:]


def _member(rng: Random, value: bytes) -> bytes:
    """One more member, known or not, of any value."""
    names = (
        "type",
        "id",
        "warehouse",
        "lines",
        "sku",
        "quantity",
        "time",
        "reason",
        "x",
        "ttl_seconds",
    )
    values = (
        "null",
        "1",
        '"x"',
        "[]",
        "{}",
        '"ReceiveStock"',
        '[{"sku":"A","quantity":1}]',
        "true",
    )
    member = f',"{rng.choice(names)}":{rng.choice(values)}'.encode()
    ends = [at for at, byte in enumerate(value) if byte == ord("}")]
    at = rng.choice(ends) if ends else len(value)
    return value[:at] + member + value[at:]


def by(decode: Any, value: bytes) -> tuple[str, Any]:
    """What one of our decoders makes of bytes: `good`, `invalid` or `unreadable`, and with what."""
    try:
        found = decode(value)
    except Unreadable as error:
        return "unreadable", str(error)
    if isinstance(found, Invalid):
        return "invalid", (found.path, found.problem)
    return "good", found


def independently(value: bytes) -> tuple[str, bool]:
    """What the checker's own reader makes of them, and whether the contract leaves it open."""
    try:
        command = rules.read(value)
    except rules.Unreadable:
        return "unreadable", False
    if command is None:
        return "unreadable", False  # a tick; the engine knows it before any decoder
    return ("invalid" if command.problem else "good"), command.unclear


def compare(value: bytes) -> str:
    """Which kind these bytes are; raises AssertionError where two readers differ."""
    fast, slow = by(CODEC.decode, value), by(CODEC.define, value)
    assert fast == slow, f"{value!r}: {fast}, by the definition {slow}"
    kind, unclear = independently(value)
    assert unclear or kind == fast[0], f"{value!r}: {fast}, by the contract {kind}"
    return fast[0]


def run(count: int, seed: int, progress: bool = False) -> Counter[str]:
    """Compare so many decodes; how many were of which kind."""
    rng = Random(seed)
    kinds: Counter[str] = Counter()
    began = time.monotonic()
    values = mutated(rng, commands(rng))
    for number in range(1, count + 1):
        kinds[compare(next(values))] += 1
        if progress and (number % STEP == 0 or number == count):
            rate = number / (time.monotonic() - began)
            line = f"{number:,} of {count:,} decodes, {rate:,.0f}/s, {dict(kinds)}"
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
    return kinds


def main(count: int, seed: int) -> int:
    """For `python -m tests.corpus --fuzz N`: the exit code."""
    try:
        kinds = run(count, seed, progress=True)
    except AssertionError as error:
        print(f"\nDIFFERENCE {error}", file=sys.stderr)
        return 1
    print(f"\n{count:,} decodes, the same by all three readers: {dict(kinds)}")
    return 0
