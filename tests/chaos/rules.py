"""What a record says by the contract: a tick, a command good or bad, or nothing readable."""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.strict_json import NotJson, decode, depth, has_lone_surrogate

QUANTITY_MAX = 10**12
LEVEL_MAX = 10**15
TTL_MAX_S = 31_536_000
LINES_MAX = 1_000
DEPTH_SURE = 64  # deeper nesting may be called unreadable or invalid: the contract leaves it open

_ID = re.compile(r"[\x21-\x7e]{1,128}")
_WAREHOUSE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}[Tt][0-9]{2}(:[0-9]{2}){2}(\.[0-9]+)?([Zz]|[+-]00:00)")

_CANONICAL = json.JSONEncoder(sort_keys=True)

_COMMON = frozenset(("type", "id", "warehouse", "time", "actor", "correlation_id"))
_OPTIONAL = ("time", "actor", "correlation_id")
_NEEDS = {
    "ReceiveStock": ("lines",),
    "ShipStock": ("lines",),
    "AdjustStock": ("lines", "reason"),
    "ReserveStock": ("reservation", "lines", "ttl_seconds"),
    "ReleaseReservation": ("reservation",),
    "ShipReservation": ("reservation",),
    "SetReorderPoint": ("lines",),
}
_LINE_VALUE = {"AdjustStock": "delta", "SetReorderPoint": "reorder_point"}


class Unreadable(Exception):
    """No command at all: a dead letter where it arrived."""


@dataclass(slots=True)
class Command:
    """A record whose id and warehouse are within their rules."""

    id: str
    warehouse: str
    type: str
    fields: dict[str, Any]
    payload: tuple[str, Any]  # equal for two commands of one id where they mean the same
    problem: str  # why it is no valid command; empty for a valid one
    lines: dict[str, int] = field(default_factory=dict)  # sum per SKU, in order of first naming
    unclear: bool = False  # may also be a dead letter, as far as the contract says


def read(value: bytes | None) -> Command | None:
    """Read a record: its command, or None for a tick. Raises Unreadable."""
    try:
        found = decode(value)
    except NotJson as problem:
        raise Unreadable(str(problem)) from None
    assert value is not None
    if not isinstance(found, dict):
        raise Unreadable("no JSON object")
    if found == {"type": "Tick"}:
        return None
    identity, warehouse = found.get("id"), found.get("warehouse")
    if not isinstance(identity, str) or not _ID.fullmatch(identity):
        raise Unreadable("id is missing or outside its rule")
    if not isinstance(warehouse, str) or not _WAREHOUSE.fullmatch(warehouse):
        raise Unreadable("warehouse is missing or outside its rule")
    kind = found["type"] if isinstance(found.get("type"), str) else ""
    command = Command(identity, warehouse, kind, found, ("", b""), "")
    lone = has_lone_surrogate(value, found)
    command.problem = "a string is no Unicode text" if lone else _problem(command)
    if command.problem:
        command.payload = ("bytes", value)
        command.unclear = lone or depth(value) > DEPTH_SURE
    else:
        meant = {name: found[name] for name in found if name not in _OPTIONAL}
        command.payload = ("fields", _CANONICAL.encode(meant))
    return command


def _problem(command: Command) -> str:
    found = command.fields
    needed = _NEEDS.get(command.type)
    if needed is None:
        return "unknown type"
    for name in found:
        if name not in _COMMON and name not in needed:
            return f"unknown field {name}"
    for name in _OPTIONAL:
        text = found.get(name)
        if text is not None and (not isinstance(text, str) or len(text) > 128):
            return f"{name} is no text of at most 128 characters"
    if found.get("time") is not None and not _is_time(found["time"]):
        return "time is no RFC 3339 time in UTC"
    for name in ("reservation", "reason"):
        if name in needed and not _is_text(found.get(name)):
            return f"{name} is no text of 1 to 128 characters"
    if "ttl_seconds" in needed and not _is_integer(found.get("ttl_seconds"), 1, TTL_MAX_S):
        return "ttl_seconds is out of its range"
    return _lines_problem(command) if "lines" in needed else ""


def _lines_problem(command: Command) -> str:
    lines = command.fields.get("lines")
    if not isinstance(lines, list) or not 1 <= len(lines) <= LINES_MAX:
        return "lines is no list of 1 to 1,000"
    name = _LINE_VALUE.get(command.type, "quantity")
    for line in lines:
        if not isinstance(line, dict) or line.keys() != {"sku", name}:
            return "a line has missing or unknown fields"
        sku, value = line["sku"], line[name]
        if not is_sku(sku):
            return "sku is outside its rule"
        if not _is_line_value(command.type, value):
            return f"{name} is out of its range"
        command.lines[sku] = command.lines.get(sku, 0) + value
    if command.type == "AdjustStock" and 0 in command.lines.values():
        return "the sum of a SKU's deltas is 0"
    return ""


def _is_line_value(kind: str, value: object) -> bool:
    if kind == "SetReorderPoint":
        return _is_integer(value, 0, LEVEL_MAX)
    if kind == "AdjustStock":
        return _is_integer(value, -QUANTITY_MAX, QUANTITY_MAX) and value != 0
    return _is_integer(value, 1, QUANTITY_MAX)


def _is_integer(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 128


def is_sku(value: object) -> bool:
    """1-64 characters, NFC, no control characters, no space at the ends."""
    if not isinstance(value, str) or not 1 <= len(value) <= 64:
        return False
    if value.isascii() and value.isalnum():
        return True
    return (
        not any(unicodedata.category(letter) == "Cc" for letter in value)
        and value == value.strip()
        and unicodedata.is_normalized("NFC", value)
    )


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text[:19].upper())
    except ValueError:
        return False
    return True
