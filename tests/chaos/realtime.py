"""What clients saw and when, against the logs: nothing lost, and nothing before what was over.

A reader must have seen each event as it stands at the end, and none before one that it had to wait
for: what is gone was aborted or lost after it was shown, and what came later was not yet whole.

Times are of one clock of the machine that ran the clients, in ns. Two requests whose times overlap
may come in either order; one that was over before another began must stand before it.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from tests.chaos.checker import Logs, Report, Truth
from tests.chaos.reads import Read
from tests.chaos.strict_json import NotJson, decode


class Sight(NamedTuple):
    """One event as a read_committed reader had it."""

    partition: int
    offset: int
    ns: int
    digest: str  # of its value, by `digest_of`


@dataclass(slots=True)
class Request:
    """A command as its client knows it."""

    key: bytes | None
    value: bytes | None
    invoked_ns: int
    acknowledged_ns: int | None = None  # None: never
    partition: int | None = None
    offset: int | None = None  # None: told by a retry, when a broker had it already


@dataclass(slots=True)
class Observed:
    """All that the clients of a run did and saw."""

    requests: list[Request]
    seen: list[Sight]  # in the order in which they came
    reads: list[Read]


def digest_of(value: bytes | None) -> str:
    """SHA-256 of a record's value, in hexadecimal: 32 digits of it, to save space."""
    return sha256(value or b"").hexdigest()[:32]


def check_seen(report: Report, seen: list[Sight], logs: Logs) -> None:
    """What a reader saw is there at the end as it was, and it saw each partition in its order.

    O(n). An event that is gone was read before its transaction was certain, or lost afterwards.
    """
    kept = {
        (partition, one.offset): digest_of(one.value)
        for partition, ones in logs.events.items()
        for one in ones
    }
    latest: dict[int, int] = {}
    for partition, offset, _, digest in seen:
        where, have = f"event {partition}/{offset}", kept.get((partition, offset))
        if have is None:
            report.differ("seen and gone", f"{where} is not there at the end")
        elif have != digest:
            report.differ("seen and changed", f"{where} was {digest}, is {have} at the end")
        if offset <= latest.get(partition, -1):
            report.differ("seen again", f"{where} came behind {latest[partition]}")
        latest[partition] = max(offset, latest.get(partition, -1))
    places = {(one.partition, one.offset) for one in seen}
    for partition, offset in sorted(kept.keys() - places):
        if offset < latest.get(partition, -1):
            report.differ("passed over", f"event {partition}/{offset}, before {latest[partition]}")
    report.counts["events seen"] += len(seen)


def check_acknowledged(report: Report, requests: list[Request], logs: Logs, truth: Truth) -> int:
    """What a broker said it has is there, as it was sent; how many of them are decided."""
    kept = {(p, one.offset): one.value for p, ones in logs.commands.items() for one in ones}
    places = {(p, one.value): one.offset for p, ones in logs.commands.items() for one in ones}
    ends = {p: table.stamp.next_offset if table.stamp else 0 for p, table in truth.tables.items()}
    decided = 0
    for request in requests:
        if request.acknowledged_ns is None or request.partition is None:
            continue
        report.counts["acknowledged"] += 1
        partition, offset = request.partition, request.offset
        if offset is None:
            offset = places.get((partition, request.value), -1)
        if (partition, offset) not in kept or kept[partition, offset] != request.value:
            report.differ("acknowledged but lost", f"partition {partition} offset {offset}")
            continue
        decided += offset < ends[partition]
    return decided


def check_order(report: Report, requests: list[Request], logs: Logs, seen: list[Sight]) -> None:
    """Each partition's order keeps the real one: of its log, and of its outcomes.

    So every SKU's history is linearizable: it is decided in one partition, one after another.
    O(n log n): only the latest beginning among those that stand before is compared.
    """
    _check_log(report, requests)
    asked = _invocations(requests)
    first = {(one.partition, one.offset): one.ns for one in reversed(seen)}
    for partition, events in logs.events.items():
        latest = 0
        for event in events:
            over = first.get((partition, event.offset))
            where = f"event {partition}/{event.offset}"
            if over is not None:
                report.counts["outcomes in real time"] += 1
                if over < latest:
                    report.differ("order of outcomes", f"{where} was seen before one before it")
            began = asked.get(_identity(event.value, "command_id"))
            if began is not None:
                latest = max(latest, began)
                if over is not None and over < began:
                    report.differ("order of outcomes", f"{where} was seen before it was asked for")


def _check_log(report: Report, requests: list[Request]) -> None:
    placed: dict[int, list[tuple[int, Request]]] = {}
    for request in requests:
        if request.partition is not None and request.offset is not None:
            placed.setdefault(request.partition, []).append((request.offset, request))
    for partition, ones in placed.items():
        latest = 0
        for offset, request in sorted(ones, key=lambda one: one[0]):
            over = request.acknowledged_ns
            if over is not None and over < latest:
                text = f"{partition}/{offset} was acknowledged before one before it was sent"
                report.differ("order of commands", text)
            latest = max(latest, request.invoked_ns)


def _invocations(requests: list[Request]) -> dict[tuple[str, str] | None, int]:
    """The first invocation of each (warehouse, id): a repeat may have been decided first."""
    began: dict[tuple[str, str] | None, int] = {}
    for request in requests:
        identity = _identity(request.value, "id")
        if identity is not None:
            began[identity] = min(request.invoked_ns, began.get(identity, request.invoked_ns))
    return began


def _identity(value: bytes | None, name: str) -> tuple[str, str] | None:
    try:
        found = decode(value)
    except NotJson:
        return None
    if not isinstance(found, dict):
        return None
    warehouse, one = found.get("warehouse"), found.get(name)
    return (warehouse, one) if isinstance(warehouse, str) and isinstance(one, str) else None
