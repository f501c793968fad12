"""A domain as small as can be: counters that go up, and holds that end by themselves.

{"key": ..., "id": ..., "do": "add", "n": 3}                 event Added; above LIMIT Rejected
{"key": ..., "id": ..., "do": "hold", "name": ..., "ms": 5}  event Held; ends after so long
{"key": ..., "id": ..., "do": "end", "name": ...}            event Ended; unknown: Rejected
{"key": ..., "id": ..., "do": "give", "to": ..., "n": 3}     event Given, and an addition there
{"key": ..., "id": ..., "do": "break"}                       a defect, after rows were read
"""

import json
import struct
from hashlib import blake2b
from typing import Any

from streams.actor import Decision, Moment, Rows, Unreadable

LIMIT = 1_000
FORGET_MS = 50  # an ended hold is kept so long
_U64 = struct.Struct(">Q")


def counter_key(key: str) -> bytes:
    """Key of a counter's row."""
    return f"C\0{key}\0".encode()


def hold_key(key: str, name: str) -> bytes:
    """Key of a hold's row: timed."""
    return f"h\0{key}\0{name}".encode()


def count_in(value: bytes | None) -> int:
    """A counter from its bytes."""
    return int(_U64.unpack(value)[0]) if value else 0


class CounterActor:
    """Decides counters and holds; keeps no state."""

    def decode(self, value: bytes) -> tuple[str, str, Any]:
        try:
            command = json.loads(value)
            key, command_id = command["key"], command["id"]
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"no command: {error!r}") from None
        if key == "defect in decode":
            raise ZeroDivisionError(key)
        return key, command_id, command

    def fingerprint(self, command: Any) -> bytes:
        payload = {name: value for name, value in command.items() if name != "time"}
        return blake2b(json.dumps(payload, sort_keys=True).encode(), digest_size=8).digest()

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        return {
            "add": self._add,
            "give": self._give,
            "hold": self._hold,
            "end": self._end,
            "break": self._break,
        }[command["do"]](command, rows, moment)

    def expire(self, key: bytes, value: bytes, rows: Rows, moment: Moment) -> Decision:
        _, owner, name = key.split(b"\0", 2)
        if value[_U64.size :] == b"ended":
            return Decision(None, {key: None}, [], "Forgotten")
        event = _event("Expired", moment, key=owner.decode(), name=name.decode())
        return Decision(event, {key: _ended(moment)}, [], "Expired")

    def reject(
        self, command: Any, code: str, message: str, details: dict[str, Any], moment: Moment
    ) -> Decision:
        event = _event("Rejected", moment, key=command["key"], id=command["id"], code=code)
        return Decision(event, {}, [], "Rejected", code)

    def _add(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        key = counter_key(command["key"])
        count = count_in(rows(key)) + command["n"]
        if count > LIMIT:
            return self.reject(command, "LIMIT", "", {}, moment)
        event = _event("Added", moment, key=command["key"], id=command["id"], count=count)
        alerts = [(command["key"].encode(), b"%d" % count)] if count % 10 == 0 else []
        return Decision(event, {key: _U64.pack(count)}, alerts, "Added")

    def _give(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        wish = {"key": command["to"], "id": f"{command['id']}/to", "do": "add", "n": command["n"]}
        event = _event("Given", moment, key=command["key"], id=command["id"])
        commands = [(command["to"], json.dumps(wish).encode())]
        return Decision(event, {}, [], "Given", "", commands)

    def _hold(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        key = hold_key(command["key"], command["name"])
        if rows(key) is not None:
            return self.reject(command, "EXISTS", "", {}, moment)
        due = moment.log_time_ms + command["ms"]
        event = _event("Held", moment, key=command["key"], id=command["id"], due=due)
        return Decision(event, {key: _U64.pack(due) + b"open"}, [], "Held")

    def _end(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        key = hold_key(command["key"], command["name"])
        value = rows(key)
        if value is None or value[_U64.size :] == b"ended":
            return self.reject(command, "NOT_OPEN", "", {}, moment)
        event = _event("Ended", moment, key=command["key"], id=command["id"])
        return Decision(event, {key: _ended(moment)}, [], "Ended")

    def _break(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        rows(counter_key(command["key"]))
        raise ZeroDivisionError(command["id"])


def _ended(moment: Moment) -> bytes:
    return _U64.pack(moment.log_time_ms + FORGET_MS) + b"ended"


def _event(kind: str, moment: Moment, **fields: Any) -> bytes:
    told = {"type": kind, "seq": moment.seq, "offset": moment.offset, "at": moment.log_time_ms}
    return json.dumps(told | fields).encode()
