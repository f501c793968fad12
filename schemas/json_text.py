"""Reads any bytes as JSON, or says why not: bounded in depth and in digits, the same everywhere."""

import json
import re
from typing import Any, NoReturn

DEPTH_MAX = 100  # no command nests deeper than 3; Python's own limit depends on the caller's depth
DIGITS_MAX = 20  # one more than 2^63 has: enough to be refused as too large

_HUGE = int("1" + "0" * DIGITS_MAX)
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]}]', re.DOTALL)


class NotJson(ValueError):
    """The bytes are no JSON text; what stands at fault is in its text."""


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no JSON")


def _bounded(digits: str) -> int:
    if len(digits) <= DIGITS_MAX:
        return int(digits)
    return -_HUGE if digits[0] == "-" else _HUGE


_DECODER = json.JSONDecoder(parse_int=_bounded, parse_constant=_refuse_constant)


def read(value: bytes) -> Any:
    """The value with the last of each duplicate key; raises NotJson.

    An integer past 10^20 is cut to it. What lies deeper than DEPTH_MAX is not looked at and
    counts as null: it cannot be part of a command, but the command around it gets its answer.
    """
    try:
        return _DECODER.decode(_shallow(value.decode()))
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"a mistake at character {error.pos}") from None


def _shallow(text: str) -> str:
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return text
    depth = start = 0
    kept = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in ("[", "{"):
            depth += 1
            if depth == DEPTH_MAX + 1:
                kept.append(text[start : token.start()])
        elif mark in ("]", "}"):
            if depth == DEPTH_MAX + 1:
                kept.append("null")
                start = token.end()
            depth -= 1
    if depth > DEPTH_MAX:
        raise NotJson(f"it ends more than {DEPTH_MAX} levels deep")
    kept.append(text[start:])
    return "".join(kept)
