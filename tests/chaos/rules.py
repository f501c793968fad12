"""What a record says by the contract: a tick, a command good or bad, or nothing readable."""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from tests.chaos.accounts import ACCOUNTS, MOVES
from tests.chaos.strict_json import NotJson, decode, depth, has_lone_surrogate

QUANTITY_MAX = 10**12
LEVEL_MAX = 10**15
VERSION_MAX = 2**63 - 1
TTL_MAX_S = 31_536_000
LINES_MAX = 1_000
DEPTH_SURE = 64  # deeper nesting may be called unreadable or invalid: the contract leaves it open

_ID = re.compile(r"[\x21-\x7e]{1,128}")
_WAREHOUSE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}[Tt][0-9]{2}(:[0-9]{2}){2}(\.[0-9]+)?([Zz]|[+-]00:00)")

_CANONICAL = json.JSONEncoder(sort_keys=True)

_COMMON = frozenset(("type", "id", "warehouse", "time", "actor", "correlation_id"))
_OPTIONAL = ("time", "actor", "correlation_id")
_PROMISED = ("reservation", "lines")
_NEEDS = {
    "ReceiveStock": ("lines",),
    "ShipStock": ("lines",),
    "AdjustStock": ("lines", "reason"),
    "SetStock": ("lines", "reason"),
    "ReserveStock": ("reservation", "lines", "ttl_seconds"),
    "ReleaseReservation": ("reservation",),
    "ShipReservation": ("reservation",),
    "SetReorderPoint": ("lines",),
    "SetStockPolicy": ("lines",),
    "SetChannelPools": ("lines",),
    "ExtendReservation": ("reservation", "ttl_seconds"),
    "SupersedeReservation": ("reservation", "replaces", "lines", "ttl_seconds"),
    "ConfirmReservation": ("reservation",),
    "BackorderStock": _PROMISED,
    "PreorderStock": (*_PROMISED, "by"),
    "ExpectSupply": ("supply", "lines"),
    "ReceiveSupply": ("supply", "lines"),
    "PickStock": _PROMISED,
    "UnpickStock": _PROMISED,
    "PackStock": _PROMISED,
    "ShipPacked": _PROMISED,
    "MoveStock": ("from_account", "to_account", "reason", "lines"),
    "OpenCount": ("count", "lines"),
    "RecordCount": ("count", "lines"),
    "ApproveCount": ("count",),
    "CancelCount": ("count",),
    "DispatchTransfer": ("transfer", "to_warehouse", "lines"),
    "ExpectTransfer": ("transfer", "from_warehouse", "lines"),
    "ReceiveTransfer": ("transfer", "from_warehouse", "lines"),
    "CloseTransfer": ("transfer", "from_warehouse"),
    "SettleTransfer": ("transfer", "to_warehouse", "lines"),
}
_MAY: dict[str, dict[str, Any]] = {
    "ShipStock": {"channel": None},
    "ReserveStock": {"channel": None},
    "SupersedeReservation": {"channel": None},
    "BackorderStock": {"priority": 0, "promised": None, "partial": True, "channel": None},
    "PreorderStock": {"priority": 0, "partial": True},
    "ReceiveSupply": {"to_account": "sellable"},
    "MoveStock": {"reference": None},
    "OpenCount": {"tolerance": 0},
    "SettleTransfer": {"is_final": False},
}
"""Fields that may be missing, and what that means."""
_POLICY_MEANT: dict[str, Any] = {
    "safety_stock": 0,
    "recover_point": None,
    "negative_limit": 0,
}
_POOL_MEANT: dict[str, Any] = {
    "quantity": None,
    "safety_stock": 0,
    "low_point": 0,
    "recover_point": None,
}
"""Fields that may be missing in a line, or in a pool of it, and what that means."""
CHANNELS_MAX, POOL_LINES_MAX = 16, 200
_LINE_VALUE = {
    "AdjustStock": "delta",
    "SetReorderPoint": "reorder_point",
    "OpenCount": None,
    "RecordCount": "counted",
}
_POLICY_LINE = frozenset(("sku", *_POLICY_MEANT))
_TO_COME = ("quantity", "expected")
_SUPPLY_LINE = frozenset(("sku", "due", *_TO_COME))
_TEXTS = ("reservation", "replaces", "count", "reason", "transfer", "supply")
_OTHER_ENDS = ("to_warehouse", "from_warehouse")


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
    if not _is_warehouse(warehouse):
        raise Unreadable("warehouse is missing or outside its rule")
    kind = found["type"] if isinstance(found.get("type"), str) else ""
    command = Command(identity, warehouse, kind, found, ("", b""), "")
    lone = has_lone_surrogate(value, found)
    command.problem = "a string is no Unicode text" if lone else _problem(command)
    if command.problem:
        command.payload = ("bytes", value)
        command.unclear = lone or depth(value) > DEPTH_SURE
    else:
        told = {name: found[name] for name in found if name not in _OPTIONAL}
        meant = _MAY.get(kind, {}) | told
        if kind == "SetStockPolicy":
            meant["lines"] = [_POLICY_MEANT | line for line in found["lines"]]
        if kind == "ExpectSupply":
            meant["lines"] = [{"expected": 0} | line for line in found["lines"]]
        if kind == "SetChannelPools":
            meant["lines"] = [
                line | {"pools": [_POOL_MEANT | pool for pool in line["pools"]]}
                for line in found["lines"]
            ]
        command.payload = ("fields", _CANONICAL.encode(meant))
    return command


def _problem(command: Command) -> str:
    found = command.fields
    needed = _NEEDS.get(command.type)
    if needed is None:
        return "unknown type"
    allowed = (*needed, *_MAY.get(command.type, ()))
    for name in found:
        if name not in _COMMON and name not in allowed:
            return f"unknown field {name}"
    problem = _envelope_problem(found) or _texts_problem(found, needed)
    if problem:
        return problem
    if "ttl_seconds" in needed and not _is_integer(found.get("ttl_seconds"), 1, TTL_MAX_S):
        return "ttl_seconds is out of its range"
    if not _is_integer(found.get("tolerance", 0), 0, LEVEL_MAX):
        return "tolerance is out of its range"
    for name in ("is_final", "partial"):
        if not isinstance(found.get(name, False), bool):
            return f"{name} is neither true nor false"
    if not _is_integer(found.get("priority", 0), 0, 9):
        return "priority is out of its range"
    problem = _move_problem(found) if command.type == "MoveStock" else ""
    return problem or (_lines_problem(command) if "lines" in needed else "")


def _envelope_problem(found: dict[str, Any]) -> str:
    for name in _OPTIONAL:
        text = found.get(name)
        if text is not None and (not isinstance(text, str) or len(text) > 128):
            return f"{name} is no text of at most 128 characters"
    for name in ("time", "promised"):
        text = found.get(name)
        if text is not None and not _is_instant(text):
            return f"{name} is no RFC 3339 time in UTC"
    return ""


def _texts_problem(found: dict[str, Any], needed: tuple[str, ...]) -> str:
    for name in _TEXTS:
        if name in needed and not _is_text(found.get(name)):
            return f"{name} is no text of 1 to 128 characters"
    for name in _OTHER_ENDS:
        if name in needed and not _is_warehouse(found.get(name)):
            return f"{name} is outside its rule"
    if "by" in needed and not _is_instant(found.get("by")):
        return "by is no RFC 3339 time in UTC"
    if "supply" in needed and found.get("to_account", "sellable") not in ACCOUNTS:
        return "to_account is no account"
    if found.get("channel") is not None and not _is_warehouse(found["channel"]):
        return "channel is outside its rule"
    return ""


def _move_problem(found: dict[str, Any]) -> str:
    for name in ("from_account", "to_account"):
        if not isinstance(found.get(name), str) or found[name] not in ACCOUNTS:
            return f"{name} is no account"
    if found["reason"] not in MOVES:
        return "reason is none for which units move"
    reference = found.get("reference")
    if reference is not None and not _is_text(reference):
        return "reference is no text of 1 to 128 characters"
    return ""


def _lines_problem(command: Command) -> str:
    lines, kind = command.fields.get("lines"), command.type
    least = 0 if kind == "SettleTransfer" else 1
    if not isinstance(lines, list) or not least <= len(lines) <= LINES_MAX:
        return f"lines is no list of {least} to 1,000"
    if kind in _OF_LINES:
        return _OF_LINES[kind](command, lines)
    name = _LINE_VALUE.get(kind, "quantity")
    for line in lines:
        if not isinstance(line, dict) or line.keys() != ({"sku", name} if name else {"sku"}):
            return "a line has missing or unknown fields"
        sku, value = line["sku"], line[name] if name else 0
        if not is_sku(sku):
            return "sku is outside its rule"
        if not _is_line_value(kind, value):
            return f"{name} is out of its range"
        if kind in ("OpenCount", "RecordCount") and sku in command.lines:
            return "a SKU is named twice"
        command.lines[sku] = command.lines.get(sku, 0) + value
    if kind == "AdjustStock" and 0 in command.lines.values():
        return "the sum of a SKU's deltas is 0"
    return ""


def _policies_problem(command: Command, lines: list[Any]) -> str:
    for line in lines:
        if not isinstance(line, dict) or not {"sku"} <= line.keys() <= _POLICY_LINE:
            return "a line has missing or unknown fields"
        if not is_sku(line["sku"]) or line["sku"] in command.lines:
            return "sku is outside its rule, or named twice"
        for name in ("safety_stock", "negative_limit"):
            if not _is_integer(line.get(name, 0), 0, LEVEL_MAX):
                return f"{name} is out of its range"
        point = line.get("recover_point")
        if point is not None and not _is_integer(point, 0, LEVEL_MAX):
            return "recover_point is out of its range"
        command.lines[line["sku"]] = 0
    return ""


def _levels_problem(command: Command, lines: list[Any]) -> str:
    for line in lines:
        if not isinstance(line, dict) or line.keys() != {"sku", "on_hand", "expected_version"}:
            return "a line has missing or unknown fields"
        if not is_sku(line["sku"]) or line["sku"] in command.lines:
            return "sku is outside its rule, or named twice"
        if not _is_integer(line["on_hand"], 0, LEVEL_MAX):
            return "on_hand is out of its range"
        if not _is_integer(line["expected_version"], 0, VERSION_MAX):
            return "expected_version is out of its range"
        command.lines[line["sku"]] = 0
    return ""


def _supplies_problem(command: Command, lines: list[Any]) -> str:
    for line in lines:
        if not isinstance(line, dict) or line.keys() | {"expected"} != _SUPPLY_LINE:
            return "a line has missing or unknown fields"
        if not is_sku(line["sku"]) or line["sku"] in command.lines:
            return "sku is outside its rule, or named twice"
        if not all(_is_integer(line.get(name, 0), 0, QUANTITY_MAX) for name in _TO_COME):
            return "quantity or expected is out of its range"
        if not _is_instant(line["due"]):
            return "due is no RFC 3339 time in UTC"
        command.lines[line["sku"]] = 0
    return ""


def _pools_problem(command: Command, lines: list[Any]) -> str:
    if len(lines) > POOL_LINES_MAX:
        return "lines is no list of 1 to 200"
    for line in lines:
        if not isinstance(line, dict) or line.keys() != {"sku", "pools"}:
            return "a line has missing or unknown fields"
        if not is_sku(line["sku"]) or line["sku"] in command.lines:
            return "sku is outside its rule, or named twice"
        if not isinstance(line["pools"], list) or len(line["pools"]) > CHANNELS_MAX:
            return "pools is no list of 0 to 16"
        if not all(map(_is_pool, line["pools"])):
            return "a pool has missing or unknown fields, or one is out of its range"
        if len({pool["channel"] for pool in line["pools"]}) < len(line["pools"]):
            return "a channel is named twice"
        command.lines[line["sku"]] = 0
    return ""


def _is_pool(pool: object) -> bool:
    if not isinstance(pool, dict) or not {"channel"} <= pool.keys() <= {"channel", *_POOL_MEANT}:
        return False
    numbers = [(name, pool.get(name, usual), usual) for name, usual in _POOL_MEANT.items()]
    for _, value, usual in numbers:
        if not (value is None and usual is None) and not _is_integer(value, 0, LEVEL_MAX):
            return False
    up = pool.get("recover_point")
    return _is_warehouse(pool["channel"]) and (up is None or up >= pool.get("low_point", 0))


def _is_line_value(kind: str, value: object) -> bool:
    if kind in ("SetReorderPoint", "OpenCount", "RecordCount"):
        return _is_integer(value, 0, LEVEL_MAX)
    if kind == "AdjustStock":
        return _is_integer(value, -QUANTITY_MAX, QUANTITY_MAX) and value != 0
    return _is_integer(value, 1, QUANTITY_MAX)


def _is_integer(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 128


def _is_warehouse(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _WAREHOUSE.fullmatch(value) is not None


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


def _is_instant(text: object) -> bool:
    return isinstance(text, str) and len(text) <= 128 and _is_time(text)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text[:19].upper())
    except ValueError:
        return False
    return True


_OF_LINES = {
    "SetStockPolicy": _policies_problem,
    "SetChannelPools": _pools_problem,
    "SetStock": _levels_problem,
    "ExpectSupply": _supplies_problem,
}
"""Of commands whose lines are not a SKU with a number."""
