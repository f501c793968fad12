"""What became of the records that were sent: compared, record by record, with their labels."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.chaos.checker import Logs
from tests.chaos.records import Record
from tests.corpus.case import ANYWHERE, Case, Step, Verdict
from tests.corpus.topic import Place

CUT_ABOVE_BYTES = 3 << 20  # a dead letter larger than the topic takes has its beginning alone


class Fates:
    """Events and dead letters by the record that they tell of."""

    def __init__(self, logs: Logs) -> None:
        self.events: dict[Place, list[dict[str, Any]]] = defaultdict(list)
        self.letters: dict[Place, list[Record]] = defaultdict(list)
        self.moved: dict[Place, Place] = {}  # where a misrouted record was forwarded to
        for records in logs.events.values():
            for record in records:
                event = json.loads(record.value or b"")
                source = event["source"]
                self.events[source["partition"], source["offset"]].append(event)
        for records in logs.dead_letters.values():
            for record in records:
                given = dict(record.headers)  # ours are the last of their names
                place = int(given["source_partition"] or 0), int(given["source_offset"] or 0)
                assert record.partition == place[0], "a dead letter keeps its partition"
                self.letters[place].append(record)
        prefix = f"{logs.topic}/".encode()
        for records in logs.commands.values():
            for record in records:
                origin = dict(record.headers).get("forwarded_from") or b""
                if origin.startswith(prefix):
                    _, partition, offset = origin.decode().split("/")
                    self.moved[int(partition), int(offset)] = record.partition, record.offset

    def differences(self, case: Case, places: dict[tuple[str, int], Place]) -> Iterator[str]:
        """What is otherwise than a case's labels say."""
        for number, step in enumerate(case.steps):
            place = places[case.id, number]
            place = self.moved.get(place, place)
            wrong = self._difference(step, place)
            if wrong:
                yield f"{case.id} ({case.name}) step {number} {step.verdict}: {wrong}"

    def _difference(self, step: Step, place: Place) -> str:
        events, letters = self.events[place], self.letters[place]
        if len(events) + len(letters) != (step.verdict.kind != "nothing"):
            return f"{len(events)} events and {len(letters)} dead letters: {events} {letters}"[:500]
        if step.verdict.kind == "nothing":
            return ""
        if step.verdict.kind in ("unaddressed", "unreadable", "too large"):
            return _of_letter(step, letters[0]) if letters else f"an event: {events[0]}"
        if not events:
            return f"a dead letter: {dict(letters[0].headers)}"
        return of_event(step.verdict, step.shown, events[0])


def of_event(verdict: Verdict, shown: tuple[tuple[str, str], ...], event: dict[str, Any]) -> str:
    """Where an event is not what a label says; empty where it is."""
    if verdict.kind == "done":
        if event["type"] != verdict.what:
            return f"{event['type']} {event.get('code', '')} {event.get('message', '')}"
        return next((text for text in (unlike(event, *one) for one in shown) if text), "")
    code = "INVALID_COMMAND" if verdict.kind == "invalid" else verdict.what
    if (event["type"], event.get("code")) != ("CommandRejected", code):
        return f"{event['type']} {event.get('code', '')} {event.get('message', '')}"
    details = event["details"]
    if verdict.kind == "invalid":
        right = verdict.what in (ANYWHERE, details["path"]) and bool(details["problem"])
        return "" if right else f"details {details}"
    if verdict.details and details != verdict.details:
        return f"details {details}"
    shown = tuple(
        one for one in shown if one[0] in ("command_id", "actor", "correlation_id", "time")
    )
    return next((text for text in (unlike(event, *one) for one in shown) if text), "")


def unlike(event: dict[str, Any], path: str, text: str) -> str:
    """Where the text at a path is another one; empty where it is this one."""
    found: Any = event
    for step in path.split("."):
        if isinstance(found, list) and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict):
            found = found.get(step)
        else:
            return f"{path} is not in {event}"[:300]
    return "" if found == text else f"{path} is {found!r}, not {text!r}"


def _of_letter(step: Step, letter: Record) -> str:
    error = (dict(letter.headers)["error"] or b"").decode()
    if step.verdict.kind == "unaddressed":
        if not error.startswith(f"{step.verdict.what} "):
            return f"error {error!r}"
    elif step.verdict.what not in error:
        return f"error {error!r}"
    size = len(step.value or b"") + step.padding
    if size > CUT_ABOVE_BYTES:
        return "" if (letter.value or b"").startswith(step.value or b"") else "other bytes"
    whole = None if step.value is None else step.value + b" " * step.padding
    return "" if letter.value == whole else "other bytes"
