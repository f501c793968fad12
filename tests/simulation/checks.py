"""After a run: every log, table, store and audit row against the oracle, and the invariants."""

import json
from typing import Any

from streams import keys
from streams.replay import Replay
from streams.store import Memory, Store
from tests.chaos import audit_rows, changelog
from tests.chaos.checker import Logs, Partitions, Report, check
from tests.chaos.records import Record
from tests.simulation.broker import COMMITTED
from tests.simulation.installation import Installation
from tests.simulation.sums import unsettled, wrong_sums
from tests.simulation.workers import TOPICS
from tests.simulation.world import START_MS

WITHOUT_LEVELS = ("CountRecorded", "TransferExpected", "TransferClosed")
DUE_S = 5.0  # a tick comes once a second, and is decided soon


def logs_of(there: Installation) -> Logs:
    """All topics as a read_committed consumer sees them."""

    def records(topic: str) -> Partitions:
        return {
            number: [
                Record(number, one.offset, one.timestamp, one.key, one.value, one.headers)
                for one in there.broker.logs[topic, number].entries
                if one.part is None or one.part.state == COMMITTED
            ]
            for number in range(there.plan.partitions)
        }

    return Logs(
        "",
        records(TOPICS.commands),
        records(TOPICS.events),
        records(TOPICS.alerts),
        records(TOPICS.dead_letters),
        records(TOPICS.changelog),
        there.plan.window_s,
    )


def compare(there: Installation) -> list[tuple[str, str]]:
    """All that is not as the contract says: (sort, text)."""
    logs = logs_of(there)
    try:
        report, _ = check(logs)
    except Exception as error:  # bytes that nobody could have written
        return [("unreadable", repr(error))]
    audit_rows.compare(report, logs, there.database.rows, [])
    for number, records in logs.events.items():
        _check_levels(report, number, records)
    _check_stores(report, there, logs)
    there.world.counts.update(report.counts)
    texts = dict.fromkeys(report.found, "")
    for told in report.told:
        sort, _, text = told.partition(": ")
        texts[sort] = texts.get(sort) or text
    return list(texts.items())


def _check_levels(report: Report, number: int, events: list[Record]) -> None:
    """No line shows a level below 0, or an available that is no difference."""
    for record in events:
        event = json.loads(record.value or b"{}")
        if event["type"] in WITHOUT_LEVELS:
            continue
        for line in event.get("lines", ()):
            on_hand, reserved, available = (
                line[name] for name in ("on_hand", "reserved", "available")
            )
            if min(on_hand, reserved, available) < 0 or available != on_hand - reserved:
                report.differ("level", f"partition {number} offset {record.offset}: {line}")


def _check_stores(report: Report, there: Installation, logs: Logs) -> None:
    """Each owner's store holds what its changelog does, and so does one that is rebuilt."""
    memory, everywhere = Memory(), dict[bytes, bytes]()
    folder = there.hosts[0].folder
    for number in range(there.plan.partitions):
        owners = [
            host
            for host in there.hosts
            if host.worker is not None and host.worker.states().get(number) == "serving"
        ]
        rebuilt = Store(folder / f"rebuilt-{number}", memory)
        records = logs.changelog[number]
        try:
            for at in range(0, len(records), 7):
                Replay(rebuilt).feed(_whole(records, at))
        except Exception as error:
            report.differ("replay", f"partition {number}: {error!r}")
            continue
        want = _contents(rebuilt)
        if records and not want:
            report.differ("replay", f"partition {number}: nothing")
        everywhere |= want
        for sort, text in wrong_sums(want):
            report.differ(sort, f"partition {number} {text}")
        for host in owners:
            assert host.worker is not None
            have = _contents(host.worker.store_of(number))
            for key in sorted(want.keys() | have.keys()):
                if want.get(key) != have.get(key):
                    text = f"{have.get(key)!r}, rebuilt {want.get(key)!r}"
                    report.differ("store", f"{host.name} partition {number} {key!r}: {text}")
    for sort, text in unsettled(everywhere):
        report.differ(sort, text)


def _whole(records: list[Record], at: int) -> list[Any]:
    """From the first record behind a stamp on, up to seven behind `at`: as a restart would."""
    start = max((n + 1 for n in range(at) if records[n].key == changelog.STAMP_KEY), default=0)
    return records[start : at + 7]


def _contents(store: Any) -> dict[bytes, bytes]:
    """Rows, ids that live, timers that still mean something, and the stamp.

    A bucket whose tombstones have begun is past the window: a store drops it whole in the end, and
    one that is rebuilt meanwhile lacks what a compaction took.
    """
    found = dict(store.scan(b"", keys.NOTES))
    rows = {key: value for key, value in found.items() if not key.startswith((b"T", b"I"))}
    timers = {
        key: row
        for key, row in found.items()
        if key.startswith(keys.TIMER) and row in rows
        if keys.due_ms(rows[row]) == keys.timer_due(key)
    }
    position = store.position()
    buckets = position.stamp.buckets if position else ()
    passing = tuple(keys.id_start(bucket.number) for bucket in buckets if bucket.first)
    ids = {
        key: value
        for key, value in found.items()
        if key.startswith(keys.ID) and not key.startswith(passing)
    }
    stamp = {b"\0stamp": position.stamp.encode()} if position else {}
    return rows | timers | ids | stamp


def undecided(there: Installation) -> str:
    """What still waits; empty when everything is decided, applied and audited."""
    if there.world.group.preparing:
        return "the group rebalances"
    for (topic, number), log in there.broker.logs.items():
        if log.open:
            return f"a transaction is open on {topic}/{number}"
        at = there.database.positions.get((topic, number, 0))
        if topic in (TOPICS.events, TOPICS.dead_letters) and at != log.end:
            return f"the audit log has {topic}/{number} to {at}, not {log.end}"
    for number in range(there.plan.partitions):
        log = there.broker.logs[TOPICS.commands, number]
        stores = [
            host.worker.store_of(number)
            for host in there.hosts
            if host.worker is not None and host.worker.states().get(number) == "serving"
        ]
        if len(stores) != 1 or stores[0] is None:
            return f"partition {number} has {len(stores)} owners"
        position = stores[0].position()
        at = position.stamp.next_offset if position else 0
        waiting, _ = log.read(at, 1)
        if waiting:
            return f"partition {number} is decided to {at} of {log.end}"
        overdue = _overdue(stores[0], there)
        if overdue:
            return f"partition {number}: {overdue!r} is overdue"
    return ""


def _overdue(store: Any, there: Installation) -> bytes:
    """A timed row that should have been closed by now; empty where there is none."""
    latest_ms = START_MS + int((there.world.loop.now - DUE_S) * 1000)
    for key, value in store.scan(b"a", b"{"):
        if keys.due_ms(value) < latest_ms:
            return bytes(key)
    return b""
