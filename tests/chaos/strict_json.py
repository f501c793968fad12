"""Reads bytes as the contract's JSON: UTF-8, strict, the last of a duplicate key counts."""

import json
import re
from typing import Any, NoReturn

DIGITS_MAX = 400  # an integer longer than this is past every limit: its value no longer matters
BEYOND = 10**DIGITS_MAX
_TOKEN = re.compile(
    r"[ \t\n\r]*(?:(?P<string>\"(?:[^\"\\\x00-\x1f]|\\[\"\\/bfnrt]|\\u[0-9A-Fa-f]{4})*\")"
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?P<fraction>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))"
    r"|(?P<word>true|false|null)|(?P<mark>[\[\]{},:]))"
)
_BLANK = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_WORDS = {"true": True, "false": False, "null": None}


class NotJson(Exception):
    """The bytes are no UTF-8 JSON."""


def _refuse(word: str) -> NoReturn:
    raise NotJson(f"{word} is no JSON number")


def decode(value: bytes | None) -> Any:
    """Decode strictly; raises NotJson."""
    if value is None:
        raise NotJson("tombstone")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise NotJson(f"not UTF-8: {problem}") from None
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as problem:
        raise NotJson(str(problem)) from None
    except (RecursionError, ValueError):  # deep nesting, or thousands of digits: both are JSON
        return _decode_slowly(text)


def has_lone_surrogate(value: bytes, found: Any) -> bool:
    """Whether some string of this decoded JSON is no Unicode text."""
    if not _SURROGATE.search(value):
        return False
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except RecursionError:
        pass
    return False


def depth(value: bytes) -> int:
    """Deepest nesting of arrays and objects in this (decodable) JSON."""
    level = deepest = 0
    for mark in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", value):
        if mark in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in b"]}":
            level -= 1
    return deepest


def _tokens(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if _BLANK.fullmatch(text, at):
                break
            raise NotJson(f"unexpected text at {at}")
        at = match.end()
        if match["mark"]:
            found.append(("mark", match["mark"]))
        elif match["string"]:
            found.append(("string", json.loads(match["string"])))
        elif match["word"]:
            found.append(("scalar", _WORDS[match["word"]]))
        elif match["fraction"]:
            found.append(("scalar", float(match["number"])))
        else:
            digits = match["number"]
            found.append(("scalar", int(digits) if len(digits) < DIGITS_MAX else BEYOND))
    return found


def _closes(stack: list[Any], mark: str) -> bool:
    return len(stack) > 1 and mark == ("}" if isinstance(stack[-1], dict) else "]")


def _decode_slowly(text: str) -> Any:
    """A parser without recursion, for what Python's own cannot take."""
    root: list[Any] = []
    stack: list[Any] = [root]
    names: list[str] = []
    expect = "value"
    for kind, token in _tokens(text):
        inside = stack[-1]
        mark = token if kind == "mark" else ""
        if expect in ("name", "first name") and kind == "string":
            names.append(token)
            expect = "colon"
        elif expect == "colon" and mark == ":":
            expect = "value"
        elif expect in ("value", "first value") and (not mark or mark in "[{"):
            made: Any = token if not mark else [] if mark == "[" else {}
            if isinstance(inside, dict):
                inside[names.pop()] = made
            else:
                inside.append(made)
            if mark:
                stack.append(made)
            expect = {"": "comma", "[": "first value", "{": "first name"}[mark]
        elif expect == "comma" and mark == "," and len(stack) > 1:
            expect = "name" if isinstance(inside, dict) else "value"
        elif expect in ("comma", "first value", "first name") and _closes(stack, mark):
            stack.pop()
            expect = "comma"
        else:
            raise NotJson(f"unexpected {token!r}, not a {expect}")
    if expect != "comma" or len(stack) != 1:
        raise NotJson("truncated")
    return root[0]
