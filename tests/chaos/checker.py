"""Compares what the topics hold with what the oracle predicts, and tells the first differences."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.chaos import caused, changelog, table_rows
from tests.chaos.oracle import DAY_S, Oracle
from tests.chaos.records import ExpectedEvent, Prediction, Record
from tests.chaos.strict_json import NotJson, decode

TOLD_MAX = 5  # differences of one sort that are written out; all are counted
KEPT = (
    "rows",
    "balances",
    "policies",
    "queues",
    "channels",
    "supplies",
    "reservations",
    "counts",
    "transfers",
    "arrivals",
)
"""What a table has, each by its keys."""
TICK = {"type": "Tick"}

Partitions = dict[int, list[Record]]


@dataclass(slots=True)
class Logs:
    """All topics of one installation, read committed."""

    prefix: str
    commands: Partitions
    events: Partitions
    alerts: Partitions
    dead_letters: Partitions
    changelog: Partitions
    window_s: int = 30 * DAY_S
    relayed: frozenset[tuple[int, int]] = field(default=frozenset(), init=False)
    """Places of the commands that other domains' events ask for."""

    @property
    def topic(self) -> str:
        """Name of the topic of commands."""
        return f"{self.prefix}stock.commands.v1"


@dataclass(slots=True)
class Report:
    """What was found: differences by sort, and what was counted on the way."""

    counts: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def differ(self, sort: str, text: str) -> None:
        """Note one difference."""
        self.found[sort] += 1
        if self.found[sort] <= TOLD_MAX:
            self.told.append(f"{sort}: {text}")

    @property
    def right(self) -> bool:
        """Whether nothing differs, and something was there to differ."""
        return not self.found and self.counts["events"] > 0

    def __str__(self) -> str:
        counted = ", ".join(f"{count:,} {name}" for name, count in sorted(self.counts.items()))
        if self.right:
            return f"RIGHT: {counted}"
        sums = ", ".join(f"{count:,} {sort}" for sort, count in self.found.most_common())
        return "\n".join([f"WRONG: {sums or 'no events'}", f"of {counted}", *self.told])


@dataclass(slots=True)
class Truth:
    """What the other readers are compared with: the predictions, and the tables as they stand."""

    predictions: dict[int, Prediction]
    tables: dict[int, changelog.Table]


def check(logs: Logs) -> tuple[Report, Truth]:
    """Refold the commands and compare every topic with it."""
    report = Report()
    truth = Truth({}, {})
    for partition, records in logs.commands.items():
        table = changelog.fold(logs.changelog[partition])
        prediction = _predict(logs, partition, records, table, report)
        truth.tables[partition], truth.predictions[partition] = table, prediction
        _check_events(report, prediction, logs.events[partition])
        _check_alerts(report, prediction, logs.alerts[partition])
        _check_dead_letters(report, logs.topic, prediction, logs.dead_letters[partition])
        _check_table(report, prediction, table, logs.window_s)
        report.counts["commands read"] += prediction.records
        report.counts["repeats"] += prediction.duplicates
        report.counts["ticks"] += prediction.ticks
    _check_outcomes(report, logs)
    _check_forwards(report, logs, truth.predictions)
    _check_caused(report, logs, truth)
    return report, truth


def _predict(
    logs: Logs, partition: int, records: list[Record], table: changelog.Table, report: Report
) -> Prediction:
    """Fold what was decided by the last stamp; behind it only ticks may wait."""
    stop = table.stamp.next_offset if table.stamp else 0
    for record in records:
        if record.offset >= stop and not _is_tick(record):
            report.differ("undecided", f"partition {partition} offset {record.offset}")
    first = _first_seq(logs.events[partition])
    dead = {_source_offset(letter) for letter in logs.dead_letters[partition]}
    partitions = len(logs.commands)
    oracle = Oracle(logs.topic, partition, partitions, first, logs.window_s, dead)
    prediction = oracle.fold(record for record in records if record.offset < stop)
    if table.stamp and table.stamp.next_seq != oracle.seq:
        text = f"partition {partition}: {table.stamp.next_seq}, expected {oracle.seq}"
        report.differ("next seq in the stamp", text)
    if table.stamp and table.stamp.log_time_ms != prediction.log_time_ms:
        text = f"partition {partition}: {table.stamp.log_time_ms}, not {prediction.log_time_ms}"
        report.differ("log time in the stamp", text)
    for problem in table.problems:
        report.differ("changelog", f"partition {partition}: {problem}")
    return prediction


def _is_tick(record: Record) -> bool:
    try:
        return bool(decode(record.value) == TICK)
    except NotJson:
        return False


def _first_seq(events: list[Record]) -> int:
    first = _object(events[0].value).get("seq") if events else None
    return first if isinstance(first, int) else 1


def _object(value: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(value or b"")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _source_offset(letter: Record) -> int:
    text = dict(letter.headers).get("source_offset") or b""
    return int(text) if text.isdigit() else -1


def _check_events(report: Report, prediction: Prediction, events: list[Record]) -> None:
    partition, seq = prediction.partition, None
    aligned = True
    for at, record in enumerate(events):
        report.counts["events"] += 1
        actual = _object(record.value)
        where = f"partition {partition} offset {record.offset}"
        if seq is not None and actual.get("seq") != seq + 1:
            report.differ("gap in seq", f"{where}: {actual.get('seq')} after {seq}")
        seq = actual.get("seq")
        if not aligned:
            continue
        if at >= len(prediction.events):
            report.differ("events too many", f"{where}: {_short(actual)}")
            break
        wanted = prediction.events[at]
        problem = compare_event(wanted, dict(actual))
        if record.key != wanted.fields["warehouse"].encode():
            problem = problem or f"key is {record.key!r}"
        if problem:
            report.differ("event", f"{where}: {problem}\n  have {_short(actual)}")
            aligned = actual.get("source") == wanted.fields["source"]
    missing = len(prediction.events) - len(events)
    if missing > 0:
        wanted = prediction.events[len(events)]
        report.differ(
            "events too few", f"partition {partition}: {missing}, first {_short(wanted.fields)}"
        )


def compare_event(wanted: ExpectedEvent, actual: dict[str, Any]) -> str:
    """What is wrong with an event; empty where nothing is. Takes its optional fields out."""
    for name, value in wanted.may.items():
        if actual.pop(name, value) != value:
            return f"{name} is not {value!r}"
    for name in wanted.anything:
        actual.pop(name, None)
    problem = _compare_rejection(wanted, actual) if wanted.codes else ""
    if problem or actual == wanted.fields:
        return problem
    return _first_difference(wanted.fields, actual)


def _compare_rejection(wanted: ExpectedEvent, actual: dict[str, Any]) -> str:
    code, told = actual.pop("code", None), actual.pop("message", None)
    if code not in wanted.codes:
        return f"code is {code}, expected {' or '.join(wanted.codes)}"
    if not (isinstance(told, str) and told):
        return "a rejection without message"
    details = actual.get("details")
    if not isinstance(details, dict):
        return "a rejection without details"
    for name, value in wanted.among.items():
        if details.get(name) != value:
            return f"{name} of the details is {details.get(name)!r}, expected {value!r}"
    needed = ("path", "problem") if code == "INVALID_COMMAND" else ()
    if not all(isinstance(details.get(name), str) for name in needed):
        return "details of an invalid command need path and problem"
    if "details" not in wanted.fields:
        del actual["details"]
    return ""


def _first_difference(wanted: dict[str, Any], actual: dict[str, Any]) -> str:
    for name, value in wanted.items():
        if name not in actual:
            return f"{name} is missing, expected {value!r}"
        if actual[name] == value:
            continue
        if name == "lines" and len(value) == len(actual[name]):
            pairs = zip(value, actual[name], strict=True)
            line, have = next(pair for pair in pairs if pair[0] != pair[1])
            return f"a line is {have!r}, expected {line!r}"
        return f"{name} is {_short(actual[name])}, expected {_short(value)}"
    extra = next(name for name in actual if name not in wanted)
    return f"{extra} is not expected: {_short(actual[extra])}"


def _check_alerts(report: Report, prediction: Prediction, alerts: list[Record]) -> None:
    partition = prediction.partition
    report.counts["alerts"] += len(alerts)
    for record, wanted in zip(alerts, prediction.alerts, strict=False):
        actual = _object(record.value)
        where = f"partition {partition} offset {record.offset}"
        if record.key != wanted.key:
            report.differ("alert", f"{where}: key is {record.key!r}, expected {wanted.key!r}")
            return
        if actual != wanted.fields:
            report.differ("alert", f"{where}: {_first_difference(wanted.fields, actual)}")
            return
    if len(alerts) != len(prediction.alerts):
        text = f"partition {partition}: {len(alerts)}, expected {len(prediction.alerts)}"
        report.differ("number of alerts", text)


def _check_dead_letters(
    report: Report, topic: str, prediction: Prediction, letters: list[Record]
) -> None:
    partition = prediction.partition
    report.counts["dead letters"] += len(letters)
    for letter, wanted in zip(letters, prediction.dead_letters, strict=False):
        where = f"partition {partition} offset {letter.offset} of source {wanted.offset}"
        headers = dict(letter.headers)
        expected = {
            "source_topic": topic.encode(),
            "source_partition": str(partition).encode(),
            "source_offset": str(wanted.offset).encode(),
        }
        if letter.value != wanted.value or letter.key != wanted.key:
            report.differ("dead letter", f"{where}: other bytes {_short(letter.value)}")
            return
        if not headers.get("error"):
            report.differ("dead letter", f"{where}: no error header")
        for name, value in expected.items():
            if headers.get(name) != value:
                report.differ("dead letter", f"{where}: {name} is {headers.get(name)!r}")
                return
    if len(letters) != len(prediction.dead_letters):
        text = f"partition {partition}: {len(letters)}, expected {len(prediction.dead_letters)}"
        report.differ("number of dead letters", text)


def _check_outcomes(report: Report, logs: Logs) -> None:
    """One outcome for each (warehouse, id) in its window, beside those of a reused id."""
    seen: dict[tuple[str, str], datetime] = {}
    window = timedelta(seconds=logs.window_s)
    for records in logs.events.values():
        for record in records:
            event = _object(record.value)
            if event.get("command_id") is None or event.get("code") == "IDEMPOTENCY_KEY_REUSED":
                continue
            identity = (event.get("warehouse", ""), event["command_id"])
            before, now = seen.get(identity), datetime.fromisoformat(event["recorded_at"])
            seen[identity] = now
            if before is not None and now - before < window:
                report.differ("second outcome", f"of {identity}: {_short(event)}")
            elif before is not None:
                report.counts["outcomes anew"] += 1
    report.counts["outcomes"] = len(seen)


def _check_forwards(report: Report, logs: Logs, predictions: dict[int, Prediction]) -> None:
    """Every misrouted command reached its owner once, whole, in the order of its source."""
    wanted: dict[tuple[int, int], list[Record]] = defaultdict(list)
    for partition, prediction in predictions.items():
        for forward in prediction.forwards:
            headers = (*forward.headers, ("forwarded_from", forward.origin.encode()))
            record = Record(forward.target, 0, 0, forward.key, forward.value, headers)
            wanted[partition, forward.target].append(record)
    actual: dict[tuple[int, int], list[Record]] = defaultdict(list)
    for target, records in logs.commands.items():
        for record in records:
            origin = dict(record.headers).get("forwarded_from") or b""
            topic, _, source = origin.decode(errors="replace").partition("/")
            if topic == logs.topic:
                actual[int(source.partition("/")[0]), target].append(record)
    for pair in sorted(wanted.keys() | actual.keys()):
        report.counts["forwards"] += len(actual[pair])
        _compare_forwards(report, f"{pair[0]} to {pair[1]}", wanted[pair], actual[pair])


def _compare_forwards(
    report: Report, where: str, wanted: list[Record], actual: list[Record]
) -> None:
    for want, have in zip(wanted, actual, strict=False):
        if (want.key, want.value, want.headers) != (have.key, have.value, have.headers):
            text = f"offset {have.offset}: {have.key!r} {have.headers} {_short(have.value)}"
            report.differ("forward", f"{where}: {text}, expected {want.headers}")
            return
    if len(wanted) != len(actual):
        report.differ("number of forwards", f"{where}: {len(actual)}, expected {len(wanted)}")


def _check_caused(report: Report, logs: Logs, truth: Truth) -> None:
    """What events bring about elsewhere; and that what one end has, the other has not."""
    found = caused.actual(logs.commands, logs.relayed)
    report.counts["caused commands"] += sum(map(len, found.values()))
    sums = [table_rows.transferred(table) for table in truth.tables.values()]
    predictions = truth.predictions
    for sort, text in caused.compare(predictions, found):
        report.differ(sort, text)
    for sort, text in caused.unbalanced(predictions.values(), sums):
        report.differ(sort, text)


def _check_table(
    report: Report, prediction: Prediction, table: changelog.Table, window_s: int
) -> None:
    for name in KEPT:
        report.counts[name] += len(getattr(table, name))
    for sort, text in table_rows.compare(prediction, table, window_s):
        report.differ(sort, f"partition {prediction.partition} {text}")
    for sort, text in table_rows.check_books(table):
        report.differ(sort, f"partition {prediction.partition} {text}")


def _short(value: object, limit: int = 400) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[:limit] + "..."
