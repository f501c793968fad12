"""After a run: every log, table, store and audit row against the oracle, and the invariants."""

import json
from typing import Any

from schemas.domains import STOCK
from streams import keys
from streams.replay import Replay
from streams.store import Memory, Store
from tests.chaos import audit_rows, changelog
from tests.chaos.checker import Logs, Partitions, Report, check
from tests.chaos.records import Record
from tests.simulation.books import check_books
from tests.simulation.broker import COMMITTED
from tests.simulation.installation import Installation
from tests.simulation.sums import unsettled, wrong_sums
from tests.simulation.told import Told, untold
from tests.simulation.world import START_MS

WITHOUT_LEVELS = ("CountRecorded", "TransferExpected", "TransferClosed")
TELLS = ("filled", "trued_up", "late")  # lists of an event, counted as things that were met
DUE_S = 5.0  # a tick comes once a second, and is decided soon


def logs_of(there: Installation, domain: str) -> Logs:
    """A domain's topics as a read_committed consumer sees them."""

    def records(topic: str) -> Partitions:
        return {
            number: [
                Record(number, one.offset, one.timestamp, one.key, one.value, one.headers)
                for one in there.broker.logs[topic, number].entries
                if one.part is None or one.part.state == COMMITTED
            ]
            for number in range(there.plan.partitions)
        }

    topics = there.topics[domain]
    return Logs(
        "",
        records(topics.commands),
        records(topics.events),
        records(topics.alerts),
        records(topics.dead_letters),
        records(topics.changelog),
        there.plan.window_s,
    )


def compare(there: Installation) -> list[tuple[str, str]]:
    """All that is not as the contract says: (sort, text)."""
    logs = {domain: logs_of(there, domain) for domain in there.plan.domains}
    told = Told(there, logs) if len(logs) > 1 else None
    if told is not None:
        logs[STOCK].relayed = frozenset(told.relayed[STOCK])
    try:
        report, _ = check(logs[STOCK])
    except Exception as error:  # bytes that nobody could have written
        return [("unreadable", repr(error))]
    _check_audit(report, there, logs)
    for number, records in logs[STOCK].events.items():
        _check_levels(report, number, records)
    for domain in there.plan.domains:
        _check_stores(report, there, domain, logs[domain])
    if told is not None:
        told.check(report)
        check_books(report, there, logs)
    there.world.counts.update(report.counts)
    texts = dict.fromkeys(report.found, "")
    for line in report.told:
        sort, _, text = line.partition(": ")
        texts[sort] = texts.get(sort) or text
    return list(texts.items())


def _check_audit(report: Report, there: Installation, logs: dict[str, Logs]) -> None:
    """Every event and dead letter of every domain."""
    topics = {}
    for domain, of in logs.items():
        topics[there.topics[domain].events] = of.events
        topics[there.topics[domain].dead_letters] = of.dead_letters
    audit_rows.compare(report, topics, there.database.rows, [])


def _check_levels(report: Report, number: int, events: list[Record]) -> None:
    """Nothing is promised that is not there, and an available is a difference.

    What is on hand is below 0 where it is owed: how far it may be, the tables are asked.
    """
    for record in events:
        event = json.loads(record.value or b"{}")
        report.counts.update(name for name in TELLS if name in event)
        report.counts["days promised"] += "by" in event
        if event["type"] in WITHOUT_LEVELS:
            continue
        for line in event.get("lines", ()):
            on_hand, reserved, available = (
                line[name] for name in ("on_hand", "reserved", "available")
            )
            report.counts["levels owed"] += on_hand < 0
            if not 0 <= reserved <= max(0, on_hand) or available != on_hand - reserved:
                report.differ("level", f"partition {number} offset {record.offset}: {line}")


def _check_stores(report: Report, there: Installation, domain: str, logs: Logs) -> None:
    """Each owner's store holds what its changelog does, and so does one that is rebuilt."""
    everywhere: dict[bytes, bytes] = {}
    for number, records in logs.changelog.items():
        want = _rebuilt(report, there, domain, number, records)
        if want is None:
            continue
        everywhere |= want
        for sort, text in wrong_sums(want) if domain == STOCK else ():
            report.differ(sort, f"partition {number} {text}")
        for host in there.owners(domain, number):
            have = _contents(host.store_of(number))
            for key in sorted(want.keys() | have.keys()):
                if want.get(key) != have.get(key):
                    text = f"{have.get(key)!r}, rebuilt {want.get(key)!r}"
                    report.differ("store", f"{host.name} partition {number} {key!r}: {text}")
    for sort, text in unsettled(everywhere) if domain == STOCK else ():
        report.differ(sort, text)


def _rebuilt(
    report: Report, there: Installation, domain: str, number: int, records: list[Record]
) -> dict[bytes, bytes] | None:
    """What a store has that replays a changelog, as if it were killed again and again."""
    rebuilt = Store(there.hosts[0].folder / f"rebuilt-{domain}-{number}", Memory())
    try:
        for at in range(0, len(records), 7):
            Replay(rebuilt).feed(_whole(records, at))
    except Exception as error:
        report.differ("replay", f"{domain}, partition {number}: {error!r}")
        return None
    found = _contents(rebuilt)
    if records and not found:
        report.differ("replay", f"{domain}, partition {number}: nothing")
    return found


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
    """What still waits; empty when everything is decided, applied, told and audited."""
    if any(group.preparing for group in there.world.groups.values()):
        return "a group rebalances"
    audited = {name for one in there.topics.values() for name in (one.events, one.dead_letters)}
    for (topic, number), log in there.broker.logs.items():
        if log.open:
            return f"a transaction is open on {topic}/{number}"
        at = there.database.positions.get((topic, number, 0))
        if topic in audited and at != log.end:
            return f"the audit log has {topic}/{number} to {at}, not {log.end}"
    waiting = untold(there)
    for domain in there.plan.domains:
        for number in range(there.plan.partitions):
            waiting = waiting or _undecided(there, domain, number)
    return waiting


def _undecided(there: Installation, domain: str, number: int) -> str:
    log = there.broker.logs[there.topics[domain].commands, number]
    where = f"{domain}, partition {number}"
    owners = there.owners(domain, number)
    stores = [host.store_of(number) for host in owners]
    if len(stores) != 1 or stores[0] is None:
        return f"{where} has {len(stores)} owners"
    position = stores[0].position()
    at = position.stamp.next_offset if position else 0
    waiting, _ = log.read(at, 1)
    if waiting:
        return f"{where} is decided to {at} of {log.end}"
    overdue = _overdue(stores[0], there)
    return f"{where}: {overdue!r} is overdue" if overdue else ""


def _overdue(store: Any, there: Installation) -> bytes:
    """A timed row that should have been closed by now; empty where there is none."""
    latest_ms = START_MS + int((there.world.loop.now - DUE_S) * 1000)
    for key, value in store.scan(b"a", b"{"):
        if keys.due_ms(value) < latest_ms:
            return bytes(key)
    return b""
