"""What clients saw and when, against the logs: nothing lost, and nothing before what was over.

Times are of one clock of the machine that ran the clients, in ns. Two requests whose times overlap
may come in either order; one that was over before another began must stand before it.
"""

from dataclasses import dataclass

from tests.chaos.checker import Logs, Report, Truth
from tests.chaos.strict_json import NotJson, decode

Seen = dict[tuple[int, int], int]
"""When a read_committed reader had each event: (partition, offset) -> ns."""


@dataclass(slots=True)
class Request:
    """A command as its client knows it."""

    key: bytes | None
    value: bytes | None
    invoked_ns: int
    acknowledged_ns: int | None = None  # None: never
    partition: int | None = None
    offset: int | None = None  # None: told by a retry, when a broker had it already


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


def check_order(report: Report, requests: list[Request], logs: Logs, seen: Seen) -> None:
    """Each partition's order keeps the real one: of its log, and of its outcomes.

    So every SKU's history is linearizable: it is decided in one partition, one after another.
    O(n log n): only the latest beginning among those that stand before is compared.
    """
    _check_log(report, requests)
    asked = _invocations(requests)
    for partition, events in logs.events.items():
        latest = 0
        for event in events:
            over = seen.get((partition, event.offset))
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
